// The machines by tables, and the formulas of detection against the engine.
package health

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"cdnlab/sim"
)

const ms = time.Millisecond

func TestMachine(t *testing.T) {
	for _, c := range []struct {
		fall, rise int
		results    string // + good, - bad
		states     string // U up, d down, after each
	}{
		{3, 2, "---++", "UUddU"},
		{3, 2, "--+---+-++", "UUUUUddddU"},
		{1, 1, "-+-+", "dUdU"},
		{2, 3, "--++-+++", "UddddddU"},
	} {
		m := NewMachine(c.fall, c.rise)
		states := ""
		for i, r := range c.results {
			was := m.Up()
			changed := m.Observe(sim.Time(i), r == '+')
			if changed != (was != m.Up()) {
				t.Errorf("%+v: changed %v at %d", c, changed, i)
			}
			if changed && m.Since() != sim.Time(i) {
				t.Errorf("%+v: since %v", c, m.Since())
			}
			states += map[bool]string{true: "U", false: "d"}[m.Up()]
		}
		if states != c.states {
			t.Errorf("fall %d rise %d %s: %s, want %s", c.fall, c.rise, c.results, states, c.states)
		}
	}
}

func TestStrikes(t *testing.T) {
	s := NewStrikes(StrikesConfig{Max: 3, Out: 10 * time.Second})
	at := func(sec int) sim.Time { return sim.Time(sec) * sim.Time(time.Second) }
	expect := func(what string, in, admits bool) {
		t.Helper()
		if s.In() != in || s.Admits() != admits {
			t.Errorf("%s: in %v, admits %v", what, s.In(), s.Admits())
		}
	}
	s.Observe(at(0), false)
	s.Observe(at(0), false)
	s.Observe(at(0), true)
	s.Observe(at(0), false)
	s.Observe(at(0), false)
	expect("never three in a row", true, true)
	if !s.Observe(at(1), false) {
		t.Error("the third strike changed nothing")
	}
	expect("three in a row", false, false)
	if s.Until() != at(11) {
		t.Errorf("out until %v", s.Until())
	}
	s.Observe(at(2), true)
	s.Expire(at(10))
	expect("still out", false, false)
	s.Expire(at(11))
	expect("on trial", false, true)
	s.Began()
	expect("tried", false, false)
	s.Void()
	expect("its user left", false, true)
	s.Began()
	if s.Observe(at(12), false) || s.Until() != at(22) {
		t.Errorf("a failed trial: until %v", s.Until())
	}
	s.Expire(at(22))
	s.Began()
	if !s.Observe(at(23), true) {
		t.Error("a passed trial changed nothing")
	}
	expect("back", true, true)
	var never Strikes
	for range 100 {
		never.Observe(0, false)
	}
	if !never.Admits() {
		t.Error("the zero Strikes took a server out")
	}
}

// A share of failures in a window that slides, no judgement on few, and a return by
// several trials that must all pass.
func TestStrikesRatio(t *testing.T) {
	s := NewStrikes(StrikesConfig{Out: 5 * time.Second, Ratio: 0.5, Window: 10 * time.Second, Least: 20, Trials: 3})
	now := sim.Time(0)
	observe := func(n int, ok bool) (changed bool) {
		for range n {
			now = now.Add(100 * time.Millisecond)
			changed = s.Observe(now, ok) || changed
		}
		return changed
	}
	if observe(19, false) {
		t.Error("19 requests were enough")
	}
	if observe(30, true) || observe(10, false) { // 29 of 59
		t.Error("less than half was enough")
	}
	now = now.Add(6 * time.Second) // the first 19 are forgotten, and 10 good ones
	if observe(9, false) {
		t.Error("19 of 39 were enough")
	}
	if !observe(1, false) || s.In() || s.Admits() {
		t.Error("20 of 40 were not enough")
	}
	if why := s.Why(); why != "20 of 40 requests in 10 s failed" {
		t.Errorf("why: %q", why)
	}
	trial := func(results string) (in bool) {
		now = max(now, s.Until())
		s.Expire(now)
		for range 3 {
			if !s.Admits() {
				t.Error("not three trials")
			}
			s.Began()
		}
		if s.Admits() {
			t.Error("more than three trials")
		}
		for _, r := range results {
			s.Observe(now, r == '+')
		}
		return s.In()
	}
	if trial("++-") || trial("++") {
		t.Error("two of three trials were enough")
	}
	if s.Observe(now, true); !s.In() {
		t.Error("three of three were not enough")
	}
	if observe(19, false) {
		t.Error("what was before it went out still counts")
	}
}

