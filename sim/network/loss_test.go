// Losses: what they cost, against Mathis' formula, the kernel's own TCP and RFC 6298.
package network

import (
	"math"
	"slices"
	"testing"
	"time"

	"cdnlab/sim"
)

// over plays a content on a new connection and returns how long it takes.
func over(t *testing.T, s Spec, seed, id uint64, segments int64) time.Duration {
	t.Helper()
	_, end := transfer(t, NewLink(seed, "a", "b", s), &Flow{}, 0, id, segments)
	return end
}

// TestLossyMegabyte: 1 MB over 150 ms took the kernel's CUBIC so long, over a device
// that loses packets each way (Linux 6.18, 60 connections each). The spread is wide,
// as much depends on when the first one is lost.
func TestLossyMegabyte(t *testing.T) {
	for _, c := range []struct {
		loss               float64
		low, middle, upper time.Duration // quartiles
	}{
		{0.01, 2480 * ms, 4220 * ms, 7340 * ms},
		{0.03, 11070 * ms, 14970 * ms, 16790 * ms},
	} {
		var all []time.Duration
		for seed := range uint64(400) {
			all = append(all, over(t, Spec{Leg: Leg{RTT: 150 * ms, Rate: 100e6, Loss: c.loss}}, seed, 1, 691))
		}
		slices.Sort(all)
		for i, kernel := range []time.Duration{c.low, c.middle, c.upper} {
			if got := all[(i+1)*len(all)/4]; math.Abs(got.Seconds()/kernel.Seconds()-1) > 0.25 {
				t.Errorf("%g lost: quartile %d is %v, the kernel's %v", c.loss, i+1, got, kernel)
			}
		}
	}
}

// TestMathis: in the steady state a flow carries no more than (MSS/R) sqrt(1.5/p),
// half as much again for CUBIC's gentler cut, and not much less than half of it
// (Mathis et al., CCR 27, 1997; RFC 9438 5.1 keeps CUBIC at Reno's rate here).
func TestMathis(t *testing.T) {
	for _, c := range []struct {
		rtt  time.Duration
		p    float64
		most float64 // times the formula
	}{{150 * ms, 0.01, 1.5}, {150 * ms, 0.03, 1.5}, {30 * ms, 0.01, 1.5}, {30 * ms, 0.001, 1.5}, {10 * ms, 0.01, 1.5}} {
		const n = 100_000
		took := over(t, Spec{Leg: Leg{RTT: c.rtt, Loss: c.p}}, 7, 1, n)
		got := n / took.Seconds()
		formula := math.Sqrt(1.5/c.p) / c.rtt.Seconds()
		if got > c.most*formula || got < 0.4*formula {
			t.Errorf("%v, %g lost: %.1f segments/s, Mathis %.1f", c.rtt, c.p, got, formula)
		}
	}
}

// lucky finds a seed with which the flight loses exactly these of n segments, once.
func lucky(t *testing.T, s Spec, n int64, want losses) *Link {
	t.Helper()
	for seed := range uint64(1_000_000) {
		l := NewLink(seed, "a", "b", s)
		c := loaded(l, Back, &sim.Request{ID: 1}, n)
		roll := c.roll
		l.through(&passage{}, &Flow{}, Back, span{}, n, &roll)
		if lose(&roll, n, l.chance(), l.burst()) == want && lose(&roll, want.n, l.chance(), l.burst()).n == 0 {
			return l
		}
	}
	t.Fatalf("no seed loses %+v of %d", want, n)
	return nil
}

