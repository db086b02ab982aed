// Purging: taking answers out, or marking them stale, and keeping those on their
// way from coming in.
package edge

import (
	"fmt"
	"net/http"
	"strings"

	"cdnlab/edge/cache"
	"cdnlab/sim"
)

// MethodPurge asks a PoP to forget. It is no method of a standard, but Varnish,
// Fastly and Squid have it.
const MethodPurge = "PURGE"

// SoftPurge is the field with which Fastly marks a purge as soft, whatever its
// value.
const SoftPurge = "Fastly-Soft-Purge"

// purgesKept bounds the purges remembered for the sake of fetches that were on
// their way when they happened; a fetch older than the oldest is not stored.
const purgesKept = 1024

// purges remembers the last purges in a ring.
type purges struct {
	n    uint64 // how many there were
	last [purgesKept]purged
}

// purged is what one purge was about.
type purged struct {
	cache.Target
	at sim.Time
}

func (l *purges) add(t cache.Target, at sim.Time) {
	l.last[l.n%purgesKept] = purged{t, at}
	l.n++
}

// between reports whether an answer may have been purged after the first n purges
// and before the first end of them were over.
func (l *purges) between(n, end uint64, key cache.Key, tags []string) bool {
	if n < end && l.n-n > purgesKept {
		return true
	}
	for ; n < end; n++ {
		if l.last[n%purgesKept].Covers(key, tags) {
			return true
		}
	}
	return false
}

// latest returns when key was purged last, as far as is remembered. What tags it
// had is not.
func (l *purges) latest(key cache.Key) (sim.Time, bool) {
	for n := l.n; n > 0 && l.n-n < purgesKept; n-- {
		if x := &l.last[(n-1)%purgesKept]; x.Covers(key, nil) {
			return x.at, true
		}
	}
	return 0, false
}

// Purge takes everything that a target covers out of the cache, or with soft marks
// it stale, and returns how many entries that were. Answers now on their way are
// not stored either.
func (p *PoP) Purge(t cache.Target, soft bool) int {
	now := p.env.Now()
	p.purges.add(t, now)
	if key := p.rekeyed(t.Key); !t.Prefix && t.Tag == "" && key != t.Key {
		t.Key = key // for which it is one name of many
		return p.Purge(t, soft)
	}
	if key := p.searches.Key(t.Key); t.Exact() && key != t.Key {
		return p.Purge(cache.Target{Key: key}, soft) // for which t.Key is one name of many
	}
	if t.Exact() && !p.slices {
		p.flights.LandAll(t.Key, p.doom)
	} else {
		p.flights.LandThose(func(fl *flight) bool { return t.Covers(fl.Key, tagsOf(fl)) }, p.doom)
	}
	if soft {
		return p.store.Soften(t, now)
	}
	return p.store.Purge(t)
}

// tagsOf returns what tags a flight's answer is known to have: those of what came,
// or of what is stored and asked about. Of another the answer must tell.
func tagsOf(fl *flight) []string {
	switch {
	case fl.Entry != nil:
		return fl.Entry.Tags
	case fl.Fetch.stale != nil:
		return fl.Fetch.stale.Tags
	}
	return nil
}

// Purging is a purge as somebody asks for it.
type Purging struct {
	Targets []cache.Target
	Soft    bool   // marked stale, not taken out
	Says    string // what it is about, in words
}

// ReadPurge reads a PURGE request. It is about the URI, with a * at the end about
// all paths of the host that begin so, as * alone about everything; but with tags,
// in Surrogate-Key or Cache-Tag, about what carries one of them. Whoever runs the CDN
// may name many targets in PurgeField instead; without any it is no purge.
func ReadPurge(req *sim.Request) Purging {
	if req.Control && len(req.Header[PurgeField]) > 0 {
		return readFields(req.Header)
	}
	x := Purging{Says: req.Path, Soft: len(req.Header[SoftPurge]) > 0}
	if tags := cache.Tags(req.Header); len(tags) > 0 {
		x.Says = saysTags(tags)
		for _, tag := range tags {
			x.Targets = append(x.Targets, cache.Target{Tag: tag})
		}
	} else {
		x.Targets = []cache.Target{targetOf(req)}
	}
	if x.Soft {
		x.Says += ", softly"
	}
	return x
}

func targetOf(req *sim.Request) cache.Target {
	if req.Path == "*" {
		return cache.Target{Prefix: true}
	}
	t := cache.Target{Key: cache.KeyOf(req)}
	t.Path, t.Prefix = strings.CutSuffix(t.Path, "*")
	return t
}

// tagsNamed is how many tags words about a purge name.
const tagsNamed = 3

func saysTags(tags []string) string {
	says := "tag " + strings.Join(tags[:min(len(tags), tagsNamed)], ", ")
	if more := len(tags) - tagsNamed; more > 0 {
		says += fmt.Sprintf(" and %d more", more)
	}
	return says
}

// Forget does what a purge asks for, tells of it, and returns how many entries
// that were.
func (p *PoP) Forget(x Purging) (n int) {
	for _, t := range x.Targets {
		n += p.Purge(t, x.Soft)
	}
	p.env.Note(sim.EventPurged, x.Says, entries(n))
	return n
}

// servePurge answers the method PURGE. It is for whoever runs the CDN alone, and
// it ends here: a parent stores nothing.
func (p *PoP) servePurge(req *sim.Request, reply func(*sim.Response)) {
	resp := sim.Answer(http.StatusOK, nil, 0)
	resp.Date = p.env.Now()
	switch x := ReadPurge(req); {
	case !req.Control:
		p.n.requests.Add(1)
		p.n.refused.Add(1)
		resp.Status = http.StatusForbidden
	case len(x.Targets) == 0:
		resp.Status = http.StatusBadRequest
	default:
		p.Forget(x)
	}
	reply(resp)
}

func entries(n int) string {
	if n == 1 {
		return "1 entry"
	}
	return fmt.Sprintf("%d entries", n)
}

// doomed reports whether a flight's answer must not be stored: it was purged after
// the fetch was sent.
func (p *PoP) doomed(fl *flight, e *cache.Entry) bool {
	return p.purges.between(fl.Fetch.purges, p.purges.n, fl.Key, e.Tags) ||
		e.Key != fl.Key && p.purges.between(fl.Fetch.purges, p.purges.n, e.Key, nil)
}

// joins decides whether a fetched answer may serve one who waited for it. Who came
// after a purge of one of its tags did not know it by then, and must not get what
// was asked for before.
func (p *PoP) joins(a *ask, f *fetch, e *cache.Entry) (cache.Reason, bool) {
	if p.purges.between(f.purges, a.purges, a.key, e.Tags) {
		return cache.WhySentBefore, false
	}
	if !e.Answers(p.keyOf(a.req).Path) { // a waited under a name that it shared with others
		return cache.WhySearch, false
	}
	return f.rules.Joins(e, a.req.Header)
}

// doom tells a flight of a purge. Who reads its answer already reads on.
func (p *PoP) doom(fl *flight) {
	f := fl.Fetch
	if fl.Entry != nil {
		abandon(f.body, sim.Cancelled)
		fl.Entry = nil
	} else if fl.Waiting() == 0 && !f.done {
		f.cancel(sim.Cancelled) // a refresh that nobody wants any more
	}
}