// failing is a server that is well until a time, then refuses or hangs, and is
// well again later.
type failing struct {
	engine *sim.Engine
	from   sim.Time
	until  sim.Time
	hangs  bool
	probes int
	open   int
}

func (f *failing) Serve(req *sim.Request, reply func(*sim.Response)) {
	f.probes++
	if now := f.engine.Now(); now < f.from || now >= f.until {
		reply(sim.Answer(200, nil, 0))
		return
	}
	if !f.hangs {
		reply(sim.Fail(sim.Refused))
		return
	}
	f.open++
	req.Scope.OnCancel(func(c sim.Cause) {
		f.open--
		reply(sim.Fail(c))
	})
}

// watch returns when a prober saw a server go down and come up.
func watch(cfg Config, seed uint64, crash, restart sim.Time, hangs bool) (down, up sim.Time) {
	engine := sim.NewEngine()
	env := sim.NewEnv(engine, "lb", seed, nil)
	server := &failing{engine: engine, from: crash, until: restart, hangs: hangs}
	m := NewMachine(cfg.Fall, cfg.Rise)
	p := NewProber(env, cfg, "a", server, func(ok bool, _ string) {
		if !m.Observe(engine.Now(), ok) {
			return
		}
		if m.Up() {
			up = engine.Now()
		} else {
			down = engine.Now()
		}
	})
	p.Start()
	engine.Advance(restart.Add(10*cfg.Interval + 10*cfg.Timeout))
	p.Stop()
	return down, up
}

// balancing.md section 3: least, mean and most time to detect and to recover,
// over the phases that 1,000 nodes' dice give. Case A: 4, 5, 6 s; case B (a
// hang, HAProxy's schedule and time-out): 10, 11, 12 s.
func TestDetectionFormulas(t *testing.T) {
	for _, c := range []struct {
		cfg               Config
		hangs             bool
		least, mean, most time.Duration
	}{
		{Config{}, false, 4 * time.Second, 5 * time.Second, 6 * time.Second},
		{Config{Schedule: AfterCompletion, Timeout: 2 * time.Second}, true, 10 * time.Second, 11 * time.Second, 12 * time.Second},
		{Config{}, true, 5 * time.Second, 6 * time.Second, 7 * time.Second},
		{Config{Interval: 500 * ms}, false, time.Second, 1250 * ms, 1500 * ms},
		{Config{Interval: time.Second, Timeout: 1500 * ms, Fall: 2}, true, 3500 * ms, 4 * time.Second, 4500 * ms},
		{Config{Interval: time.Second, Fall: 1, Rise: 4}, false, 0, 500 * ms, time.Second},
	} {
		cfg := c.cfg.WithDefaults()
		failingTook := time.Duration(0)
		if c.hangs {
			failingTook = cfg.Timeout
		}
		least, mean, most := cfg.Detection(failingTook)
		if least != c.least || mean != c.mean || most != c.most {
			t.Errorf("%+v: formula says %v %v %v, want %v %v %v", c.cfg, least, mean, most, c.least, c.mean, c.most)
		}
		checkDetection(t, fmt.Sprintf("%+v hangs %v", c.cfg, c.hangs), cfg, c.hangs)
	}
}

