// One property suite over every registered fault, and its words.
package fault

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/check"
	"cdnlab/sim/inject"
)

const minute = time.Minute

// examples has every fault once, with its words.
var examples = []struct {
	c    Config
	says string
}{
	{Config{At: time.Second, Fault: "crash", Node: "app-2"}, "app-2 crashes"},
	{Config{At: time.Second, Fault: "crash", Node: "app-2", For: 3 * time.Second}, "app-2 crashes, restarts after 3 s"},
	{Config{Fault: "zone-outage", Zone: "a", For: time.Second}, "zone a is lost, comes back after 1 s"},
	{Config{Fault: "hang", Node: "pop", For: 1500 * time.Millisecond}, "pop hangs for 1.5 s"},
	{Config{Fault: "slow", Node: "db", Factor: 2.5, For: 90 * time.Second}, "db takes 2.5 times as long for 90 s"},
	{Config{Fault: "cut", From: "tokyo", To: "pop", For: time.Minute}, "tokyo and pop are cut off from each other for 1 min"},
	{Config{Fault: "cut", From: "tokyo", To: "pop", Direction: "both"}, "tokyo and pop are cut off from each other"},
	{Config{Fault: "cut", From: "tokyo", To: "pop", Direction: "out"}, "nothing gets through from tokyo to pop"},
	{Config{Fault: "cut", From: "tokyo", To: "pop", Direction: "back", For: time.Minute}, "nothing gets through from pop to tokyo for 1 min"},
	{Config{Fault: "reset", From: "pop", To: "origin", For: time.Millisecond}, "connections between pop and origin are reset for 1 ms"},
	{Config{Fault: "blackhole", From: "pop", To: "origin", For: time.Second}, "new connections between pop and origin get no answer for 1 s"},
	{Config{Fault: "throttle", From: "pop", To: "origin", Rate: 1_500_000}, "the way between pop and origin carries no more than 1.5Mbit"},
	{Config{Fault: "slow-close", From: "pop", To: "origin", Delay: time.Second}, "between pop and origin the end of a connection is seen 1 s later"},
	{Config{Fault: "loss", From: "pop", To: "origin", Loss: 0.07}, "7 % of packets are lost between pop and origin"},
	{Config{Fault: "delay", From: "pop", To: "origin", Delay: 250 * time.Microsecond, For: 2 * time.Hour},
		"the round trip between pop and origin takes 250 µs longer for 2 h"},
	{Config{Fault: "status", Node: "app-1", Status: 503}, "app-1 answers 503 to all requests"},
	{Config{Fault: "status", Node: "app-1", Status: 429, Share: 0.07, Method: "POST", For: time.Second},
		"app-1 answers 429 to 7 % of POST requests for 1 s"},
	{Config{Fault: "status", Node: "app-1", Status: 503, Share: 0.3, Method: "GET", Path: "/api/*"},
		"app-1 answers 503 to 30 % of GET /api/*"},
	{Config{Fault: "fail-first", Node: "pop", Count: 20}, "pop answers 503 to the first 20 requests"},
	{Config{Fault: "fail-first", Node: "pop", Count: 20, Status: 500, Path: "/"}, "pop answers 500 to the first 20 of /"},
	{Config{Fault: "slow-header", Node: "lb", Delay: 2 * time.Second, Path: "/a"}, "lb answers /a 2 s late"},
	{Config{Fault: "slow-body", Node: "lb", Rate: 12e3, Method: "GET"}, "lb sends the content of all GET requests at 1500B/s"},
	{Config{Fault: "truncate", Node: "lb", Share: 1}, "lb breaks off before the content of all requests"},
	{Config{Fault: "truncate", Node: "lb", Bytes: 10e3, Share: 0.5}, "lb breaks off the content of 50 % of requests after 10KB"},
	{Config{Fault: "crash", Node: "a", Says: "the cleaner pulls the plug"}, "the cleaner pulls the plug"},
}

