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

// noAdmission lets in everything.
const noAdmission = "none"

// policy returns what makes an admission policy, each with dice of its own.
func (g Guards) policy(name string, seed uint64) (func() cache.NewAdmission, error) {
	o := g.Options
	o.Admission = name
	o = o.WithDefaults()
	if bad := o.Check(); len(bad) > 0 {
		return nil, fmt.Errorf("replays: %w", bad[0])
	}
	return func() cache.NewAdmission { return o.Policy(rand.New(rand.NewPCG(seed, seed))) }, nil
}

// ErrAdmissions says that admissions are not of PoPs with disks.
var ErrAdmissions = errors.New("of a PoP with a disk the disk's admission says what is stored there, and there is no other")
