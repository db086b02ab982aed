// Admission: who may come in at all, whoever would have to leave. One policy a file.
package cache

import (
	"math/rand/v2"

	"cdnlab/sim"
)

// Admission says of a newcomer whether it is stored at all, over any eviction policy:
// what is asked for once takes room from others and wears disks, and no eviction can
// take back that it was written. Not safe for concurrent use.
type Admission interface {
	// Admit is asked once for each miss whose answer could be stored: "" lets it in, all
	// else is why not. A new version of what is stored is no newcomer.
	Admit(x Newcomer) Reason
}

// Counting is an Admission that goes by what was asked for before: it is told of each
// request that Admit is not asked about, hits and those that waited for the same answer.
type Counting interface{ Asked(key uint64) }

// Newcomer is an answer as an admission policy sees it.
type Newcomer struct {
	Key  uint64 // a hash of its key, the same whenever it comes and for all its variants
	Size int64  // of its content, in bytes
	Cost int64  // what it takes of the capacity, in its unit
}

// AdmissionSetup is what an admission policy is made with.
type AdmissionSetup struct {
	Size   int64      // bytes; of those that go by sizes
	Chance float64    // above 0, up to 1; of those that draw alike for all
	Window int        // keys; of those that remember who asked
	Dice   *rand.Rand // of those that draw

	// Leaves tells whose key it is that would leave first for a newcomer of that cost;
	// false: there is room for it. A newcomer that needs the room of several is held
	// against the first of them.
	Leaves func(cost int64) (key uint64, full bool)
	Stored func() int // how many entries are stored
}

// NewAdmission makes an admission policy; nil lets in everything.
type NewAdmission func(AdmissionSetup) Admission

// With returns the policy with these options, that draws by the dice; who has the store
// fills in the rest.
func (n NewAdmission) With(options AdmissionSetup, dice *rand.Rand) NewAdmission {
	return func(s AdmissionSetup) Admission {
		s.Size, s.Chance, s.Window, s.Dice = options.Size, options.Chance, options.Window, dice
		return n(s)
	}
}

// Admissions are the known policies.
var Admissions = sim.Registry[NewAdmission]{Kind: "admission"}

func init() {
	Admissions.Add("none", "everything that may be stored is", func(AdmissionSetup) Admission { return nil })
}
