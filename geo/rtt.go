// RTT: how long from one place to another and back, from a measurement or from the best model there is for the pair.

package geo

import (
	"math"
	"time"
)

// Source tells how an RTT is known, best first. Errors are |estimate - truth| / truth, median and 90th percentile. The
// first pair of figures is for measurements between cloud regions that were hidden from the model; the tests hold the
// models to it. The second is for 6,887 pairs of servers in 118 cities on the public internet (WonderProxy, July 2020, not
// part of this project): all sources together are 11 % and 36 % off there, and 5 % low in the median.
type Source uint8

const (
	SameMetro       Source = iota // both within one metropolitan area: a fixed last mile
	Measured                      // between the cloud regions in the two metros; -; 8 %, 32 %
	ThirdRegion                   // both measured to a third region on the way, the legs added; 1.6 %, 15.5 %; 5 %, 18 %
	Anchors                       // from the measured regions nearest to each; 6 %, 21 %; 9 %, 29 %
	ContinentFactor               // distance times a factor of the two continents; 12 %, 33 %; 21 %, 53 %
)

// String is the source in words: "same metro", "measured pair", "via a third region", "anchors", "continent factor".
func (s Source) String() string {
	return [...]string{"same metro", "measured pair", "via a third region", "anchors", "continent factor"}[s]
}

const (
	// Places this near are one metro. An airport stands for its city, and lies up to 64 km from the region of the
	// same name (Tokyo); the cities that are two metros lie 101 km apart or more (Helsinki, Tallinn).
	metroKm = 75

	// Inside a metro the access network (last mile, exchange point) is what costs, not the distance: 2 ms, which is
	// also the intercept of RTT over distance that data/model.csv was fitted with. No two places are nearer than this.
	metroMs = 2

	// The data has 0.01 ms; finer digits would only be an accident of the arithmetic.
	resolution = 10 * time.Microsecond
)

// RTT is the round-trip time of a small packet between a and b on an idle path, and how it is known. It is what the path
// costs: the 3 ms that the endpoint spent in the measurements are taken off, and handshakes, queues, loss and jitter are not
// in it.
//
// It is the same in both directions (the data's two directions are averaged; they differ by 1 % in the median), never
// below light in fibre over the great circle nor below 2 ms, which is what two places within 75 km of each other have.
// Between the atlas's places it is below 600 ms. It is a multiple of 10 µs.
//
// It panics if [Place.Check] fails for a or b: check a place of your own first.
func RTT(a, b Place) (time.Duration, Source) {
	for _, p := range [...]Place{a, b} {
		if err := p.Check(); err != nil {
			panic("geo: RTT: " + err.Error())
		}
	}
	if b.Lat < a.Lat || b.Lat == a.Lat && b.Lon < a.Lon {
		a, b = b, a // one order of arithmetic: the same last digit both ways
	}
	ms, source := world.estimate(a, b)
	floor := math.Ceil(lightMs(Distance(a, b)) * float64(time.Millisecond/resolution))
	steps := max(math.Round(ms*float64(time.Millisecond/resolution)), floor)
	return time.Duration(steps) * resolution, source
}

// estimate takes the first model that knows anything about the pair; ms is at least metroMs but may be below light's.
func (w *atlas) estimate(a, b Place) (ms float64, _ Source) {
	km := Distance(a, b)
	if km <= metroKm {
		return metroMs, SameMetro
	}
	x, y := w.nearest(a), w.nearest(b)
	atHome := x.legKm == 0 && y.legKm == 0
	if x.point != y.point && atHome {
		if ms, ok := w.measured(x.point, y.point); ok {
			return max(ms, metroMs), Measured
		}
		if ms, ok := w.viaThird(x.point, y.point); ok {
			return max(ms, metroMs), ThirdRegion
		}
	}
	if x.point != y.point && !atHome && x.legKm+y.legKm <= maxLegShare*km {
		if ms, ok := w.viaAnchors(x, y, km); ok {
			return max(ms, metroMs), Anchors
		}
	}
	return max(w.factors.ms(a.Continent, b.Continent, km, atHome), metroMs), ContinentFactor
}

const (
	// Anchors speak for a pair only if both ways to them are together no longer than half the distance. Beyond,
	// the error passes that of the continent factor.
	maxLegShare = 0.5

	// Between a place and its anchor: twice light's time, a usual inflation for a few hundred km.
	legInflation = 2.0
)

// viaAnchors is for places outside the matrix. Adding the legs to the anchors' RTT is too much when the anchors lie
// on the way, scaling the anchors' RTT by distance is too little when they do not: it takes the geometric mean of both.
func (w *atlas) viaAnchors(x, y anchor, km float64) (ms float64, ok bool) {
	between, ok := w.measured(x.point, y.point)
	if !ok {
		between, ok = w.viaThird(x.point, y.point)
	}
	if !ok {
		return 0, false
	}
	added := between + legInflation*lightMs(x.legKm+y.legKm)
	scaled := between * km / w.km[x.point][y.point]
	return math.Sqrt(added * scaled), true
}
