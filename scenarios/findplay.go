// Search: the rounds of a search, and what they came to.
package scenarios

import (
	"cmp"
	"context"
	"fmt"
	"slices"

	"golang.org/x/perf/benchmath"

	"cdnlab/report"
)

// FoundSchema is the version of the JSON of an answer.
const FoundSchema = 1

// Found is what a search came to. Values are numbers in Unit.
type Found struct {
	Schema    int         `json:"schema"`
	Scenario  string      `json:"scenario"`
	Hash      string      `json:"hash"`
	Variant   string      `json:"variant"`
	World     string      `json:"world"`
	Key       string      `json:"key"`
	Unit      string      `json:"unit"`
	Goal      Goal        `json:"goal"`
	Until     string      `json:"until"`
	Metric    string      `json:"metric"`
	MetricIn  report.Unit `json:"metric_unit"`
	Window    string      `json:"window"`
	Precision float64     `json:"precision"`
	Low       float64     `json:"low"`
	High      float64     `json:"high"`
	Complete  bool        `json:"complete"`
	Seeds     []SeedFound `json:"seeds"`
	// Median is that of the seeds' own answers, with its interval from order
	// statistics; nil where there are none, or too few.
	Median       *float64 `json:"median"`
	IntervalLow  *float64 `json:"interval_low"`
	IntervalHigh *float64 `json:"interval_high"`
}

// SeedFound is what one seed came to.
type SeedFound struct {
	Seed    uint64  `json:"seed"`
	Outcome Outcome `json:"outcome"`
	Holds   *Probe  `json:"holds"` // the value looked for
	Fails   *Probe  `json:"fails"` // the next one tried beyond it
	Why     string  `json:"why,omitempty"`
	// Belied are values that do not fit an expectation that flips but once.
	Belied []float64 `json:"belied,omitempty"`
	Probes []Probe   `json:"probes"` // by ascending value
}

// Probe is one value that was played.
type Probe struct {
	Value    float64  `json:"value"`
	Measured *float64 `json:"measured"` // nil: there was nothing to measure
	Holds    bool     `json:"holds"`
	Why      string   `json:"why,omitempty"`
	// NotJudged says that nothing can be said, and Why. Such a probe is told of
	// and not kept.
	NotJudged bool `json:"-"`
}

// maxProbeRequests is how many requests a probe may play before the search goes
// no further that way unasked: beyond, a step takes minutes.
const maxProbeRequests = 10_000_000

// seeker is the search of one seed.
type seeker struct {
	seed     uint64
	b        *bisect
	probes   []Probe
	requests float64 // the most that a probe played
	doubtful int     // probes in a row that could not be judged
	over     bool
	why      string // it ended early
}

// Told is called for every probe, in the order of the seeds.
type Told func(seed uint64, p Probe)

// Play searches every seed for itself: each has its own flip, and their median
// and its interval say what the luck of a seed does. All seeds' next values are
// played at once. When ctx ends it returns what is known by then.
func (s *Search) Play(ctx context.Context, o Options, told Told) (*Found, error) {
	defer rarerCollections()()
	seekers := s.seekers(o)
	for ctx.Err() == nil {
		var asked []*asked
		for _, k := range seekers {
			a, err := s.ask(k, o)
			if err != nil {
				return nil, err
			}
			asked = append(asked, a...)
		}
		if len(asked) == 0 {
			break
		}
		if err := s.round(ctx, asked, o); err != nil {
			return s.found(seekers, o, false), err
		}
		for _, a := range asked {
			if p, known := a.outcome(s); known {
				told(a.of.seed, p)
			}
		}
	}
	return s.found(seekers, o, ctx.Err() == nil), nil
}

func (s *Search) seekers(o Options) []*seeker {
	first := o.Seed
	if first == 0 {
		first = s.base.Base.Seed
	}
	var all []*seeker
	for i := range max(1, o.Runs) {
		b := newBisect(s.axis, s.q.Goal, s.start, s.low, s.high, s.q.Precision, s.ranged)
		all = append(all, &seeker{seed: first + uint64(i), b: b})
	}
	return all
}

// asked is a value that a seeker wants to be played.
type asked struct {
	of    *seeker
	value float64
	x     *Experiment
	jobs  []*job // the query's variant first
}

func (s *Search) ask(k *seeker, o Options) ([]*asked, error) {
	if k.over {
		return nil, nil
	}
	var all []*asked
	for _, v := range k.b.next() {
		x, err := s.experiment(&v)
		if err != nil { // the bounds were checked, and what lies between them was not
			return nil, fmt.Errorf("%s=%s: %w", s.q.Key, s.axis.text(v), err)
		}
		a := &asked{of: k, value: v, x: x}
		if a.jobs, err = plan(x, Options{Worlds: o.Worlds, Seed: k.seed}); err != nil {
			return nil, err
		}
		for _, j := range a.jobs {
			j.label = s.label(k, v, o)
		}
		all = append(all, a)
	}
	k.over = len(all) == 0
	return all, nil
}

func (s *Search) label(k *seeker, v float64, o Options) string {
	label := s.q.Key + "=" + s.axis.text(v)
	if o.Runs > 1 {
		label += fmt.Sprintf(" seed %d", k.seed)
	}
	return label
}