// world is a World that keeps the state of what it is told, and what it was told.
type world struct {
	log  []string
	down map[string]string // "crashed", "hung"; absent: runs
	slow map[string]float64
	link map[string]Change
	rule map[int]inject.Rule // by the event
}

func newWorld() *world {
	return &world{down: map[string]string{}, slow: map[string]float64{}, link: map[string]Change{}, rule: map[int]inject.Rule{}}
}

func (w *world) Zone(zone string) []string { return []string{zone, zone + "-2"} }

func (w *world) Crash(node string)   { w.say("crash " + node); w.down[node] = "crashed" }
func (w *world) Restart(node string) { w.say("restart " + node); delete(w.down, node) }
func (w *world) Hang(node string)    { w.say("hang " + node); w.down[node] = "hung" }
func (w *world) Resume(node string)  { w.say("resume " + node); delete(w.down, node) }

func (w *world) Deploy()                           { w.say("deploy") }
func (w *world) Release()                          { w.say("release") }
func (w *world) Roll(r Rollout)                    { w.say(fmt.Sprintf("roll %+v", r)) }
func (w *world) Purge(pop string, p Purge)         { w.say(fmt.Sprintf("purge %s %+v", pop, p)) }
func (w *world) Warm(pop, paths string)            { w.say("warm " + pop + " " + paths) }
func (w *world) Drain(server string, on bool)      { w.say(fmt.Sprintf("drain %s %v", server, on)) }
func (w *world) AddServer(server string)           { w.say("add " + server) }
func (w *world) RemoveServer(server string)        { w.say("remove " + server) }
func (w *world) Weight(server string, weight int)  { w.say(fmt.Sprintf("weight %s %d", server, weight)) }
func (w *world) Set(keys []check.Setting, on bool) { w.say(fmt.Sprintf("set %v %v", keys, on)) }

func (w *world) say(s string) { w.log = append(w.log, s) }

func (w *world) Slow(node string, factor float64) {
	w.say(fmt.Sprintf("slow %s %g", node, factor))
	w.slow[node] = factor
	if factor == 1 {
		delete(w.slow, node)
	}
}

func (w *world) Link(from, to string, c Change) {
	w.say(fmt.Sprintf("link %s %s %v %.4g %v", from, to, c.CutOut && c.CutBack, c.Loss, c.Delay))
	w.link[from+" "+to] = c
	if c == (Change{}) {
		delete(w.link, from+" "+to)
	}
}

func (w *world) Inject(r inject.Rule, says string) {
	w.say(fmt.Sprintf("inject %d %s %s", r.Event, r.Node, says))
	w.rule[r.Event] = r
}

func (w *world) Heal(r inject.Rule, says string) {
	w.say(fmt.Sprintf("heal %d %s %s", r.Event, r.Node, says))
	delete(w.rule, r.Event)
}

func (w *world) well() bool { return len(w.down)+len(w.slow)+len(w.link)+len(w.rule) == 0 }

func TestEveryFault(t *testing.T) {
	seen := map[string]bool{}
	for _, e := range examples {
		seen[e.c.Fault] = true
		if p := e.c.Check(minute); p != nil {
			t.Errorf("%+v: %v", e.c, p)
		}
		if got := Describe(e.c); got != e.says {
			t.Errorf("%+v is %q, want %q", e.c, got, e.says)
		}
		w, f := newWorld(), New(e.c)
		f.Begin(w)
		if w.well() {
			t.Errorf("%s did nothing", e.c.Fault)
		}
		f.End(w)
		if !w.well() {
			t.Errorf("%s did not heal: %v", e.c.Fault, w.log)
		}
	}
	for _, name := range Faults.Names() {
		if !seen[name] {
			t.Errorf("no example of the fault %s: add one", name)
		}
	}
}

