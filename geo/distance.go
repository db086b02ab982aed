// Distance on the globe, and the least time that light in fibre needs for it.

package geo

import "math"

const (
	earthRadiusKm = 6371.0088 // mean radius (2a+b)/3 of WGS 84, as the IUGG defines it

	// Light in fibre does about 2/3 of its speed in vacuum (299,792.458 km/s), and a round trip goes twice:
	// each ms of RTT is worth at most 99.93 km of distance, or 10.01 ms per 1000 km.
	kmPerRTTMs = 299.792458 * 2 / 3 / 2
)

// Distance is the great-circle distance in km between a and b: 0 to 20,015. It takes the Earth for a sphere, which is
// wrong by 0.5 % at most. (Haversine formula; R. W. Sinnott, Sky and Telescope 68, 1984: exact for short distances too.)
func Distance(a, b Place) float64 {
	lat1, lat2 := radians(a.Lat), radians(b.Lat)
	h := square(math.Sin((lat2-lat1)/2)) +
		math.Cos(lat1)*math.Cos(lat2)*square(math.Sin(radians(b.Lon-a.Lon)/2))
	return 2 * earthRadiusKm * math.Asin(math.Sqrt(min(h, 1)))
}

func radians(degrees float64) float64 { return degrees * math.Pi / 180 }

func square(x float64) float64 { return x * x }

// lightMs is the RTT over km of straight fibre with nothing in it: no real path is faster.
func lightMs(km float64) float64 { return km / kmPerRTTMs }
