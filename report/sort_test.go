// Tests: a comparison's rows in the order of a metric.
package report

import (
	"bytes"
	"slices"
	"strings"
	"testing"
)

func TestSort(t *testing.T) {
	result := experiment(3)
	for _, c := range []struct {
		sort   string
		better func(a, b float64) bool
	}{
		{"", nil},
		{"latency.p99", func(a, b float64) bool { return a < b }},
		{"goodput", func(a, b float64) bool { return a > b }},
		{"requests", func(a, b float64) bool { return a < b }},
	} {
		var out bytes.Buffer
		if err := Comparison(&out, result, Options{Sort: c.sort, Columns: []string{"errors"}}); err != nil {
			t.Fatal(err)
		}
		groups, err := gather(result.Runs)
		if err != nil {
			t.Fatal(err)
		}
		var want []string
		if c.better != nil {
			value := func(g *group) float64 {
				s, err := g.measure(All, c.sort)
				if err != nil {
					t.Fatal(err)
				}
				return s.interval.Mean
			}
			slices.SortStableFunc(groups, func(a, b *group) int {
				switch x, y := value(a), value(b); {
				case c.better(x, y):
					return -1
				case c.better(y, x):
					return 1
				}
				return 0
			})
		}
		for _, g := range groups {
			want = append(want, g.label)
		}
		at := -1
		for _, label := range want {
			next := strings.Index(out.String(), "\n"+label+" ")
			if next <= at {
				t.Errorf("by %q: %s is not behind those before it of %q:\n%s", c.sort, label, want, out.String())
			}
			at = next
		}
	}
	if err := Comparison(&bytes.Buffer{}, result, Options{Sort: "latency"}); err == nil {
		t.Error("sorted by a metric that there is not")
	}
	// Only one of them has that node: it is first, whatever its value.
	only := &Result{Schema: Schema, Runs: []*Run{result.Runs[0], result.Runs[len(result.Runs)-1]}}
	clone := *only.Runs[1]
	clone.Nodes = map[string]string{"lone": KindApp}
	only.Runs = []*Run{only.Runs[0], &clone}
	groups, err := gather(only.Runs)
	if err != nil {
		t.Fatal(err)
	}
	if err := order(groups, Options{Sort: "requests.lone", Window: All}); err != nil || groups[0].label != clone.Label() {
		t.Errorf("%v: %s is first", err, groups[0].label)
	}
	if err := order(groups[1:], Options{Sort: "requests.lone", Window: All}); err == nil {
		t.Error("sorted by a node that no run has")
	}
}
