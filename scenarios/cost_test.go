// What a request costs in the virtual world, counted: a ceiling under which the
// figures of bench_test.go can be had at all.
package scenarios

import (
	"strings"
	"testing"
)

// TestCostOfARequest plays ten seconds more than another run and counts what
// they took. An event is a wait: a request comes, arrives at the PoP and is
// answered. A miss also arrives at the balancer and at the app, is worked on, and
// is answered on each of the three links. The rest is the nodes' own: checks of
// health, samples.
func TestCostOfARequest(t *testing.T) {
	for _, c := range []struct {
		name, text     string
		events, allocs float64
	}{
		{"hits", onlyHits, 3.01, 0.01},
		{"nine hits in ten", fullRequests, 3 + 0.1*5 + 0.01, 0.05},
	} {
		t.Run(c.name, func(t *testing.T) {
			play := func(duration string) cost {
				_, cost := playCounted(t, playable(t, strings.Replace(c.text, `"100s"`, duration, 1)))
				return cost
			}
			short, long := play(`"5s"`), play(`"15s"`)
			n := float64(long.requests - short.requests)
			events, allocs := float64(long.events-short.events)/n, float64(long.allocs-short.allocs)/n
			t.Logf("%.3f events and %.4f allocations for each of %.0f requests", events, allocs, n)
			if n < 90_000 || events > c.events || events < 3 {
				t.Errorf("%.3f events for each of %.0f requests, want %.3f at the most", events, n, c.events)
			}
			if allocs > c.allocs {
				t.Errorf("%.4f allocations a request, want %.4f at the most", allocs, c.allocs)
			}
		})
	}
}
