// Jitter: how travel times scatter, and that packets stay in order.
package network

import (
	"math"
	"testing"
	"time"

	"cdnlab/sim"
)

// scatter returns what jitter adds to so many packets, one a millisecond.
func scatter(g Leg, n int) []float64 {
	all := make([]float64, n)
	for i := range all {
		roll := sim.Draw(5, sim.NewLuck("test: jitter"), uint64(i), 0)
		all[i] = g.jitter(9, Back, sim.Time(i)*sim.Time(ms), &roll).Seconds()
	}
	return all
}

func moments(all []float64) (mean, deviation float64) {
	for _, v := range all {
		mean += v / float64(len(all))
	}
	for _, v := range all {
		deviation += (v - mean) * (v - mean) / float64(len(all))
	}
	return mean, math.Sqrt(deviation)
}

// TestJitterShapes: each has the deviation that is asked for; normal and uniform lie
// around 0, exponential and pareto only add, and the shapes' tails differ.
func TestJitterShapes(t *testing.T) {
	const n, sd = 400_000, 0.010
	for _, c := range []struct {
		shape        string
		mean, beyond float64 // beyond: the share that is more than 3 deviations from the mean
		least        float64
	}{
		{"", 0, 0.0027, -1},
		{"normal", 0, 0.0027, -1},
		{"uniform", 0, 0, -math.Sqrt(3) * sd},
		{"exponential", sd, math.Exp(-4), 0},
		// Lomax with the exponent 3 and the scale s = 2/sqrt(3) has the mean s/2, and
		// (1 + x/s)^-3 of it lies beyond x.
		{"pareto", sd / math.Sqrt(3), math.Pow(1+(3+1/math.Sqrt(3))*math.Sqrt(3)/2, -3), 0},
	} {
		all := scatter(Leg{Jitter: 10 * ms, JitterShape: c.shape}, n)
		mean, deviation := moments(all)
		if math.Abs(mean-c.mean) > 0.01*sd {
			t.Errorf("%s: the mean is %.3g s, want %.3g", c.shape, mean, c.mean)
		}
		if off := math.Abs(deviation/sd - 1); off > 0.02 && c.shape != "pareto" || off > 0.15 { // whose fourth moment is infinite
			t.Errorf("%s: the deviation is %.3g s, want %.3g", c.shape, deviation, sd)
		}
		beyond, least := 0, 0.0
		for _, v := range all {
			least = min(least, v)
			if math.Abs(v-c.mean) > 3*sd {
				beyond++
			}
		}
		if got := float64(beyond) / n; math.Abs(got-c.beyond) > 0.05*c.beyond+0.0002 {
			t.Errorf("%s: %.5f lie beyond three deviations, want %.5f", c.shape, got, c.beyond)
		}
		if least < c.least-1e-9 {
			t.Errorf("%s: the least is %.3g s", c.shape, least)
		}
	}
}

// TestJitterCorrelation: packets of the same tenth of a second share so much of their
// jitter, and those of others nothing; the deviation stays.
func TestJitterCorrelation(t *testing.T) {
	for _, rho := range []float64{0, 0.5, 0.9, 1} {
		all := scatter(Leg{Jitter: 10 * ms, Correlation: rho}, 200_000)
		mean, deviation := moments(all)
		if math.Abs(mean) > 0.001 || math.Abs(deviation/0.010-1) > 0.05 {
			t.Errorf("%g: mean %.3g, deviation %.3g", rho, mean, deviation)
		}
		near, far := 0.0, 0.0
		n := 0
		for i := 0; i+150 < len(all); i += 100 {
			near += all[i] * all[i+50] / (0.010 * 0.010)
			far += all[i] * all[i+150] / (0.010 * 0.010)
			n++
		}
		near, far = near/float64(n), far/float64(n)
		if math.Abs(near-rho*rho) > 0.1 || math.Abs(far) > 0.1 {
			t.Errorf("%g: correlation %.3f within a tenth of a second and %.3f beyond, want %.3f and 0", rho, near, far, rho*rho)
		}
	}
}

// TestJitterKeepsOrder: nothing arrives before what was sent before it on the same
// connection, contents and heads alike.
func TestJitterKeepsOrder(t *testing.T) {
	l := NewLink(3, "a", "b", Spec{Leg: Leg{RTT: 20 * ms, Jitter: 8 * ms, JitterShape: "pareto"}})
	f := &Flow{}
	var last sim.Time
	late := 0
	for i := range 3000 {
		now := sim.Time(i) * sim.Time(ms)
		at := l.Back(now, f, &sim.Request{ID: uint64(i)})
		if at < last {
			t.Fatalf("head %d arrives at %v, the one before at %v", i, at, last)
		}
		if at == last {
			late++
		}
		last = at
		if at.Sub(now) < 10*ms {
			t.Fatalf("head %d takes %v, less than the distance", i, at.Sub(now))
		}
	}
	if late == 0 {
		t.Error("none was held up: the test is weaker than it was")
	}
	// Travel is never negative, however wide the jitter.
	wide := NewLink(3, "a", "b", Spec{Leg: Leg{RTT: 2 * ms, Jitter: time.Second}})
	for i := range 200 {
		if at := wide.Back(0, &Flow{}, &sim.Request{ID: uint64(i)}); at < 0 {
			t.Fatalf("arrives at %v", at)
		}
	}
}
