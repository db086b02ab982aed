// Tests of the great circle.

package geo

import (
	"math"
	"testing"
)

func TestDistance(t *testing.T) {
	pole, equator := Place{Lat: 90}, Place{}
	for _, c := range []struct {
		what   string
		a, b   Place
		wantKm float64
		within float64
	}{
		{"a place to itself", mustFind(t, "Tokyo"), mustFind(t, "Tokyo"), 0, 0},
		{"pole to equator, a quarter of the way round", pole, equator, math.Pi / 2 * earthRadiusKm, 1e-6},
		{"antipodes", equator, Place{Lon: 180}, math.Pi * earthRadiusKm, 1e-6},
		{"over the date line", Place{Lon: 179.5}, Place{Lon: -179.5}, 2 * math.Pi * earthRadiusKm / 360, 1e-6},
		{"one metre", equator, Place{Lat: 0.001 / (math.Pi / 180 * earthRadiusKm)}, 0.001, 1e-9},
		// Great circles between the airports as published for flights, in km.
		{"JFK-LHR", mustFind(t, "JFK"), mustFind(t, "LHR"), 5540, 15},
		{"NRT-JFK", mustFind(t, "NRT"), mustFind(t, "JFK"), 10830, 30},
		{"SYD-LAX", mustFind(t, "SYD"), mustFind(t, "LAX"), 12050, 30},
	} {
		if got := Distance(c.a, c.b); math.Abs(got-c.wantKm) > c.within {
			t.Errorf("%s: %.3f km, want %.3f", c.what, got, c.wantKm)
		}
	}
}

func TestDistanceIsAMetric(t *testing.T) {
	places := Places()
	for i, a := range places {
		for j, b := range places[:i] {
			if Distance(a, b) != Distance(b, a) {
				t.Errorf("%s-%s is not as far as back", a.Name, b.Name)
			}
			via := places[(i*7+j)%len(places)]
			if Distance(a, b) > Distance(a, via)+Distance(via, b)+1e-6 {
				t.Errorf("%s-%s is nearer by way of %s", a.Name, b.Name, via.Name)
			}
		}
	}
}
