// Tests of honest comparison with real runs of a queue: no winner among equals,
// and the better one where there is one.
package scenarios

import (
	"bytes"
	"context"
	"encoding/csv"
	"fmt"
	"strings"
	"testing"

	"cdnlab/report"
)

// queue is an M/M/1 queue at 60 % of its load, 400 requests long.
const queue = `
duration = "4s"
warmup = "1s"
[load]
shape = "poisson"
rate = 100
[[clients]]
id = "users"
place = "Boston"
[[catalog]]
path = "/"
cache-control = "no-store"
[origin]
place = "Boston"
[app]
workers = 1
service-time = "6ms"
overload = "queue"
`

// runsOf plays a scenario with so many seeds from one on, and calls them the
// seeds 1, 2 … of a variant.
func runsOf(t *testing.T, x *Experiment, variant string, from uint64, seeds int) []*report.Run {
	t.Helper()
	r, err := Run(context.Background(), x, Options{Worlds: []string{report.Virtual}, Progress: quiet(), Seed: from, Runs: seeds})
	if err != nil {
		t.Fatal(err)
	}
	for i, run := range r.Runs {
		run.Variant, run.Seed = variant, uint64(i+1)
	}
	return r.Runs
}

// winners are the variants that the comparison names winner of a column.
func winners(t *testing.T, r *report.Result, metric string) []string {
	t.Helper()
	var out bytes.Buffer
	if err := report.Comparison(&out, r, report.Options{Format: report.CSV, Columns: []string{metric}}); err != nil {
		t.Fatal(err)
	}
	rows, err := csv.NewReader(&out).ReadAll()
	if err != nil || !strings.HasSuffix(rows[0][len(rows[0])-1], " winner") {
		t.Fatalf("%v: %q", err, rows)
	}
	var all []string
	for _, row := range rows[1:] {
		if row[len(row)-1] == "1" {
			all = append(all, row[0])
		}
	}
	return all
}

// TestEqualQueuesHaveNoWinner compares four variants that are one: M/M/1 with
// other dice in every run. 5 % of 40 tables may name a winner.
func TestEqualQueuesHaveNoWinner(t *testing.T) {
	x, err := Load("queue.toml", []byte(queue))
	if err != nil {
		t.Fatal(err)
	}
	const tables, seeds = 40, 4
	wrong := map[string]int{}
	for i := range uint64(tables) {
		r := &report.Result{}
		for v, name := range []string{"a", "b", "c", "d"} {
			r.Runs = append(r.Runs, runsOf(t, x, name, 1+100*i+10*uint64(v), seeds)...)
		}
		for _, metric := range []string{"latency.mean", "latency.p99"} {
			wrong[metric] += len(winners(t, r, metric))
		}
	}
	for metric, n := range wrong { // in any order: each alone
		if n > tables*5/100+1 {
			t.Errorf("%s: %d of %d tables of equal variants have a winner", metric, n, tables)
		}
	}
}

// TestFasterQueueWins compares servers that differ by 10 %: pairs of equal seed
// have the same requests and the same luck, so a few seconds are enough.
func TestFasterQueueWins(t *testing.T) {
	slow, err := Load("queue.toml", []byte(queue))
	if err != nil {
		t.Fatal(err)
	}
	fast, err := Load("queue.toml", []byte(queue), Setting{"app.service-time", "5.4ms"})
	if err != nil {
		t.Fatal(err)
	}
	found := 0
	for i := range uint64(10) {
		r := &report.Result{Runs: append(runsOf(t, slow, "slow", 1+10*i, 5), runsOf(t, fast, "fast", 1+10*i, 5)...)}
		for _, winner := range winners(t, r, "latency.mean") {
			if winner != "fast" {
				t.Errorf("the winner is %s", winner)
			}
			found++
		}
	}
	if found < 9 {
		t.Errorf("found in %d of 10 comparisons", found)
	}
}

