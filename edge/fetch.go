// Fetches: one request to the parent, until its header has come.
package edge

import (
	"net/http"

	"cdnlab/edge/cache"
	"cdnlab/sim"
)

// fetch is one request to the parent. It has a scope of its own, as it may
// outlive the client that caused it.
type fetch struct {
	req    sim.Request
	scope  sim.Scope
	timer  sim.Timer
	sent   sim.Time
	done   bool // its header has come, or nobody waits for that any more
	status uint16

	asked       http.Header  // the client's fields, before the PoP changed any
	stale       *cache.Entry // what is stored already, or nil
	conditional bool         // asks whether stale still holds
	leader      *ask         // nil when it left, or none ever was
	background  bool         // the store wants it, whoever waits
	through     bool         // the cache has nothing to do with it
	purges      uint64       // how many purges there had been when it was made
}

// newFetch derives the request to the parent from a client's. It keeps nothing
// of req itself, which belongs to who made it.
func (p *PoP) newFetch(fl *flight, req *sim.Request, stale *cache.Entry) *fetch {
	f := &fetch{req: *req, asked: req.Header, stale: stale, purges: p.purges.n}
	f.conditional = stale != nil && stale.Validatable()
	f.req.Scope, f.req.Control = &f.scope, false
	f.req.Header = p.parentHeader(req)
	if req.Interim != nil {
		f.req.Interim = func(status int, h http.Header) {
			if a := fl.Fetch.leader; a != nil {
				a.req.Interim(status, h)
			}
		}
	}
	return f
}

// send sends a flight's fetch.
func (p *PoP) send(fl *flight) {
	f := fl.Fetch
	if f.done {
		return // its client left before it was sent
	}
	if !f.through {
		f.req.Header = f.preconditions()
	}
	p.n.fetches.Add(1)
	f.sent = p.env.Now()
	f.timer = p.env.After(p.cfg.ParentTimeout, func() {
		f.cancel(sim.TimedOut)
		p.arrived(fl, f, sim.Fail(sim.TimedOut))
	})
	p.parent.Serve(&f.req, func(resp *sim.Response) {
		if f.done {
			abandon(resp.Body, f.scope.Cause())
			return
		}
		f.done = true
		f.timer.Stop()
		p.arrived(fl, f, resp)
	})
}

// preconditions puts those of the stored entry in the place of the client's,
// which the PoP decides itself when the answer has come.
func (f *fetch) preconditions() http.Header {
	if f.conditional {
		return cache.Validators(f.req.Header, f.stale)
	}
	return cache.WithoutPreconditions(f.req.Header)
}

// cancel ends a fetch whose header has not come. Whoever waits must have been
// told, or be told next.
func (f *fetch) cancel(c sim.Cause) {
	f.done = true
	f.timer.Stop()
	f.scope.Cancel(c)
}

// again sends a flight's fetch once more, now without preconditions.
func (p *PoP) again(fl *flight) {
	old := fl.Fetch
	f := &fetch{req: old.req, asked: old.asked, leader: old.leader, background: old.background,
		purges: old.purges}
	f.req.Scope = &f.scope
	fl.Fetch = f
	p.send(fl)
}

// abandon says that nobody here wants a body.
func abandon(b sim.Body, c sim.Cause) {
	if b == nil {
		return
	}
	if c == sim.OK {
		c = sim.Cancelled
	}
	b.Abandon(c)
}
