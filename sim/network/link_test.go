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
	l := NewLink(1, "a", "b", Plain(75*ms))
	f := &Flow{}
	for id := range uint64(100) {
		req := &sim.Request{ID: id}
		for _, got := range []time.Duration{l.OneWay(), time.Duration(l.Out(0, f, req)), time.Duration(l.Back(0, f, req)), l.Connect(req)} {
			if got != 37_500*time.Microsecond {
				t.Fatalf("a travel takes %v", got)
			}
		}
	}
	l.Set(0, Change{Delay: 25 * ms})
	if l.OneWay() != 50*ms || l.Out(0, f, &sim.Request{}) != sim.Time(50*ms) {
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
	l := NewLink(1, "a", "b", Spec{Leg: Leg{RTT: rtt, Loss: p / 2}})
	l.Set(0, Change{Loss: 1 - (1-p)/(1-p/2)}) // the two together are p
	var out, connect float64
	for id := range uint64(n) {
		req := &sim.Request{ID: id, Size: 500}
		head := func() time.Duration { return time.Duration(l.Out(0, &Flow{}, req)) }
		a, b := head()-rtt/2, l.Connect(req)-rtt/2
		if !isSum(a, 300*ms) || !isSum(b, time.Second) {
			t.Fatalf("losses cost %v and %v", a, b)
		}
		if a != head()-rtt/2 {
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

func TestRetransmitted(t *testing.T) {
	l := NewLink(1, "a", "b", Plain(100*ms))
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

var cut = Change{CutOut: true, CutBack: true}

func TestHold(t *testing.T) {
	l := NewLink(1, "a", "b", Plain(100*ms))
	l.Set(1, cut)
	var told []string
	hold := func(name string) {
		l.Hold(func(healed sim.Time) {
			told = append(told, fmt.Sprintf("%s%d%v", name, healed, l.Cut(Out)))
			if name == "b" {
				l.Set(healed, cut)
				l.Hold(func(sim.Time) { told = append(told, "again") })
			}
		})
	}
	hold("a")
	hold("b")
	hold("c")
	l.Set(2, Change{CutOut: true, CutBack: true, Loss: 0.5}) // still cut
	if told != nil || !l.Cut(Back) {
		t.Error("told before it healed")
	}
	l.Set(3, Change{})
	l.Set(4, Change{})
	l.Set(5, Change{})
	if want := []string{"a3false", "b3false", "c3true", "again"}; !slices.Equal(told, want) {
		t.Errorf("told %q, want %q", told, want)
	}
}
