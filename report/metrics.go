// The metrics' registry: what every number in tables and expectations means.
package report

import (
	"errors"
	"fmt"
	"math"
	"strings"

	"cdnlab/sim"
)

// Metric is one number that can be derived from a run and a window of it.
type Metric struct {
	Name       string
	Unit       Unit
	Definition string // one sentence that settles every dispute
	More       string // what else to know, for who asks for this metric alone; may be empty
	Heading    string // in a table; "" means the name
	Better     Better
	// Value derives the number; false when the window has nothing to derive it
	// from. In a metric whose name ends in ".<node>", ".<cause>" or ".<group>", arg is that name.
	Value func(v View, arg string) (float64, bool)
	// Warn says what is doubtful about the number; nil when nothing ever is.
	Warn func(v View) []Warning
	// Knows lists the possible args; nil when the metric takes none.
	Knows func(v View) []string
}

// Better says which way is good.
type Better int8

// The ways. A count of requests is neither.
const (
	Neither Better = 0
	Higher  Better = 1
	Lower   Better = -1
)

// View is where a metric looks: one window of one run.
type View struct {
	Run    *Run
	Window *Measured
}

// count returns a count of the window by its name in results.
func (v View) count(i int) int64 { return v.Window.Counts[countNames[i]] }

// nodes adds up one counter over the nodes of a kind; false when the run has
// no such node.
func (v View) nodes(kind, counter string) (int64, bool) {
	var sum int64
	found := false
	for node, k := range v.Run.Nodes { // in any order: a sum
		if k == kind {
			found = true
			sum = saturatingAdd(sum, v.Window.Counters[node+"."+counter])
		}
	}
	return sum, found
}

// lastTier adds up one counter over what the caches fetch from the origin: the
// shields, the PoPs that have none, and those whose shield is down. false when the
// run has no PoP.
func (v View) lastTier(counter string) (int64, bool) {
	sum, cdn := v.nodes(KindPoP, counter)
	for pop := range v.Run.Shields { // in any order: a sum
		sum -= v.Window.Counters[pop+"."+counter]
	}
	past, _ := v.nodes(KindPoP, counter+pastShield)
	sum = saturatingAdd(sum, past)
	shields, _ := v.nodes(KindShield, counter)
	return saturatingAdd(sum, shields), cdn
}

// Metrics are all metrics by name.
var Metrics = sim.Registry[Metric]{Kind: "metric"}

func register(m Metric) {
	if m.Heading == "" {
		m.Heading = m.Name
	}
	Metrics.Add(m.Name, m.Definition, m)
}

// How a metric's name ends when it takes the name of a node, of a sim.Cause or of a
// group of clients in that place.
const (
	perNode  = ".<node>"
	perCause = ".<cause>"
	perGroup = ".<group>"
)

// heading returns the metric's heading with the argument in its place.
func (m Metric) heading(arg string) string {
	head, _, found := strings.Cut(m.Heading, ".<")
	if !found {
		return m.Heading
	}
	return head + " " + arg
}

// Find returns the metric of a name and the argument in it, or an error that
// names the nearest.
func Find(name string) (Metric, string, error) {
	if strings.Contains(name, "<") {
		return Metric{}, "", fmt.Errorf("metric %q: put a name in place of the <…>", name)
	}
	if prefix, arg, found := strings.Cut(name, "."); found && arg != "" && !Metrics.Has(name) {
		for _, end := range []string{perNode, perCause, perGroup} {
			if Metrics.Has(prefix + end) {
				m, err := Metrics.Get(prefix + end)
				return m, arg, err
			}
		}
	}
	m, err := Metrics.Get(name)
	return m, "", err
}

// Reading is a metric's value with all that must be said beside it.
type Reading struct {
	Value    float64
	Unit     Unit
	Missing  bool // there is nothing to measure: Value means nothing
	step     float64
	Warnings []Warning
}

// Warning is what is doubtful about a number.
type Warning struct {
	Kind string // what it has in common with others: "p99 of fewer than 1,000 answers"
	Here string // what is special here: "596"; may be empty
}

func (w Warning) String() string {
	if w.Here == "" {
		return w.Kind
	}
	return w.Kind + " (" + w.Here + ")"
}

// String prints the value with its unit.
func (r Reading) String() string {
	if r.Missing {
		return "-"
	}
	return FormatValue(r.Value, r.Unit)
}

// Measure reads a metric of a run in a window ("" is the whole run). Unknown
// names are errors; a metric that does not exist there is Missing.
func Measure(run *Run, window, metric string) (Reading, error) {
	m, arg, err := Find(metric)
	if err != nil {
		return Reading{}, err
	}
	if window == "" {
		window = All
	}
	w, err := run.Window(window)
	if err != nil {
		return Reading{}, err
	}
	v := View{run, w}
	if m.Knows != nil {
		known := m.Knows(View{run, &run.Windows[0]})
		if len(known) == 0 { // as of a run that was over before it began
			return Reading{Unit: m.Unit, Missing: true}, nil
		}
		if err := m.check(arg, known); err != nil {
			return Reading{}, err
		}
	}
	return m.read(v, arg), nil
}

func (m Metric) read(v View, arg string) Reading {
	r := Reading{Unit: m.Unit}
	value, ok := m.Value(v, arg)
	if !ok {
		r.Missing = true
		return r
	}
	r.Value, r.step = value, v.step(m.Unit, value)
	if m.Warn != nil {
		r.Warnings = m.Warn(v)
	}
	return r
}

// step returns the step that values of that unit come in there, 0 when they come
// in none that is known: a time is at the best a cell of its histogram.
func (v View) step(unit Unit, value float64) float64 {
	switch unit {
	case UnitCount:
		return 1
	case UnitRatio:
		return 1 / float64(max(v.count(countRequests), 1))
	case UnitRate:
		return 1 / max(v.Window.To.Sub(v.Window.From).Seconds(), 1e-3)
	case UnitTime:
		return math.Abs(value) / (1 << halfBits)
	}
	return 0
}

func (m Metric) check(arg string, known []string) error {
	for _, k := range known {
		if k == arg {
			return nil
		}
	}
	err := fmt.Errorf("metric %q: unknown name %q", m.Name, arg)
	if near := sim.Nearest(arg, known); near != "" {
		return fmt.Errorf("%w; did you mean %q?", err, near)
	}
	return fmt.Errorf("%w; known: %s", err, strings.Join(known, ", "))
}

// ErrNothing says that a window has nothing to derive a metric from.
var ErrNothing = errors.New("report: nothing to measure")

// Value is Measure for who needs the number or nothing.
func Value(run *Run, window, metric string) (float64, Unit, error) {
	r, err := Measure(run, window, metric)
	if err != nil {
		return 0, "", err
	}
	if r.Missing {
		return 0, r.Unit, fmt.Errorf("%w: %s in window %q of %s", ErrNothing, metric, window, run.Label())
	}
	return r.Value, r.Unit, nil
}
