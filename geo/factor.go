// The continent factor: RTT from the distance and the two continents alone, for where nothing was measured nearby.

package geo

// factors is the path factor k of each pair of continents in data/model.csv: how many times light's time over the great
// circle a path takes in the median, for cable routes, detours and routing differ by region far more than by city.
type factors map[[2]string]factor

type factor struct {
	cloud, internet   float64 // k between data centres of a cloud, and over the public internet
	cloudN, internetN int     // of how many pairs that is the median
}

const (
	// A median of fewer pairs than this is not to be trusted: the internet's factor stands in.
	minFactorPairs = 6

	// Pairs of continents the model does not know, such as a caller's place without one: the median inflation of 6,888
	// pairs of cities over the public internet (one day of July 2020).
	worldFactor = 1.95

	// What a path over the internet costs beside distance: the intercept k_internet was fitted with.
	internetBaseMs = 2
)

// ms is the RTT over km between continents a and b. Two places with a cloud's data centre in town are taken to talk
// over its network (PoP to origin), all others over the internet, which winds more.
func (f factors) ms(a, b string, km float64, betweenClouds bool) float64 {
	if a > b {
		a, b = b, a
	}
	k, known := f[[2]string{a, b}]
	switch {
	case !known:
		return internetBaseMs + worldFactor*lightMs(km)
	case betweenClouds && k.cloudN >= minFactorPairs:
		return k.cloud * lightMs(km)
	default:
		return internetBaseMs + k.internet*lightMs(km)
	}
}
