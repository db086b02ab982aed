// Keys: all that a file may say, for `list keys` and for the reference pages.

package strict

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"

	js "github.com/invopop/jsonschema"
)

// Key is one key that a file may have.
type Key struct {
	Name     string   // dotted; * stands for an element of an array (by number or name) or of a table: server.*.weight
	Type     string   // integer, number, string, duration, boolean, date, any, table of strings, table of keys, array of ...
	Default  string   // as TOML writes it; empty for none
	Says     string   // its description
	Values   []string // the known ones, where only those are allowed
	Range    string   // of a number or a duration: "0 to 1", "at least 1ms"; empty for any
	Required bool
}

// Keys is every key of a pointer to a struct, in the order of its fields, from the same tags as its schema. A table of
// anything (map[string]any, the overrides of a variant) is one key. It panics on a struct that NewSchema refuses.
func Keys(v any) []Key {
	g, err := generate(v)
	if err != nil {
		panic(err)
	}
	l := keyLister{root: g.root, defs: g.defs}
	l.table("", g.root, []string{g.rootName})
	return l.keys
}

type keyLister struct {
	root *js.Schema
	defs js.Definitions
	keys []Key
}

// resolve follows a reference; name is that of the definition, "" for a schema that stands by itself.
func (l *keyLister) resolve(s *js.Schema) (target *js.Schema, name string) {
	name, ok := strings.CutPrefix(s.Ref, "#/$defs/")
	if !ok || l.defs[name] == nil {
		return s, ""
	}
	if l.defs[name].Ref == "#" {
		return l.root, name
	}
	return l.defs[name], name
}

// table lists the keys of a table. inside are the definitions it stands in: a type that holds itself is listed once.
func (l *keyLister) table(prefix string, s *js.Schema, inside []string) {
	for pair := s.Properties.Oldest(); pair != nil; pair = pair.Next() {
		required := slices.Contains(s.Required, pair.Key)
		l.property(prefix+pathText([]any{pair.Key}), pair.Value, required, inside)
	}
}

// property lists a key, or the keys inside it.
func (l *keyLister) property(name string, p *js.Schema, required bool, inside []string) {
	target, def := l.resolve(p)
	if def != "" && slices.Contains(inside, def) {
		return
	}
	if def != "" {
		inside = append(slices.Clip(inside), def)
	}
	switch {
	case target.Type == "object" && target.Properties.Len() > 0:
		l.table(name+".", target, inside)
	case target.Type == "array" && target.Items != nil && l.isTable(target.Items):
		l.property(name+".*", target.Items, false, inside)
	case target.Type == "object" && target.AdditionalProperties != nil && l.isTable(target.AdditionalProperties):
		l.property(name+".*", target.AdditionalProperties, false, inside)
	case l.isAnything(target):
		l.keys = append(l.keys, Key{Name: name, Type: "table of keys", Says: p.Description, Required: required})
	default:
		l.keys = append(l.keys, Key{
			Name: name, Type: l.typeName(target), Default: defaultText(p.Default), Says: p.Description,
			Values: values(target), Range: rangeText(target), Required: required,
		})
	}
}

// isTable says whether a schema is one of a table.
func (l *keyLister) isTable(s *js.Schema) bool {
	target, _ := l.resolve(s)
	return target.Type == "object"
}

// isAnything is a map[string]any: a table with no word about what is in it.
func (l *keyLister) isAnything(s *js.Schema) bool {
	return s.Type == "object" && s.Properties.Len() == 0 && s.AdditionalProperties == nil && s.PatternProperties == nil
}

// typeName is the type of a leaf.
func (l *keyLister) typeName(s *js.Schema) string {
	s, _ = l.resolve(s)
	switch {
	case s.Pattern == durationPattern:
		return "duration"
	case s.Format == "date-time" && s.Type == "":
		return "date"
	case s.Type == "array" && s.Items != nil && l.typeName(s.Items) != "any":
		return "array of " + l.typeName(s.Items) + "s"
	case s.Type == "object" && s.Properties.Len() == 0 && s.AdditionalProperties != nil:
		return "table of " + l.typeName(s.AdditionalProperties) + "s"
	case s.Type == "object":
		return "table"
	case s.Type != "":
		return s.Type
	}
	var names []string
	for _, alternative := range slices.Concat(s.AnyOf, s.OneOf) {
		names = append(names, l.typeName(alternative))
	}
	if len(names) == 0 {
		return "any"
	}
	return strings.Join(slices.Compact(names), " or ")
}

// rangeText is what a number, or a duration, may be. That a whole number is not negative goes without saying beside a most.
func rangeText(s *js.Schema) string {
	if s.Pattern == durationPattern {
		_, bounds, _ := strings.Cut(s.Format, ", ") // durationFormat names them
		return toRange(bounds)
	}
	var words []string
	for _, limit := range []struct {
		words string
		value json.Number
	}{{"at least", s.Minimum}, {"above", s.ExclusiveMinimum}, {"at most", s.Maximum}, {"below", s.ExclusiveMaximum}} {
		if limit.value != "" {
			words = append(words, limit.words+" "+limit.value.String())
		}
	}
	return toRange(strings.Join(words, ", "))
}

var fromTo = regexp.MustCompile(`^at least (\S+), at most (\S+)$`)

// toRange says "0 to 1" for "at least 0, at most 1".
func toRange(bounds string) string { return fromTo.ReplaceAllString(bounds, "$1 to $2") }

func defaultText(v any) string {
	switch v := v.(type) {
	case nil:
		return ""
	case []any:
		parts := make([]string, len(v))
		for i, inner := range v {
			parts[i] = defaultText(inner)
		}
		return "[" + strings.Join(parts, ", ") + "]"
	}
	return literal(v)
}

// values is what an enum allows, on the key itself or on the elements of its array.
func values(s *js.Schema) []string {
	enum := s.Enum
	if len(enum) == 0 && s.Items != nil {
		enum = s.Items.Enum
	}
	var out []string
	for _, v := range enum {
		out = append(out, fmt.Sprint(v))
	}
	return out
}
