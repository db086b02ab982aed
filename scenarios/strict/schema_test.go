// Tests of NewSchema: what it refuses, and types of the same name, of the same kind, of themselves.

package strict

import (
	"encoding/json"
	"io"
	"net/netip"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	js "github.com/invopop/jsonschema"
)

// selfRead decodes itself and does not say what it takes.
type selfRead struct{}

func (*selfRead) UnmarshalTOML(any) error { return nil }

// silent has a schema method that has nothing to say.
type silent struct{}

func (silent) JSONSchema() *js.Schema { return nil }

type embeddedWithASlip struct {
	N int `toml:"n" jsonschema:"minimun=1"`
}

func TestNewSchemaRefuses(t *testing.T) {
	type inner struct{ A int }
	for want, v := range map[string]any{
		"not from <nil>":                        nil,
		"not from struct":                       struct{}{},
		"not from *int":                         new(int),
		"TOML cannot hold it":                   &struct{ F func() }{},
		"chan int: TOML cannot hold it":         &struct{ C chan int }{},
		"complex128: TOML cannot hold it":       &struct{ C complex128 }{},
		"only the interface any can be decoded": &struct{ R io.Reader }{},
		"the keys of a table are strings":       &struct{ M map[int]string }{},
		"bytes have no TOML form":               &struct{ B []byte }{},
		"url.URL: it has no UnmarshalText":      &struct{ U url.URL }{},
		"it decodes itself, so it needs":        &struct{ S selfRead }{},
		"its JSONSchema method returned nil":    &struct{ S silent }{},
		`jsonschema tag "enmu" has no effect on a field of type string; did you mean "enum"?`: &struct {
			S string `toml:"s" jsonschema:"enmu=a"`
		}{},
		`jsonschema tag " b" is not known; a comma inside a description`: &struct {
			S string `toml:"s" jsonschema:"description=a, b"`
		}{},
		`jsonschema tag "minimum" has no effect on a field of type string`: &struct {
			S string `toml:"s" jsonschema:"minimum=1"`
		}{},
		`jsonschema tag "default" has no effect on a field of type strict.inner`: &struct {
			S inner `toml:"s" jsonschema:"default=1"`
		}{},
		`jsonschema tag "pattern" has no effect on a field of type time.Duration`: &struct {
			D time.Duration `toml:"d" jsonschema:"pattern=x"`
		}{},
		`jsonschema tag "format" has no effect on a field of type strict.size`: &struct {
			S size `toml:"s" jsonschema:"format=ipv4"`
		}{},
		`jsonschema tag "minimum=1": a limit of a duration is a duration such as 1ms`: &struct {
			D time.Duration `toml:"d" jsonschema:"minimum=1"`
		}{},
		`jsonschema tag "minimum=low" is not a number`: &struct {
			I int `toml:"i" jsonschema:"minimum=low"`
		}{},
		`the default at /properties/s does not fit`: &struct {
			S string `toml:"s" jsonschema:"enum=lru,enum=lfu,default=lur"`
		}{},
		`the default at /properties/d does not fit`: &struct {
			D time.Duration `toml:"d" jsonschema:"default=30"`
		}{},
		`the default at /properties/n does not fit`: &struct {
			N size `toml:"n" jsonschema:"default=64KB"`
		}{},
		`the default at /properties/i does not fit`: &struct {
			I uint8 `toml:"i" jsonschema:"default=300"`
		}{},
		`"inline" means nothing to the decoder`: &struct {
			I inner `toml:",inline"`
		}{},
		`jsonschema tag "minimun" has no effect on a field of type int; did you mean "minimum"?`: &struct {
			embeddedWithASlip
		}{},
		"jsonschema tag \"nullable\" is not known": &struct {
			S string `toml:"s" jsonschema:"nullable"`
		}{},
	} {
		if _, err := NewSchema(v); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%T: got %v, want %s", v, err, want)
		}
	}
}

// All that is wrong with a struct is said at once, as for a file.
func TestNewSchemaRefusesAllAtOnce(t *testing.T) {
	_, err := NewSchema(&struct {
		A int    `toml:"a" jsonschema:"mimimum=1"`
		B string `toml:"b" jsonschema:"patern=x"`
		C []byte
	}{})
	if err == nil || strings.Count(err.Error(), "\n") != 2 {
		t.Errorf("got %v", err)
	}
}