// What stands below the table of a real overload, of a real cold start, and of a
// queue that was watched for too short.
func TestDoubtsOfRealRuns(t *testing.T) {
	for _, c := range []struct {
		name     string
		settings []Setting
		want     string // "": no doubt of the kind
	}{
		{"overload", []Setting{{"duration", "20s"}, {"load.rate", int64(220)}}, "app-1 is overloaded, so no warm-up helps"},
		{"a busy queue", []Setting{{"duration", "20s"}, {"load.rate", int64(140)}}, "too short for ±5 %: (as written) (p99 at 8"},
		{"an idle one", []Setting{{"duration", "20s"}, {"load.rate", int64(20)}}, ""},
	} {
		_, r := playSettings(t, queue, append(c.settings, Setting{"warmup", "0s"})...)
		var out bytes.Buffer
		if err := report.Comparison(&out, r, report.Options{}); err != nil {
			t.Fatal(err)
		}
		text := out.String()
		if c.want == "" && (strings.Contains(text, "too short") || strings.Contains(text, "not steady")) || !strings.Contains(text, c.want) {
			t.Errorf("%s: no %q in\n%s", c.name, c.want, text)
		}
	}
}

// With several seeds an expectation has its interval, and says when the bound is
// within it.
func TestExpectationsOfSeeds(t *testing.T) {
	text := queue + `
[[expect]]
metric = "latency.mean"
is = "< 1s"
[[expect]]
metric = "latency.mean"
is = "< MEAN"
[[expect]]
metric = "requests"
is = "> 1"
`
	x, err := Load("queue.toml", []byte(strings.Replace(text, "MEAN", "18ms", 1)))
	if err != nil {
		t.Fatal(err)
	}
	play := func(runs int) []report.Expectation {
		r, err := Run(context.Background(), x, Options{Worlds: []string{report.Virtual}, Progress: quiet(), Runs: runs})
		if err != nil {
			t.Fatal(err)
		}
		return r.Expectations
	}
	one, five := play(1), play(5)
	if one[0].Half != nil || len(one[1].Warnings) > 0 {
		t.Errorf("one seed has no interval: %+v", one)
	}
	if five[0].Half == nil || *five[0].Half <= 0 || len(five[0].Warnings) > 0 {
		t.Errorf("far below the bound: %+v", five[0])
	}
	if mean := *five[1].Measured; mean < 16e6 || mean > 20e6 || len(five[1].Warnings) != 1 {
		t.Errorf("at the bound: %v, %+v", *five[1].Measured, five[1])
	}
}

func TestCloseToTheBound(t *testing.T) {
	s := func(values ...float64) seeds {
		by := seeds{}
		for i, v := range values {
			by[uint64(i)] = v
		}
		return by
	}
	for _, c := range []struct {
		name            string
		b               bound
		measured, other seeds
		want            bool
	}{
		{"far", bound{op: "<", number: 100}, s(10, 11, 12), nil, false},
		{"near", bound{op: "<", number: 12}, s(10, 11, 12), nil, true},
		{"one seed", bound{op: "<", number: 11}, s(10), nil, false},
		{"always the same", bound{op: "<", number: 11}, s(10, 10), nil, false},
		{"pairs differ clearly", bound{op: "<", factor: 1, variant: "x"}, s(10, 20, 30), s(11, 21.1, 31), false},
		{"pairs do not", bound{op: "<", factor: 1, variant: "x"}, s(10, 20, 30), s(11, 19, 31), true},
		{"within the tolerance", bound{op: "~", number: 10, tolerance: 0.5}, s(10, 11, 12), nil, false},
		{"at its edge", bound{op: "~", number: 10, tolerance: 0.1}, s(10, 11, 12), nil, true},
		{"equality has no near", bound{op: "==", number: 11}, s(10, 11, 12), nil, false},
	} {
		if got := c.b.close(c.measured, c.other); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}

// Live variants take turns, so that a machine that slows down slows all of them.
func TestVariantsTakeTurns(t *testing.T) {
	x, err := Load("test.toml", []byte(faultless))
	if err != nil {
		t.Fatal(err)
	}
	jobs, err := plan(x, Options{Worlds: []string{report.Live}, Runs: 3, Seed: 5})
	if err != nil {
		t.Fatal(err)
	}
	var order []string
	for _, j := range seedBySeed(jobs) {
		order = append(order, fmt.Sprint(j.r.Variant, j.plan.Seed))
	}
	if got := strings.Join(order, " "); got != "far5 near5 far6 near6 far7 near7" || jobs[1].plan.Seed != 6 {
		t.Errorf("in turn: %s; the result keeps its own order", got)
	}
}
