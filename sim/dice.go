// The two kinds of dice: streams of a node, and draws of a request.
package sim

import (
	"math"
	"math/bits"
	"math/rand/v2"
)

// Luck names what a request's draw decides ("service time", "key"). Two
// different things never share their luck.
type Luck uint64

// NewLuck returns the Luck of a name. Keep it in a package variable: hashing
// the name for each draw would cost more than the draw.
func NewLuck(name string) Luck { return Luck(hashString(name)) }

// Stream returns a node's own dice: a generator seeded from the run's seed, the
// node's name and the stream's name, so that adding a node or a stream never
// moves another's luck.
func Stream(seed uint64, node, stream string) *rand.Rand {
	a := mix(seed ^ mix(hashString(node)))
	return rand.New(rand.NewPCG(a, mix(a^hashString(stream))))
}

// Draw returns the dice of one request for one purpose and attempt. They
// depend on nothing else, so every variant and both worlds give the same
// request the same luck (common random numbers).
func Draw(seed uint64, what Luck, request uint64, attempt int) Roll {
	return NewDraws(seed, what).Of(request, attempt)
}

// Draws are the draws for one purpose in one run: for who draws often.
type Draws uint64

// NewDraws returns the draws of a run of that seed for a purpose.
func NewDraws(seed uint64, what Luck) Draws {
	return Draws(mix(mix(seed+0x9e3779b97f4a7c15) ^ uint64(what)))
}

// Of returns the dice of one request, as Draw does.
func (d Draws) Of(request uint64, attempt int) Roll {
	return Roll{state: mix(uint64(d)^request) ^ uint64(attempt)<<56}
}

// Roll is a small generator (splitmix64) held by value: a draw allocates
// nothing. It is a math/rand/v2 Source through its pointer.
type Roll struct{ state uint64 }

// Uint64 returns the next 64 random bits.
func (r *Roll) Uint64() uint64 {
	r.state += 0x9e3779b97f4a7c15
	return mix(r.state)
}

// Float64 returns a number in [0, 1).
func (r *Roll) Float64() float64 { return float64(r.Uint64()>>11) / (1 << 53) }

// IntN returns a number in [0, n). n must be positive.
func (r *Roll) IntN(n int) int {
	hi, _ := bits.Mul64(r.Uint64(), uint64(n))
	return int(hi)
}

// Exp returns an exponentially distributed number with mean 1.
func (r *Roll) Exp() float64 { return -math.Log(1 - r.Float64()) }

// Norm returns a standard normal number (Box-Muller, one of the pair).
func (r *Roll) Norm() float64 {
	u := 1 - r.Float64()
	return math.Sqrt(-2*math.Log(u)) * math.Cos(2*math.Pi*r.Float64())
}

// mix is the finaliser of splitmix64 (Steele, Lea, Flood, OOPSLA 2014).
func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// hashString is 64-bit FNV-1a.
func hashString(s string) uint64 {
	h := uint64(14695981039346656037)
	for i := 0; i < len(s); i++ {
		h = (h ^ uint64(s[i])) * 1099511628211
	}
	return h
}
