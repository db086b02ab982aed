// Histograms of one fixed layout: dense while recording, sparse once kept.
package report

import (
	"math"
	"math/bits"
	"slices"
	"time"
)

// The layout of every histogram in every result, so that any two add up
// exactly: HDR, 1 µs to 1 h, 3 significant digits, values in ns.
const (
	histogramLow    = int64(time.Microsecond)
	histogramHigh   = int64(time.Hour)
	histogramDigits = 3

	// What follows from it: HdrHistogram's own arithmetic, done here as every
	// request is recorded some five times. A test holds both to each other.
	unitBits       = 9  // cells are 2^9 = 512 ns wide at the bottom
	halfBits       = 10 // and 2^10 of them make one doubling
	histogramCells = 24 << halfBits
)

// Histogram is a distribution of durations in the layout above. Only the cells
// that are not empty are kept, so that hundreds of runs fit in memory.
type Histogram struct {
	N   int64 `json:"n"`
	Sum int64 `json:"sum_ns"` // exact, so that means are
	Min int64 `json:"min_ns"` // exact
	Max int64 `json:"max_ns"` // exact
	// Counts holds cell, count, cell, count …, by ascending cell.
	Counts []int64 `json:"counts"`
}

// Mean returns the exact arithmetic mean, 0 without values.
func (h *Histogram) Mean() time.Duration {
	if h.N == 0 {
		return 0
	}
	return time.Duration(h.Sum / h.N)
}

// Quantile returns the smallest recorded duration that a share q of all does
// not exceed (nearest rank), as the upper edge of its cell and never beyond the
// exact extremes. It is 0 without values.
func (h *Histogram) Quantile(q float64) time.Duration {
	// The small number keeps 0.55*100 = 55.00000000000001 from becoming rank 56.
	return h.atRank(max(1, int64(math.Ceil(q*float64(h.N)-1e-9))), cellEnd)
}

// atRank returns the edge of the cell that the value of that rank, from 1, lies
// in, never beyond the exact extremes.
func (h *Histogram) atRank(rank int64, edge func(cell int64) int64) time.Duration {
	var seen int64
	for i := 0; i+1 < len(h.Counts); i += 2 {
		if seen += h.Counts[i+1]; seen >= rank {
			return time.Duration(min(max(edge(h.Counts[i]), h.Min), h.Max))
		}
	}
	return time.Duration(h.Max)
}

// cellOf returns the cell of a duration within the layout's range.
func cellOf(ns int64) int64 {
	unit := uint64(ns) >> unitBits
	bucket := bits.Len64(unit >> (halfBits + 1))
	return int64(bucket)<<halfBits + int64(unit>>bucket)
}

// cellEnd returns the largest duration in ns that falls into a cell.
func cellEnd(cell int64) int64 {
	bucket, sub := cell>>halfBits-1, cell&(1<<halfBits-1)+1<<halfBits
	if bucket < 0 {
		bucket, sub = 0, sub-1<<halfBits
	}
	return (sub+1)<<(bucket+unitBits) - 1
}

// cellStart returns the smallest duration in ns that falls into a cell.
func cellStart(cell int64) int64 {
	if cell == 0 {
		return 0
	}
	return cellEnd(cell-1) + 1
}

// Add adds the other histogram's values. Nothing is lost: the layout is one.
func (h *Histogram) Add(other *Histogram) {
	if other == nil || other.N == 0 {
		return
	}
	if h.N == 0 {
		h.Min, h.Max = other.Min, other.Max
	}
	h.Min, h.Max = min(h.Min, other.Min), max(h.Max, other.Max)
	h.N += other.N
	h.Sum = saturatingAdd(h.Sum, other.Sum)
	h.Counts = addCells(h.Counts, other.Counts)
}

// addCells merges two ascending lists of cell, count.
func addCells(a, b []int64) []int64 {
	sum := make([]int64, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0] < b[0]:
			sum, a = append(sum, a[0], a[1]), a[2:]
		case a[0] > b[0]:
			sum, b = append(sum, b[0], b[1]), b[2:]
		default:
			sum = append(sum, a[0], a[1]+b[1])
			a, b = a[2:], b[2:]
		}
	}
	return append(append(sum, a...), b...)
}

// saturatingAdd adds two numbers that are not negative. A sum of durations
// passes 292 years only in a result that somebody edited.
func saturatingAdd(a, b int64) int64 {
	if a > math.MaxInt64-b {
		return math.MaxInt64
	}
	return a + b
}

// dense is a histogram while it is recorded: every cell there is.
type dense struct {
	cells         []int64
	n             int64
	sum, min, max int64
}

func newDense() *dense { return &dense{cells: make([]int64, histogramCells), min: math.MaxInt64} }

// clone returns a copy; nil of nil.
func (d *dense) clone() *dense {
	if d == nil {
		return nil
	}
	c := *d
	c.cells = slices.Clone(d.cells)
	return &c
}

// fitted is a duration and its cell: what is recorded in several histograms is
// looked up once.
type fitted struct{ ns, cell int64 }

// fit cuts a duration to 0 .. 1 h, so that it always has a cell.
func fit(took time.Duration) fitted {
	ns := min(max(int64(took), 0), histogramHigh)
	return fitted{ns, cellOf(ns)}
}

// record takes one duration.
func (d *dense) record(took time.Duration) { d.take(fit(took)) }

func (d *dense) take(m fitted) {
	d.cells[m.cell]++
	d.n++
	d.sum += m.ns
	d.min, d.max = min(d.min, m.ns), max(d.max, m.ns)
}

// sparse returns what was recorded, nil when nothing was.
func (d *dense) sparse() *Histogram {
	if d == nil {
		return nil
	}
	h := &Histogram{N: d.n, Sum: d.sum, Min: d.min, Max: d.max}
	for cell, n := range d.cells {
		if n > 0 {
			h.Counts = append(h.Counts, int64(cell), n)
		}
	}
	return h
}
