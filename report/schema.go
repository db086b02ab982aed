// The JSON schema of what is stored, made from the Go types.
package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"time"

	js "github.com/invopop/jsonschema"

	"cdnlab/sim"
)

// Wording is what a schema says that the Go types do not: by type and field of
// Go what a key means ("Run.Duration"), by type and key which values it can have
// and whether it can be null ("Run.world").
type Wording struct {
	Title  string
	Says   map[string]string
	Values map[string][]any
	Null   []string
}

// ResultSchema is the JSON schema (2020-12) of a result.
func ResultSchema() ([]byte, error) { return JSONSchema(&Result{}, resultWording) }

// JSONSchema makes the schema of a pointer to a struct from its json tags. A key
// that is left out when empty is not required, and one that is not known is
// refused.
func JSONSchema(v any, words Wording) ([]byte, error) {
	r := js.Reflector{
		Anonymous: true, ExpandedStruct: true, Mapper: numberTypes,
		LookupComment: func(t reflect.Type, field string) string { return words.Says[t.Name()+"."+field] },
	}
	schema := r.Reflect(v)
	schema.Title = words.Title
	for t, def := range schema.Definitions { // in any order: each is changed by itself
		words.restrict(t, def)
	}
	words.restrict(reflect.TypeOf(v).Elem().Name(), schema)
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(schema); err != nil {
		return nil, fmt.Errorf("report: %T as a JSON schema: %w", v, err)
	}
	// The library escapes these for HTML, where no schema stands.
	return []byte(strings.NewReplacer(`\u003c`, "<", `\u003e`, ">", `\u0026`, "&").Replace(out.String())), nil
}

// numberTypes are the types whose JSON is not what their Go kind suggests.
func numberTypes(t reflect.Type) *js.Schema {
	switch t {
	case reflect.TypeFor[time.Duration](), reflect.TypeFor[sim.Time]():
		return &js.Schema{Type: "integer"}
	case reflect.TypeFor[json.RawMessage]():
		return &js.Schema{Type: "object"}
	}
	return nil
}

// restrict adds the values that a key can have, and that it can be null.
func (words Wording) restrict(name string, schema *js.Schema) {
	for pair := schema.Properties.Oldest(); pair != nil; pair = pair.Next() {
		key := name + "." + pair.Key
		pair.Value.Enum = words.Values[key]
		if slices.Contains(words.Null, key) {
			pair.Value.OneOf = []*js.Schema{{Type: pair.Value.Type, Ref: pair.Value.Ref}, {Type: "null"}}
			pair.Value.Type, pair.Value.Ref = "", ""
		}
	}
}