func TestNewSchemaTakes(t *testing.T) {
	type numbers struct {
		I8   int8             `toml:"i8"`
		U64  uint64           `toml:"u64"`
		Low  uint             `toml:"low" jsonschema:"minimum=-5"`
		F32  float32          `toml:"f32"`
		Pair [2]float64       `toml:"pair"`
		List []int            `toml:"list" jsonschema:"default=1,default=2,minimum=0"`
		On   []bool           `toml:"on" jsonschema:"default=true"`
		Ptr  *time.Duration   `toml:"ptr" jsonschema:"minimum=1ms"`
		Addr netip.Addr       `toml:"addr"`
		Host string           `toml:"host" jsonschema:"format=ipv4"`
		Odd  map[string][]int `toml:"odd"`
		Any  any              `toml:"any"`
		Old  string           `jsonschema:"description=without a toml tag"`
	}
	s, err := NewSchema(new(numbers))
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"i8 = 200":                   "i8: 200 is out of range",
		"i8 = -129":                  "i8: -129 is out of range",
		"u64 = -1":                   "u64: must be at least 0",
		"low = -1":                   "low: must be at least 0",
		"f32 = 1e39":                 "f32: 1e+39 is out of range",
		"f32 = 16777217":             "f32: 16777217 is too large to be exact; write 16777217.0",
		"pair = [1]":                 "pair: must have at least 2 elements, not 1",
		"list = [-1]":                "list[0]: must be at least 0",
		`ptr = "1us"`:                "ptr: must be at least 1ms",
		`addr = "1.2.3"`:             `addr: ParseAddr("1.2.3"): IPv4 address too short`,
		`host = "1.2.3"`:             `host: must be a valid ipv4, not the string "1.2.3"`,
		`odd = {a = [1], b = [1.5]}`: "odd.b[0]: must be an integer, not the number 1.5",
		"old = 1":                    `old: unknown key; did you mean "Old"?`,
		"any = [1, {a = 2}]":         "",
		"f32 = 1\npair = [1, 2.5]":   "",
	} {
		got := s.Check(mustParse(t, text))
		if want == "" && len(got) == 0 {
			continue
		}
		oneMistake(t, got, ": "+want)
	}
}

// Two packages may each have a type of the same name; here two generic types and two functions do.
type (
	box[T any] struct {
		In T `toml:"in"`
	}
	tree struct {
		Leaf  string          `toml:"leaf" jsonschema:"enum=oak,enum=elm"`
		Trees []tree          `toml:"trees"`
		Named map[string]tree `toml:"named"`
	}
)

func TestTypesOfTheSameName(t *testing.T) {
	type same struct {
		One int `toml:"one"`
	}
	other := func() any {
		type same struct {
			Two int `toml:"two"`
		}
		return same{}
	}()
	fields := []reflect.StructField{
		{Name: "A", Type: reflect.TypeOf(same{}), Tag: `toml:"a"`},
		{Name: "B", Type: reflect.TypeOf(other), Tag: `toml:"b"`},
		{Name: "C", Type: reflect.TypeFor[box[int]](), Tag: `toml:"c"`},
		{Name: "D", Type: reflect.TypeFor[box[string]](), Tag: `toml:"d"`},
	}
	s, err := NewSchema(reflect.New(reflect.StructOf(fields)).Interface())
	if err != nil {
		t.Fatal(err)
	}
	oneMistake(t, s.Check(mustParse(t, "a.one = 1\nb.two = 2\nb.one = 1\nc.in = 1\nd.in = \"x\"")), `:3:3: b.one: unknown key; known: two`)
}

// shared hands out one schema for all.
type shared string

var sharedSchema = &js.Schema{Type: "string", Enum: []any{"a", "b"}}

func (shared) JSONSchema() *js.Schema { return sharedSchema }

func TestTagsStayWithTheirField(t *testing.T) {
	keys := Keys(&struct {
		A shared `toml:"a" jsonschema:"description=first,default=a"`
		B shared `toml:"b" jsonschema:"description=second,enum=c"`
	}{})
	if keys[0].Says != "first" || keys[0].Default != `"a"` || len(keys[0].Values) != 2 || keys[1].Default != "" || len(keys[1].Values) != 3 {
		t.Errorf("got %+v", keys)
	}
	if sharedSchema.Description != "" || len(sharedSchema.Enum) != 2 {
		t.Errorf("the tags were written into the type's own schema: %+v", sharedSchema)
	}
}

func TestTypesThatHoldThemselves(t *testing.T) {
	s, err := NewSchema(new(box[tree]))
	if err != nil {
		t.Fatal(err)
	}
	oneMistake(t, s.Check(mustParse(t, "[[in.trees]]\n[[in.trees.trees]]\nnamed.x.leaf = \"elf\"")),
		`my.toml:3:9: in.trees[0].trees[0].named.x.leaf: unknown "elf"; did you mean "elm"? known: oak, elm`)
	if s, err = NewSchema(new(tree)); err != nil {
		t.Fatal(err)
	}
	oneMistake(t, s.Check(mustParse(t, "[[trees]]\nlaef = \"oak\"")), `my.toml:2:1: trees[0].laef: unknown key; did you mean "leaf"?`)
}

func TestSchemaIsJSON(t *testing.T) {
	var doc struct {
		Schema     string         `json:"$schema"`
		Additional *bool          `json:"additionalProperties"`
		Required   []string       `json:"required"`
		Properties map[string]any `json:"properties"`
	}
	s := worldSchema(t)
	if err := json.Unmarshal(s.JSON(), &doc); err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(doc.Schema, "2020-12/schema") || doc.Additional == nil || *doc.Additional || len(doc.Required) != 1 {
		t.Errorf("got %+v", doc)
	}
	if doc.Properties["comment"] == nil || doc.Properties["hidden"] != nil || doc.Properties["Skipped"] != nil {
		t.Errorf("the wrong keys: %v", doc.Properties)
	}
	s.JSON()[0] = 'x'
	if s.JSON()[0] != '{' {
		t.Error("a caller can write into the schema")
	}
}
