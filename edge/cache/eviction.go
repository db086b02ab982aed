// Eviction: who leaves when room is short. One policy a file.
package cache

import (
	"math"
	"math/rand/v2"

	"cdnlab/sim"
)

// Eviction orders entries for eviction. Ids are dense (small numbers, used again), so
// a policy keeps flat arrays and allocates only when they grow.
//
// The order of calls for a newcomer: Admit; Victim as long as it does not fit; Insert.
// Who has the policy adds up sizes: a policy does it only where its rules have parts.
// Not safe for concurrent use.
type Eviction interface {
	// Admit asks whether an entry may come in at all, and tells what is about to:
	// a policy that remembers the evicted learns here of a second chance. Its size
	// must not be greater than the capacity.
	Admit(x Item) bool
	// Next tells who would leave first if room had to be made now, for nobody in
	// particular: a Victim right after it takes that one. What a policy does to find
	// out (its hand moves on, it draws) stays done. Asking with none there is a broken
	// invariant.
	Next() uint32
	// Victim takes out the entry that leaves first: perhaps the newcomer, which then
	// stays out, without a release. Asking with none there is a broken invariant.
	Victim() uint32
	// Insert takes in an entry that is not there yet; false: it stays out after all,
	// without a release.
	Insert(x Item) bool
	// Hit tells that an entry was used.
	Hit(id uint32)
	// Remove takes out an entry that leaves for another reason (purged, replaced),
	// or one that is only remembered, and forgets it.
	Remove(id uint32)
}

// Parted is an Eviction whose parts have limits of their own: as long as one is over
// its limit, or would be with the newcomer, Victim is called, whether there is room or
// not. It is asked after each Admit and each Hit.
type Parted interface{ Over() bool }

// Renewed is an Eviction that goes by when entries get stale: it is told when that
// has become another time.
type Renewed interface{ Renew(x Item) }

// Item is an entry as a policy sees it.
type Item struct {
	ID      uint32
	Key     uint64   // a hash of its key, the same whenever it comes
	Size    int64    // in the unit of the capacity
	Expires sim.Time // when it gets stale; Never: it does not
}

// Setup is what a policy is made with.
type Setup struct {
	Capacity int64 // in the unit of sizes: bytes, or objects where each has size 1
	// Release is called for an id that Victim returned, when the policy remembers it
	// no more; until then the id stays bound to its key, so that a policy may
	// remember whom it evicted. One that does not calls it in Victim. Remove
	// releases without a call.
	Release func(id uint32)
	Dice    *rand.Rand // of policies that draw
	// Compat keeps rules of libCacheSim that come of how it is built and of no
	// paper, for counts equal to its own: see the files that look at it.
	Compat bool
	// Weigh, of who adds up sizes, changes the one that an entry counts with. Only rules
	// of Compat call it, in Insert and in Hit; nil: it is not to be had, nor are they.
	Weigh func(id uint32, size int64)
}

// NewEviction makes a policy.
type NewEviction func(Setup) Eviction

// With returns a policy that draws by the dice.
func (n NewEviction) With(dice *rand.Rand) NewEviction {
	return func(s Setup) Eviction {
		s.Dice = dice
		return n(s)
	}
}

// Evictions are the known policies.
var Evictions = sim.Registry[NewEviction]{Kind: "eviction"}

// share returns a part of a capacity in whole units, rounded down.
func share(capacity int64, of float64) int64 {
	return int64(math.Floor(float64(capacity) * of))
}
