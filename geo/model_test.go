// Tests of the models against measured pairs that they are not shown: the figures in Source's comments.

package geo

import (
	_ "embed"
	"math"
	"slices"
	"testing"
)

//go:embed testdata/rtt_aws_ping2020.csv
var ping2020CSV string

// errorsOf collects |estimate - truth| / truth in percent.
type errorsOf []float64

func (e *errorsOf) add(estimateMs, truthMs float64) {
	*e = append(*e, 100*math.Abs(estimateMs-truthMs)/truthMs)
}

func quantile(values []float64, q float64) float64 {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[int(q*float64(len(sorted)-1)+0.5)]
}

// within checks the median and the 90th percentile against what is claimed, from both sides: a claim that has become
// too modest is wrong as well.
func (e errorsOf) within(t *testing.T, what string, median, p90 float64) {
	t.Helper()
	m, p := quantile(e, 0.5), quantile(e, 0.9)
	t.Logf("%s: %d pairs, error %.1f %% in the median, %.1f %% at the 90th percentile", what, len(e), m, p)
	if math.Abs(m-median) > 0.5 || math.Abs(p-p90) > 1 {
		t.Errorf("%s: %.1f %% and %.1f %%; %v %% and %v %% are claimed", what, m, p, median, p90)
	}
}

// measuredPairs calls f once for each measured pair of points.
func (m *measurements) measuredPairs(f func(i, j int, truthMs float64)) {
	for i := range m.points {
		for j := range i {
			if ms, ok := m.measured(i, j); ok {
				f(i, j, ms)
			}
		}
	}
}

// viaThird never looks at the direct pair, so that each pair is hidden from its own estimate.
func TestThirdRegionOnHiddenPairs(t *testing.T) {
	var errors, chain errorsOf
	world.measuredPairs(func(i, j int, truth float64) {
		a, b := world.points[i], world.points[j]
		if ms, ok := world.viaThird(i, j); ok {
			errors.add(ms, truth)
			chain.add(ms, truth)
		} else {
			chain.add(world.factors.ms(a.Continent, b.Continent, world.km[i][j], true), truth)
		}
	})
	errors.within(t, "via a third region", 1.6, 15.5)
	chain.within(t, "and by the continent factor where there is none", 1.7, 17)
	if share := percent(len(errors), len(chain)); share < 90 {
		t.Errorf("only %.0f %% of the pairs have a third region", share)
	}
}

// without is the matrix as if point i had never been measured.
func (m *measurements) without(i int) *measurements {
	less := &measurements{points: slices.Delete(slices.Clone(m.points), i, i+1)}
	for row := range m.points {
		if row != i {
			less.rttMs = append(less.rttMs, slices.Delete(slices.Clone(m.rttMs[row]), i, i+1))
			less.km = append(less.km, slices.Delete(slices.Clone(m.km[row]), i, i+1))
		}
	}
	return less
}

// One region at a time is hidden with all its rows, and must be reached from its neighbours.
func TestAnchorsOnHiddenRegions(t *testing.T) {
	var anchors, chain errorsOf
	for hidden := range world.points {
		less := &atlas{measurements: world.without(hidden), factors: world.factors}
		for other, p := range world.points {
			truth, ok := world.measured(hidden, other)
			if !ok {
				continue
			}
			ms, source := less.estimate(world.points[hidden], p)
			chain.add(ms, truth)
			if source == Anchors {
				anchors.add(ms, truth)
			}
		}
	}
	anchors.within(t, "anchors", 6, 21)
	chain.within(t, "and by the continent factor where they are too far", 7, 29)
}

// medianFactors is k of every pair of continents over the matrix's pairs, but those that skip says; and of how many.
func medianFactors(m *measurements, skip func(i, j int) bool) map[[2]string][]float64 {
	ks := map[[2]string][]float64{}
	m.measuredPairs(func(i, j int, truth float64) {
		if !skip(i, j) {
			key := continents(m.points[i], m.points[j])
			ks[key] = append(ks[key], truth/lightMs(m.km[i][j]))
		}
	})
	return ks
}