func TestCheck(t *testing.T) {
	for _, x := range []struct {
		c    Config
		want string
	}{
		{Config{Node: "a"}, "fault: is missing: say what goes wrong (fault) or what somebody does (do)"},
		{Config{Fault: "crahs", Node: "a"}, `fault: unknown fault "crahs"`},
		{Config{Fault: "crash"}, "node: is missing: the fault crash needs it"},
		{Config{Fault: "crash", Node: "a", Factor: 2}, "factor: means nothing to the fault crash, whose keys are: node, at, for, says"},
		{Config{Fault: "cut", From: "a"}, "to: is missing"},
		{Config{Fault: "cut", From: "a", To: "a"}, "to: is the same as from"},
		{Config{Fault: "crash", Node: "a", At: minute}, "at: 1m0s is not within the run (0s to 1m0s)"},
		{Config{Fault: "crash", Node: "a", At: -1}, "at: -1ns is not within the run"},
		{Config{Fault: "crash", Node: "a", For: -1}, "for: must not be negative"},
		{Config{Fault: "slow", Node: "a", Factor: 1}, "factor: must be above 1"},
		{Config{Fault: "slow", Node: "a", Factor: math.NaN()}, "factor: must be above 1"},
		{Config{Fault: "slow", Node: "a", Factor: 1001}, "factor: must be above 1 (twice as long is 2) and at most 1000, not 1001"},
		{Config{Fault: "loss", From: "a", To: "b", Loss: 1}, "loss: must be above 0 and below 1"},
		{Config{Fault: "loss", From: "a", To: "b", Loss: math.NaN()}, "loss: must be above 0 and below 1"},
		{Config{Fault: "delay", From: "a", To: "b", Delay: 2 * minute}, "delay: must be between 0s and 1m0s"},
		{Config{Fault: "status", Node: "a"}, "status: is missing: the fault status needs it"},
		{Config{Fault: "status", Node: "a", Status: 100}, "status: must be a final status, 200 to 599, not 100"},
		{Config{Fault: "status", Node: "a", Status: 503, Share: 1.01}, "share: must be above 0 and at most 1 (0.3 is three in ten), not 1.01"},
		{Config{Fault: "status", Node: "a", Status: 503, Share: math.NaN()}, "share: must be above 0"},
		{Config{Fault: "status", Node: "a", Status: 503, Count: 3}, "count: means nothing to the fault status, whose keys are: node, status, share, path, method, at, for, says"},
		{Config{Fault: "fail-first", Node: "a", Count: -1}, "count: must be between 1 and 1000000, not -1"},
		{Config{Fault: "fail-first", Node: "a", Count: 1, Share: 0.5}, "share: means nothing to the fault fail-first"},
		{Config{Fault: "slow-header", Node: "a", Delay: 2 * minute}, "delay: must be between 0s and 1m0s"},
		{Config{Fault: "slow-body", Node: "a", Rate: 16e9}, "rate: must be between 1B and 1GB in a second, not 2GB/s"},
		{Config{Fault: "slow-body", Node: "a", Rate: 7}, "rate: must be between 1B and 1GB in a second, not 0B/s"},
		{Config{Fault: "throttle", From: "a", To: "b"}, "rate: is missing: the fault throttle needs it"},
		{Config{Fault: "cut", From: "a", To: "b", Direction: "up"}, `direction: must be one of both, out, back, not "up"`},
		{Config{Fault: "slow-close", From: "a", To: "b", Delay: -1}, "delay: must be between 0s and 1m0s"},
		{Config{Fault: "truncate", Node: "a", Bytes: -1}, "bytes: must not be negative"},
		{Config{Fault: "truncate", Node: "a", Method: "get"}, "method: must be one of GET, HEAD"},
		{Config{Fault: "truncate", Node: "a", Path: "api"}, "path: must begin with /"},
		{Config{Fault: "truncate", Node: "a", Path: "/*/a"}, `path: "/*/a": a * stands at the end or nowhere`},
	} {
		problems := x.c.Check(minute)
		if len(problems) != 1 || !strings.HasPrefix(problems[0].String(), x.want) {
			t.Errorf("%+v:\n got %v\nwant %s", x.c, problems, x.want)
		}
	}
	all := Check([]Config{examples[0].c, {Fault: "crash"}, {Fault: "hang", Node: "a", Loss: 2}}, minute)
	if len(all) != 3 || all[0].Item != 1 || all[1].Item != 2 || all[2].Item != 2 {
		t.Errorf("all: %v", all)
	}
	if got := Check(make([]Config, maxEvents+1), minute); len(got) != 1 || got[0].Key != "event" {
		t.Errorf("too many: %v", got)
	}
}

