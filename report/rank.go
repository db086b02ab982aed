// Ranking: who is first by one number, and who cannot be told from them.
package report

import (
	"cmp"
	"math"
	"slices"
)

// Standing is a row's place in a ranking.
type Standing struct {
	Row int
	Interval
	P float64 // of the gap to the first, after Holm over all gaps; NaN where it is not known
}

// Even reports whether the row cannot be told from the first, or is it.
func (s Standing) Even() bool { return !(s.P < significant) }

// Rank orders rows by their means, the least first. A row is a reading per seed; one
// without any is left out. The gaps to the first are one family of comparisons.
//
// Where all values are above 0 it is ratios that are compared: among rows that lie far
// apart it is those that scatter alike from seed to seed, not differences, which
// one bad seed of the worst row would drown.
func Rank(rows []map[uint64]Reading) []Standing {
	var standings []Standing
	samples := make([]sample, len(rows))
	for i, row := range rows {
		samples[i] = sampleOf(row)
		if !samples[i].missing {
			standings = append(standings, Standing{Row: i, Interval: samples[i].interval, P: math.NaN()})
		}
	}
	slices.SortStableFunc(standings, func(a, b Standing) int { return cmp.Compare(a.Mean, b.Mean) })
	of := sample.compare
	if !slices.ContainsFunc(samples, func(s sample) bool { return !s.positive() }) {
		of = sample.ratio
	}
	p := make([]float64, len(standings))
	for i, s := range standings {
		p[i] = math.NaN()
		if i > 0 {
			p[i] = of(samples[standings[0].Row], samples[s.Row]).P
		}
	}
	for i, holm := range Holm(p) {
		standings[i].P = holm
	}
	return standings
}

// sampleOf makes a sample of readings by seed.
func sampleOf(row map[uint64]Reading) sample {
	s := sample{bySeed: map[uint64]float64{}, missing: true}
	var seeds []uint64
	for seed, r := range row { // in any order: sorted below
		if !r.Missing {
			seeds = append(seeds, seed)
		}
	}
	slices.Sort(seeds)
	var values []float64
	for _, seed := range seeds {
		r := row[seed]
		s.missing, s.unit, s.step = false, r.Unit, max(s.step, r.step)
		s.bySeed[seed] = r.Value
		values = append(values, r.Value)
	}
	s.interval = MeanInterval(values)
	return s
}

func (s sample) positive() bool {
	for _, v := range s.bySeed { // in any order: all are asked
		if v <= 0 {
			return false
		}
	}
	return true
}

// ratio is compare of the logarithms.
func (s sample) ratio(other sample) Difference {
	return compare(s.logs(), other.logs(), max(s.step/s.interval.Mean, other.step/other.interval.Mean))
}

func (s sample) logs() map[uint64]float64 {
	logs := map[uint64]float64{}
	for seed, v := range s.bySeed { // in any order: each is put apart
		logs[seed] = math.Log(v)
	}
	return logs
}

// Text prints the interval in a unit: "12.3 ± 0.4 ms", and without the ± when nothing
// is known of the spread.
func (i Interval) Text(unit Unit) string {
	if !i.Known() {
		return FormatValue(i.Mean, unit)
	}
	return formatInterval(i, unit)
}
