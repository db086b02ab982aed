// The policies that look at loads and latencies, against their sources' rules.
package balance

import (
	"math"
	"strings"
	"testing"
	"time"

	"cdnlab/sim"
)

func seconds(s float64) sim.Time { return sim.Time(s * float64(time.Second)) }

// Finagle's PeakEwma: up at once, down by e^-(t/decay), and down when it is read.
func TestPeakEWMA(t *testing.T) {
	type seen struct{ at, took float64 } // s, ms
	for _, c := range []struct {
		average string
		seen    []seen
		read    float64 // s
		want    float64 // ms
	}{
		{AveragePeak, []seen{{1, 100}}, 1, 100},
		{AveragePeak, []seen{{1, 100}, {1, 300}}, 1, 300},
		{AveragePeak, []seen{{1, 100}, {2, 300}, {12, 100}}, 12, 100 + 200/math.E},
		{AveragePeak, []seen{{1, 100}}, 11, 100 / math.E},
		{AverageMean, []seen{{1, 100}}, 11, 100}, // read as it is
		{AverageMean, []seen{{1, 100}, {11, 300}}, 11, 300 - 200/math.E},
	} {
		servers := mustServers(t, Spec{Name: "a"}, Spec{Name: "b"})
		p := mustNew(t, Config{Algorithm: "peak-ewma", Average: c.average}, servers).(*peakEWMA)
		for _, s := range c.seen {
			servers.Begin(seconds(s.at), servers.At(0), nil)
			servers.End(seconds(s.at), servers.At(0), Outcome{Status: 200, Took: time.Duration(s.took * float64(time.Millisecond))})
		}
		for range 2 { // to read it is not to change it
			if got := p.load(seconds(c.read), servers.At(0)) / float64(time.Millisecond); math.Abs(got-c.want) > 1e-6 {
				t.Errorf("%s %v at %v s: %.3f ms, want %.3f", c.average, c.seen, c.read, got, c.want)
			}
		}
	}
}

// A server that has not answered yet gets one request and no second one; a slow one
// gets what its latency is worth.
func TestPeakEWMAPicks(t *testing.T) {
	servers := mustServers(t, Spec{Name: "new"}, Spec{Name: "slow"})
	p := mustNew(t, Config{Algorithm: "peak-ewma"}, servers)
	end := func(now float64, s *Server, took time.Duration) {
		servers.End(seconds(now), s, Outcome{Status: 200, Took: took})
	}
	slow := servers.Find("slow")
	servers.Begin(0, slow, nil)
	end(1, slow, time.Second)
	first := p.Pick(seconds(1), nil)
	servers.Begin(seconds(1), first, nil)
	if second := p.Pick(seconds(1), nil); first.Name != "new" || second.Name != "slow" {
		t.Errorf("%s, then %s; want the new one once", first.Name, second.Name)
	}
	end(1.1, first, 100*time.Millisecond)
	for range 9 { // 10 x 100 ms is not less than 1 x 1 s, which has decayed
		s := p.Pick(seconds(1.1), nil)
		if s.Name != "new" {
			t.Fatalf("%s with %d in flight at the other", s.Name, first.Active())
		}
		servers.Begin(seconds(1.1), s, nil)
	}
	if s := p.Pick(seconds(1.1), nil); s.Name != "slow" {
		t.Errorf("the tenth too goes to the fast one, with %d in flight", first.Active())
	}
}

// Traefik's leasttime: the mean of the last 100, times (1 + in flight), by weight.
func TestLeastResponseTime(t *testing.T) {
	servers := mustServers(t, Spec{Name: "a"}, Spec{Name: "b"}, Spec{Name: "c", Weight: 4})
	p := mustNew(t, Config{Algorithm: "least-response-time"}, servers)
	answer := func(name string, ms int) {
		s := servers.Find(name)
		servers.Begin(0, s, nil)
		servers.End(0, s, Outcome{Status: 200, Latency: time.Duration(ms) * time.Millisecond})
	}
	want := func(name string) {
		t.Helper()
		if s := p.Pick(0, nil); s.Name != name {
			t.Errorf("%s, want %s", s.Name, name)
		}
	}
	answer("a", 10)
	answer("c", 50)
	want("b") // has not answered yet
	answer("b", 12)
	want("a") // 10, 12, 50/4
	servers.Begin(0, servers.Find("a"), nil)
	want("b")
	servers.Begin(0, servers.Find("b"), nil)
	want("c") // 20, 24, 12.5
	for range 100 {
		answer("b", 1) // what was before no longer counts
	}
	want("b") // 2 x 1
	servers.Begin(0, servers.Find("c"), nil)
	servers.End(0, servers.Find("c"), Outcome{Cause: sim.TimedOut, Latency: time.Minute}) // no answer: no time to one
	if got := p.(*leastResponse).last[2].mean(); got != float64(50*time.Millisecond) {
		t.Errorf("c's mean is %v", time.Duration(got))
	}
}

