// The `jsonschema` tags of a struct: every one must have an effect, and durations get the bounds that the reflector skips.

package strict

import (
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"time"

	js "github.com/invopop/jsonschema"
)

// Which keywords of a tag have an effect on which type. The reflector drops the others without a word.
var (
	keywordsOfAll  = []string{"title", "description", "type", "anchor", "oneof_required", "anyof_required", "oneof_ref", "anyof_ref", "oneof_type", "anyof_type"}
	keywordsOfType = map[string][]string{
		"string":   {"minLength", "maxLength", "pattern", "format", "readOnly", "writeOnly", "default", "example", "enum"},
		"text":     {"minLength", "maxLength", "pattern", "default", "example", "enum"}, // its format is its UnmarshalText
		"number":   {"multipleOf", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "default", "example", "enum"},
		"integer":  {"multipleOf", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "default", "example", "enum"},
		"duration": {"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "default", "example", "enum"},
		"array":    {"minItems", "maxItems", "uniqueItems", "default"},
		"boolean":  {"default"},
	}
	numeric = []string{"multipleOf", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"}
)

// tags checks the tags of every struct in the schema; the root is not among the definitions any more.
func (g *generator) tags(root reflect.Type) {
	g.structTags(root, root, g.root)
	names := make([]string, 0, len(g.defs))
	for name := range g.defs {
		names = append(names, name) // any order: sorted below
	}
	slices.Sort(names)
	for _, name := range names {
		if t := g.names[name]; t != nil && t.Kind() == reflect.Struct {
			g.structTags(t, t, g.defs[name])
		}
	}
}

// structTags checks the fields of t, which are keys of owner: t itself, or the struct that t is embedded in.
func (g *generator) structTags(owner, t reflect.Type, sch *js.Schema) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("toml"), ",")
		embedded := f.Type
		if embedded.Kind() == reflect.Pointer {
			embedded = embedded.Elem()
		}
		switch {
		case strings.Contains(options, "inline"):
			g.complain(owner, f, `"inline" means nothing to the decoder; embed the struct without a tag`)
		case f.Anonymous && name == "" && embedded.Kind() == reflect.Struct:
			g.structTags(owner, embedded, sch)
		case f.IsExported():
			if name == "" {
				name = f.Name
			}
			if prop, ok := sch.Properties.Get(name); ok {
				g.fieldTags(owner, f, prop)
			}
		}
	}
}

func (g *generator) complain(owner reflect.Type, f reflect.StructField, format string, args ...any) {
	g.errs = append(g.errs, fmt.Errorf("%s.%s: %s", owner, f.Name, fmt.Sprintf(format, args...)))
}

// fieldTags checks one field's tag and completes its property.
func (g *generator) fieldTags(owner reflect.Type, f reflect.StructField, prop *js.Schema) {
	kind, item := kindOf(f.Type, prop)
	allowed := slices.Concat(keywordsOfAll, keywordsOfType[kind])
	if kind == "array" {
		allowed = append(allowed, keywordsOfType[item]...)
	}
	var limits bounds
	for _, tag := range splitTag(f.Tag.Get("jsonschema")) {
		key, value, hasValue := strings.Cut(tag, "=")
		switch {
		case tag == "" || tag == "required":
		case !hasValue:
			g.complain(owner, f, `jsonschema tag %q is not known; a comma inside a description is written \\,`, tag)
		case !slices.Contains(allowed, key):
			g.complain(owner, f, "jsonschema tag %q has no effect on a field of type %s%s", key, f.Type, didYouMean(Nearest(key, allowed)))
		case kind == "duration" && slices.Contains(numeric, key):
			if err := limits.set(key, value); err != nil {
				g.complain(owner, f, "jsonschema tag %q: %v", tag, err)
			}
		case slices.Contains(numeric, key):
			if _, err := strconv.ParseFloat(value, 64); err != nil {
				g.complain(owner, f, "jsonschema tag %q is not a number", tag)
			}
		}
	}
	if limits != (bounds{}) {
		prop.Format = g.durationFormat(limits)
	}
	prop.Default = typedDefault(prop)
}

// kindOf says which keywords a property takes, and for an array which its elements take.
func kindOf(t reflect.Type, prop *js.Schema) (kind, item string) {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case t == durationType:
		return "duration", ""
	case prop.Type == "string" && can(t, textType):
		return "text", ""
	}
	if prop.Type == "array" && prop.Items != nil {
		item, _ = kindOf(t.Elem(), prop.Items)
		if item == "duration" {
			item = "" // bounds on the elements would have to be written into their format, and nobody needed that yet
		}
	}
	return prop.Type, item
}

// set takes a bound of a duration out of its tag.
func (b *bounds) set(key, value string) error {
	d, err := time.ParseDuration(value)
	if err != nil {
		return fmt.Errorf("a limit of a duration is a duration such as 1ms")
	}
	switch key {
	case "minimum":
		b.least = &d
	case "maximum":
		b.most = &d
	case "exclusiveMinimum":
		b.above = &d
	case "exclusiveMaximum":
		b.below = &d
	default:
		return fmt.Errorf("has no effect on a duration")
	}
	return nil
}

// typedDefault gives the elements of an array's default their type: the reflector leaves them strings.
func typedDefault(prop *js.Schema) any {
	list, ok := prop.Default.([]any)
	if !ok || prop.Items == nil {
		return prop.Default
	}
	for i, v := range list {
		text, _ := v.(string)
		switch prop.Items.Type {
		case "integer", "number":
			list[i] = json.Number(text)
		case "boolean":
			list[i] = text == "true"
		}
	}
	return list
}

// splitTag splits at commas that are not escaped, as the reflector does.
func splitTag(tag string) []string {
	parts := strings.Split(tag, ",")
	out := parts[:1]
	for _, part := range parts[1:] {
		if last := &out[len(out)-1]; strings.HasSuffix(*last, `\`) {
			*last = strings.TrimSuffix(*last, `\`) + "," + part
			continue
		}
		out = append(out, part)
	}
	return out
}
