// Purging: taking answers out, and keeping those on their way from coming in.
package edge

import (
	"cdnlab/edge/cache"
	"cdnlab/sim"
)

// purgesKept bounds the purges remembered for the sake of fetches that were on
// their way when they happened; a fetch older than the oldest is not stored.
const purgesKept = 1024

// purges remembers the last purged keys in a ring.
type purges struct {
	n    uint64 // how many there were
	keys [purgesKept]cache.Key
}

func (l *purges) add(key cache.Key) {
	l.keys[l.n%purgesKept] = key
	l.n++
}

// since reports whether key may have been purged after the first n purges.
func (l *purges) since(n uint64, key cache.Key) bool {
	if l.n-n > purgesKept {
		return true
	}
	for ; n < l.n; n++ {
		if l.keys[n%purgesKept] == key {
			return true
		}
	}
	return false
}

// Purge takes everything stored under a URI out of the cache and returns how
// many variants that were. Answers now on their way are not stored either.
func (p *PoP) Purge(key cache.Key) int {
	p.purges.add(key)
	p.flights.LandAll(key, p.doom)
	return p.store.Purge(key)
}

// doomed reports whether a flight's answer must not be stored: its key was
// purged after the fetch was sent.
func (p *PoP) doomed(fl *flight) bool { return p.purges.since(fl.Fetch.purges, fl.Key) }

// doom tells a flight of a purge. Who reads its answer already reads on.
func (p *PoP) doom(fl *flight) {
	f := fl.Fetch
	if fl.Entry != nil {
		abandon(fl.Entry.Body, sim.Cancelled)
		fl.Entry = nil
	} else if fl.Waiting() == 0 && !f.done {
		f.cancel(sim.Cancelled) // a refresh that nobody wants any more
	}
}
