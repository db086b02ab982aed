// One property suite over every registered shape, and each shape's own numbers.
package load

import (
	"math"
	"testing"
	"time"

	"cdnlab/sim"
)

const minute = time.Minute

// examples has a load of every shape. The last test of this file wants one for
// each, so that a new shape is tested by being registered.
var examples = map[string]Config{
	"constant": {Shape: "constant", Rate: 333},
	"poisson":  {Shape: "poisson", Rate: 1000},
	"ramp":     {Shape: "ramp", Rate: 100, Peak: 5000, At: 10 * time.Second, Rise: 20 * time.Second},
	"spike": {Shape: "spike", Rate: 20, Peak: 10_000, At: 5 * time.Second, Rise: 2 * time.Second,
		For: 10 * time.Second, Fall: 3 * time.Second},
	"step":    {Shape: "step", Peak: 900, Steps: 3, At: 15 * time.Second, For: 10 * time.Second},
	"sine":    {Shape: "sine", Rate: 0, Peak: 2000, Period: 7 * time.Second, At: 3 * time.Second},
	"diurnal": {Shape: "diurnal", Rate: 50, Peak: 500},
	"trace": {Trace: "x", TraceSpeed: 20, TraceScale: 0.5, Curve: &Curve{Every: minute, Skip: 20 * time.Second,
		Counts: []float64{600, 0, 1200, 90_000, 7}}},
	"users": {Shape: "users", Users: 100, ThinkTime: 2 * time.Second, Rise: 10 * time.Second},
}

// more has loads at the borders of what is allowed.
var more = []Config{
	{Shape: "ramp", Peak: 1000},             // from nothing, over the whole run
	{Shape: "ramp", Rate: 1000, Peak: 1e-9}, // down to almost nothing
	{Shape: "spike", Peak: MaxRate, At: 59 * time.Second},
	{Shape: "spike", Peak: 1000, Fall: time.Minute, For: 1},
	{Shape: "step", Peak: 1},
	{Shape: "step", Rate: 1000, Peak: 1, Steps: maxSteps},
	{Shape: "sine", Rate: 500, Peak: 500, Period: time.Second},
	{Shape: "sine", Peak: 1e6, Period: minPeriod},
	{Shape: "sine", Peak: 0.5, Rate: 0.4, Period: 1000 * time.Hour, At: 30 * time.Second},
	{Shape: "constant", Rate: 1e-9},
	{Rate: MaxRate},
}

func eachShape(t *testing.T, f func(t *testing.T, c Config, s Shape)) {
	all := append([]Config(nil), more...)
	for _, e := range Shapes.All() {
		c, ok := examples[e.Name]
		if !ok {
			t.Errorf("no example of the shape %s: add one", e.Name)
			continue
		}
		all = append(all, c)
	}
	for _, c := range all {
		t.Run(c.WithDefaults().Shape, func(t *testing.T) {
			if p := c.Check(minute); p != nil {
				t.Fatalf("%+v: %v", c, p)
			}
			f(t, c, New(c, minute))
		})
	}
}

// TestTotalIsIntegralOfRate sums Rate by Simpson's rule between moments where
// no shape jumps, and compares.
func TestTotalIsIntegralOfRate(t *testing.T) {
	eachShape(t, func(t *testing.T, c Config, s Shape) {
		const n = 60_000
		h := sim.Time(minute) / n
		if c.Period > 0 && c.Period < 100*time.Duration(h) {
			t.Skip("swings too fast to be summed")
		}
		sum, jumps := 0.0, math.Max(c.Peak, c.Rate)*h.Seconds()*maxSteps
		if got := s.Total(0); got != 0 {
			t.Errorf("Total(0) = %g", got)
		}
		for i := range sim.Time(n) {
			sum += h.Seconds() / 6 * (s.Rate(i*h) + 4*s.Rate(i*h+h/2) + s.Rate((i+1)*h-1))
			if got := s.Total((i + 1) * h); math.Abs(got-sum) > 1e-6*got+jumps {
				t.Fatalf("Total(%v) = %g, the integral is %g", (i+1)*h, got, sum)
			}
		}
	})
}

// TestWhenInvertsTotal wants When to be within half a nanosecond of the time.
func TestWhenInvertsTotal(t *testing.T) {
	eachShape(t, func(t *testing.T, c Config, s Shape) {
		dice := sim.Stream(1, "test", c.Shape)
		end := s.Total(sim.Time(minute))
		last := sim.Time(0)
		for i := range 2000 {
			n := end * float64(i) / 2000
			if i%2 == 1 {
				n = end * dice.Float64()
			}
			at := s.When(n)
			noise := 1e-12*n + 1e-10 // of an arrival, by rounding
			if lo, hi := s.Total(max(at-1, 0))-noise, s.Total(at+1)+noise; n < lo || n > hi {
				t.Fatalf("When(%g) = %v, but Total goes from %g to %g there", n, at, lo, hi)
			}
			if i%2 == 0 {
				if at < last {
					t.Fatalf("When goes back from %v to %v", last, at)
				}
				last = at
			}
		}
	})
}

