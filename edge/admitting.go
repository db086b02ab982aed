// What a scenario may say about who comes into a PoP's cache.
package edge

import (
	"errors"
	"fmt"
	"math/rand/v2"

	"cdnlab/edge/cache"
	"cdnlab/sim"
)

// Admitting is which admission policy a cache has, and its options.
type Admitting struct {
	Admission       string    `toml:"admission" jsonschema:"default=none,description=what comes into the cache of what could: to write what nobody asks for again takes room and wears disks; what does not come in is delivered all the same"`
	AdmissionSize   sim.Bytes `toml:"admission-size" jsonschema:"default=1MB,description=of size: the largest content that comes in; of size-chance: the size whose chance is 1/e"`
	AdmissionChance float64   `toml:"admission-chance" jsonschema:"default=0.1,minimum=0.0001,maximum=1,description=of chance: that of each miss to come in"`
	AdmissionWindow int       `toml:"admission-window" jsonschema:"default=100000,minimum=1,maximum=10000000,description=of second-request: how many different URLs are remembered at the least\\, and twice as many at the most; 2.4 bytes each"`
}

// maxWindow bounds AdmissionWindow: 24 MB.
const maxWindow = 10_000_000

// WithDefaults fills in what is not given. Admission none: what every cache does that is
// not told otherwise. AdmissionSize 1 MB: pages, scripts and images come in, and films and
// downloads, which take the room of hundreds of those, do not. AdmissionChance 0.1: what is asked
// for ten times comes in with two chances of three, and nine of ten that come once are
// not written. AdmissionWindow 100,000: ten times what 256 MiB hold of such things.
func (a Admitting) WithDefaults() Admitting {
	fill(&a.Admission, "none")
	fill(&a.AdmissionSize, 1_000_000)
	fill(&a.AdmissionChance, 0.1)
	fill(&a.AdmissionWindow, 100_000)
	return a
}

// Check returns what is wrong, every mistake.
func (a Admitting) Check() (bad []error) {
	a = a.WithDefaults()
	if _, err := cache.Admissions.Get(a.Admission); err != nil {
		bad = append(bad, fmt.Errorf("admission: %w", err))
	}
	if a.AdmissionSize < 0 {
		bad = append(bad, errors.New("admission-size: must not be negative"))
	}
	if !(a.AdmissionChance > 0 && a.AdmissionChance <= 1) { // nor NaN
		bad = append(bad, errors.New("admission-chance: must be above 0, and 1 at the most"))
	}
	if a.AdmissionWindow < 1 || a.AdmissionWindow > maxWindow {
		bad = append(bad, fmt.Errorf("admission-window: must be between 1 and %d", maxWindow))
	}
	return bad
}

// Policy returns the policy, which draws by the dice. a must have its defaults and pass
// its Check.
func (a Admitting) Policy(dice *rand.Rand) cache.NewAdmission {
	policy, _ := cache.Admissions.Get(a.Admission)
	return policy.With(cache.AdmissionSetup{Size: int64(a.AdmissionSize), Chance: a.AdmissionChance, Window: a.AdmissionWindow}, dice)
}
