// Tests: cases whose answer theory knows, and what becomes of an interrupted one.
package advice

import (
	"context"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"cdnlab/report"
	"cdnlab/report/progress"
)

func quietly(runs int) Options {
	return Options{By: ByP99, Runs: runs, Seed: 1, Stays: true, Progress: progress.New(nil, progress.Quiet)}
}

func mustAdvise(t *testing.T, c Case, o Options) *Advice {
	t.Helper()
	a, err := For(t.Context(), c, o)
	if err != nil {
		t.Fatal(err)
	}
	if !a.Complete || a.Best == "" || a.Row(a.Best) == nil || a.Ideal == nil {
		t.Fatalf("best %q, complete %v, ideal %v", a.Best, a.Complete, a.Ideal)
	}
	return a
}

// Turns are all that equal servers with constant times need: it is one line for all.
func TestConstant(t *testing.T) {
	a := mustAdvise(t, Case{Servers: 4, P50: 10 * ms, P99: 10 * ms, Requests: 2000, Networks: 10}, quietly(3))
	if a.Best != "round-robin" || a.Row("round-robin").Mean.Mean != a.Ideal.Mean.Mean {
		t.Errorf("best is %s; round-robin has a mean of %v, one line %v", a.Best, a.Row("round-robin").Mean, a.Ideal.Mean)
	}
	if g := a.Guide; g == nil || g.Algorithm != "round-robin" || g.Loses != 0 || !strings.Contains(g.String(), "so do these runs") {
		t.Errorf("the guide: %v", g)
	}
}

// Where times vary, who looks at loads is first, and the blind are last.
func TestVarying(t *testing.T) {
	o := quietly(3)
	o.By = ByMean
	a := mustAdvise(t, Case{Servers: 6, P50: 10 * ms, P99: 200 * ms, Requests: 2000, Networks: 10}, o)
	order := func(name string) int {
		return slices.IndexFunc(a.Rows, func(r Row) bool { return r.Algorithm == name })
	}
	if a.Best != "least-connections" || order("p2c") > order("round-robin") || order("round-robin") > order("first") || a.Rows[len(a.Rows)-1].Algorithm != "first" {
		t.Errorf("best is %s, and of the others p2c %d, round-robin %d, first %d", a.Best, order("p2c"), order("round-robin"), order("first"))
	}
	for _, r := range a.Rows {
		if r.Mean.Mean < a.Ideal.Mean.Mean {
			t.Errorf("%s has a mean of %v, less than one line for all: %v", r.Algorithm, r.Mean.Mean, a.Ideal.Mean.Mean)
		}
	}
	if first := a.Row("first"); first.MaxShare.Mean < 5.9 || first.Even || *first.P > 0.01 {
		t.Errorf("first: %+v", first)
	}
	if text, err := json.Marshal(a); err != nil || !strings.Contains(string(text), `"best":"least-connections"`) {
		t.Errorf("%s: %v", text, err)
	}
}

// Sizes that the balancer does not know flip the answer, and only who stays is ranked
// where users must.
func TestFlips(t *testing.T) {
	o := quietly(3)
	c := Case{Servers: 4, P50: 10 * ms, P99: 10 * ms, Requests: 1000, Networks: 4}
	a := mustAdvise(t, c, o)
	o.Stays = false
	var told []string
	o.Told = func(what string) { told = append(told, what) }
	flips, complete, err := a.flips(t.Context(), o)
	if err != nil || !complete {
		t.Fatal(complete, err)
	}
	var seen []string
	for _, f := range flips {
		seen = append(seen, f.Knob)
		if f.Flips != (f.Winner != "") || f.Flips && (f.Best.Mean <= f.Other.Mean || f.At == "") {
			t.Errorf("%+v", f)
		}
		if f.Knob == "sizes that nobody told" && (!f.Flips || f.Winner == "round-robin") {
			t.Errorf("sizes that nobody told: %s", f)
		}
	}
	if want := []string{"more load", "less load", "a heavier tail", "sizes that nobody told", "more balancers"}; !slices.Equal(seen, want) || len(told) < len(want) {
		t.Errorf("tried %v, want %v; told %v", seen, want, told)
	}
}

func TestSticky(t *testing.T) {
	a := mustAdvise(t, Case{Servers: 4, P50: 10 * ms, P99: 66 * ms, Requests: 2000, Networks: 20, Sticky: true}, quietly(2))
	if !a.Row(a.Best).Traits.Sticks() || a.Row("p2c + cookie").Out != "" || a.Row("ip-hash").Out != "" || a.Guide.Algorithm != "ip-hash" {
		t.Errorf("best %s; of %v", a.Best, a.Rows)
	}
	if out := a.Out(); len(out) != 1 || out[0] != "a user does not stay with a server (least-connections)" {
		t.Errorf("not ranked: %v", out)
	}
	if why := strings.Join(a.Why, "\n"); !strings.Contains(why, "that users stay has its price") {
		t.Errorf("why: %s", why)
	}
}

// A balancer that is one of several knows less: its least-connections are the least that it
// knows of. Turns lose, too: of several balancers' turns nothing is even.
func TestBalancers(t *testing.T) {
	o := quietly(3)
	o.By = ByMean
	c := Case{Servers: 4, P50: 10 * ms, P99: 66 * ms, Requests: 2000, Networks: 20}
	one := mustAdvise(t, c, o)
	c.Balancers = 4
	four := mustAdvise(t, c, o)
	for _, name := range []string{"least-connections", "round-robin"} {
		if a, b := one.Row(name).Mean.Mean, four.Row(name).Mean.Mean; b < 1.1*a {
			t.Errorf("%s: a mean of %v with one balancer and of %v with four", name, a, b)
		}
	}
	if !strings.Contains(four.Case.String(), "behind 4 balancers") || four.Ideal.Mean.Mean != one.Ideal.Mean.Mean {
		t.Errorf("%s; one line for all has %v, and had %v", four.Case, four.Ideal.Mean.Mean, one.Ideal.Mean.Mean)
	}
}

// What was interrupted before anything was known is no error, and no advice.
func TestInterrupted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	a, err := For(ctx, Case{}, quietly(1))
	if err != nil || a.Complete || a.Best != "" || len(a.Rows) != 0 {
		t.Errorf("%+v, %v", a, err)
	}
}

// Of those that are even the one that needs least is taken, but none that people would
// notice to be worse.
func TestRecommended(t *testing.T) {
	row := func(name string, mean float64, even bool, effort int) Row {
		needs := []*bool{new(bool), new(bool), new(bool)}
		for i := range effort {
			*needs[i] = true
		}
		return Row{Algorithm: name, Even: even, Traits: Traits{Weights: *needs[0], Loads: *needs[1], Times: *needs[2]}, by: report.Interval{Mean: mean}}
	}
	for want, rows := range map[string][]Row{ // in any order: each is judged alone
		"a": {row("a", 100, true, 2), row("b", 101, false, 0), row("c", 120, true, 0)},
		"b": {row("a", 100, true, 2), row("b", 104, true, 1), row("c", 104, true, 1)},
		"":  {{Out: "it fails"}},
	} {
		if got := recommended(rows); got != want {
			t.Errorf("recommended %q, want %q", got, want)
		}
	}
}