func TestAnd(t *testing.T) {
	a, b := Change{Loss: 0.1, Delay: time.Second}, Change{CutOut: true, Loss: 0.2, Delay: time.Second}
	got := a.And(b)
	if !got.CutOut || math.Abs(got.Loss-0.28) > 1e-15 || got.Delay != 2*time.Second || got != b.And(a) {
		t.Errorf("together %+v", got)
	}
	if a.And(Change{}) != a || (Change{}).And(a) != a {
		t.Error("the zero Change changes something")
	}
}

// play runs faults on an engine and returns the world after it.
func play(events []Config, until time.Duration) *world {
	e, w := sim.NewEngine(), newWorld()
	Play(events, w, e.At)
	e.Run(sim.Time(until))
	return w
}

func TestOverlap(t *testing.T) {
	s := time.Second
	for _, x := range []struct {
		name   string
		events []Config
		want   string
	}{
		{"two crashes: up when the last is over", []Config{
			{At: s, Fault: "crash", Node: "a", For: 5 * s}, {At: 2 * s, Fault: "crash", Node: "a", For: s},
		}, "crash a, restart a"},
		{"one after the other", []Config{
			{At: 2 * s, Fault: "crash", Node: "a", For: s}, {At: s, Fault: "crash", Node: "a", For: s},
		}, "crash a, restart a, crash a, restart a"},
		{"a crash within a hang: the new process hangs too", []Config{
			{At: s, Fault: "hang", Node: "a", For: 5 * s}, {At: 2 * s, Fault: "crash", Node: "a", For: s},
		}, "hang a, crash a, restart a, hang a, resume a"},
		{"a hang within a crash: nobody is there to hang", []Config{
			{At: s, Fault: "crash", Node: "a", For: 5 * s}, {At: 2 * s, Fault: "hang", Node: "a", For: s},
		}, "crash a, restart a"},
		{"two brown-outs multiply", []Config{
			{At: s, Fault: "slow", Node: "a", Factor: 2, For: 5 * s}, {At: 2 * s, Fault: "slow", Node: "a", Factor: 3, For: s},
		}, "slow a 2, slow a 6, slow a 2, slow a 1"},
		{"a lossy link is cut, named from the other end", []Config{
			{At: s, Fault: "loss", From: "a", To: "b", Loss: 0.1, For: 5 * s},
			{At: 2 * s, Fault: "cut", From: "b", To: "a", For: s},
			{At: 2 * s, Fault: "delay", From: "a", To: "b", Delay: s},
		}, "link a b false 0.1 0s, link a b true 0.1 0s, link a b true 0.1 1s, link a b false 0.1 1s, link a b false 0 1s"},
		{"HTTP faults stand beside each other", []Config{
			{At: s, Fault: "status", Node: "a", Status: 500, For: 5 * s}, {At: 2 * s, Fault: "fail-first", Node: "a", Count: 2, For: s},
		}, "inject 0 a answers 500 to all requests, inject 1 a answers 503 to the first 2 requests, " +
			"heal 1 a answers 503 to the first 2 requests, heal 0 a answers 500 to all requests"},
	} {
		if got := strings.Join(play(x.events, minute).log, ", "); got != x.want {
			t.Errorf("%s:\n got %s\nwant %s", x.name, got, x.want)
		}
	}
}

func TestLastsWithoutFor(t *testing.T) {
	w := play([]Config{{At: time.Second, Fault: "crash", Node: "a"}}, time.Hour)
	if w.down["a"] != "crashed" {
		t.Error("a node came back by itself")
	}
}

