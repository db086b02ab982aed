// Che's approximation: what share of independent requests a cache answers.
package theory

import "math"

// object is one of a catalog: how often it is asked for, and how large it is.
type object struct{ p, size float64 }

// residence is the share of the time that an object is in the cache which is asked for
// x times, in the mean, within the cache's characteristic time.
type residence func(x float64) float64

// An object is in an LRU cache if it was asked for within the characteristic time (Che,
// Tung and Wang, Hierarchical Web Caching Systems, JSAC 2002), and in a FIFO or RANDOM
// cache for that long after each miss (Martina, Garetto and Leonardi, A unified approach
// to the performance analysis of caching systems, INFOCOM 2014).
func lru(x float64) float64  { return -math.Expm1(-x) }
func fifo(x float64) float64 { return x / (1 + x) }

// characteristic is the number of requests T within which the cache fills: that for which
// the objects' sizes, each times its residence, add up to the capacity.
func characteristic(all []object, capacity float64, in residence) float64 {
	low, high := 0.0, 1.0
	for held(all, high, in) < capacity {
		high *= 2
	}
	for high-low > 1e-9*high {
		if mid := (low + high) / 2; held(all, mid, in) < capacity {
			low = mid
		} else {
			high = mid
		}
	}
	return low
}

func held(all []object, t float64, in residence) float64 {
	sum := 0.0
	for _, o := range all {
		sum += o.size * in(o.p*t)
	}
	return sum
}

// hits are the shares of the requests, and of the bytes asked for, that the cache answers.
func hits(all []object, capacity float64, in residence) (ofRequests, ofBytes float64) {
	t := characteristic(all, capacity, in)
	var hit, asked float64
	for _, o := range all {
		h := o.p * in(o.p*t)
		ofRequests += h
		hit, asked = hit+h*o.size, asked+o.p*o.size
	}
	return ofRequests, hit / asked
}
