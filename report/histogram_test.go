// Tests of histograms: our reading of a cell is HdrHistogram's.
package report

import (
	"math/rand/v2"
	"reflect"
	"testing"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"
)

func TestLayoutIsHdrHistogram(t *testing.T) {
	hdr := hdrhistogram.New(histogramLow, histogramHigh, histogramDigits)
	if n := len(hdr.Export().Counts); n != histogramCells {
		t.Fatalf("%d cells, want %d", n, histogramCells)
	}
	dice := rand.New(rand.NewPCG(3, 4))
	for i := range 20_000 {
		ns := dice.Int64N(int64(time.Microsecond) << (i % 32))
		ns = min(ns, histogramHigh)
		if i < 3 {
			ns = []int64{0, histogramHigh, 1<<20 - 1}[i]
		}
		cell := cellOf(ns)
		if i%100 == 0 || i < 3 { // the library has no cheap way to tell a cell
			hdr.Reset()
			_ = hdr.RecordValue(ns)
			if hdr.Export().Counts[cell] != 1 {
				t.Fatalf("%d ns is not in cell %d", ns, cell)
			}
			if got := hdr.ValueAtQuantile(100); got != cellEnd(cell) {
				t.Fatalf("cell %d ends at %d, want %d", cell, cellEnd(cell), got)
			}
		}
		if end := cellEnd(cell); ns > end || float64(end-ns) > max(512, float64(ns)/1000) {
			t.Fatalf("%d ns reads as %d", ns, end)
		}
	}
}

// The library rounds the rank (0.9 of 9 values: the 8th); we take the nearest
// rank that covers the share (the 9th). Where the rank is whole, both agree.
func TestQuantilesAreHdrHistograms(t *testing.T) {
	dice := rand.New(rand.NewPCG(5, 6))
	for _, n := range []int{1000, 5000} {
		d := newDense()
		hdr := hdrhistogram.New(histogramLow, histogramHigh, histogramDigits)
		for range n {
			took := time.Duration(dice.ExpFloat64() * float64(30*ms))
			d.record(took)
			_ = hdr.RecordValue(int64(took))
		}
		h := d.sparse()
		for _, q := range []float64{0.5, 0.9, 0.95, 0.99, 0.999, 1} {
			want := min(hdr.ValueAtQuantile(q*100), d.max)
			if got := int64(h.Quantile(q)); got != want {
				t.Errorf("n=%d q=%v: %d, want %d", n, q, got, want)
			}
		}
		if err := h.validate(); err != nil {
			t.Error(err)
		}
	}
}

func TestQuantileIsTheNearestRank(t *testing.T) {
	d := newDense()
	for i := range 9 {
		d.record(time.Duration(i+1) * time.Second)
	}
	h := d.sparse()
	for q, want := range map[float64]float64{0: 1, 0.11: 1, 0.12: 2, 0.5: 5, 0.89: 9, 0.9: 9, 1: 9} {
		if got := h.Quantile(q).Seconds(); got < want || got > want*1.001 {
			t.Errorf("q=%v: %v s, want %v", q, got, want)
		}
	}
}

func TestAddIsRecordingBoth(t *testing.T) {
	dice := rand.New(rand.NewPCG(7, 8))
	for range 20 {
		a, b, both := newDense(), newDense(), newDense()
		for i := range dice.IntN(500) {
			took := time.Duration(dice.ExpFloat64() * float64(time.Second))
			both.record(took)
			[]*dense{a, b}[i%2].record(took)
		}
		sum := &Histogram{}
		sum.Add(a.sparse())
		sum.Add(b.sparse())
		if want := both.sparse(); sum.N != 0 && !reflect.DeepEqual(sum, want) {
			t.Fatalf("sum %+v, want %+v", sum, want)
		}
	}
}

func TestExtremesAreCutToTheLayout(t *testing.T) {
	d := newDense()
	d.record(-time.Second)
	d.record(100 * time.Hour)
	if h := d.sparse(); h.Min != 0 || h.Max != histogramHigh || h.validate() != nil {
		t.Errorf("%+v: %v", h, h.validate())
	}
}
