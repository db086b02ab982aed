// Tests of winners: none where there is none, and the one where there is one.
package report

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
)

// table is a column of made-up values, by variant and then by seed, with the
// groups that it is of.
func table(metric string, values [][]float64) ([]*group, []column) {
	m, _, err := Find(metric)
	if err != nil {
		panic(err)
	}
	var groups []*group
	c := column{metric: metric, heading: m.Heading}
	for v, seeds := range values {
		g := &group{label: fmt.Sprintf("v%d", v), world: Virtual}
		s := sample{bySeed: map[uint64]float64{}, unit: m.Unit, missing: len(seeds) == 0}
		if m.Unit == UnitCount {
			s.step = 1
		}
		for i, value := range seeds {
			s.bySeed[uint64(i+1)] = value
			g.runs = append(g.runs, &Run{Identity: Identity{Variant: g.label, Seed: uint64(i + 1), World: Virtual}, Complete: true,
				Windows: []Measured{{Window: Window{Name: All, To: 1e9}, Counts: map[string]int64{"requests": 1000}}}})
		}
		if len(seeds) == 0 {
			g.runs = []*Run{{Complete: true, Windows: []Measured{{Window: Window{Name: All, To: 1e9}, Counts: map[string]int64{"requests": 1000}}}}}
		}
		s.interval = MeanInterval(seeds)
		groups, c.samples = append(groups, g), append(c.samples, s)
	}
	return groups, []column{c}
}

// winnerOf returns the row that wins, -1 when none does.
func winnerOf(metric string, values [][]float64) int {
	groups, columns := table(metric, values)
	return contests(groups, columns)[0][0].winner
}

// experimentOf draws a metric for each variant and seed: a mean of its own, the
// luck that the seed gives to all, and luck of its own.
func experimentOf(dice *rand.Rand, means []float64, seeds int) [][]float64 {
	values := make([][]float64, len(means))
	for range seeds {
		common := 5 * dice.NormFloat64()
		for v, m := range means {
			values[v] = append(values[v], m+common+dice.NormFloat64())
		}
	}
	return values
}

// TestNoFalseWinner counts winners where there is none: at most 5 % of the
// experiments, whether all variants are equal or two of them are the best.
func TestNoFalseWinner(t *testing.T) {
	for _, c := range []struct {
		name        string
		means       []float64
		seeds       int
		experiments int
		most        float64
	}{
		{"four equal, 5 seeds", []float64{100, 100, 100, 100}, 5, 400, 0.05},
		{"four equal, 2 seeds", []float64{100, 100, 100, 100}, 2, 400, 0.05},
		{"ten equal, 10 seeds", []float64{100, 100, 100, 100, 100, 100, 100, 100, 100, 100}, 10, 400, 0.05},
		{"two equal, the worst case", []float64{100, 100}, 5, 4000, 0.06},
		{"two equal before two others", []float64{100, 100, 120, 120}, 5, 4000, 0.06},
	} {
		dice := rand.New(rand.NewPCG(41, 42))
		wrong := 0
		for range c.experiments {
			if winnerOf("latency.mean", experimentOf(dice, c.means, c.seeds)) >= 0 {
				wrong++
			}
		}
		if share := float64(wrong) / float64(c.experiments); share > c.most {
			t.Errorf("%s: a winner in %.3f of the experiments", c.name, share)
		}
	}
}

// And the noise marks: of equal variants 5 % of the tables may have a row
// without "~", not 5 % of the rows.
func TestFewFalseDifferences(t *testing.T) {
	dice := rand.New(rand.NewPCG(43, 44))
	wrong := 0
	for range 2000 {
		groups, columns := table("latency.mean", experimentOf(dice, []float64{100, 100, 100, 100, 100}, 5))
		c := contests(groups, columns)[0][0]
		for row := 1; row < 5; row++ {
			if c.mark(columns[0].samples, row) != markNoise {
				wrong++
				break
			}
		}
	}
	if wrong > 120 {
		t.Errorf("%d of 2,000 tables of equal variants have a difference", wrong)
	}
}

// A true difference of 10 % is found, and named rightly.
func TestTrueWinner(t *testing.T) {
	dice := rand.New(rand.NewPCG(45, 46))
	right, wrong := 0, 0
	for range 400 {
		switch winnerOf("latency.mean", experimentOf(dice, []float64{100, 100, 90, 100}, 5)) {
		case 2:
			right++
		case 0, 1, 3:
			wrong++
		}
	}
	if right < 390 || wrong > 0 {
		t.Errorf("found in %d of 400 experiments, another one in %d", right, wrong)
	}
}

func TestWinner(t *testing.T) {
	for _, c := range []struct {
		name, metric string
		values       [][]float64
		want         int
	}{
		{"less is better for a time", "latency.p99", [][]float64{{10, 11, 12}, {20, 21.1, 22}}, 0},
		{"more is better for hits", "hit-ratio", [][]float64{{0.1, 0.11, 0.12}, {0.2, 0.212, 0.22}}, 1},
		{"neither for requests", "requests", [][]float64{{10, 11, 12}, {200, 211, 221}}, -1},
		{"one seed says nothing", "latency.p99", [][]float64{{10}, {2000}}, -1},
		{"all the same", "errors", [][]float64{{3, 4, 5}, {3, 4, 5}}, -1},
		{"the best twice", "latency.p99", [][]float64{{10, 11, 12}, {10, 11, 12}, {20, 21, 22}}, -1},
		{"one of two errors each time is within a step", "errors", [][]float64{{2, 2}, {1, 1}}, -1},
		{"but not one of twenty, seen often", "errors", [][]float64{{20, 20, 20, 20, 20}, {19, 19, 19, 19, 19}}, 1},
		{"what one lacks is between the others", "hit-ratio", [][]float64{{}, {0.1, 0.11, 0.12}, {0.2, 0.212, 0.22}}, 2},
		{"alone", "hit-ratio", [][]float64{{}, {0.1, 0.11, 0.12}}, -1},
		{"better than one, not than all", "latency.mean", [][]float64{{10, 11, 12}, {10.1, 10.8, 12.2}, {20, 21, 22}}, -1},
	} {
		if got := winnerOf(c.metric, c.values); got != c.want {
			t.Errorf("%s: row %d, want %d", c.name, got, c.want)
		}
	}
}