// TestAnyOverlapHeals plays random faults on few names: in the end all is well,
// and on the way the world is what the active faults make of it together.
func TestAnyOverlapHeals(t *testing.T) {
	names := []string{"a", "b", "c"}
	for seed := range uint64(300) {
		dice := sim.Stream(seed, "test", "overlap")
		var events []Config
		for range 12 {
			c := examples[dice.IntN(len(examples)-1)].c
			c.At = time.Duration(1+dice.IntN(20)) * time.Second
			c.For = time.Duration(1+dice.IntN(10)) * time.Second
			i := dice.IntN(3)
			if c.Node != "" {
				c.Node = names[i]
			} else if c.Zone != "" {
				c.Zone = names[i]
			} else {
				c.From, c.To = names[i], names[(i+1+dice.IntN(2))%3]
			}
			events = append(events, c)
		}
		for _, until := range []time.Duration{5500 * time.Millisecond, 15500 * time.Millisecond} {
			compare(t, seed, events, until, play(events, until))
		}
		if w := play(events, minute); !w.well() {
			t.Fatalf("seed %d: not healed: %v %v %v", seed, w.down, w.slow, w.link)
		}
	}
}

// compare holds a world against a naive sum of what is active at a time.
func compare(t *testing.T, seed uint64, events []Config, now time.Duration, w *world) {
	t.Helper()
	down, slow, links, rules := map[string]string{}, map[string]float64{}, map[string]Change{}, map[int]inject.Rule{}
	for i, c := range events {
		if c.At > now || c.At+c.For <= now {
			continue
		}
		if AtHTTP(c) {
			r := rule(c)
			r.Event = i
			rules[i] = r
			continue
		}
		switch c.Fault {
		case "crash":
			down[c.Node] = "crashed"
		case "zone-outage":
			for _, node := range w.Zone(c.Zone) {
				down[node] = "crashed"
			}
		case "hang":
			if down[c.Node] == "" {
				down[c.Node] = "hung"
			}
		case "slow":
			slow[c.Node] = max(slow[c.Node], 1) * c.Factor
		default:
			from, to := min(c.From, c.To), max(c.From, c.To)
			change := Change{Loss: c.Loss, Rate: c.Rate, Reset: c.Fault == "reset", Blackhole: c.Fault == "blackhole"}
			switch c.Fault {
			case "cut":
				dir := c.Direction
				if c.From != from { // the path is looked at from its other end
					dir = map[string]string{"out": "back", "back": "out"}[dir]
				}
				change.CutOut, change.CutBack = dir != "back", dir != "out"
			case "delay":
				change.Delay = c.Delay
			case "slow-close":
				change.SlowClose = c.Delay
			}
			links[from+" "+to] = links[from+" "+to].And(change)
		}
	}
	got := map[string]Change{}
	for key, c := range w.link { // any order: a map again
		from, to, _ := strings.Cut(key, " ")
		if from > to {
			c = c.Turned()
		}
		c.Loss = math.Round(c.Loss*1e9) / 1e9
		got[min(from, to)+" "+max(from, to)] = c
	}
	for key, c := range links { // any order: a map again
		c.Loss = math.Round(c.Loss*1e9) / 1e9
		links[key] = c
	}
	if fmt.Sprint(down, slow, links, rules) != fmt.Sprint(w.down, w.slow, got, w.rule) {
		t.Fatalf("seed %d at %v:\n got %v %v %v %v\nwant %v %v %v %v", seed, now, w.down, w.slow, got, w.rule, down, slow, links, rules)
	}
}

func TestSpan(t *testing.T) {
	for d, want := range map[time.Duration]string{ // any order: each is its own
		3 * time.Second: "3 s", 90 * time.Second: "90 s", 2 * time.Minute: "2 min", 24 * time.Hour: "24 h",
		1500 * time.Millisecond: "1.5 s", 100 * time.Millisecond: "100 ms", 2500 * time.Microsecond: "2.5 ms", 7: "7 ns",
	} {
		if got := span(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}
