// The least of many, of which one at a time changes: a tournament.
package balance

import (
	"math"
	"math/bits"
)

// tournament finds the player with the least key, and of equal keys the least tie. Each match
// of a tree has its winner; who changes plays again those on the way to the last, of
// O(log n). Who wins a match is as good as random, so it is arithmetic and no branch, and
// as a player meets the same opponents' winners whoever has won so far, the processor
// fetches them all at once.
type tournament struct {
	players []player // as many as leaves
	winner  []int32  // winner[1] has won; leaf of player i is leaves+i
	leaves  int      // a power of two
}

// player is what a match looks at, of all in one row of memory.
type player struct{ key, tie uint64 }

// absent is who plays no match, and loses it all the same. No other has that key.
var absent = player{math.MaxUint64, math.MaxUint64}

// first returns who has won; -1 when there is nobody.
func (t *tournament) first() int {
	if t.leaves == 0 || t.players[t.winner[1]] == absent {
		return -1
	}
	return int(t.winner[1])
}

// set makes i a player, or one of another key.
func (t *tournament) set(i int, key, tie uint64) {
	if i >= t.leaves {
		t.resize(i + 1)
	}
	t.players[i] = player{key, tie}
	t.replay(i)
}

// remove takes a player out who may be one.
func (t *tournament) remove(i int) { t.set(i, absent.key, absent.tie) }

// resize makes room for at least n players and plays everything anew.
func (t *tournament) resize(n int) {
	t.leaves = 1 << bits.Len(uint(n-1))
	for len(t.players) < t.leaves {
		t.players = append(t.players, absent)
	}
	t.winner = make([]int32, 2*t.leaves)
	for i := range t.leaves {
		t.winner[t.leaves+i] = int32(i)
	}
	for node := t.leaves - 1; node > 0; node-- {
		a, b := t.winner[2*node], t.winner[2*node+1]
		t.winner[node] = a
		if less(t.players[b], t.players[a]) != 0 {
			t.winner[node] = b
		}
	}
}

// replay plays the matches of a player up to the last, or to one that another wins
// now as before: beyond that nothing has changed.
func (t *tournament) replay(i int) {
	won, best := int32(i), t.players[i]
	for node := t.leaves + i; node > 1; {
		other := t.winner[node^1]
		against := t.players[other]
		lost := less(against, best)
		won ^= (won ^ other) & int32(lost)
		best.key ^= (best.key ^ against.key) & lost
		best.tie ^= (best.tie ^ against.tie) & lost
		node /= 2
		if t.winner[node] == won && won != int32(i) {
			return
		}
		t.winner[node] = won
	}
}

// less is all ones when a comes before b, else 0.
func less(a, b player) uint64 {
	_, borrow := bits.Sub64(a.tie, b.tie, 0)
	_, borrow = bits.Sub64(a.key, b.key, borrow)
	return -borrow
}

// perShare is load/share as a whole number that orders servers as the ratio does. It
// counts in 2^-52, and as no share is above MaxWeight*Unit, two ratios that differ do so by more
// than that. Those of 4096 and more, which takes as many requests at the thousandth part
// of a weight of 1, are one.
func perShare(load int, share int64) uint64 {
	const most = math.MaxUint64 - 1
	high, low := uint64(load)>>12, uint64(load)<<52
	if high >= uint64(share) {
		return most
	}
	ratio, _ := bits.Div64(high, low, uint64(share))
	return min(ratio, most)
}
