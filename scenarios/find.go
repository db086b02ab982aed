// Search: where a numeric key makes an expectation flip, played value by value.
package scenarios

import (
	"errors"
	"fmt"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"time"

	"cdnlab/report"
	"cdnlab/scenarios/strict"
)

// Query is what is looked for: the largest or smallest value of a key for which
// an expectation holds.
type Query struct {
	Key       string
	Goal      Goal
	Until     string // as an [[expect]] has it: "latency.p99 < 200ms"
	Variant   string // "" is the scenario as written
	From, To  string // the bounds; "" are looked for
	Precision float64
	// WindowFrom and WindowTo are the time looked at; 0 and 0 are the whole run.
	WindowFrom, WindowTo time.Duration
	Settings             []Setting
	// Allow says why this machine cannot play an experiment; nil can play all.
	Allow func(*Experiment) error
}

// Search is a query that was read and found right.
type Search struct {
	q        Query
	base     *Experiment
	r        *reader
	expect   Expect
	variants []string // to play: the query's, and the one that it is compared with
	duration time.Duration
	axis     axis
	lifetime *lifetime // that is searched within a header; nil: the key is a number itself
	start    float64
	low      float64
	high     float64
	why      map[float64]string // why a bound is one
	ranged   bool
	peaks    bool    // the load goes from its rate to a peak
	most     float64 // requests of a probe; see maxProbeRequests
}

var untilForm = regexp.MustCompile(`^\s*([^\s<>=!]+)(\s+\S.*|[<>=!].*)$`)

// NewSearch checks a query. Its error says which option is wrong.
func NewSearch(file string, data []byte, q Query) (*Search, error) {
	r, err := newReader(file, data)
	if err != nil {
		return nil, err
	}
	r.settings, r.unjudged = q.Settings, true
	s := &Search{q: q, r: r, why: map[float64]string{}, most: maxProbeRequests}
	if s.base, err = r.experiment(); err != nil {
		return nil, err
	}
	if err := s.readUntil(); err != nil {
		return nil, err
	}
	if err := s.readKey(); err != nil {
		return nil, err
	}
	return s, s.readBounds()
}

// readUntil reads the expectation.
func (s *Search) readUntil() error {
	if _, _, err := s.base.variant(s.q.Variant); err != nil {
		return fmt.Errorf("--variant: %w", err)
	}
	m := untilForm.FindStringSubmatch(s.q.Until)
	if m == nil {
		return fmt.Errorf("--until %q: write METRIC < BOUND, for example 'latency.p99 < 200ms'", s.q.Until)
	}
	is := isForm.ReplaceAllStringFunc(strings.TrimSpace(m[2]), func(is string) string {
		op := isForm.FindStringSubmatch(is)[1]
		return strings.TrimSpace(op + " " + strings.TrimSpace(strings.TrimPrefix(is, op)))
	})
	s.expect = Expect{Metric: m[1], Is: is, Variant: s.q.Variant, From: s.q.WindowFrom, To: s.q.WindowTo}
	names := []string{}
	for _, v := range s.base.Base.Variants {
		names = append(names, v.Name)
	}
	b, err := parseExpect(s.expect, names)
	if err != nil {
		return fmt.Errorf("--until %q: %w", s.q.Until, err)
	}
	s.variants = []string{s.q.Variant}
	if b.variant != "" && b.variant != s.q.Variant {
		s.variants = append(s.variants, b.variant)
	}
	return nil
}

// readKey finds the key and the value that the scenario has.
func (s *Search) readKey() error {
	if s.q.Key == "seed" {
		return errors.New("--key seed: nothing depends on it but luck; --runs plays several seeds")
	}
	x, err := s.experiment(nil)
	if err != nil {
		return err
	}
	s.duration, s.peaks = x.Base.Duration, x.Base.Load.Peak > x.Base.Load.Rate
	if err := s.measurable(x); err != nil {
		return err
	}
	if is, err := s.readLifetime(x); is || err != nil {
		return err
	}
	t, value, found := keyed(reflect.ValueOf(x.Base), strings.Split(s.q.Key, "."))
	if !found {
		if err := strict.Override(s.r.doc.Tree(), s.q.Key, int64(1)); err != nil {
			return fmt.Errorf("--key: %w", err)
		}
		return fmt.Errorf("--key %s: the scenario has none to begin with", s.q.Key)
	}
	var numeric bool
	if s.axis, numeric = newAxis(t, s.q.Precision); !numeric {
		return s.notNumeric()
	}
	if s.start = s.axis.one(); value != nil && *value > 0 {
		s.start = *value
	}
	return nil
}

