// Tests of curves: golden drawings, and what is left out of them.
package report

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"time"
)

// loaded is a result of an M/M/1 queue at some rates, with a server of 10 ms a
// request and with faster ones; by rate and server.
func loaded(seeds int, rates []float64, services ...time.Duration) (*Result, *Curve) {
	result := &Result{Schema: Schema, Scenario: "mm1"}
	curve := &Curve{Key: "load.rate"}
	for _, rate := range rates {
		for _, service := range services {
			p := CurvePoint{Variant: fmt.Sprintf("rate=%g service=%v", rate, service), X: rate, Text: fmt.Sprint(rate)}
			if len(services) > 1 {
				p.Line = fmt.Sprintf("service=%v", service)
			}
			curve.Points = append(curve.Points, p)
			for seed := range seeds {
				plan := testPlan()
				plan.Variant, plan.Seed, plan.Windows = p.Variant, uint64(seed+1), nil
				r := NewRecorder(plan)
				dice := rand.New(rand.NewPCG(uint64(seed), 71))
				for i, took := range responses(dice, rate*service.Seconds(), 2000) {
					o := seenAt(time.Duration(i)*5*ms, time.Duration(took*float64(service)))
					r.Observe(&o)
				}
				result.Runs = append(result.Runs, r.Finish(at(10*time.Second), true))
			}
		}
	}
	return result, curve
}

var rates = []float64{10, 20, 30, 40, 50, 60, 70, 80, 90}

func drawn(t *testing.T, result *Result, o Options) string {
	t.Helper()
	var out bytes.Buffer
	if err := Curves(&out, result, o); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestGoldenCurves(t *testing.T) {
	one, curve := loaded(1, rates, 10*ms)
	many, _ := loaded(4, rates, 10*ms)
	three, lines := loaded(2, []float64{5, 10, 20, 40, 80}, 10*ms, 5*ms, 2*ms)
	for _, c := range []struct {
		file   string
		result *Result
		o      Options
	}{
		{"curve.txt", one, Options{Curve: curve}},
		{"curve-seeds.txt", many, Options{Curve: curve, Width: 60}},
		{"curve-flat.txt", one, Options{Curve: &Curve{Metric: "hit-ratio", Key: curve.Key, Points: curve.Points}}},
		{"curve-lines.txt", three, Options{Curve: lines, Columns: []string{"requests", "latency.mean"}}},
		{"curve.md", one, Options{Curve: curve, Format: Markdown}},
	} {
		golden(t, c.file, func(w io.Writer) error { return Curves(w, c.result, c.o) })
	}
}

// What takes no curve gives none.
func TestNoCurve(t *testing.T) {
	result, curve := loaded(1, rates[:3], 10*ms)
	few := &Curve{Key: curve.Key, Points: curve.Points[:2]}
	for name, o := range map[string]Options{
		"not asked for": {}, "CSV": {Curve: curve, Format: CSV}, "two points": {Curve: few},
		"no run of those": {Curve: &Curve{Key: "x", Points: []CurvePoint{{Variant: "a"}, {Variant: "b", X: 1}, {Variant: "c", X: 2}}}},
	} {
		if got := drawn(t, result, o); got != "" {
			t.Errorf("%s:\n%s", name, got)
		}
	}
	if err := Curves(io.Discard, result, Options{Curve: &Curve{Metric: "p99", Points: curve.Points}}); err == nil {
		t.Error("an unknown metric is drawn")
	}
}

// A point without a value is left out and named; a fifth curve is too.
func TestCurveLeavesOut(t *testing.T) {
	result, curve := loaded(1, rates[:4], 10*ms, 9*ms, 8*ms, 7*ms, 6*ms)
	clear(result.Runs[5].Windows[0].Histograms)
	text := drawn(t, result, Options{Curve: curve})
	few, three := loaded(1, rates[:3], 10*ms)
	clear(few.Runs[1].Windows[0].Histograms)
	if got := drawn(t, few, Options{Curve: three}); !strings.HasPrefix(got, "  no curve of latency.p99: fewer than 3 values were measured\n  not drawn") {
		t.Errorf("two of three values:\n%s", got)
	}
	for _, want := range []string{"not drawn, there was nothing to measure: rate=20 service=10ms", "not drawn, only 4 curves fit: service=6ms"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
}

// Every curve stays within its width, with a mark for each point, whatever the
// numbers are.
func TestCurvesStayWithinTheirWidth(t *testing.T) {
	dice := rand.New(rand.NewPCG(81, 82))
	for range 300 {
		l := line{mark: '●', better: Lower}
		x, size := 0.0, math.Pow10(dice.IntN(15)-3)
		for range minCurve + dice.IntN(20) {
			x += 0.1 + dice.ExpFloat64()*float64(1+dice.IntN(1000))
			p := linePoint{x: x, y: size * (dice.Float64() - 0.2), text: strings.Repeat("9", 1+dice.IntN(12))}
			p.half = size * dice.Float64() * float64(dice.IntN(2))
			l.at = append(l.at, p)
		}
		width := 40 + dice.IntN(100)
		text := draw([]line{l}, []Unit{UnitTime, UnitCount, UnitRatio, UnitBytes, UnitRate}[dice.IntN(5)], width)
		marks := 0
		for _, row := range text {
			marks += strings.Count(row, "●")
			if n := len([]rune(row)); n > max(width, minPlotWidth+labelRoom+20) {
				t.Fatalf("%d columns of %d:\n%s", n, width, strings.Join(text, "\n"))
			}
		}
		if marks == 0 || marks > len(l.at) {
			t.Fatalf("%d marks of %d points:\n%s", marks, len(l.at), strings.Join(text, "\n"))
		}
	}
}

// Values that differ only in their last digits, or not at all, are drawn too.
func TestCurveOfNearlyNothing(t *testing.T) {
	for _, y := range [][3]float64{{1e18, 1e18 + 128, 1e18 + 256}, {0, 0, 0}, {5, 5, 5}, {-5, -5, -5}, {1e-300, 2e-300, 3e-300}, {-1, 0, 1}} {
		l := line{mark: '●'}
		for i, v := range y {
			l.at = append(l.at, linePoint{x: float64(i), y: v, text: "x"})
		}
		if text := strings.Join(draw([]line{l}, UnitCount, 60), "\n"); strings.Count(text, "●") != 3 {
			t.Errorf("%v:\n%s", y, text)
		}
	}
	same := line{mark: '●', at: make([]linePoint, 3)}
	if text := strings.Join(draw([]line{same}, UnitCount, 60), "\n"); strings.Count(text, "●") != 1 {
		t.Errorf("three points in one place:\n%s", text)
	}
}

// Even ratios are drawn evenly, even steps too.
func TestCurveScale(t *testing.T) {
	of := func(x ...float64) bool {
		var l line
		for _, v := range x {
			l.at = append(l.at, linePoint{x: v})
		}
		return l.scale()(math.E) == 1
	}
	if !of(1, 2, 4, 8) || !of(100, 1000, 10_000) || of(1, 2, 3, 4) || of(0, 1, 10, 100) || of(500, 1000, 1500, 2000) {
		t.Error("a logarithmic axis in the wrong place")
	}
}
