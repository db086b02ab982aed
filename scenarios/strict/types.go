// How Go types look in a schema where TOML and JSON differ: durations, dates, types that read themselves from text.

package strict

import (
	"encoding"
	"fmt"
	"maps"
	"net/url"
	"path"
	"reflect"
	"regexp"
	"slices"
	"time"

	"github.com/BurntSushi/toml"
	js "github.com/invopop/jsonschema"
)

var (
	durationType  = reflect.TypeFor[time.Duration]()
	timeType      = reflect.TypeFor[time.Time]()
	urlType       = reflect.TypeFor[url.URL]()
	textType      = reflect.TypeFor[encoding.TextUnmarshaler]()
	tomlType      = reflect.TypeFor[toml.Unmarshaler]()
	describedType = reflect.TypeFor[described]()
)

// described is a type that brings its own schema.
type described interface{ JSONSchema() *js.Schema }

// durationPattern is what time.ParseDuration takes (save for values out of its range, which the format refuses).
const durationPattern = `^[+-]?(0|(([0-9]+\.?[0-9]*|\.[0-9]+)(ns|us|µs|μs|ms|s|m|h))+)$`

var durationText = regexp.MustCompile(durationPattern)

// can reports whether a value of the type, or a pointer to one, has the interface.
func can(t, iface reflect.Type) bool {
	return t.Implements(iface) || reflect.PointerTo(t).Implements(iface)
}

// schemaOf is the schema of the types that need one of their own, nil to leave it to the reflector. Each call makes a new
// one: the reflector writes the tags of a field into what it gets.
func (g *generator) schemaOf(t reflect.Type) *js.Schema {
	switch {
	case t.Kind() == reflect.Interface:
		if t.NumMethod() > 0 {
			g.refuse(t, "only the interface any can be decoded")
		}
		return nil
	case can(t, describedType):
		return g.ownSchema(t)
	case t == durationType:
		return &js.Schema{Type: "string", Pattern: durationPattern, Format: g.durationFormat(bounds{}), Examples: []any{"150ms"}}
	case t == timeType:
		g.register("date-time", checkTime)
		return &js.Schema{Format: "date-time"} // of no JSON type: TOML has dates, JSON has not
	case can(t, tomlType):
		g.refuse(t, "it decodes itself, so it needs a JSONSchema method too")
	case can(t, textType):
		return &js.Schema{Type: "string", Format: g.textFormat(t)}
	}
	return g.kindSchema(t)
}

// kindSchema is the schema of numbers, and refuses what TOML cannot hold.
func (g *generator) kindSchema(t reflect.Type) *js.Schema {
	switch k := t.Kind(); k {
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		return &js.Schema{Type: "integer", Format: g.register(k.String(), checkInteger(t))}
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		return &js.Schema{Type: "integer", Format: g.register(k.String(), checkInteger(t)), Minimum: "0"}
	case reflect.Float32, reflect.Float64:
		return &js.Schema{Type: "number", Format: g.register(k.String(), checkFloat(t))}
	case reflect.Map:
		if t.Key().Kind() != reflect.String {
			g.refuse(t, "the keys of a table are strings")
		}
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			g.refuse(t, "bytes have no TOML form; use a string")
		}
	case reflect.Struct:
		if t == urlType {
			g.refuse(t, "it has no UnmarshalText; use a string")
		}
	case reflect.Bool, reflect.String, reflect.Array, reflect.Pointer:
	default:
		g.refuse(t, "TOML cannot hold it")
		return &js.Schema{} // the reflector would panic
	}
	return nil
}

// ownSchema is what a type says of itself. A type that also reads itself from text is asked about each value as well.
func (g *generator) ownSchema(t reflect.Type) *js.Schema {
	own := reflect.New(t).Interface().(described).JSONSchema()
	if own == nil {
		g.refuse(t, "its JSONSchema method returned nil")
		return nil
	}
	mine := *own // a copy: tags are written into it, and the method may hand out the same one every time
	mine.Enum, mine.Examples, mine.Extras = slices.Clip(mine.Enum), slices.Clip(mine.Examples), maps.Clone(mine.Extras)
	if mine.Type == "string" && mine.Format == "" && can(t, textType) {
		mine.Format = g.textFormat(t)
	}
	return &mine
}

func (g *generator) refuse(t reflect.Type, why string) {
	g.errs = append(g.errs, fmt.Errorf("type %s: %s", t, why))
}

// notPlain is what must not stand in the name of a definition, which is also a part of a JSON pointer.
var notPlain = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

// name is the name of a type's definition: edge.Config, and with a number where two packages would share it.
func (g *generator) name(t reflect.Type) string {
	if t.Name() == "" {
		return ""
	}
	name := notPlain.ReplaceAllString(path.Base(t.PkgPath())+"."+t.Name(), "_")
	return unused(name, t, g.names)
}

// unused is name, with a number appended if another type has it already.
func unused(name string, t reflect.Type, taken map[string]reflect.Type) string {
	for try, n := name, 2; ; try, n = fmt.Sprintf("%s-%d", name, n), n+1 {
		if other, ok := taken[try]; !ok || other == t {
			taken[try] = t
			return try
		}
	}
}
