// Purging: taking answers out, and keeping those on their way from coming in.
package edge

import (
	"fmt"
	"net/http"
	"strings"

	"cdnlab/edge/cache"
	"cdnlab/sim"
)

// methodPurge asks a PoP to forget a path, or with a * at its end all paths that
// begin so. It is no method of a standard, but Varnish, Fastly and Squid have it.
const methodPurge = "PURGE"

// purgesKept bounds the purges remembered for the sake of fetches that were on
// their way when they happened; a fetch older than the oldest is not stored.
const purgesKept = 1024

// purges remembers the last purges in a ring.
type purges struct {
	n    uint64 // how many there were
	last [purgesKept]purged
}

// purged is what one purge was about: a key, or every path of its site that
// begins as its path does.
type purged struct {
	key    cache.Key
	prefix bool
	at     sim.Time
}

func (x purged) covers(key cache.Key) bool {
	if x.prefix {
		return key.Scheme == x.key.Scheme && key.Host == x.key.Host && strings.HasPrefix(key.Path, x.key.Path)
	}
	return key == x.key
}

func (l *purges) add(x purged) {
	l.last[l.n%purgesKept] = x
	l.n++
}

// since reports whether key may have been purged after the first n purges.
func (l *purges) since(n uint64, key cache.Key) bool {
	if l.n-n > purgesKept {
		return true
	}
	for ; n < l.n; n++ {
		if l.last[n%purgesKept].covers(key) {
			return true
		}
	}
	return false
}

// latest returns when key was purged last, as far as is remembered.
func (l *purges) latest(key cache.Key) (sim.Time, bool) {
	for n := l.n; n > 0 && l.n-n < purgesKept; n-- {
		if x := &l.last[(n-1)%purgesKept]; x.covers(key) {
			return x.at, true
		}
	}
	return 0, false
}

// Purge takes everything stored under a URI out of the cache and returns how
// many variants that were. Answers now on their way are not stored either.
func (p *PoP) Purge(key cache.Key) int {
	p.purges.add(purged{key: key, at: p.env.Now()})
	p.flights.LandAll(key, p.doom)
	return p.store.Purge(key)
}

// PurgePrefix is Purge for every path of the key's site that begins as its path
// does.
func (p *PoP) PurgePrefix(key cache.Key) int {
	x := purged{key, true, p.env.Now()}
	p.purges.add(x)
	p.flights.LandThose(x.covers, p.doom)
	return p.store.PurgeAll(x.covers)
}

// servePurge answers the method PURGE. It is for whoever runs the CDN alone, and
// it ends here: a parent stores nothing.
func (p *PoP) servePurge(req *sim.Request, reply func(*sim.Response)) {
	now := p.env.Now()
	resp := sim.Answer(http.StatusOK, nil, 0)
	resp.Date = now
	if !req.Control {
		p.n.requests.Add(1)
		p.n.refused.Add(1)
		resp.Status = http.StatusForbidden
		reply(resp)
		return
	}
	key, n := cache.KeyOf(req), 0
	if prefix, found := strings.CutSuffix(key.Path, "*"); found {
		key.Path = prefix
		n = p.PurgePrefix(key)
	} else {
		n = p.Purge(key)
	}
	p.env.Note(sim.EventPurged, req.Path, entries(n))
	reply(resp)
}

func entries(n int) string {
	if n == 1 {
		return "1 entry"
	}
	return fmt.Sprintf("%d entries", n)
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
