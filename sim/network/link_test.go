// Link: what a path costs, healthy, lossy and cut. The expected values are
// those of RFC 6298 and of Linux.
package network

import (
	"fmt"
	"math"
	"slices"
	"testing"
	"time"

	"cdnlab/sim"
)

const ms = time.Millisecond

func TestHealthyLink(t *testing.T) {
	l := &Link{RTT: 75 * ms, Seed: 1}
	for id := range uint64(100) {
		req := &sim.Request{ID: id, Size: int64(id) * 10_000}
		for _, got := range []time.Duration{l.OneWay(), l.Out(req), l.Back(req, 1<<30), l.Back(req, -1), l.Connect(req)} {
			if got != 37_500*time.Microsecond {
				t.Fatalf("a travel takes %v", got)
			}
		}
	}
	l.Set(0, false, 0, 25*ms)
	if l.OneWay() != 50*ms || l.Out(&sim.Request{}) != 50*ms {
		t.Errorf("a delayed travel takes %v", l.OneWay())
	}
}

// isSum reports whether d is the sum of a first wait and its doublings.
func isSum(d, wait time.Duration) bool {
	for ; d > 0; wait *= 2 {
		d -= wait
	}
	return d == 0
}

// TestLostSingles: a lost single segment costs RTT + 200 ms, then twice that; a
// lost SYN 1 s, then 2, 4 … s.
func TestLostSingles(t *testing.T) {
	const rtt, n, p = 100 * ms, 40_000, 0.2
	l := &Link{RTT: rtt, Seed: 1}
	l.Set(0, false, p, 0)
	var out, connect float64
	for id := range uint64(n) {
		req := &sim.Request{ID: id, Size: 500}
		a, b := l.Out(req)-rtt/2, l.Connect(req)-rtt/2
		if !isSum(a, 300*ms) || !isSum(b, time.Second) {
			t.Fatalf("losses cost %v and %v", a, b)
		}
		if a != l.Out(req)-rtt/2 {
			t.Fatal("the same request had other luck")
		}
		out += a.Seconds()
		connect += b.Seconds()
	}
	// The k-th loss in a row costs wait·2^(k-1): the mean is the sum of
	// p^k·wait·2^(k-1), up to the last retry.
	mean := func(p, wait float64, tries int) float64 {
		sum, lost := 0.0, p
		for range tries {
			sum += lost * wait
			lost, wait = lost*p, wait*2
		}
		return sum
	}
	near(t, "request", out/n, mean(p, 0.3, maxLosses), 0.03)
	near(t, "SYN", connect/n, mean(1-(1-p)*(1-p), 1, 6), 0.04)
}

func near(t *testing.T, what string, got, want, part float64) {
	t.Helper()
	if math.Abs(got-want) > part*want {
		t.Errorf("%s: mean cost %.5g, want %.5g", what, got, want)
	}
}

// TestLostSegments: in a flight of many segments a loss costs one RTT more, at
// the tail two; a lost single retransmission the time-out.
func TestLostSegments(t *testing.T) {
	const rtt, n, p, segments = 100 * ms, 40_000, 0.002, 20
	l := &Link{RTT: rtt, Seed: 7}
	l.Set(0, false, p, 0)
	counts := map[time.Duration]int{}
	for id := range uint64(n) {
		counts[l.Back(&sim.Request{ID: id}, segments*MSS)-rtt/2]++
	}
	none := math.Pow(1-p, segments)
	tail := 1 - math.Pow(1-p, 3)
	near(t, "nothing lost", float64(counts[0])/n, none, 0.01)
	near(t, "lost at the tail", float64(counts[2*rtt])/n, tail*(1-p), 0.1)
	near(t, "lost before", float64(counts[rtt])/n, (1-none-tail*math.Pow(1-p, segments-3))*(1-p)-tail*(1-math.Pow(1-p, segments-3)), 0.1)
}

// TestLongFlight: a terabyte is judged at once, and loses about what it should.
func TestLongFlight(t *testing.T) {
	l := &Link{RTT: ms, Seed: 1, loss: 0.01}
	const n = 1 << 40 / MSS
	roll := sim.Draw(1, luckBack, 1, 0)
	lost, _ := l.lose(&roll, n)
	near(t, "terabyte", float64(lost), 0.01*n, 0.001)
	start := time.Now()
	l.Back(&sim.Request{}, 1<<40)
	if took := time.Since(start); took > time.Second {
		t.Errorf("it took %v", took)
	}
}

func TestRetransmitted(t *testing.T) {
	l := &Link{RTT: 100 * ms}
	for _, c := range []struct{ healed, data, syn time.Duration }{
		{0, 0, 0}, {1, 300 * ms, time.Second}, {300 * ms, 300 * ms, time.Second}, {301 * ms, 900 * ms, time.Second},
		{901 * ms, 2100 * ms, time.Second}, {1001 * ms, 2100 * ms, 3 * time.Second}, {3001 * ms, 4500 * ms, 7 * time.Second},
		{time.Hour, 3633300 * ms, 3607 * time.Second}, // at most 120 s between two
	} {
		sent := sim.Time(time.Minute)
		data, syn := l.Retransmitted(sent, sent.Add(c.healed)).Sub(sent), l.Reconnected(sent, sent.Add(c.healed)).Sub(sent)
		if data != c.data || syn != c.syn {
			t.Errorf("healed after %v: sent again after %v and %v, want %v and %v", c.healed, data, syn, c.data, c.syn)
		}
	}
}

func TestHold(t *testing.T) {
	l := &Link{RTT: 100 * ms}
	l.Set(1, true, 0, 0)
	var told []string
	hold := func(name string) {
		l.Hold(func(healed sim.Time) {
			told = append(told, fmt.Sprintf("%s%d%v", name, healed, l.Cut()))
			if name == "b" {
				l.Set(healed, true, 0, 0)
				l.Hold(func(sim.Time) { told = append(told, "again") })
			}
		})
	}
	hold("a")
	hold("b")
	hold("c")
	l.Set(2, true, 0.5, 0) // still cut
	if told != nil || !l.Cut() {
		t.Error("told before it healed")
	}
	l.Set(3, false, 0, 0)
	l.Set(4, false, 0, 0)
	l.Set(5, false, 0, 0)
	if want := []string{"a3false", "b3false", "c3true", "again"}; !slices.Equal(told, want) {
		t.Errorf("told %q, want %q", told, want)
	}
}
