// The JSON schema of a Go struct: for editors as bytes, for Check compiled.

package strict

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	js "github.com/invopop/jsonschema"
	"github.com/santhosh-tekuri/jsonschema/v6"
)

// schemaURL names the schema inside the compiler only; nothing is fetched.
const schemaURL = "strict:///schema.json"

// Schema is what a struct allows in a file.
type Schema struct {
	json     []byte
	compiled *jsonschema.Schema
	nodes    map[string]*jsonschema.Schema // by Location, to find again what a complaint is about
}

// NewSchema makes the schema of a pointer to a struct. Fields are named by their `toml` tags; `jsonschema` tags give
// description, default, enum, minimum and so on, "required" among them; a comma in a description is escaped: `a\\, b`.
// A tag that would have no effect (misspelt, or on a type it does not apply to) is an error, and so is a default that its
// own field would refuse, and a type that TOML cannot hold.
//
// A time.Duration is a string such as "150ms" and may have minimum, maximum, exclusiveMinimum and exclusiveMaximum, which
// are durations too. A type with UnmarshalText is a string, and Check calls that method, so that what it refuses is
// reported with its line. A type with JSONSchema() describes itself.
func NewSchema(v any) (*Schema, error) {
	g, err := generate(v)
	if err != nil {
		return nil, err
	}
	var text bytes.Buffer
	enc := json.NewEncoder(&text)
	enc.SetIndent("", "  ")
	if err := enc.Encode(g.root); err != nil {
		return nil, fmt.Errorf("strict: %T as a JSON schema: %w", v, err)
	}
	compiled, err := g.compile(text.Bytes())
	if err != nil {
		return nil, fmt.Errorf("strict: %T: %w", v, err)
	}
	s := &Schema{json: text.Bytes(), compiled: compiled, nodes: map[string]*jsonschema.Schema{}}
	s.collect(compiled)
	if err := s.checkDefaults(); err != nil {
		return nil, fmt.Errorf("strict: %T: %w", v, err)
	}
	return s, nil
}

// JSON is the JSON schema (2020-12), indented, the same bytes for the same struct; an editor takes it by a #:schema comment.
func (s *Schema) JSON() []byte { return bytes.Clone(s.json) }

// A generator makes a schema; it remembers what the reflector cannot hand on.
type generator struct {
	root     *js.Schema
	rootName string // the definition that the root would have
	defs     js.Definitions
	names    map[string]reflect.Type // of definitions: two packages may both have a Config
	formats  map[string]*jsonschema.Format
	texts    map[reflect.Type]string // the format of each type with UnmarshalText
	errs     []error
}

// generate makes the schema of v's struct, tags checked, not yet compiled.
func generate(v any) (*generator, error) {
	t := reflect.TypeOf(v)
	if t == nil || t.Kind() != reflect.Pointer || t.Elem().Kind() != reflect.Struct {
		return nil, fmt.Errorf("strict: a schema is made from a pointer to a struct, not from %T", v)
	}
	g := &generator{names: map[string]reflect.Type{}, formats: map[string]*jsonschema.Format{}, texts: map[reflect.Type]string{}}
	r := &js.Reflector{
		FieldNameTag: "toml", RequiredFromJSONSchemaTags: true, Anonymous: true, ExpandedStruct: true,
		Mapper: g.schemaOf, Namer: g.name,
	}
	g.root = r.ReflectFromType(t.Elem())
	g.defs, g.rootName = g.root.Definitions, g.name(t.Elem())
	g.tags(t.Elem())
	if len(g.errs) > 0 {
		return nil, fmt.Errorf("strict: %T: %w", v, errors.Join(g.errs...))
	}
	text, err := json.Marshal(g.root)
	if err != nil {
		return nil, fmt.Errorf("strict: %T as a JSON schema: %w", v, err)
	}
	if bytes.Contains(text, []byte(`"#/$defs/`+g.rootName+`"`)) {
		g.defs[g.rootName] = &js.Schema{Ref: "#"} // the struct holds itself, and the reflector has moved it out of there
	}
	return g, nil
}

// compile makes the validator of the schema's text.
func (g *generator) compile(text []byte) (*jsonschema.Schema, error) {
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat() // without it 2020-12 takes formats for comments
	for _, f := range g.formats {
		c.RegisterFormat(f) // any order: each has a name of its own
	}
	if err := c.AddResource(schemaURL, doc); err != nil {
		return nil, err
	}
	return c.Compile(schemaURL)
}

// collect notes every schema inside sch by its location.
func (s *Schema) collect(sch *jsonschema.Schema) {
	if sch == nil || s.nodes[sch.Location] != nil {
		return
	}
	s.nodes[sch.Location] = sch
	inside := []*jsonschema.Schema{sch.Ref, sch.Items2020, sch.Not, sch.If, sch.Then, sch.Else, sch.Contains}
	inside = append(append(append(append(inside, sch.AllOf...), sch.AnyOf...), sch.OneOf...), sch.PrefixItems...)
	if more, ok := sch.AdditionalProperties.(*jsonschema.Schema); ok {
		inside = append(inside, more)
	}
	for _, p := range sch.Properties {
		inside = append(inside, p) // any order: they land in a map
	}
	for _, p := range sch.PatternProperties {
		inside = append(inside, p) // any order, as above
	}
	for _, p := range inside {
		s.collect(p)
	}
}

// checkDefaults refuses defaults that the file could not hold.
func (s *Schema) checkDefaults() error {
	var errs []error
	for _, location := range slices.Sorted(maps.Keys(s.nodes)) {
		sch := s.nodes[location]
		if sch.Default != nil && sch.Validate(*sch.Default) != nil {
			_, at, _ := strings.Cut(location, "#")
			errs = append(errs, fmt.Errorf("the default at %s does not fit its own field: %v", at, *sch.Default))
		}
	}
	return errors.Join(errs...)
}
