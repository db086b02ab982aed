// Guards: admission policies before each cache, and times after which objects are stale.
package replays

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"cdnlab/edge"
	"cdnlab/edge/cache"
)

// Guards is what stands before each cache of a plan. The zero Guards are nothing.
type Guards struct {
	Admissions []string       // each with each policy and capacity; none: all that may be stored is
	Options    edge.Admitting // of all of them; Admission is not looked at
	TTL        time.Duration  // of every object from its fetch on, in the trace's time; 0: nothing gets stale
}

func (g Guards) on() bool { return len(g.Admissions) > 0 || g.TTL > 0 }

// names are the admissions, of which there is one if none is named.
func (g Guards) names() []string {
	if len(g.Admissions) == 0 {
		return []string{""}
	}
	return g.Admissions
}

// policy returns an admission policy.
func (g Guards) policy(name string, seed uint64) (cache.NewAdmission, error) {
	o := g.Options
	o.Admission = name
	o = o.WithDefaults()
	if bad := o.Check(); len(bad) > 0 {
		return nil, fmt.Errorf("replays: %w", bad[0])
	}
	return o.Policy(rand.New(rand.NewPCG(seed, seed))), nil
}

// ErrGuards says that several caches cannot be guarded.
var ErrGuards = errors.New("admission and TTL are of one cache: of several (PoPs, a disk, a shield) they are not played")