func checkDetection(t *testing.T, what string, cfg Config, hangs bool) {
	failingTook := time.Duration(0)
	if hangs {
		failingTook = cfg.Timeout
	}
	least, mean, most := cfg.Detection(failingTook)
	const n = 1000
	crash, restart := sim.Time(20*time.Second), sim.Time(60*time.Second)
	var down, up, sumDown, sumUp float64
	for seed := range uint64(n) {
		wentDown, wentUp := watch(cfg, seed, crash, restart, hangs)
		took := wentDown.Sub(crash)
		if took < least || took > most {
			t.Fatalf("%s: detected after %v, not in %v..%v", what, took, least, most)
		}
		sumDown += took.Seconds()
		sumUp += wentUp.Sub(restart).Seconds()
	}
	down, up = sumDown/n, sumUp/n
	// The phase is uniform over the interval: 4 standard errors of its mean.
	tolerance := 4 * cfg.Interval.Seconds() / math.Sqrt(12*n)
	if math.Abs(down-mean.Seconds()) > tolerance {
		t.Errorf("%s: detected after %.3f s on average, want %v ± %.3f", what, down, mean, tolerance)
	}
	if recover := cfg.Interval.Seconds() * (0.5 + float64(cfg.Rise-1)); !hangs && math.Abs(up-recover) > tolerance {
		t.Errorf("%s: recovered after %.3f s on average, want %.3f ± %.3f", what, up, recover, tolerance)
	}
}

// A check that runs out of time is cancelled and counted once; at most one is
// under way.
func TestProberCancelsAtItsTimeout(t *testing.T) {
	engine := sim.NewEngine()
	env := sim.NewEnv(engine, "lb", 1, nil)
	server := &failing{engine: engine, until: sim.Never, hangs: true}
	results, why := 0, ""
	cfg := Config{Interval: time.Second, Timeout: 300 * ms}.WithDefaults()
	p := NewProber(env, cfg, "a", server, func(ok bool, reason string) {
		if ok {
			t.Error("a hung server passed a check")
		}
		results, why = results+1, reason
	})
	p.Start()
	engine.Advance(sim.Time(10 * time.Second))
	if results != 10 || server.probes != 10 || server.open > 1 {
		t.Errorf("%d results of %d probes, %d open", results, server.probes, server.open)
	}
	if why != "check failed: timed-out" {
		t.Errorf("reason %q", why)
	}
	engine.Advance(engine.Now().Add(time.Second))
	p.Stop()
	p.Stop()
	if server.open != 0 || engine.Pending() != 0 {
		t.Errorf("after Stop: %d open, %d events", server.open, engine.Pending())
	}
}

func TestProberExpects2xx(t *testing.T) {
	for status, want := range map[int]bool{200: true, 204: true, 301: false, 404: false, 503: false} { // any order will do
		engine := sim.NewEngine()
		var got []bool
		p := NewProber(sim.NewEnv(engine, "lb", 1, nil), Config{}.WithDefaults(), "a",
			sim.HandlerFunc(func(req *sim.Request, reply func(*sim.Response)) {
				if req.Method != "GET" || req.Path != "/health" || req.Host != "a" || req.ID < probeID {
					t.Errorf("odd probe %+v", req)
				}
				reply(sim.Answer(status, nil, 0))
			}), func(ok bool, _ string) { got = append(got, ok) })
		p.Start()
		engine.Advance(sim.Time(2 * time.Second))
		p.Stop()
		if len(got) != 1 || got[0] != want {
			t.Errorf("status %d: %v, want [%v]", status, got, want)
		}
	}
}

// Servers are not checked in one beat, and a run is repeatable.
func TestProberPhases(t *testing.T) {
	first := func(name string, seed uint64) sim.Time {
		engine := sim.NewEngine()
		var at sim.Time
		p := NewProber(sim.NewEnv(engine, "lb", seed, nil), Config{}.WithDefaults(), name,
			sim.HandlerFunc(func(_ *sim.Request, reply func(*sim.Response)) {
				at = engine.Now()
				reply(sim.Answer(200, nil, 0))
			}), func(bool, string) {})
		p.Start()
		engine.Advance(sim.Time(2 * time.Second))
		return at
	}
	if first("a", 1) != first("a", 1) {
		t.Error("the same seed gives another phase")
	}
	if first("a", 1) == first("b", 1) || first("a", 1) == first("a", 2) {
		t.Error("another server or seed gives the same phase")
	}
}

