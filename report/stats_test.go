// Tests of statistics and of how numbers are printed.
package report

import (
	"math"
	"testing"
)

// The numbers are those of a table of Student's t: 2.776 at 4 degrees, 0.975.
func TestMeanInterval(t *testing.T) {
	i := MeanInterval([]float64{1, 2, 3, 4, 5})
	if want := 2.776 * math.Sqrt(2.5) / math.Sqrt(5); i.Mean != 3 || math.Abs(i.Half-want) > 1e-3 {
		t.Errorf("%+v, want ± %v", i, want)
	}
	if one := MeanInterval([]float64{7}); one.Known() || one.Mean != 7 {
		t.Errorf("%+v", one)
	}
}

// Pairs find what the spread over seeds hides, and call noise what is noise.
func TestCompareInPairs(t *testing.T) {
	base := map[uint64]float64{1: 100, 2: 200, 3: 300, 4: 400, 9: 5}
	better := map[uint64]float64{1: 91, 2: 189, 3: 291, 4: 389, 8: 5}
	if d := compare(base, better, 0); d.N != 4 || d.Mean != -10 || d.Noise() {
		t.Errorf("%+v is a difference", d)
	}
	noisy := map[uint64]float64{1: 120, 2: 170, 3: 330, 4: 379}
	if d := compare(base, noisy, 0); !d.Noise() {
		t.Errorf("%+v is noise", d)
	}
	if d := compare(base, map[uint64]float64{1: 1}, 0); !d.Noise() {
		t.Error("one pair tells nothing")
	}
	if d := compare(base, map[uint64]float64{1: 101, 2: 201}, 0); d.Noise() {
		t.Error("the same difference each time is no noise")
	}
}

func TestFormatValue(t *testing.T) {
	for _, c := range []struct {
		v    float64
		unit Unit
		want string
	}{
		{150e6, UnitTime, "150 ms"}, {2e6, UnitTime, "2.00 ms"}, {12.34e6, UnitTime, "12.3 ms"}, {9.996e6, UnitTime, "10.0 ms"},
		{1500e6, UnitTime, "1,500 ms"}, {12e9, UnitTime, "12.0 s"}, {4200, UnitTime, "4.20 µs"}, {0, UnitTime, "0 ms"},
		{0.982, UnitRatio, "98.2 %"}, {1, UnitRatio, "100 %"}, {0.99999, UnitRatio, "99.999 %"}, {0.00012, UnitRatio, "0.012 %"},
		{0, UnitRatio, "0 %"}, {0.0525, UnitRatio, "5.25 %"}, {-0.5, UnitRatio, "-50 %"},
		{10000, UnitCount, "10,000"}, {1234567, UnitCount, "1,234,567"}, {1.2, UnitCount, "1.20"}, {-12345, UnitCount, "-12,345"},
		{3333.3, UnitRate, "3,333/s"}, {1.5e6, UnitBytes, "1.50 MB"}, {999, UnitByteRate, "999 B/s"}, {2e12, UnitByteRate, "2.00 TB/s"},
		{math.NaN(), UnitTime, "-"},
	} {
		if got := FormatValue(c.v, c.unit); got != c.want {
			t.Errorf("%v %s: %q, want %q", c.v, c.unit, got, c.want)
		}
	}
	for want, i := range map[string]Interval{
		"12.30 ± 0.45 ms": {N: 5, Mean: 12.3e6, Half: 0.45e6},
		"1,234 ± 99 ms":   {N: 5, Mean: 1234e6, Half: 99e6},
		"5.00 ms":         {N: 5, Mean: 5e6},
	} {
		if got := formatInterval(i, UnitTime); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestFidelity(t *testing.T) {
	run := play("cdn", 1, Live, 0.9, 20*ms)
	pressure := func(p float64) *float64 { return &p }
	for _, c := range []struct {
		receipt *Receipt
		want    Trust
		late    int // misgivings that are about lateness
	}{
		{nil, Trusted, 0},
		{&Receipt{Generator: Lateness{N: 100}, Links: Lateness{Missing: true}}, Trusted, 0},
		{&Receipt{Generator: Lateness{N: 100, Late: 2}}, Doubtful, 1},
		{&Receipt{Generator: Lateness{N: 100, Late: 20}}, Useless, 1},
		{&Receipt{Generator: Lateness{N: 100}, CPUPressure: pressure(0.9)}, Doubtful, 0},
		{&Receipt{Generator: Lateness{N: 100, Median: ms}}, Doubtful, 1},
		{&Receipt{Generator: Lateness{N: 100}, Links: Lateness{N: 100, Median: 4 * ms}}, Useless, 1},
		{&Receipt{Generator: Lateness{N: 100, Late: 20}, CPUPressure: pressure(0.9)}, Useless, 1},
		{&Receipt{Generator: Lateness{N: 100, Late: 20, Median: ms}, Links: Lateness{N: 100, Median: 4 * ms}}, Useless, 3},
	} {
		run.Receipt = c.receipt
		if got, why := Fidelity(run); got != c.want || len(why) == 0 {
			t.Errorf("%+v: %s (%q), want %s", c.receipt, got, why, c.want)
		}
		if got := Late(run); len(got) != c.late {
			t.Errorf("%+v: late in %q, want %d ways", c.receipt, got, c.late)
		}
	}
}

// Lateness is held against what went over the network: what browsers had comes first in
// the histogram, and takes no time.
func TestMedianBesideBrowsers(t *testing.T) {
	for _, c := range []struct {
		hits, stale int64
		want        float64
	}{{0, 0, 0.5}, {60, 20, 0.9}, {100, 0, 1}, {150, 0, 1}} {
		w := Measured{Counts: map[string]int64{"browser.hit": c.hits, "browser.stale": c.stale}}
		if got := withBrowsers(w, 100); got != c.want {
			t.Errorf("%d and %d of 100: %v, want %v", c.hits, c.stale, got, c.want)
		}
	}
}
