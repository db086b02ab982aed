// Sections: answers to requests for a range.
package edge

import (
	"net/http"

	"cdnlab/edge/cache"
	"cdnlab/sim"
)

// serves reports whether an entry has all that a request wants.
func (p *PoP) serves(e *cache.Entry, req *sim.Request) bool {
	switch {
	case isSlice(e): // the others can be had
		return true
	case req.Method != http.MethodGet: // which alone knows ranges (RFC 9110 14.2)
		return !e.Partial()
	case !e.Partial() && !p.hasRange(req.Header):
		return true
	}
	_, how := e.Serves(req.Header)
	return how != cache.Lacking
}

// section makes an answer from e one with the range that a request wants of it, or
// one that says that there is no such range; false when it gets the whole.
func (p *PoP) section(now sim.Time, resp *sim.Response, req *sim.Request, e *cache.Entry) bool {
	s, how := e.Serves(req.Header)
	if how == cache.Lacking && isSlice(e) {
		return false
	}
	switch how {
	case cache.Section:
		resp.Status, resp.Header = http.StatusPartialContent, p.rulesOf(req).ForUsers(e.Status, e.SectionHeader(s), e.Age(now))
		resp.Size, resp.Stamp, resp.Body = s.Size, e.Stamp.In(s.From, s.Size), e.Cut(s)
	case cache.Unsatisfiable:
		resp.Status, resp.Header = http.StatusRequestedRangeNotSatisfiable, e.UnsatisfiableHeader()
		resp.Date, resp.Aged, resp.Age = now, false, 0 // made here and now
	}
	if req.Traced() {
		p.explainSection(req, s, how)
	}
	return how == cache.Section || how == cache.Unsatisfiable
}

// alike returns the names of the fields that a request must share with another to
// share its fetch: those that answers vary by, and when it is for a range, that.
func (p *PoP) alike(vary []string, req *sim.Request, plan cache.Plan) []string {
	if plan.Whole || plan.Slice.Size != 0 || !p.hasRange(req.Header) {
		return vary
	}
	return append(vary[:len(vary):len(vary)], "Range", "If-Range")
}

// completed handles what came of asking for what an entry lacks (RFC 9111 3.4). When
// that does not make up what was wanted, all of it is asked for.
func (p *PoP) completed(now sim.Time, fl *flight, x *cache.Exchange) {
	f := fl.Fetch
	all, fresh := f.rules.Complete(f.stale, x)
	if f.req.Traced() {
		p.explainCompleted(f, all)
	}
	if all == nil || f.leader != nil && !p.serves(all, f.leader.req) {
		abandon(x.Response.Body, sim.Cancelled)
		p.forgetStale(f)
		p.again(fl)
		return
	}
	p.storable(now, fl, x, all, fresh)
}