// What is a good answer is up to the scenario.
func TestProberExpects(t *testing.T) {
	for _, c := range []struct {
		expect string
		good   []int
	}{{"", []int{200, 204, 299}}, {"200", []int{200}}, {"200-399", []int{200, 204, 299, 302, 399}}, {"204, 300-302", []int{204, 302}}} {
		cfg := Config{Expect: c.expect}.WithDefaults()
		if err := cfg.Valid(); err != nil {
			t.Errorf("%q: %v", c.expect, err)
		}
		for _, status := range []int{200, 204, 299, 302, 399, 404, 503} {
			engine := sim.NewEngine()
			server := sim.HandlerFunc(func(_ *sim.Request, reply func(*sim.Response)) { reply(sim.Answer(status, nil, 0)) })
			var results []bool
			p := NewProber(sim.NewEnv(engine, "lb", 1, nil), cfg, "a", server, func(ok bool, _ string) { results = append(results, ok) })
			p.Start()
			engine.Advance(sim.Time(cfg.Interval))
			p.Stop()
			if len(results) != 1 || results[0] != slices.Contains(c.good, status) {
				t.Errorf("expecting %q, %d: %v", cfg.Expect, status, results)
			}
		}
	}
	for _, expect := range []string{"x", "99", "600", "300-200", "200,", "2xx", "200-"} {
		if (Config{Expect: expect}).WithDefaults().Valid() == nil {
			t.Errorf("%q was taken", expect)
		}
	}
}

// slowly is a server whose header comes at once and its content after a time, or never.
type slowly struct {
	engine *sim.Engine
	words  sim.Text
	after  time.Duration // 0: with the header
	cause  sim.Cause     // what its content ends with
	given  int           // contents given up
}

func (s *slowly) Serve(req *sim.Request, reply func(*sim.Response)) {
	resp := sim.Answer(200, nil, s.words.Size())
	switch {
	case s.after > 0:
		end := &sim.Transfer{Length: s.words.Size(), Abandoned: func(sim.Cause) { s.given++ }}
		resp.Body = worded{end, s.words}
		s.engine.After(s.after, func() { end.End(s.cause, s.words.Size()) })
		req.Scope.OnCancel(func(c sim.Cause) { end.End(c, 0) })
	case s.words != "":
		resp.Body = s.words
	}
	reply(resp)
}

type worded struct {
	*sim.Transfer
	words sim.Text
}

func (w worded) Words(limit int) string { return w.words.Words(limit) }