// Neither a run cut short nor times that are withheld nor another load make a
// winner, and worlds are not compared with each other.
func TestNoWinnerWithoutAFairContest(t *testing.T) {
	clear := [][]float64{{10, 11, 12}, {20, 21.1, 22}, {30, 31, 33}}
	for _, c := range []struct {
		name string
		edit func(groups []*group, columns []column)
		want int
	}{
		{"as it is", func([]*group, []column) {}, 0},
		{"the best is partial", func(g []*group, _ []column) { g[0].runs[1].Complete = false }, 1},
		{"only one is whole", func(g []*group, _ []column) { g[0].runs[1].Complete, g[1].runs[0].Complete = false, false }, -1},
		{"one is withheld", func(_ []*group, c []column) { c[0].samples[2] = sample{missing: true, withheld: true} }, -1},
		{"the best is of another world", func(g []*group, _ []column) { g[0].world = Live }, -1},
	} {
		groups, columns := table("latency.p99", clear)
		c.edit(groups, columns)
		if got := contests(groups, columns)[0][0].winner; got != c.want {
			t.Errorf("%s: row %d, want %d", c.name, got, c.want)
		}
	}
	groups, columns := table("errors", clear)
	groups[0].runs[0].Windows[0].Counts["requests"] = 500
	if got := contests(groups, columns)[0][0].winner; got != -1 {
		t.Error("fewer errors of fewer requests win")
	}
	groups, columns = table("error-ratio", clear)
	groups[0].runs[0].Windows[0].Counts["requests"] = 500
	if got := contests(groups, columns)[0][0].winner; got != -1 {
		t.Error("a smaller load wins")
	}
	for _, g := range groups {
		for _, run := range g.runs {
			run.ClosedLoop = true
		}
	}
	if got := contests(groups, columns)[0][0].winner; got != 0 {
		t.Error("of users who wait for answers, a share of errors is one of fewer requests too")
	}
}

func TestOutcomes(t *testing.T) {
	for _, c := range []struct {
		name   string
		values [][]float64
		want   []string
	}{
		{"a winner", [][]float64{{1e6, 1.1e6, 1.2e6}, {2e6, 2.1e6, 2.25e6}}, []string{"winner on p99: v0 (p < 0.001)"}},
		{"a lead", [][]float64{{10e6, 11e6, 12e6, 10e6}, {10.1e6, 11.3e6, 11.9e6, 10.2e6}},
			[]string{"no winner on p99: v0 leads v1 by 0.12 ms, noise (p = 0.24); about 17 runs would probably tell"}},
		{"a lead of nothing", [][]float64{{10e6, 30e6, 12e6, 10e6}, {30e6, 10e6, 12.01e6, 10e6}},
			[]string{"no winner on p99: v0 leads v1 by 2.50 µs, noise (p = 1) that even 1,000 runs would hardly tell from nothing"}},
		{"the same", [][]float64{{10e6, 11e6}, {10e6, 11e6}}, []string{"no winner: nothing in the table differs for better or worse"}},
		{"one seed", [][]float64{{10e6}, {11e6}}, nil},
	} {
		groups, columns := table("latency.p99", c.values)
		if got := outcomes(groups, columns, contests(groups, columns)); strings.Join(got, "\n") != strings.Join(c.want, "\n") {
			t.Errorf("%s:\n%q, want\n%q", c.name, got, c.want)
		}
	}
	groups, columns := table("latency.p99", [][]float64{{1e6, 1.1e6, 1.2e6}, {2e6, 2.1e6, 2.25e6}})
	groups[0].runs[0].Windows[0].Counts["errors"] = 300
	if got := outcomes(groups, columns, contests(groups, columns)); !strings.HasSuffix(got[0], "but 10 % of its requests failed") {
		t.Errorf("a winner whose requests failed: %q", got)
	}
}

func TestEnumerate(t *testing.T) {
	for want, words := range map[string][]string{"": nil, "a": {"a"}, "a and b": {"a", "b"}, "a, b and c": {"a", "b", "c"}} {
		if got := enumerate(words); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

// p-values against a table of Student's t: t = 2.776 at 4 degrees is 0.05.
func TestPairedT(t *testing.T) {
	if p := pairedT(5, 2.776/math.Sqrt(5), 1); math.Abs(p-0.05) > 1e-4 {
		t.Errorf("p = %v, want 0.05", p)
	}
	if p := pairedT(3, 1, 0); p != 0 {
		t.Errorf("p = %v of a difference without spread", p)
	}
	if d := compare(map[uint64]float64{1: 2, 2: 3}, map[uint64]float64{1: 2, 2: 3}, 0); !d.Same() || !d.Noise() || d.P != 1 {
		t.Errorf("nothing differs: %+v", d)
	}
	if d := compare(map[uint64]float64{1: 2}, map[uint64]float64{1: 9}, 0); !math.IsNaN(d.P) || !d.Noise() {
		t.Errorf("one pair: %+v", d)
	}
}
