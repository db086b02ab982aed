// Registry and Nearest.
package sim

import (
	"slices"
	"strings"
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

func TestNearest(t *testing.T) {
	known := []string{"tokyo", "toronto", "new-york", "paris", "lru"}
	for name, want := range map[string]string{ // any order
		"tokyo": "tokyo", "tokio": "tokyo", "Tokyo": "tokyo", "TOKIO": "tokyo", "torono": "toronto",
		"newyork": "new-york", "new-yrok": "new-york", "pariss": "paris", "lfu": "lru", "LRU": "lru",
		"": "", "berlin": "", "x": "", "tk": "",
	} {
		if got := Nearest(name, known); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", name, got, want)
		}
	}
	if got := Nearest("x", nil); got != "" {
		t.Errorf("nearest of none: %q", got)
	}
}

// TestEditDistance against the definition, by recursion.
func TestEditDistance(t *testing.T) {
	var naive func(a, b string) int
	naive = func(a, b string) int {
		switch {
		case a == "" || b == "":
			return len(a) + len(b)
		case a[0] == b[0]:
			return naive(a[1:], b[1:])
		}
		return 1 + min(naive(a[1:], b), naive(a, b[1:]), naive(a[1:], b[1:]))
	}
	dice := Stream(1, "test", "edits")
	word := func() string {
		var b strings.Builder
		for range dice.IntN(7) {
			b.WriteByte("ab-"[dice.IntN(3)])
		}
		return b.String()
	}
	for range 2000 {
		a, b := word(), word()
		if got, want := editDistance(a, b), naive(a, b); got != want {
			t.Fatalf("%q to %q is %d, want %d", a, b, got, want)
		}
	}
}