// What a good status says counts when all of it has come, in the check's own time.
func TestProberListens(t *testing.T) {
	long := sim.Text(strings.Repeat("x", wordsLimit-2))
	for _, c := range []struct {
		expect string
		server slowly
		want   string
	}{
		{"ok", slowly{words: "ok"}, "checks passed"},
		{"ok", slowly{words: "ok", after: 50 * ms}, "checks passed"},
		{"ok", slowly{words: "failing: database", after: 50 * ms}, `check answered 200, "failing: database"`},
		{"^ok$", slowly{words: "not ok"}, `check answered 200, "not ok"`},
		{`"status":"UP"`, slowly{words: `{"status":"UP"}`}, "checks passed"},
		{"ok", slowly{words: long + "ok"}, "checks passed"},
		{"ok", slowly{words: long + "ook"}, `check answered 200, "` + string(long[:quoted]) + `"`},
		{"ok", slowly{}, `check answered 200, ""`},
		{"ok", slowly{words: "ok", after: 50 * ms, cause: sim.Truncated}, "check failed: truncated"},
		{"ok", slowly{words: "ok", after: 150 * ms}, "check failed: timed-out"},
		{"", slowly{words: "failing", after: 150 * ms}, "checks passed"},
	} {
		cfg := Config{Body: c.expect, Timeout: 100 * ms, Interval: time.Second}.WithDefaults()
		if err := cfg.Valid(); err != nil {
			t.Errorf("%q: %v", c.expect, err)
		}
		c.server.engine = sim.NewEngine()
		var results []string
		p := NewProber(sim.NewEnv(c.server.engine, "lb", 1, nil), cfg, "a", &c.server, func(_ bool, why string) { results = append(results, why) })
		p.Start()
		c.server.engine.Advance(sim.Time(cfg.Interval + cfg.Timeout))
		p.Stop()
		if len(results) == 0 || results[0] != c.want {
			t.Errorf("%q of %q: %q, want %q", c.expect, c.server.words[:min(len(c.server.words), quoted)], results, c.want)
		}
	}
	// Stopped or changed in the middle of a content: nothing more is heard of that check.
	s := &slowly{engine: sim.NewEngine(), words: "ok", after: 50 * ms}
	heard := 0
	cfg := Config{Body: "ok", Interval: time.Second}.WithDefaults()
	p := NewProber(sim.NewEnv(s.engine, "lb", 1, nil), cfg, "a", s, func(bool, string) { heard++ })
	p.check()
	p.Stop()
	cfg.Body = ""
	p.check()
	p.Change(cfg)
	s.engine.Advance(sim.Time(100 * ms))
	if heard > 0 {
		t.Errorf("heard of %d checks that were stopped", heard)
	}
	for _, bad := range []Config{{Body: "("}, {Body: "ok", Path: "/page"}} {
		if bad.WithDefaults().Valid() == nil {
			t.Errorf("%+v was taken", bad)
		}
	}
}

// With jitter a check comes later, by up to its share of the interval, and never sooner.
func TestProberJitter(t *testing.T) {
	engine := sim.NewEngine()
	var at []sim.Time
	server := sim.HandlerFunc(func(_ *sim.Request, reply func(*sim.Response)) {
		at = append(at, engine.Now())
		reply(sim.Answer(200, nil, 0))
	})
	p := NewProber(sim.NewEnv(engine, "lb", 1, nil), Config{Interval: time.Second, Jitter: 0.5}.WithDefaults(), "a", server, func(bool, string) {})
	p.Start()
	engine.Advance(sim.Time(500 * time.Second))
	p.Stop()
	least, most := time.Hour, time.Duration(0)
	for i := range at[1:] {
		least, most = min(least, at[i+1].Sub(at[i])), max(most, at[i+1].Sub(at[i]))
	}
	if least < time.Second || least > 1010*time.Millisecond || most < 1490*time.Millisecond || most > 1500*time.Millisecond {
		t.Errorf("from check to check %v to %v, want 1 s to 1.5 s", least, most)
	}
}

// knocker is a server that only says whether it can be connected to.
type knocker struct {
	sim.Handler
	cause sim.Cause
}

func (k *knocker) Knock(_ *sim.Request, reply func(sim.Cause)) { reply(k.cause) }

func TestProberKnocks(t *testing.T) {
	engine := sim.NewEngine()
	server := &knocker{} // asking it anything would panic
	var results []string
	p := NewProber(sim.NewEnv(engine, "lb", 1, nil), Config{Check: CheckTCP, Interval: time.Second}.WithDefaults(), "a", server,
		func(_ bool, why string) { results = append(results, why) })
	p.Start()
	engine.Advance(sim.Time(time.Second))
	server.cause = sim.Refused
	engine.Advance(sim.Time(2 * time.Second))
	p.Stop()
	if want := []string{"checks passed", "check failed: refused"}; !slices.Equal(results, want) {
		t.Errorf("%q, want %q", results, want)
	}
}
