// The answers that prequal keeps: a few, in the order in which they came.
package balance

import (
	"math/bits"

	"cdnlab/origin/health"
	"cdnlab/sim"
)

// mostProbes is how many answers are kept; more tell no more (Prequal, section 4).
const mostProbes = 16

// answer is what a server said.
type answer struct {
	at            sim.Time
	load          health.Load
	server        int32 // its index
	used, mostUse int32
}

// rank orders answers, the better first: cold ones by latency, then hot ones, which have more
// than threshold in flight, by that.
type rank uint64

func (a *answer) rank(threshold int) rank {
	hot := rank((threshold - a.load.InFlight) >> 63) // all ones or 0
	return hot&(rank(a.load.InFlight)|hottest) | ^hot&rank(a.load.Latency)
}

// hottest stands in the ranks of hot ones alone.
const hottest = 1 << 63

func (r rank) hot() int { return int(r >> 63) }

// answers are of as many servers. What is dropped leaves a gap in slots and none in
// order, so nothing is moved.
type answers struct {
	n     int
	slots [mostProbes]answer
	ranks [mostProbes]rank // of slots, with this threshold
	bound int
	taken uint16 // which slots are
	out   uint16 // of which the server may not be picked now
	order uint64 // four bits for each answer, the oldest lowest: its slot
	slot  []int8 // by server, that of its answer + 1; 0: none
}

// grow makes room for what a server of that index says.
func (a *answers) grow(index int) {
	for len(a.slot) <= index {
		a.slot = append(a.slot, 0)
	}
}

// at returns the answer that k older ones stand before.
func (a *answers) at(k int) *answer { return &a.slots[a.order>>(4*k)%mostProbes] }

// fit says whether a server may be picked, should it have answered.
func (a *answers) fit(index int, fit bool) {
	if slot := a.slot[index]; slot > 0 {
		a.out &^= 1 << (slot - 1)
		if !fit {
			a.out |= 1 << (slot - 1)
		}
	}
}

// rank ranks all by another threshold.
func (a *answers) rank(threshold int) {
	if a.bound == threshold {
		return
	}
	a.bound = threshold
	for slot := range a.slots {
		a.ranks[slot] = a.slots[slot].rank(threshold)
	}
}

// begin counts one more in flight into the answer that k older ones stand before.
func (a *answers) begin(k int) {
	slot := a.order >> (4 * k) % mostProbes
	a.slots[slot].load.InFlight++
	a.ranks[slot] = a.slots[slot].rank(a.bound)
}

// add puts what a server says behind the others, in the place of the oldest when there are as
// many as may be.
func (a *answers) add(now sim.Time, s *Server, load health.Load, mostUse int32) {
	if a.n == mostProbes {
		a.drop(0)
	}
	slot := bits.TrailingZeros16(^a.taken)
	a.taken |= 1 << slot
	a.order |= uint64(slot) << (4 * a.n)
	a.slot[s.index] = int8(slot + 1)
	a.n++
	said := &a.slots[slot]
	said.at, said.load, said.server, said.used, said.mostUse = now, load, int32(s.index), 0, mostUse
	a.ranks[slot] = said.rank(a.bound)
	a.fit(s.index, s.eligible)
}

// drop forgets the answer that k older ones stand before.
func (a *answers) drop(k int) {
	slot := a.order >> (4 * k) % mostProbes
	a.taken &^= 1 << slot
	a.slot[a.slots[slot].server] = 0
	before := uint64(1)<<(4*k) - 1
	a.order = a.order&before | a.order>>4&^before
	a.n--
}

// forget forgets what a server said, if it did.
func (a *answers) forget(index int) {
	if slot := a.slot[index]; slot > 0 {
		a.drop(a.place(uint64(slot - 1)))
	}
}

// place returns how many older answers stand before that of a slot: the lowest four bits of
// order that are it.
func (a *answers) place(slot uint64) int {
	const ones, tops = 0x1111111111111111, 0x8888888888888888
	other := a.order ^ slot*ones
	return bits.TrailingZeros64((other-ones)&^other&tops) / 4
}
