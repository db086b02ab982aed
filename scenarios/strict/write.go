// Write: a Go struct as a TOML file, the way back from Decode.

package strict

import (
	"bytes"
	"encoding"
	"errors"
	"fmt"
	"maps"
	"math"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/BurntSushi/toml"
)

// WriteOptions say what Write writes beside the keys whose values are not zero and those that are required.
type WriteOptions struct {
	Defaults bool // keys that are zero because zero is their default
	Comments bool // above each key and table, what it is
}

// Write is a pointer to a struct as TOML, in the order of its fields; Decode reads it back. A nil pointer, an empty array and
// an empty table are left out. Tables of tables (map[string]struct) and types that decode themselves have no form here and
// are errors.
func Write(v any, o WriteOptions) ([]byte, error) {
	w := &writer{WriteOptions: o, said: map[string]bool{}}
	if err := w.table(nil, reflect.ValueOf(v).Elem()); err != nil {
		return nil, err
	}
	return bytes.TrimLeft(w.out.Bytes(), "\n"), nil
}

type writer struct {
	WriteOptions
	out  bytes.Buffer
	said map[string]bool // what was commented, by its path: of an array only the first
}

// A member is one key of a table with its tags.
type member struct {
	key      string
	value    reflect.Value
	says     string
	standard string // its default, "" for none
	required bool
}

// members are the keys of a struct, those of embedded structs among them.
func members(v reflect.Value) []member {
	var all []member
	for i := range v.NumField() {
		f := v.Type().Field(i)
		key, _, _ := strings.Cut(f.Tag.Get("toml"), ",")
		switch {
		case f.Anonymous && key == "" && f.Type.Kind() == reflect.Struct:
			all = append(all, members(v.Field(i))...)
		case f.IsExported() && key != "-":
			if key == "" {
				key = f.Name
			}
			m := member{key: key, value: v.Field(i)}
			for _, tag := range splitTag(f.Tag.Get("jsonschema")) {
				name, text, _ := strings.Cut(tag, "=")
				switch name {
				case "description":
					m.says = text
				case "default":
					m.standard = text
				case "required":
					m.required = true
				}
			}
			all = append(all, m)
		}
	}
	return all
}

// table writes the keys of a table: values first, then the tables in it, as TOML wants it.
func (w *writer) table(path []string, v reflect.Value) error {
	var inside []member
	for _, m := range members(v) {
		if m.value.Kind() == reflect.Pointer {
			if m.value.IsNil() {
				continue
			}
			m.value, m.required = m.value.Elem(), true // given
		}
		if isTable(m.value.Type()) || m.value.Kind() == reflect.Slice && isTable(m.value.Type().Elem()) {
			inside = append(inside, m)
			continue
		}
		if !w.wants(m) {
			continue
		}
		text, err := tomlText(m.value)
		if err != nil {
			return fmt.Errorf("strict: %s: %w", join(append(path, m.key)), err)
		}
		w.comment(append(path, m.key), m.says)
		fmt.Fprintf(&w.out, "%s = %s\n", join([]string{m.key}), text)
	}
	for _, m := range inside {
		if err := w.tables(append(slices.Clip(path), m.key), m); err != nil {
			return err
		}
	}
	return nil
}

// tables writes a table, or each of an array of them, under its header. A table without anything in it is left out, but not
// one behind a pointer, nor out of an array: there it says something.
func (w *writer) tables(path []string, m member) error {
	if m.value.Kind() != reflect.Slice {
		before := w.out.Len()
		w.header("[%s]", path, m.says)
		empty := w.out.Len()
		err := w.table(path, m.value)
		if w.out.Len() == empty && !m.required {
			w.out.Truncate(before)
		}
		return err
	}
	for i := range m.value.Len() {
		w.header("[[%s]]", path, m.says)
		if err := w.table(path, m.value.Index(i)); err != nil {
			return err
		}
	}
	return nil
}

func (w *writer) header(form string, path []string, says string) {
	w.out.WriteByte('\n')
	w.comment(path, says)
	fmt.Fprintf(&w.out, form+"\n", toml.Key(path))
}

