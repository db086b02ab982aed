// What each complaint of the validator says to people.

package strict

import (
	"errors"
	"fmt"
	"math"
	"math/big"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/santhosh-tekuri/jsonschema/v6/kind"
)

// complain puts a complaint about the value at path into words. node is the schema it comes from, nil if not known.
func complain(k jsonschema.ErrorKind, node *jsonschema.Schema, value any, path []any) (says, hint string) {
	switch k := k.(type) {
	case *kind.Type:
		return typeComplaint(k.Want, node, value, path)
	case *kind.Enum:
		return enumComplaint(k.Want, value)
	case *kind.Const:
		return "must be " + literal(k.Want) + ", not " + describe(value), ""
	case *kind.Format:
		return formatComplaint(k, value)
	case *kind.Pattern:
		return fmt.Sprintf("%s does not match the pattern %s", literal(k.Got), k.Want), examples(node)
	case *kind.InvalidJsonValue:
		if _, ok := value.(float64); ok {
			return "must be a finite number, not " + literal(value), ""
		}
		return "cannot hold " + describe(value), ""
	case *kind.Not, *kind.FalseSchema:
		return "is not allowed here", ""
	case *kind.PropertyNames:
		return "has a key that is not allowed: " + strconv.Quote(k.Property), ""
	}
	if says := limitComplaint(k); says != "" {
		return says, ""
	}
	return "has a value that is not allowed: " + describe(value), examples(node)
}

// limitComplaint is for all that counts or measures, "" for what does not.
func limitComplaint(k jsonschema.ErrorKind) string {
	switch k := k.(type) {
	case *kind.Minimum:
		return "must be at least " + number(k.Want)
	case *kind.Maximum:
		return "must be at most " + number(k.Want)
	case *kind.ExclusiveMinimum:
		return "must be above " + number(k.Want)
	case *kind.ExclusiveMaximum:
		return "must be below " + number(k.Want)
	case *kind.MultipleOf:
		return "must be a multiple of " + number(k.Want)
	case *kind.MinLength:
		if k.Want == 1 {
			return "must not be empty"
		}
		return fmt.Sprintf("must have at least %s, not %d", count(k.Want, "character"), k.Got)
	case *kind.MaxLength:
		return fmt.Sprintf("must have at most %s, not %d", count(k.Want, "character"), k.Got)
	case *kind.MinItems:
		return fmt.Sprintf("must have at least %s, not %d", count(k.Want, "element"), k.Got)
	case *kind.MaxItems:
		return fmt.Sprintf("must have at most %s, not %d", count(k.Want, "element"), k.Got)
	case *kind.MinProperties:
		return fmt.Sprintf("must have at least %s, not %d", count(k.Want, "key"), k.Got)
	case *kind.MaxProperties:
		return fmt.Sprintf("must have at most %s, not %d", count(k.Want, "key"), k.Got)
	case *kind.UniqueItems:
		return fmt.Sprintf("has the same element at [%d] and [%d]", k.Duplicates[0], k.Duplicates[1])
	}
	return ""
}

// typeComplaint is for a value of the wrong type; the hint shows the right spelling where it can be guessed.
func typeComplaint(want []string, node *jsonschema.Schema, value any, path []any) (says, hint string) {
	if isDuration(node) {
		return "must be a duration, not " + describe(value), durationHint(value)
	}
	says = "must be " + wanted(want) + ", not " + describe(value)
	_, isTable := value.(map[string]any)
	switch {
	case slices.Contains(want, "array") && isTable && ofTables(node):
		return "must be an array of tables, not a table", "write [[" + header(path) + "]]"
	case slices.Contains(want, "object") && isArrayOfTables(value):
		return says, "write [" + header(path) + "]"
	case node != nil && node.Enum != nil:
		return says, knownNames(words(node.Enum.Values))
	case slices.Contains(want, "array") && !isTable:
		return says, "write [" + literal(value) + "]"
	}
	return says, scalarHint(want, value)
}

// scalarHint shows a value with the quotes it lacks, or without those it should not have.
func scalarHint(want []string, value any) string {
	switch v := value.(type) {
	case string:
		f, err := strconv.ParseFloat(v, 64)
		isNumber := err == nil && !math.IsNaN(f) && !math.IsInf(f, 0)
		_, err = strconv.ParseInt(v, 10, 64)
		switch {
		case slices.Contains(want, "integer") && err == nil, slices.Contains(want, "number") && isNumber,
			slices.Contains(want, "boolean") && (v == "true" || v == "false"):
			return "write " + v + " without the quotes"
		}
	case int64, float64, bool:
		if slices.Contains(want, "string") {
			return "write " + strconv.Quote(literal(value))
		}
	}
	return ""
}

// enumComplaint is for a value that is none of the known ones.
func enumComplaint(want []any, value any) (says, hint string) {
	known := words(want)
	name, isText := value.(string)
	if !isText {
		return "must be one of " + strings.Join(known, ", ") + ", not " + describe(value), ""
	}
	hint = knownNames(known)
	if near := Nearest(name, known); near != "" {
		hint = "did you mean " + strconv.Quote(near) + "? " + hint
	}
	return "unknown " + literal(name), hint
}

// words writes the values of an enumeration as one reads them.
func words(values []any) []string {
	all := make([]string, len(values))
	for i, v := range values {
		all[i] = literal(v)
		if s, ok := v.(string); ok {
			all[i] = s
		}
	}
	return all
}

// formatComplaint is for our own formats, and for the standard ones that a tag may name.
func formatComplaint(k *kind.Format, value any) (says, hint string) {
	var c complaint
	if errors.As(k.Err, &c) {
		return c.says, c.hint
	}
	if standardFormat(k.Want) {
		return fmt.Sprintf("must be a valid %s, not %s", k.Want, describe(value)), ""
	}
	return k.Err.Error(), "" // a type that reads itself from text: its own words
}

// standardFormat tells formats of the JSON schema standard from ours, which are types ("edge.Place") or have spaces.
func standardFormat(name string) bool { return !strings.ContainsAny(name, ". ") }

func isDuration(node *jsonschema.Schema) bool {
	return node != nil && node.Pattern != nil && node.Pattern.String() == durationPattern
}

// ofTables says whether the elements of an array are tables.
func ofTables(node *jsonschema.Schema) bool {
	if node == nil {
		return false
	}
	item := node.Items2020
	for item != nil && item.Ref != nil {
		item = item.Ref
	}
	return item != nil && item.Types != nil && slices.Equal(item.Types.ToStrings(), []string{"object"})
}

func isArrayOfTables(v any) bool {
	n, isArray := elements(v)
	first, _ := child(v, 0)
	_, isTable := first.(map[string]any)
	return isArray && n > 0 && isTable
}

// header is path as a [header] names it: without array indexes.
func header(path []any) string {
	names := slices.DeleteFunc(slices.Clone(path), func(step any) bool { _, isIndex := step.(int); return isIndex })
	return pathText(names)
}

func count(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return strconv.Itoa(n) + " " + what + "s"
}

// number writes a limit as it stands in the struct's tag.
func number(r *big.Rat) string {
	if r.IsInt() {
		return r.Num().String()
	}
	f, _ := r.Float64()
	return strconv.FormatFloat(f, 'g', -1, 64)
}

func article(name string) string {
	if r, _ := utf8.DecodeRuneInString(name); strings.ContainsRune("aeiouAEIOU", r) {
		return "an"
	}
	return "a"
}
