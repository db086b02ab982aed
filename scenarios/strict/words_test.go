// Tests of the wording: long values and lists are cut, alternatives are told apart.

package strict

import (
	"fmt"
	"strings"
	"testing"

	js "github.com/invopop/jsonschema"
)

func TestLongValuesAndListsAreCut(t *testing.T) {
	if got, want := literal(strings.Repeat("é", 41)), `"`+strings.Repeat("é", 40)+`…"`; got != want {
		t.Errorf("got %s", got)
	}
	var names []string
	for i := range 33 {
		names = append(names, fmt.Sprint("n", i))
	}
	if got := knownNames(names); !strings.HasSuffix(got, ", n29 and 3 more") {
		t.Errorf("got %s", got)
	}
	if got := knownNames(names[:30]); strings.Contains(got, "more") {
		t.Errorf("got %s", got)
	}
}

// forms is a table of one of two kinds.
type forms struct{}

func (forms) JSONSchema() *js.Schema {
	return &js.Schema{AnyOf: []*js.Schema{tableOf("a", "b", "c"), tableOf("x", "y", "z"), {Type: "integer"}}}
}

func (*forms) UnmarshalTOML(any) error { return nil }

// tableOf is a table of integers.
func tableOf(names ...string) *js.Schema {
	properties := js.NewProperties()
	for _, name := range names {
		properties.Set(name, &js.Schema{Type: "integer"})
	}
	return &js.Schema{Type: "object", Properties: properties, AdditionalProperties: js.FalseSchema, Required: names}
}

// Of several forms that do not fit, the one with the fewest mistakes was meant.
func TestTheNearestFormIsExplained(t *testing.T) {
	s, err := NewSchema(&struct {
		F forms `toml:"f"`
	}{})
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"f = {a = 1, b = 2}": `my.toml:1:1: f: needs a "c"`,
		"f = {x = 1, y = 2}": `my.toml:1:1: f: needs a "z"`,
		"f = true":           `my.toml:1:1: f: must be a table or an integer, not the boolean true`,
	} {
		oneMistake(t, s.Check(mustParse(t, text)), want)
	}
}