// TestOneLoss: three segments behind a lost one tell the sender, and it comes a
// round trip late, with all that is behind it; at the tail a probe tells it, after
// two more. A flight that is lost altogether waits for the time-out, RTT + 200 ms.
func TestOneLoss(t *testing.T) {
	const rtt = 100 * ms
	s := Spec{Leg: Leg{RTT: rtt, Loss: 0.1}}
	for _, c := range []struct {
		name string
		n    int64
		lost losses
		end  time.Duration
	}{
		{"none", 10, losses{}, rtt},
		{"in the middle", 10, losses{1, 4}, 2 * rtt},
		{"the first", 10, losses{1, 0}, 2 * rtt},
		{"three are behind it", 10, losses{1, 6}, 2 * rtt},
		{"two are behind it", 10, losses{1, 7}, 3 * rtt},
		{"the tail", 10, losses{1, 9}, 3 * rtt},
		{"all", 2, losses{2, 0}, rtt + 300*ms},
	} {
		l := lucky(t, s, c.n, c.lost)
		f := &Flow{}
		content := loaded(l, Back, &sim.Request{ID: 1}, c.n)
		sent := sim.Time(rtt / 2)
		first := l.Send(f, &content, sent)
		last := first
		for last.Next > 0 && !last.Done() {
			last = l.Send(f, &content, last.Next)
		}
		if got := time.Duration(last.Last); got != c.end {
			t.Errorf("%s is lost: all is there after %v, want %v", c.name, got, c.end)
		}
		if want := c.lost.first; c.lost.n > 0 && c.lost.n < c.n && first.Ready != want {
			t.Errorf("%s is lost: %d can be read at first, want %d", c.name, first.Ready, want)
		}
		window := float32(initialWindow)
		if c.lost.n > 0 {
			window *= cubicBeta
		}
		if f.window != window {
			t.Errorf("%s is lost: the window is %v, want %v", c.name, f.window, window)
		}
	}
}

// TestOverTCPAllWaits: what is sent behind a loss cannot be read before it is there
// again; over QUIC other contents can.
func TestOverTCPAllWaits(t *testing.T) {
	const rtt = 100 * ms
	for _, apart := range []bool{false, true} {
		l := lucky(t, Spec{Leg: Leg{RTT: rtt, Loss: 0.1}}, 5, losses{1, 1})
		f := &Flow{Apart: apart}
		one := loaded(l, Back, &sim.Request{ID: 1}, 5)
		l.Send(f, &one, 0)
		l.spec.Loss = 0
		two := loaded(l, Back, &sim.Request{ID: 2}, 2)
		got := time.Duration(l.Send(f, &two, 0).Last)
		want := rtt + rtt/2 // the lost one leaves again after a round trip
		if apart {
			want = rtt / 2
		}
		if got != want {
			t.Errorf("apart %v: the other content is there after %v, want %v", apart, got, want)
		}
	}
}

// TestBursts: the share lost and the mean length of a burst are those asked for,
// within flights that are long enough.
func TestBursts(t *testing.T) {
	for _, c := range []struct{ p, burst float64 }{{0.01, 1}, {0.01, 4}, {0.1, 3}, {0.02, 20}, {0.5, 1}} {
		roll := sim.Draw(1, sim.NewLuck("test: bursts"), uint64(c.burst), int(1000*c.p))
		const n = 200
		var lost, bursts int64
		flights := 30_000
		for range flights {
			// One segment at a time would show each burst; a flight shows how many began.
			l := lose(&roll, n, c.p, c.burst)
			lost += l.n
			if l.n > 0 {
				bursts++
			}
		}
		got := float64(lost) / float64(n*flights)
		// A burst ends with its flight: of a mean length b that costs up to b/n.
		if got > 1.05*c.p || got < (1-1.5*c.burst/n-0.05)*c.p {
			t.Errorf("%+v: %.5f are lost", c, got)
		}
		// Flights without any are (1-p)·(1-g)^(n-1), g the chance that a burst begins.
		mean := max(c.burst, 1/(1-c.p))
		g := c.p / (mean * (1 - c.p))
		want := 1 - (1-c.p)*math.Pow(1-g, n-1)
		if share := float64(bursts) / float64(flights); math.Abs(share-want) > 0.02 {
			t.Errorf("%+v: %.4f of flights lose any, want %.4f", c, share, want)
		}
	}
}