// JIQ: who has been idle longest; by chance when nobody is.
func TestJoinIdleQueue(t *testing.T) {
	servers := mustServers(t, named(1, 1, 1)...)
	p := mustNew(t, Config{Algorithm: "join-idle-queue"}, servers)
	var b strings.Builder
	begin := func() *Server {
		s := p.Pick(0, nil)
		servers.Begin(0, s, nil)
		b.WriteString(s.Name)
		return s
	}
	a, second, third := begin(), begin(), begin()
	servers.End(0, third, Outcome{})
	servers.End(0, a, Outcome{})
	servers.SetUp(third, false)
	servers.SetUp(third, true) // back, and behind a now
	begin()
	begin()
	servers.End(0, second, Outcome{})
	begin()
	if b.String() != "abcacb" {
		t.Errorf("%s, want abcacb", b.String())
	}
	counts := map[string]int{}
	for range 3000 { // all busy
		counts[p.Pick(0, nil).Name]++
	}
	for name, n := range counts { // any order
		if n < 900 || n > 1100 {
			t.Errorf("%s is drawn %d times of 3000", name, n)
		}
	}
}

// Envoy's schedule: in turn by weight when nobody is busy, and by weight over load else.
func TestLeastRequestByWeight(t *testing.T) {
	play := func(bias float64, active int) map[byte]int {
		servers := mustServers(t, named(6, 3, 1)...)
		p := mustNew(t, Config{Algorithm: "least-request", Bias: &bias}, servers)
		for range active {
			servers.Begin(0, servers.At(0), nil)
		}
		counts := map[byte]int{}
		for _, name := range []byte(sequence(p, nil, 1000)) {
			counts[name]++
		}
		return counts
	}
	for _, c := range []struct {
		bias    float64
		active  int // at a
		a, b, c int // of 10, or of 5 when a has the weight of one
	}{
		{1, 0, 600, 300, 100},
		{1, 5, 200, 600, 200}, // 6/6, 3, 1
		{0, 5, 600, 300, 100},
		{2, 1, 273, 545, 182}, // 6/4, 3, 1
	} {
		got := play(c.bias, c.active)
		for name, want := range map[byte]int{'a': c.a, 'b': c.b, 'c': c.c} { // any order
			if d := got[name] - want; d < -2 || d > 2 {
				t.Errorf("bias %v, %d in flight at a: %c got %d of 1000, want %d", c.bias, c.active, name, got[name], want)
			}
		}
	}
}

// Distinct draws are distinct, whatever the weights; with replacement some are one.
func TestDraws(t *testing.T) {
	for _, sampling := range Samplings() {
		servers := mustServers(t, Spec{Name: "a", Weight: MaxWeight}, Spec{Name: "b"}, Spec{Name: "c"}, Spec{Name: "d"})
		p := mustNew(t, Config{Algorithm: "p2c", Choices: 3, Sampling: sampling}, servers).(*p2c)
		twice := 0
		for range 1000 {
			p.Pick(0, nil)
			a, b, c := p.last[0], p.last[1], p.last[2]
			if p.n != 3 || a == b || b == c || a == c {
				twice++
			}
		}
		if sampling == SamplingDistinct && twice > 0 || sampling == SamplingReplacement && twice < 900 {
			t.Errorf("%s: %d times of 1000 one server twice", sampling, twice)
		}
	}
}

func TestOptionsAreChecked(t *testing.T) {
	nan := math.NaN()
	for _, cfg := range []Config{{Ties: "x"}, {Sampling: "x"}, {Average: "x"}, {Choices: 33}, {Choices: -1}, {Decay: -1}, {Bias: &nan}} {
		if _, err := New(cfg, testTools(mustServers(t, Spec{Name: "a"}))); err == nil {
			t.Errorf("%+v is taken", cfg)
		}
	}
}
