// Tests: two tiers of caches, on numbers that a reader can add up.
package report

import (
	"errors"
	"testing"
	"time"
)

// Two PoPs fetch through a shield, a third from the origin itself.
func TestTiers(t *testing.T) {
	plan := testPlan()
	plan.Nodes["pop-paris"], plan.Nodes["pop-alone"], plan.Nodes["shield"] = KindPoP, KindPoP, KindShield
	plan.Shields = map[string]string{"pop-tokyo": "shield", "pop-paris": "shield"}
	r := NewRecorder(plan)
	for node, n := range map[string]map[string]int64{
		"pop-tokyo": {"fetches": 10, "bytes-fetched": 1000},
		"pop-paris": {"fetches": 6, "bytes-fetched": 600},
		"pop-alone": {"fetches": 5, "bytes-fetched": 500},
		"shield":    {"requests": 16, "hits": 7, "stale": 1, "revalidated": 2, "misses": 3, "joined": 2, "bypass": 1, "fetches": 6, "bytes-fetched": 250},
	} {
		for name, count := range n {
			r.Count(at(5*time.Second), node, name, count)
		}
	}
	o := seenAt(5*time.Second, 10*ms)
	o.Bytes = 3000
	r.Observe(&o)
	run := r.Finish(at(10*time.Second), true)
	for metric, want := range map[string]float64{
		"fetches": 11, "shield-requests": 16, "shield-hit-ratio": 10.0 / 16, "byte-offload": 0.75, "share.shield": 1,
	} {
		if got, _, err := Value(run, All, metric); err != nil || got != want {
			t.Errorf("%s = %v (%v), want %v", metric, got, err, want)
		}
	}
	for _, metric := range []string{"shield-requests", "shield-hit-ratio"} {
		if _, _, err := Value(known(), All, metric); !errors.Is(err, ErrNothing) {
			t.Errorf("%s without a shield: %v", metric, err)
		}
	}
	other := *run
	other.Shards, other.Shields = []int{1}, nil
	if sum, err := Merge(run, &other); err != nil || len(sum.Shields) != 2 {
		t.Errorf("merged: %v, %v", err, sum)
	}
}
