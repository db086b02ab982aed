// Eviction: who leaves when room is short. One policy a file.
package cache

import "cdnlab/sim"

// Eviction orders entries for eviction. Ids are dense (small numbers, used
// again), so a policy keeps flat arrays and allocates only when they grow.
// The order of calls for a new entry: Admit; Victim as long as the entry does
// not fit; Insert.
type Eviction interface {
	// Admit asks whether an entry may come in at all, and tells what is about
	// to: a policy that remembers the evicted learns here of a second chance.
	// size must not be greater than the capacity.
	Admit(id uint32, size int64) bool
	// Insert takes in an entry that is not there yet.
	Insert(id uint32, size int64)
	// Hit tells that an entry was used.
	Hit(id uint32)
	// Victim takes out the entry that leaves first. Asking with none there is a
	// broken invariant.
	Victim() uint32
	// Remove takes out an entry that leaves for another reason (purged,
	// replaced), or one that is only remembered, and forgets it.
	Remove(id uint32)
}

// NewEviction makes a policy for a capacity in bytes. An id that Victim
// returned stays bound to its key until the policy calls release, so that a
// policy may remember whom it evicted; one that does not calls it in Victim.
// Remove releases without a call.
type NewEviction func(capacity int64, release func(id uint32)) Eviction

// Evictions are the known policies.
var Evictions = sim.Registry[NewEviction]{Kind: "eviction"}
