// Tests of Registry.
package sim

import (
	"slices"
	"testing"
)

func TestRegistry(t *testing.T) {
	r := Registry[int]{Kind: "algorithm"}
	r.Add("round-robin", "one after the other", 1)
	r.Add("p2c", "the better of two", 2)
	r.Add("least", "who has least", 3)
	if got := r.Names(); !slices.Equal(got, []string{"least", "p2c", "round-robin"}) {
		t.Errorf("names %v", got)
	}
	for name, want := range map[string]int{"round-robin": 1, "p2c": 2, "least": 3} { // any order
		if got, err := r.Get(name); got != want || err != nil {
			t.Errorf("%s is %d, %v", name, got, err)
		}
	}
	all := r.All()
	all[0].Name = "changed"
	if r.All()[0] != (Entry[int]{"least", "who has least", 3}) {
		t.Error("All hands out the registry's own list")
	}
	for name, want := range map[string]string{ // any order
		"round-robbin": `unknown algorithm "round-robbin"; did you mean "round-robin"?`,
		"random":       `unknown algorithm "random"; known: least, p2c, round-robin`,
		"":             `unknown algorithm ""; known: least, p2c, round-robin`,
	} {
		if got, err := r.Get(name); got != 0 || err == nil || err.Error() != want {
			t.Errorf("Get(%q): %v, want %s", name, err, want)
		}
	}
	mustPanic(t, "a name twice", func() { r.Add("p2c", "again", 4) })
	mustPanic(t, "no name", func() { r.Add("", "says", 4) })
	mustPanic(t, "no line", func() { r.Add("x", "", 4) })
}