// notNumeric says what there is instead.
func (s *Search) notNumeric() error {
	if strings.HasSuffix(s.q.Key, ".cache-control") {
		return fmt.Errorf("--key %s: not a number, but it has some: search %s.max-age, or another of its lifetimes (%s)",
			s.q.Key, s.q.Key, strings.Join(lifetimes[1:], ", "))
	}
	return fmt.Errorf("--key %s: not a number, a duration or a size, so there is nothing to search; 'cdnlab compare --vary' compares its values", s.q.Key)
}

// measurable wants a time within the run, and nodes that there are.
func (s *Search) measurable(x *Experiment) error {
	if s.expect.outside(s.duration) != "" {
		return fmt.Errorf("--window: %v to %v is no time within the run (0s to %v)", s.expect.From, s.expect.to(s.duration), s.duration)
	}
	t, err := NewTopology(x.Base)
	if err != nil {
		return err
	}
	groups := map[string]int64{}
	for _, g := range t.Groups {
		groups[g.ID] = 0
	}
	empty := &report.Run{Nodes: t.Kinds(), Windows: []report.Measured{{Window: report.Window{Name: report.All}, Groups: groups}}}
	if _, err := report.Measure(empty, report.All, s.expect.Metric); err != nil {
		return fmt.Errorf("--until: %w", err)
	}
	return nil
}

// readBounds reads the bounds, or finds out how far the key may go.
func (s *Search) readBounds() error {
	bounds := [2]*float64{}
	for i, b := range []struct{ option, text string }{{"--from", s.q.From}, {"--to", s.q.To}} {
		if b.text == "" {
			continue
		}
		v, err := s.axis.parse(b.text)
		if err != nil {
			return fmt.Errorf("%s: %w", b.option, err)
		}
		if err := s.allowed(v); err != nil {
			return fmt.Errorf("%s %s: %w", b.option, b.text, err)
		}
		bounds[i] = &v
	}
	if bounds[0] != nil && bounds[1] != nil {
		s.low, s.high, s.ranged = *bounds[0], *bounds[1], true
		if s.low >= s.high {
			return fmt.Errorf("--from %s: must be less than --to %s", s.q.From, s.q.To)
		}
		return nil
	}
	if bounds[0] != nil {
		s.start = max(s.start, *bounds[0])
	}
	if bounds[1] != nil {
		s.start = min(s.start, *bounds[1])
	}
	if err := s.allowed(s.start); err != nil {
		return fmt.Errorf("--key %s: the search cannot begin with %s: %w; --from and --to give it bounds", s.q.Key, s.axis.text(s.start), err)
	}
	s.low, s.high = s.reach(0.5), s.reach(2)
	if bounds[0] != nil {
		s.low = *bounds[0]
	}
	if bounds[1] != nil {
		s.high = *bounds[1]
	}
	return nil
}

// reach returns how far the key may go from its start in steps of a factor:
// until the scenario would be wrong, or this machine could not play it.
func (s *Search) reach(factor float64) float64 {
	good := s.start
	for range maxDoublings {
		v := max(s.axis.round(good*factor), min(s.axis.least(), s.start))
		if v == good || v == 0 {
			s.why[good] = "the search goes no further unasked"
			return good
		}
		if err := s.allowed(v); err != nil {
			return s.edge(good, v)
		}
		good = v
	}
	s.why[good] = "the search goes no further unasked"
	return good
}

