// Tests of Nearest: what people mistype, and what must not be guessed.

package strict

import (
	"strings"
	"testing"
)

func TestNearest(t *testing.T) {
	known := []string{"algorithm", "place", "name", "ttl", "rtt", "round-robin", "weight", "Seed", "lru", "lfu", "least-connections"}
	for name, want := range map[string]string{
		"algo": "algorithm", "places": "place", "palce": "place", "PLACE": "place", "seed": "Seed", "round_robin": "round-robin",
		"Round Robin": "round-robin", "round-robbin": "round-robin", "wieght": "weight", "lry": "lru", "lxu": "lfu", "nam": "name",
		"": "", "zzz": "", "size": "", "x": "", "al": "", "least": "least-connections", strings.Repeat("place", 40): "",
	} {
		if got := Nearest(name, known); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
	if got := Nearest("abc", nil); got != "" {
		t.Errorf("got %q of nothing", got)
	}
}

// A beginning is nearer than two wrong letters.
func TestNearestPrefersBeginnings(t *testing.T) {
	if got := Nearest("algorit", []string{"albarit", "algorithm"}); got != "algorithm" {
		t.Errorf("got %q", got)
	}
}

// Of two equally near names the answer does not depend on their order.
func TestNearestIsSteady(t *testing.T) {
	if a, b := Nearest("lxu", []string{"lru", "lfu"}), Nearest("lxu", []string{"lfu", "lru"}); a != b {
		t.Errorf("%q and %q", a, b)
	}
}
