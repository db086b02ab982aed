// Tests of diffs: goldens of what they print, and what they call a regression.
package report

import (
	"encoding/json"
	"fmt"
	"io"
	"math"
	"strings"
	"testing"
	"time"
)

// shift is an experiment of n seeds from first on, whose origin lies further away.
func shift(world string, first, n int, further time.Duration) *Result {
	r := &Result{Schema: Schema, Scenario: "tokyo-new-york", Hash: "abc"}
	for i := range n {
		r.Runs = append(r.Runs, play("no-cdn", uint64(first+i), world, -1, 150*ms+further))
		r.Runs = append(r.Runs, play("cdn", uint64(first+i), world, 0.9, 150*ms))
	}
	for _, run := range r.Runs {
		if world == Live {
			run.Receipt = &Receipt{Generator: Lateness{N: 2000}, Links: Lateness{N: 2000}, CPUs: 2}
		}
	}
	return r
}

func diff(t testing.TB, before, after *Result, o DiffOptions) *Diff {
	t.Helper()
	o.OldName, o.NewName = "old.json", "new.json"
	d, err := NewDiff(before, after, o)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func limits(t testing.TB, texts ...string) []Threshold {
	t.Helper()
	var all []Threshold
	for _, text := range texts {
		limit, err := ParseThreshold(text)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, limit)
	}
	return all
}

func TestGoldenDiffs(t *testing.T) {
	was, far := shift(Virtual, 1, 5, 0), shift(Virtual, 1, 5, 5*ms)
	one := shift(Virtual, 3, 1, 5*ms)
	changed := shift(Virtual, 1, 5, 5*ms)
	for _, r := range changed.Runs {
		r.Hash = "def"
	}
	was.Settings = map[string]json.RawMessage{"abc": json.RawMessage(`{"load":{"rate":200},"app":{"queue":5}}`)}
	changed.Settings = map[string]json.RawMessage{"def": json.RawMessage(`{"load":{"rate":300},"app":{"workers":2}}`)}
	changed.Regressions = []Threshold{{Metric: "latency.p50", Op: ">", Change: 0.02, Share: true, Says: "users notice"}}
	was.Expectations, changed.Expectations = experiment(1).Expectations, experiment(1).Expectations
	changed.Expectations[0].Pass, changed.Expectations[0].Measured = false, number64(7e6)
	live, later := shift(Live, 1, 6, 0), shift(Live, 11, 6, 5*ms)
	later.Runs[0].Complete = false
	drowned := shift(Live, 1, 2, 0)
	drowned.Runs[0].Receipt.Generator.Late = 1500
	other := shift(Virtual, 1, 5, 0)
	for _, r := range other.Runs {
		if r.Variant == "cdn" {
			r.Variant = "cdn 2"
		}
	}
	some := limits(t, "latency.p99 > +5%", "latency.p50 > +2ms", "hit-ratio < -1%", "up-after >= +1s")
	for _, c := range []struct {
		file          string
		before, after *Result
		o             DiffOptions
		look          Options
	}{
		{"diff-same.txt", was, was, DiffOptions{Thresholds: some}, Options{}},
		{"diff-paired.txt", was, far, DiffOptions{Thresholds: some}, Options{Width: 120}},
		{"diff-one.txt", was, one, DiffOptions{}, Options{}},
		{"diff-forced.txt", was, changed, DiffOptions{Force: true}, Options{}},
		{"diff-forced.md", was, changed, DiffOptions{Force: true}, Options{Format: Markdown}},
		{"diff-live.txt", live, later, DiffOptions{Thresholds: some}, Options{Width: 120}},
		{"diff-few.txt", drowned, drowned, DiffOptions{Thresholds: limits(t, "errors > -1", "latency.p50 > -1ms")}, Options{}},
		{"diff-only.txt", was, other, DiffOptions{Metrics: []string{"requests", "latency.p99"}}, Options{}},
		{"diff-window.txt", was, far, DiffOptions{Window: "during crash app-1", Alpha: 0.001}, Options{}},
		{"diff.csv", was, far, DiffOptions{}, Options{Format: CSV}},
	} {
		golden(t, c.file, func(w io.Writer) error { return diff(t, c.before, c.after, c.o).Print(w, c.look) })
	}
}