// wants says whether a key is to be written.
func (w *writer) wants(m member) bool {
	if m.value.Kind() == reflect.Slice || m.value.Kind() == reflect.Map {
		return m.value.Len() > 0
	}
	if m.required || !m.value.IsZero() {
		return true
	}
	zero, err := tomlText(m.value)
	return w.Defaults && err == nil && m.standard != "" && strings.Trim(zero, `"`) == m.standard
}

// commentWidth is where comments break.
const commentWidth = 100

func (w *writer) comment(path []string, says string) {
	if !w.Comments || says == "" || w.said[join(path)] {
		return
	}
	w.said[join(path)] = true
	line := "#"
	for _, word := range strings.Fields(says) {
		if len(line)+1+len(word) > commentWidth {
			w.out.WriteString(line + "\n")
			line = "#"
		}
		line += " " + word
	}
	w.out.WriteString(line + "\n")
}

// isTable says whether a type is a table of its own, and no value.
func isTable(t reflect.Type) bool {
	return t.Kind() == reflect.Struct && !can(t, textType)
}

// tomlText is a value as TOML writes it.
func tomlText(v reflect.Value) (string, error) {
	if v.Type() == durationType {
		return `"` + short(time.Duration(v.Int())) + `"`, nil
	}
	if date, ok := v.Interface().(time.Time); ok {
		return date.Format(time.RFC3339Nano), nil
	}
	if text, ok := v.Interface().(encoding.TextMarshaler); ok {
		b, err := text.MarshalText()
		return tomlString(string(b)), err
	}
	switch v.Kind() {
	case reflect.Interface:
		if v.IsNil() {
			return "", errors.New("nil has no TOML form")
		}
		return tomlText(v.Elem())
	case reflect.String:
		return tomlString(v.String()), nil
	case reflect.Bool:
		return fmt.Sprint(v.Bool()), nil
	case reflect.Float32, reflect.Float64:
		return tomlNumber(v.Float()), nil
	case reflect.Slice, reflect.Array:
		return tomlArray(v)
	case reflect.Map:
		return tomlInline(v)
	}
	if v.CanInt() || v.CanUint() {
		return fmt.Sprint(v.Interface()), nil
	}
	return "", fmt.Errorf("a value of type %s has no TOML form", v.Type())
}

// tomlNumber writes whole numbers without a point: fields that are floats take both.
func tomlNumber(f float64) string {
	if f == math.Trunc(f) && math.Abs(f) < maxExact {
		return fmt.Sprintf("%.0f", f)
	}
	return tomlFloat(f)
}

func tomlArray(v reflect.Value) (string, error) {
	parts := make([]string, v.Len())
	for i := range parts {
		var err error
		if parts[i], err = tomlText(v.Index(i)); err != nil {
			return "", err
		}
	}
	return "[" + strings.Join(parts, ", ") + "]", nil
}

// tomlInline writes a table of anything in one line, by the order of its keys.
func tomlInline(v reflect.Value) (string, error) {
	table := map[string]reflect.Value{}
	for _, k := range v.MapKeys() { // any order: sorted below
		table[k.String()] = v.MapIndex(k)
	}
	var parts []string
	for _, key := range slices.Sorted(maps.Keys(table)) {
		text, err := tomlText(table[key])
		if err != nil {
			return "", err
		}
		parts = append(parts, join([]string{key})+" = "+text)
	}
	return "{ " + strings.Join(parts, ", ") + " }", nil
}

// tomlString writes one line in quotes and several in three.
func tomlString(s string) string {
	if !strings.Contains(s, "\n") {
		return literalString(s)
	}
	lines := strings.Split(s, "\n")
	for i, line := range lines {
		quoted := literalString(line)
		lines[i] = quoted[1 : len(quoted)-1]
	}
	return `"""` + "\n" + strings.Join(lines, "\n") + `"""`
}

// literalString is a basic string of TOML, with the escapes that it has.
func literalString(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"' || r == '\\':
			b.WriteString(`\` + string(r))
		case r == '\t':
			b.WriteString(`\t`)
		case r < ' ' || r == 0x7f:
			fmt.Fprintf(&b, `\u%04X`, r)
		default:
			b.WriteRune(r)
		}
	}
	b.WriteByte('"')
	return b.String()
}
