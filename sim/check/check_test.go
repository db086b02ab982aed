// What a list says.
package check

import (
	"math"
	"slices"
	"testing"
	"time"
)

type thing struct {
	Name   string        `toml:"name"`
	Rate   float64       `toml:"rate,omitempty"`
	For    time.Duration `toml:"for"`
	Zero   *int          `toml:"zero"`
	Hidden int           `toml:"-"`
	Plain  int
}

func TestGiven(t *testing.T) {
	got := Given(thing{Rate: 1, Zero: new(0), Hidden: 5, Plain: 6})
	if want := []string{"rate", "zero"}; !slices.Equal(got, want) {
		t.Errorf("given %v, want %v", got, want)
	}
}

func TestList(t *testing.T) {
	var l List
	l.Keys(thing{Rate: 1, For: 1}, "the thing", []string{"name"}, []string{"rate"})
	l.Number("rate", math.NaN(), 0, 1e7)
	l.Number("rate", 5e-5, 1, 1e7)
	l.Number("rate", 1e300, 0.5, 2.25)
	l.Number("rate", 1, 0, 1)
	l.Duration("for", time.Minute, 0, time.Second)
	l.Duration("for", time.Second, 0, time.Second)
	l.OneOf("law", "x", "a", "b")
	l.OneOf("law", "", "a", "b")
	l.OneOf("law", "b", "a", "b")
	want := []string{
		"for: means nothing to the thing, whose keys are: name, rate",
		"name: is missing: the thing needs it",
		"rate: must be between 0 and 10000000, not NaN",
		"rate: must be between 1 and 10000000, not 0.00005",
		"rate: must be between 0.5 and 2.25, not 1e+300",
		"for: must be between 0s and 1s, not 1m0s",
		`law: must be one of a, b, not "x"`,
	}
	for i, p := range l.Problems {
		if i >= len(want) || p.String() != want[i] {
			t.Errorf("problem %d: %s", i, p)
		}
	}
	if len(l.Problems) != len(want) {
		t.Errorf("%d problems, want %d", len(l.Problems), len(want))
	}
}