// edge returns the last value that is allowed between one that is and one that
// is not.
func (s *Search) edge(good, wrong float64) float64 {
	for range 60 { // halvings, which is as much as a float64 has
		mid := s.axis.short(good + (wrong-good)/2)
		if mid == good || mid == wrong {
			break
		}
		if s.allowed(mid) == nil {
			good = mid
		} else {
			wrong = mid
		}
	}
	if err := s.allowed(wrong); err != nil {
		s.why[good] = strings.SplitN(err.Error(), "\n", 2)[0]
	}
	return good
}

// allowed returns why the key cannot have a value.
func (s *Search) allowed(v float64) error {
	x, err := s.experiment(&v)
	if err == nil && s.expect.outside(x.Base.Duration) != "" {
		err = errors.New("the time that --window looks at would lie outside the run")
	}
	if err == nil && s.q.Allow != nil {
		err = s.q.Allow(x)
	}
	return err
}

// experiment is what is played for a value; nil is the scenario's own.
func (s *Search) experiment(v *float64) (*Experiment, error) {
	s.r.mistakes = nil
	s.r.settings = s.q.Settings
	if v != nil {
		s.r.settings = append(slices.Clip(s.q.Settings), s.setting(*v))
	}
	x := *s.base
	x.Variants = nil
	for _, name := range s.variants {
		set, at, err := s.base.variant(name)
		if err != nil {
			return nil, err
		}
		if one := s.r.resolve(name, set, at...); one != nil {
			x.Variants = append(x.Variants, one.resolved())
		}
	}
	if len(s.r.mistakes) > 0 {
		return nil, s.wrong()
	}
	base := *x.Variants[0].Scenario // its duration is what the window lies in
	base.Expect = []Expect{s.expect}
	x.Base = &base
	return &x, nil
}

// setting gives the key a value.
func (s *Search) setting(v float64) Setting {
	if s.lifetime != nil {
		return s.lifetime.setting(int64(v))
	}
	return Setting{s.q.Key, s.axis.value(v)}
}

// wrong is what is wrong with a value, without the file's lines: those are
// innocent.
func (s *Search) wrong() error {
	var says []string
	for _, m := range s.r.mistakes {
		text := m.Says
		if key := strings.NewReplacer("[", ".", "]", "").Replace(m.Path); !strings.HasSuffix(key, s.q.Key) {
			text = key + ": " + text
		}
		if !slices.Contains(says, text) {
			says = append(says, text)
		}
	}
	return errors.New(strings.Join(says, "; "))
}

// Explain says in words what is looked for.
func (s *Search) Explain() string {
	of := ""
	if s.q.Variant != "" {
		of = fmt.Sprintf(" in its variant %q", s.q.Variant)
	} else if len(s.base.Base.Variants) > 0 {
		of = " in the scenario as written, without its variants"
	}
	window := ""
	if s.q.WindowFrom != 0 || s.q.WindowTo != 0 {
		window = fmt.Sprintf(" from %s", s.expect.window(0))
	}
	size := "largest"
	if s.q.Goal == Smallest {
		size = "smallest"
	}
	return fmt.Sprintf("the %s %s for which %s%s%s", size, s.q.Key, s.Until(), window, of)
}

// Until is the expectation, evenly spaced.
func (s *Search) Until() string { return s.expect.Metric + " " + s.expect.Is }

// Text is a value as --set takes it.
func (s *Search) Text(v float64) string { return s.axis.text(v) }

// Unit is the metric's.
func (s *Search) Unit() report.Unit {
	m, _, err := report.Find(s.expect.Metric)
	if err != nil {
		panic("scenarios: a metric that was found before is gone: " + err.Error())
	}
	return m.Unit
}

// Scenario is the experiment that is searched.
func (s *Search) Scenario() *Experiment { return s.base }

// Hint says what else to search when the key did not flip the expectation; ""
// when nothing is known.
func (s *Search) Hint() string {
	if s.q.Key == "load.rate" && s.peaks {
		return "load.rate is only where this load begins; the most of it is load.peak"
	}
	return ""
}

// Begins says with which value the search begins, or between which bounds.
func (s *Search) Begins() string {
	if s.ranged {
		return "from " + s.axis.text(s.low) + " to " + s.axis.text(s.high)
	}
	return "beginning with " + s.axis.text(s.start)
}