// TestEvenArrivals wants as many arrivals as Total says, to the nearest, in
// order.
func TestEvenArrivals(t *testing.T) {
	eachShape(t, func(t *testing.T, c Config, s Shape) {
		want := math.Floor(s.Total(sim.Time(minute)) + 0.5 + 1e-6)
		if want > 1e6 {
			t.Skip("too many to count here")
		}
		a := NewArrivals(s, sim.Time(minute), nil)
		n, last := 0.0, sim.Time(0)
		for at := a.Next(); at != sim.Never; at = a.Next() {
			if at < last || at > sim.Time(minute) {
				t.Fatalf("arrival %g at %v after %v", n+1, at, last)
			}
			n, last = n+1, at
		}
		if n != want {
			t.Errorf("%g arrivals, want %g", n, want)
		}
		if a.Next() != sim.Never {
			t.Error("an arrival after the last")
		}
	})
}

// TestNumbers holds shapes against numbers that can be worked out by hand.
func TestNumbers(t *testing.T) {
	s := time.Second
	for _, c := range []struct {
		name  string
		load  Config
		at    time.Duration
		rate  float64
		total float64
	}{
		{"constant", examples["constant"], 10 * s, 333, 3330},
		{"ramp before", examples["ramp"], 5 * s, 100, 500},
		{"ramp half way", examples["ramp"], 20 * s, 2550, 1000 + (100+2550)/2*10},
		{"ramp after", examples["ramp"], 40 * s, 5000, 1000 + 51_000 + 50_000},
		{"spike before", examples["spike"], 5 * s, 20, 100},
		{"spike rising", examples["spike"], 6 * s, 5010, 100 + 2515},
		{"spike held", examples["spike"], 10 * s, 10_000, 100 + 10_020 + 30_000},
		{"spike over", examples["spike"], 20 * s, 20, 100 + 10_020 + 100_000 + 15_030},
		{"spike for ever", Config{Shape: "spike", Rate: 1, Peak: 10, At: 10 * s}, 59 * s, 10, 10 + 490},
		{"before steps", examples["step"], 14 * s, 0, 0},
		{"first step", examples["step"], 20 * s, 300, 1500},
		{"third step", examples["step"], 40 * s, 900, 3000 + 6000 + 4500},
		{"one step", Config{Shape: "step", Rate: 5, Peak: 50, At: 10 * s}, 20 * s, 50, 50 + 500},
		{"sine low", examples["sine"], 10 * s, 0, 10*1000 - 2000*3.5/math.Pi*0 + 7000/(2*math.Pi)*-math.Sin(2*math.Pi*3/7)},
		{"sine high", examples["sine"], 6500 * time.Millisecond, 2000, 3500 + 3000 - 7000/(2*math.Pi)*math.Sin(2*math.Pi*3/7)},
		{"midnight", examples["diurnal"], 0, 50, 0},
		{"noon", examples["diurnal"], 12 * time.Hour, 500, 275 * 12 * 3600},
		{"trace, what is left of its first minute", examples["trace"], s, 100, 100},
		{"trace, a silent minute", examples["trace"], 3 * s, 0, 200},
		{"trace, its peak", examples["trace"], 9 * s, 15_000, 200 + 600 + 15_000},
		{"trace, over", examples["trace"], minute, 0, 200 + 600 + 45_000 + 3.5},
		{"trace, as it was", Config{Trace: "x", Curve: examples["trace"].Curve}, 40 * s, 0, 400},
		{"two days", examples["diurnal"], 48 * time.Hour, 50, 275 * 48 * 3600},
	} {
		shape := New(c.load, minute)
		if got := shape.Rate(sim.Time(c.at)); math.Abs(got-c.rate) > 1e-6 {
			t.Errorf("%s: rate %g, want %g", c.name, got, c.rate)
		}
		if got := shape.Total(sim.Time(c.at)); math.Abs(got-c.total) > 1e-6*(c.total+1) {
			t.Errorf("%s: total %g, want %g", c.name, got, c.total)
		}
	}
}

func TestNeverReached(t *testing.T) {
	flat := join(0, line{time.Second, 100, 0})
	if got := flat.When(50); got != sim.Time(time.Second) {
		t.Errorf("the last arrival of a load that ends at 1s: %v", got)
	}
	if got := flat.When(50.001); got != sim.Never {
		t.Errorf("an arrival after the load has ended: %v", got)
	}
	if got := New(Config{Rate: 1e-9}, minute).When(1e6); got != sim.Never {
		t.Errorf("an arrival beyond the range of time: %v", got)
	}
}

// TestKepler holds the solution against its equation, everywhere.
func TestKepler(t *testing.T) {
	for _, e := range []float64{0, 1e-9, 0.1, 0.5, 0.9, 0.99, 0.9999, 1} {
		for i := -4000; i <= 4000; i++ {
			m := math.Pi * float64(i) / 4000
			if i%2 != 0 {
				m = math.Copysign(math.Exp(-float64(max(i, -i))/200), m) // and very near the low
			}
			x := kepler(m, e)
			if math.Abs(x-e*math.Sin(x)-m) > 2e-15*(1+math.Abs(m)) {
				t.Fatalf("kepler(%g, %g) = %g, which is the solution for %g", m, e, x, x-e*math.Sin(x))
			}
		}
	}
}