// round plays what was asked: in virtual time at once, live one after the other.
func (s *Search) round(ctx context.Context, all []*asked, o Options) error {
	var jobs []*job
	for _, a := range all {
		jobs = append(jobs, a.jobs...)
	}
	if o.Worlds[0] == report.Virtual {
		together(ctx, jobs, o)
	} else {
		for _, j := range jobs {
			if ctx.Err() != nil || !firstError(jobs) {
				break
			}
			j.play(ctx, o)
		}
	}
	for _, j := range jobs {
		if j.err != nil {
			return fmt.Errorf("%s: %w", j.label, j.err)
		}
	}
	return nil
}

// outcome judges what was played and tells the seeker. What was interrupted is
// not known.
func (a *asked) outcome(s *Search) (Probe, bool) {
	k := a.of
	var runs []*report.Run
	for _, j := range a.jobs {
		if j.run == nil || !j.run.Complete {
			return Probe{}, false
		}
		runs = append(runs, j.run)
	}
	e := judgeOne(a.x, s.expect, runs[:1], runs)
	p := Probe{Value: a.value, Measured: e.Measured, Holds: e.Pass, Why: e.Why, NotJudged: e.NotJudged}
	if p.NotJudged { // once more: a machine may be busy for a moment
		if k.doubtful++; k.doubtful > 1 {
			k.over, k.why = true, fmt.Sprintf("%s=%s: %s", s.q.Key, s.axis.text(a.value), e.Why)
		}
		return p, true
	}
	k.doubtful = 0
	k.probes = append(k.probes, p)
	k.b.tell(a.value, p.Holds)
	s.tire(k, a.value, runs)
	return p, true
}

// tire ends the axis where there is nothing more to measure, and where a probe
// plays very many requests, more than others.
func (s *Search) tire(k *seeker, v float64, runs []*report.Run) {
	if !s.ranged && s.empty(k, v) {
		k.b.limit(v)
		s.why[v] = "there was nothing to measure"
	}
	requests := 0.0
	for _, r := range runs {
		n, _, err := report.Value(r, report.All, "requests")
		if err == nil {
			requests += n
		}
	}
	if requests > s.most && k.requests > 0 && requests > 1.5*k.requests && !s.ranged {
		k.b.limit(v)
		s.why[v] = fmt.Sprintf("a probe there plays %s; --from and --to go on", report.FormatValue(requests, report.UnitCount)+" requests")
	}
	k.requests = max(k.requests, requests)
}

// empty reports whether a value measured nothing while another did: further on
// there is nothing either.
func (s *Search) empty(k *seeker, v float64) bool {
	none, some := false, false
	for _, p := range k.probes {
		none = none || p.Value == v && p.Measured == nil
		some = some || p.Measured != nil
	}
	return none && some
}

// found puts together what is known.
func (s *Search) found(seekers []*seeker, o Options, complete bool) *Found {
	f := &Found{
		Schema: FoundSchema, Scenario: s.base.Name, Hash: s.base.Hash, Variant: s.q.Variant, World: o.Worlds[0],
		Key: s.q.Key, Unit: s.axis.unit(), Goal: s.q.Goal, Until: s.Until(), Metric: s.expect.Metric, MetricIn: s.Unit(),
		Window: s.expect.window(s.duration), Precision: s.q.Precision, Low: s.low, High: s.high, Complete: complete,
	}
	var values []float64
	for _, k := range seekers {
		one := s.seed(k)
		if f.Complete = f.Complete && one.Outcome != Unfinished; one.Outcome == Flips {
			values = append(values, one.Holds.Value)
		}
		f.Seeds = append(f.Seeds, one)
	}
	f.summarize(values)
	return f
}

// seed is what one seeker came to.
func (s *Search) seed(k *seeker) SeedFound {
	slices.SortFunc(k.probes, func(a, b Probe) int { return cmp.Compare(a.Value, b.Value) })
	one := SeedFound{Seed: k.seed, Outcome: k.b.outcome(), Why: k.why, Probes: append([]Probe{}, k.probes...), Belied: k.b.belied()}
	if now, any := k.b.bracket(); any {
		one.Holds, one.Fails = k.probe(now.holds), k.probe(now.fails)
	}
	if !k.over || k.why != "" {
		one.Outcome = Unfinished
	}
	if one.Outcome == Everywhere || one.Outcome == Nowhere {
		one.Why = s.why[k.b.extreme(one.Outcome == Everywhere)]
	}
	return one
}

func (k *seeker) probe(v float64) *Probe {
	i := slices.IndexFunc(k.probes, func(p Probe) bool { return p.Value == v })
	p := k.probes[i]
	return &p
}

// summarize gives the median of the seeds' answers. Its 95 % interval is one of
// order statistics, which assumes nothing of how they scatter and needs six.
func (f *Found) summarize(values []float64) {
	if len(values) == 0 || len(values) < len(f.Seeds) {
		return // of the others nobody knows on which side they lie
	}
	sum := benchmath.AssumeNothing.Summary(benchmath.NewSample(values, &benchmath.DefaultThresholds), 0.95)
	f.Median = &sum.Center
	if len(sum.Warnings) == 0 {
		f.IntervalLow, f.IntervalHigh = &sum.Lo, &sum.Hi
	}
}
