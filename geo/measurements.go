// The measured matrix: where RTT was measured, what it was, and the way over a third point where a pair is missing.

package geo

import (
	"math"
	"strings"
)

// measurements is a symmetric matrix over the measuring points. A point is a cloud region; a region within metroKm of
// an earlier one (AWS and Google both have Tokyo) is the same point, so that one cloud's rows complete the other's.
type measurements struct {
	points []Place
	rttMs  [][]float64 // between two points, path only; 0: not measured
	km     [][]float64 // great circle between two points
}

// A row of a data file: names of regions of one provider, and the RTT from the one to the other.
type pairRTT struct {
	from, to string
	ms       float64
}

// The AWS rows are TCP connects from a function to a service's endpoint, not pings: the rows of a region with itself
// have 3.3 ms in the median, and those below 50 ms exceed ICMP pings of the same pairs by 3.4 ms in the median
// (testdata/rtt_aws_ping2020.csv). 3 ms of every row is therefore the endpoint, not the path, and is taken off.
const awsEndpointMs = 3

// newMeasurements joins the two clouds' rows. AWS (2025) comes first; Google (2020, ping, nothing to take off) fills in.
func newMeasurements(regions []Place, aws, gcp []pairRTT) *measurements {
	m := &measurements{}
	pointOf := map[string]int{}
	for _, provider := range []string{"aws:", "gcp:"} {
		for _, r := range regions {
			if strings.HasPrefix(r.Code, provider) {
				pointOf[r.Code] = m.addPoint(r)
			}
		}
	}
	n := len(m.points)
	m.rttMs, m.km = square2D(n), square2D(n)
	for i := range n {
		for j := range n {
			m.km[i][j] = Distance(m.points[i], m.points[j])
		}
	}
	m.addRows("gcp:", gcp, 0, pointOf)
	m.addRows("aws:", aws, awsEndpointMs, pointOf) // after Google's: where both measured, the newer one stays
	return m
}

func square2D(n int) [][]float64 {
	rows := make([][]float64, n)
	for i := range rows {
		rows[i] = make([]float64, n)
	}
	return rows
}

// addPoint returns the point of region r, a new one unless one lies within the metro.
func (m *measurements) addPoint(r Place) int {
	for i, p := range m.points {
		if Distance(p, r) <= metroKm {
			return i
		}
	}
	m.points = append(m.points, r)
	return len(m.points) - 1
}

// addRows writes the mean of a pair's directions, replacing what another provider had there. Rows within one point
// (a region to itself) say nothing about a path.
func (m *measurements) addRows(provider string, rows []pairRTT, endpointMs float64, pointOf map[string]int) {
	sum, count := square2D(len(m.points)), square2D(len(m.points))
	for _, row := range rows {
		i, known := pointOf[provider+row.from]
		j, alsoKnown := pointOf[provider+row.to]
		if !known || !alsoKnown {
			panic("geo: a measurement between unknown regions: " + provider + row.from + ", " + provider + row.to)
		}
		for _, at := range [...][2]int{{i, j}, {j, i}} {
			sum[at[0]][at[1]] += row.ms - endpointMs
			count[at[0]][at[1]]++
		}
	}
	for i := range m.points {
		for j := range m.points {
			if i != j && count[i][j] > 0 {
				m.rttMs[i][j] = sum[i][j] / count[i][j]
			}
		}
	}
}

func (m *measurements) measured(i, j int) (ms float64, ok bool) {
	return m.rttMs[i][j], m.rttMs[i][j] > 0
}

const (
	// A third point that makes the way more than this many times the direct one says little: for neighbours whose only
	// common acquaintance is a continent away the sum is several times too slow, and the continent factor does better.
	maxDetour = 1.6

	// No measured path between distant regions comes closer to light than this.
	minInflation = 1.1
)

// viaThird is the least sum of two measured legs i-c and c-j. Long-distance traffic is in fact relayed over a few hubs, so
// that the plain sum meets hidden pairs within 1.6 % in the median. (Scaled down by the root of the detour it would be 8 % off,
// and 5 % low.)
func (m *measurements) viaThird(i, j int) (ms float64, ok bool) {
	direct := m.km[i][j]
	for c := range m.points {
		first, second := m.rttMs[i][c], m.rttMs[c][j]
		if first == 0 || second == 0 || m.km[i][c]+m.km[c][j] > maxDetour*direct {
			continue // c is i or j themselves, or was not measured to both, or is out of the way
		}
		if sum := first + second; !ok || sum < ms {
			ms, ok = sum, true
		}
	}
	return max(ms, minInflation*lightMs(direct)), ok
}

// An anchor is the measuring point nearest to a place.
type anchor struct {
	point int     // index into points
	legKm float64 // how far the place is from it; 0 when in the same metro
}

func (m *measurements) nearest(p Place) anchor {
	best := anchor{legKm: math.Inf(1)}
	for i, at := range m.points {
		if km := Distance(p, at); km < best.legKm {
			best = anchor{i, km}
		}
	}
	if best.legKm <= metroKm {
		best.legKm = 0
	}
	return best
}