func continents(a, b Place) [2]string {
	return [2]string{min(a.Continent, b.Continent), max(a.Continent, b.Continent)}
}

func awsOnly() *measurements {
	return newMeasurements(Regions(), readPairs("rtt_aws.csv", awsCSV, "p50_ms"), nil)
}

// k_cloud in data/model.csv must follow from data/rtt_aws.csv, and hold for regions that it was not fitted to.
func TestContinentFactorOnHiddenRegions(t *testing.T) {
	m := awsOnly()
	for key, ks := range medianFactors(m, func(i, j int) bool { return false }) { // in any order: independent
		if k := world.factors[key]; len(ks) != k.cloudN || k.cloudN >= minFactorPairs && math.Abs(quantile(ks, 0.5)/k.cloud-1) > 0.03 {
			t.Errorf("%v: k is %.3f of %d pairs; model.csv has %.3f of %d", key, quantile(ks, 0.5), len(ks), k.cloud, k.cloudN)
		}
	}
	var inSample, hiddenOut errorsOf
	m.measuredPairs(func(i, j int, truth float64) {
		a, b := m.points[i], m.points[j]
		if world.factors[continents(a, b)].cloudN >= minFactorPairs {
			inSample.add(world.factors.ms(a.Continent, b.Continent, m.km[i][j], true), truth)
		}
	})
	for hidden := range m.points {
		ks := medianFactors(m, func(i, j int) bool { return i == hidden || j == hidden })
		for other := range m.points {
			truth, ok := m.measured(hidden, other)
			if fit := ks[continents(m.points[hidden], m.points[other])]; ok && len(fit) >= minFactorPairs {
				hiddenOut.add(quantile(fit, 0.5)*lightMs(m.km[hidden][other]), truth)
			}
		}
	}
	inSample.within(t, "continent factor, in sample", 10.5, 31.5)
	hiddenOut.within(t, "continent factor, region hidden", 12, 32.5)
}

// The 3 ms: pings have no endpoint, and where the way is short nothing has changed on it since 2020.
func TestEndpointOverheadOfAWSRows(t *testing.T) {
	ping := map[pairRTT]float64{}
	for _, p := range readPairs("rtt_aws_ping2020.csv", ping2020CSV, "avg_ms") {
		ping[pairRTT{from: p.from, to: p.to}] = p.ms
	}
	var toItself, abovePing []float64
	for _, p := range readPairs("rtt_aws.csv", awsCSV, "p50_ms") {
		if p.from == p.to {
			toItself = append(toItself, p.ms)
		}
		if ms, ok := ping[pairRTT{from: p.from, to: p.to}]; ok && ms < 50 {
			abovePing = append(abovePing, p.ms-ms)
		}
	}
	t.Logf("regions to themselves: %d, median %.2f ms; above ping: %d pairs, median %.2f ms", len(toItself), quantile(toItself, 0.5),
		len(abovePing), quantile(abovePing, 0.5))
	for _, values := range [][]float64{toItself, abovePing} {
		if m := quantile(values, 0.5); m < awsEndpointMs || m > awsEndpointMs+0.5 {
			t.Errorf("median %.2f ms, want a little over %v", m, awsEndpointMs)
		}
	}
}

// What viaThird takes for the least inflation must not be above what was ever measured.
func TestNothingMeasuredIsFasterThanMinInflation(t *testing.T) {
	world.measuredPairs(func(i, j int, truth float64) {
		if km := world.km[i][j]; km > 500 && truth < minInflation*lightMs(km) {
			t.Errorf("%s-%s: %.2f ms, %.2f times light", world.points[i].Name, world.points[j].Name, truth, truth/lightMs(km))
		}
	})
}