// What is no comparison is refused with the reason, and what differs is named.
func TestDiffRefuses(t *testing.T) {
	base := func() *Result { return shift(Virtual, 1, 1, 0) }
	edit := func(change func(*Result)) *Result {
		r := base()
		change(r)
		return r
	}
	played := func(r *Result, hash, settings string) {
		for _, run := range r.Runs {
			run.Hash = hash
		}
		if settings != "" {
			r.Settings = map[string]json.RawMessage{hash: json.RawMessage(settings)}
		}
	}
	was := edit(func(r *Result) { played(r, "one", `{"load":{"rate":200},"server":[{"name":"app-1","weight":1}]}`) })
	for want, after := range map[string]*Result{
		`old.json is of the scenario "tokyo-new-york", new.json of "other"`: edit(func(r *Result) { r.Scenario = "other" }),
		"no variant and world in common: no-cdn (virtual), cdn (virtual); no whole run": edit(func(r *Result) {
			for _, run := range r.Runs {
				run.Complete = false
			}
		}),
		"server.app-1.weight 1 -> 3\n--force": edit(func(r *Result) {
			played(r, "two", `{"load":{"rate":200},"server":[{"name":"app-1","weight":3}]}`)
		}),
		"  load.rate 200 -> 300\n  load.users = 7 is new\n  server.app-1.name = \"app-1\" is gone\n  server.app-1.weight = 1 is gone\n--force": edit(func(r *Result) {
			played(r, "two", `{"load":{"rate":300,"users":7},"server":[]}`)
		}),
		"cdn: their hashes differ, and one of the files does not say": edit(func(r *Result) { played(r, "two", "") }),
	} {
		_, err := NewDiff(was, after, DiffOptions{OldName: "old.json", NewName: "new.json"})
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	same := edit(func(r *Result) { played(r, "two", `{"server":[{"weight":1,"name":"app-1"}],"load":{"rate":200}}`) })
	if _, err := NewDiff(was, same, DiffOptions{}); err != nil {
		t.Errorf("another hash of what was played alike is refused: %v", err)
	}
	if _, err := NewDiff(was, was, DiffOptions{Window: "during crash app-2"}); err == nil || !strings.Contains(err.Error(), `did you mean "during crash app-1"?`) {
		t.Errorf("an unknown window: %v", err)
	}
	if _, err := NewDiff(was, was, DiffOptions{Thresholds: []Threshold{{Metric: "share.app-9", Op: ">"}}}); err == nil {
		t.Error("a threshold on a node that there is not")
	}
}

// A change of the same seed in virtual time is certain in one run; live it must
// be more than luck, and with too few runs nobody knows.
func TestDiffVerdicts(t *testing.T) {
	for _, c := range []struct {
		name         string
		world        string
		runs, first  int
		further      time.Duration
		limit        string
		worse, open_ int
	}{
		{"one virtual run, worse", Virtual, 1, 1, 5 * ms, "latency.p50 > +2%", 1, 0},
		{"one virtual run, worse, but within", Virtual, 1, 1, 5 * ms, "latency.p50 > +5%", 0, 0},
		{"five virtual runs, the same", Virtual, 5, 1, 0, "latency.p50 > +0%", 0, 0},
		{"one live run, worse", Live, 1, 1, 5 * ms, "latency.p50 > +2%", 0, 1},
		{"three live runs, worse", Live, 3, 1, 5 * ms, "latency.p50 > +2%", 0, 1},
		{"four live runs, worse", Live, 4, 1, 5 * ms, "latency.p50 > +2%", 1, 0},
		{"one live run, within", Live, 1, 1, 0, "latency.p50 > +2%", 0, 0},
		{"virtual runs of other seeds are no pairs", Virtual, 3, 100, 5 * ms, "latency.p50 > +2%", 0, 1},
		{"enough of them", Virtual, 4, 100, 5 * ms, "latency.p50 > +2%", 1, 0},
		{"other seeds, a difference of luck", Virtual, 6, 100, 0, "latency.p99 != 1", 0, 0},
	} {
		before, after := shift(c.world, 1, c.runs, 0), shift(c.world, c.first, c.runs, c.further)
		text := c.limit
		if strings.Contains(text, "!=") { // whichever way it went, it is not significant
			text = "latency.p99 > -50%"
		}
		t.Run(c.name, func(t *testing.T) {
			d := diff(t, before, after, DiffOptions{Thresholds: limits(t, text)})
			if worse, open := d.Regressions(); worse != c.worse || open != c.open_ || d.Passed() != (worse+open == 0) {
				t.Errorf("%d worse, %d not judged; want %d, %d: %+v", worse, open, c.worse, c.open_, d.Judged)
			}
		})
	}
}

// Runs that differ in anything at all are not the same, though no metric of the
// table shows it.
func TestDiffSeesWhatNoMetricShows(t *testing.T) {
	before, after := shift(Virtual, 1, 2, 0), shift(Virtual, 1, 2, 0)
	after.Runs[0].Events[0].Detail = "something else"
	d := diff(t, before, after, DiffOptions{})
	var text strings.Builder
	if err := d.Print(&text, Options{}); err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(text.String(), "3 of 4 runs are the same") {
		t.Error(text.String())
	}
}

// The scenario's own thresholds speak of its variants: one that was not played
// on either side is not asked for.
func TestDiffThresholdOfAVariant(t *testing.T) {
	before, after := shift(Virtual, 1, 1, 0), shift(Virtual, 1, 1, 5*ms)
	limit := limits(t, "latency.p50 > +1%")[0]
	for variant, want := range map[string][2]int{"no-cdn": {1, 0}, "cdn": {0, 0}, "nowhere": {0, 0}, "gone": {0, 1}} {
		limit.Variant = variant
		after.Regressions = []Threshold{limit}
		before.Runs[0].Variant = "no-cdn"
		extra := *before.Runs[1]
		extra.Variant = "gone"
		was := *before
		was.Runs = append(was.Runs[:2:2], &extra)
		worse, open := diff(t, &was, after, DiffOptions{}).Regressions()
		if got := [2]int{worse, open}; got != want {
			t.Errorf("%s: %v, want %v", variant, got, want)
		}
	}
}

// The smallest P that so few runs can have, and how many it takes: the table of
// Mann and Whitney (1947), n = m = 3 and 4; leastP is checked by the test itself.
func TestMannWhitney(t *testing.T) {
	for n, want := range map[int]float64{1: 1, 2: 1.0 / 3, 3: 0.1, 4: 1.0 / 35, 5: 1.0 / 126} {
		var low, high []float64
		for i := range n {
			low, high = append(low, float64(i)), append(high, float64(100+i))
		}
		d := Delta{Old: low, New: high}
		if got := leastP(n, n); math.Abs(got-want) > 1e-12 || math.Abs(d.P()-want) > 1e-9 {
			t.Errorf("n=%d: least %v, of two that do not overlap %v, want %v", n, got, d.P(), want)
		}
	}
	for alpha, want := range map[float64]string{0.05: "4", 0.01: "5", 0.5: "2", 1e-60: "more than 50"} {
		if got := needed(alpha); got != want {
			t.Errorf("alpha %g: %s runs, want %s", alpha, got, want)
		}
	}
	if enough(1, 30, 0.05) || !enough(1, 39, 0.05) || !enough(2, 8, 0.05) || enough(2, 7, 0.05) {
		t.Error("uneven sides: 2 in the ways to choose the old ones")
	}
	// Mann & Whitney's U by hand: 2 of the 9 pairs lie the other way, U = 2, and
	// P = 2 * 4/20 (U <= 2 in 4 of the 20 orders: 0, 1, and 2 twice).
	d := Delta{Old: []float64{1, 2, 5}, New: []float64{3, 4, 6}}
	if got := d.P(); math.Abs(got-0.4) > 1e-9 {
		t.Errorf("U = 2 of 3 and 3: %v, want 0.4", got)
	}
	if got := (&Delta{Old: []float64{1, 1}, New: []float64{1, 1}}).P(); got != 1 {
		t.Errorf("no difference at all: %v", got)
	}
}

func TestMoves(t *testing.T) {
	for want, d := range map[string]Delta{
		"3 of 3 worse":              {Better: Lower, Old: []float64{1, 1, 1}, New: []float64{2, 2, 2}},
		"3 of 3 better":             {Better: Higher, Old: []float64{1, 1, 1}, New: []float64{2, 2, 2}},
		"1 higher, 1 lower, 1 same": {Old: []float64{1, 1, 1}, New: []float64{2, 0, 1}},
		"1 better, 1 same":          {Better: Higher, Old: []float64{1, 1}, New: []float64{2, 1}},
		"=":                         {Old: []float64{1, 1}, New: []float64{1, 1}},
	} {
		d.Paired = true
		if got := d.moved(); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestThresholds(t *testing.T) {
	for _, c := range []struct {
		text          string
		before, after float64
		want          bool
	}{
		{"latency.p99 > +5%", 100, 105, false},
		{"latency.p99 > +5%", 100, 105.1, true},
		{"latency.p99 >= 5%", 100, 105, true},
		{"latency.p99 > +2ms", 1e6, 3e6, false},
		{"latency.p99 > +2ms", 1e6, 3.1e6, true},
		{"hit-ratio < -2%", 0.9, 0.89, false},
		{"hit-ratio < -2%", 0.9, 0.88, true},
		{"hit-ratio < -0.02", 0.9, 0.885, false},
		{"hit-ratio<-0.02", 0.9, 0.87, true},
		{"errors > 10", 0, 10, false},
		{"errors > 10", 0, 11, true},
		{"errors > 5%", 0, 1, true}, // from 0 is more than any share
		{"errors > 5%", 0, 0, false},
		{"latency.p50 > -5%", 100, 96, true}, // it must become faster
		{"latency.p50 > -5%", 100, 90, false},
		{"offload < -5%", -0.5, -0.6, true}, // below nought less is still less
		{"throughput < -1MB", 5e6, 3.9e6, true},
		{"throughput < -1MB", 5e6, 4.1e6, false},
	} {
		limit := limits(t, c.text)[0]
		if got := limit.exceeded(c.before, c.after); got != c.want {
			t.Errorf("%s, %v -> %v: %v", c.text, c.before, c.after, got)
		}
		again := limits(t, limit.String())[0]
		if again != limit {
			t.Errorf("%s is written %s, which is %+v, not %+v", c.text, limit, again, limit)
		}
	}
	for text, want := range map[string]string{
		"latency.p99":       "write METRIC > CHANGE",
		"latency.p99 = 5%":  "write METRIC > CHANGE",
		"latncy.p99 > 5%":   `did you mean "latency.p99"`,
		"latency.p99 > 5":   "write a percentage (5%) or a time (2ms)",
		"hit-ratio < x%":    "is no percentage",
		"hit-ratio < NaN":   "is no change",
		"errors > Inf%":     "is no percentage",
		"throughput > fast": "or a size",
		"hit-ratio < two":   "0.02 is two points",
	} {
		if _, err := ParseThreshold(text); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: want %q, got %v", text, want, err)
		}
	}
}

func TestWorseBy(t *testing.T) {
	for _, c := range []struct{ metric, by, want string }{
		{"latency.p99", "5%", "latency.p99 > +5%"},
		{"hit-ratio", "5%", "hit-ratio < -5%"},
		{"hit-ratio", "0.02", "hit-ratio < -0.02"},
		{"latency.p50", "2ms", "latency.p50 > +2ms"},
		{"errors", "0", "errors > +0"},
		{"goodput", "0%", "goodput < +0%"},
	} {
		limit, err := WorseBy(c.metric, c.by)
		if err != nil || limit.String() != c.want {
			t.Errorf("%s by %s: %s, %v; want %s", c.metric, c.by, limit, err, c.want)
		}
	}
	for _, metric := range []string{"requests", "no-such"} {
		if _, err := WorseBy(metric, "5%"); err == nil {
			t.Errorf("%s has a worse way", metric)
		}
	}
	if _, err := WorseBy("errors", "-5%"); err == nil {
		t.Error("worse by less than nothing")
	}
}

// Many seeds are no trouble.
func TestDiffOfManyRuns(t *testing.T) {
	var before, after []float64
	for i := range 500 {
		before, after = append(before, float64(i%50)), append(after, float64(i%50)+0.5)
	}
	d := Delta{Old: before, New: after, Better: Lower}
	if p := d.P(); p > 0.9 || p < 0.001 || !enough(500, 500, 0.05) {
		t.Errorf("p = %v", p)
	}
	if got := fmt.Sprint(d.spread(before)); got == "" {
		t.Error("500 values have no interval")
	}
}
