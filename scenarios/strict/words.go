// Values, types and lists of names in words.

package strict

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

const (
	maxQuoted = 40 // runes of a value that a message quotes
	maxListed = 30 // known names that a message lists
)

// typeWords are the types of JSON schema in the words of TOML.
var typeWords = map[string]string{
	"integer": "an integer", "number": "a number", "string": "a string", "boolean": "true or false",
	"array": "an array", "object": "a table",
}

// wanted is a list of types: "a string or a table".
func wanted(types []string) string {
	var words []string
	for _, t := range types {
		if w, ok := typeWords[t]; ok && !slices.Contains(words, w) { // null has no TOML form
			words = append(words, w)
		}
	}
	return strings.Join(words, " or ")
}

// describe is a value with its type: the string "three".
func describe(v any) string {
	switch v := v.(type) {
	case string:
		return "the string " + literal(v)
	case int, int64:
		return "the integer " + literal(v)
	case float64:
		return "the number " + literal(v)
	case bool:
		return "the boolean " + literal(v)
	case time.Time:
		return "a date"
	case map[string]any:
		return "a table"
	}
	if isArrayOfTables(v) {
		return "an array of tables"
	}
	if _, ok := elements(v); ok {
		return "an array"
	}
	return fmt.Sprintf("a value of type %T", v)
}

// literal is a scalar as TOML writes it, a long string cut short.
func literal(v any) string {
	switch v := v.(type) {
	case string:
		if runes := []rune(v); len(runes) > maxQuoted {
			return strconv.Quote(string(runes[:maxQuoted]) + "…")
		}
		return strconv.Quote(v)
	case float64:
		return tomlFloat(v)
	}
	return fmt.Sprint(v)
}

// tomlFloat is a float as TOML writes it: with a point, or inf and nan.
func tomlFloat(f float64) string {
	switch {
	case math.IsNaN(f):
		return "nan"
	case math.IsInf(f, 0):
		return strings.ToLower(strings.TrimPrefix(fmt.Sprint(f), "+"))
	}
	s := strconv.FormatFloat(f, 'g', -1, 64)
	if !strings.ContainsAny(s, ".e") {
		s += ".0"
	}
	return s
}

// knownNames lists names, "" for none.
func knownNames(names []string) string {
	if len(names) == 0 {
		return ""
	}
	more := ""
	if left := len(names) - maxListed; left > 0 {
		names, more = names[:maxListed], fmt.Sprintf(" and %d more", left)
	}
	return "known: " + strings.Join(names, ", ") + more
}

func didYouMean(name string) string {
	if name == "" {
		return ""
	}
	return "; did you mean " + strconv.Quote(name) + "?"
}

// examples offers what the schema gives as examples.
func examples(node *jsonschema.Schema) string {
	if node == nil || len(node.Examples) == 0 {
		return ""
	}
	words := make([]string, len(node.Examples))
	for i, e := range node.Examples {
		words[i] = literal(e)
	}
	return "for example " + strings.Join(words, ", ")
}
