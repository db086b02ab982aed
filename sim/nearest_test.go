// Tests of Nearest: what people mistype, and what must not be guessed.
package sim

import (
	"strings"
	"testing"
)

func TestNearest(t *testing.T) {
	known := []string{"tokyo", "toronto", "new-york", "paris", "lru", "spike", "sine", "far", "algorithm", "least-connections"}
	for name, want := range map[string]string{ // any order
		"tokyo": "tokyo", "tokio": "tokyo", "Tokyo": "tokyo", "TOKIO": "tokyo", "torono": "toronto",
		"newyork": "new-york", "new-yrok": "new-york", "New York": "new-york", "new_york": "new-york",
		"pariss": "paris", "lfu": "lru", "LRU": "lru", "spiek": "spike", "fra": "far", "algo": "algorithm", "least": "least-connections",
		"": "", "berlin": "", "x": "", "tk": "", "al": "", strings.Repeat("tokyo", 40): "",
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
		if a == "" || b == "" {
			return len(a) + len(b)
		}
		differs := 1
		if a[0] == b[0] {
			differs = 0
		}
		least := min(naive(a[1:], b)+1, naive(a, b[1:])+1, naive(a[1:], b[1:])+differs)
		if len(a) > 1 && len(b) > 1 && a[0] == b[1] && a[1] == b[0] {
			least = min(least, naive(a[2:], b[2:])+1)
		}
		return least
	}
	dice := Stream(1, "test", "edits")
	word := func() string {
		var b strings.Builder
		for range dice.IntN(6) {
			b.WriteByte("ab-"[dice.IntN(3)])
		}
		return b.String()
	}
	for range 1000 {
		a, b := word(), word()
		if got, want := editDistance([]rune(a), []rune(b)), naive(a, b); got != want {
			t.Fatalf("%q to %q is %d, want %d", a, b, got, want)
		}
	}
	if got := editDistance([]rune("日本"), []rune("本日")); got != 1 {
		t.Errorf("swapped runes: %d", got)
	}
}
