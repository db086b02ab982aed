// What a PoP tells of traced requests. Each function is called where its decision
// is made, and only for them.
package edge

import (
	"fmt"
	"net/http"
	"strings"

	"cdnlab/edge/cache"
	"cdnlab/sim"
)

// explainJudged tells what the cache makes of a request.
func (p *PoP) explainJudged(req *sim.Request, d cache.Decision, e *cache.Entry) {
	says := d.Explain(e)
	if d.Fwd == sim.FwdURIMiss {
		if at, purged := p.purges.latest(p.keyOf(req)); purged {
			says += "; it was purged " + sim.Briefly(p.env.Now().Sub(at)) + " ago"
		}
	}
	if o := p.rulesOf(req).Override; o != nil {
		says += "; rules: " + strings.Join(o.Names, ", ")
	}
	p.env.Explain(req, sim.StepCache, says)
}

// explainPass tells why a request goes upstream without a place in the cache.
func (p *PoP) explainPass(a *ask) {
	if a.verdict == sim.VerdictBypass {
		p.explainJudged(a.req, a.d, nil)
		return
	}
	p.env.Explain(a.req, sim.StepFlight, "by itself, and not to be stored: "+cache.WhyMethod.String())
}

// explainLead tells why a request has a fetch of its own, and what that asks.
func (p *PoP) explainLead(a *ask, f *fetch) {
	says := "leads: nobody else is fetching this, and who asks now waits for it"
	switch {
	case !p.shares:
		says = "by itself: requests are not coalesced (rule: coalesce = off)"
	case a.d.Alone:
		says = "by itself: the answer will not be fit to share"
	case p.loners.Has(a.key, a.at):
		says = "by itself: the last answer was not fit to share (rule: hit-for-miss = " + sim.Briefly(p.loners.For) + ")"
	case a.turn == lastTurn:
		says = "by itself: others' answers were not for it"
	}
	p.env.Explain(a.req, sim.StepFlight, says+f.asking())
}

// asking says what a fetch asks because of what is stored.
func (f *fetch) asking() string {
	switch {
	case f.plan.Slice.Size != 0:
		says := "; it asks for a slice, " + f.plan.Slice.String() + " (rule: slice = " + f.pop.cfg.Slice.String() + ")"
		if f.plan.Conditional {
			says += ", if what is stored of it holds no more"
		}
		return says
	case f.plan.Conditional:
		return "; it asks whether what is stored still holds (RFC 9111 4.3.1)"
	case f.plan.Lacks.Size != 0:
		return "; it asks for what is not stored, " + f.plan.Lacks.String() + " (RFC 9111 3.4)"
	}
	return ""
}

// explainRefresh tells of a refresh behind the answer; fl is nil when another is
// on its way.
func (p *PoP) explainRefresh(req *sim.Request, fl *flight) {
	if fl == nil {
		p.env.Explain(req, sim.StepFlight, "a refresh is on its way already")
		return
	}
	p.env.Explain(req, sim.StepFlight, "refreshed behind the answer"+fl.Fetch.asking())
}

// explainJoin tells whose fetch a request waits for.
func (p *PoP) explainJoin(now sim.Time, a *ask, fl *flight) {
	f := fl.Fetch
	whose := "an earlier request's fetch"
	if f.leader == nil {
		whose = "a fetch whose asker has left"
		if f.background {
			whose = "a refresh"
		}
	}
	says := fmt.Sprintf("waits for %s, sent %s ago, as number %d in line (RFC 9111 4, collapsed requests)",
		whose, sim.Briefly(now.Sub(f.sent)), fl.Waiting())
	if fl.Entry != nil {
		says = "shares the answer to " + whose + ", whose content is still coming"
	}
	p.env.Explain(a.req, sim.StepJoin, says)
}

// explainTurnedAway tells why the answer that a request waited for is not its.
func (p *PoP) explainTurnedAway(a *ask, why cache.Reason) {
	says := why.String()
	if why == cache.WhyNotStored {
		says = "it may not be stored, so it is the first asker's alone"
	}
	p.env.Explain(a.req, sim.StepFlight, "the fetch's answer is not for this request: "+says)
}

// explainShare tells what a request that waited gets.
func (p *PoP) explainShare(now sim.Time, a *ask, e *cache.Entry) {
	p.env.Explain(a.req, sim.StepGive, "its share of the fetched answer, age "+sim.Briefly(e.Age(now)))
}

// explainAssembly tells that an answer is put together of slices.
func (p *PoP) explainAssembly(req *sim.Request, s cache.Span, e *cache.Entry) {
	p.env.Explain(req, sim.StepGive, fmt.Sprintf("%v of %d, put together of slices of %v", s, e.Length(), p.cfg.Slice))
}

// explainUnstored tells why an answer may not be stored.
func (p *PoP) explainUnstored(f *fetch, why cache.Reason) {
	p.env.Explain(&f.req, sim.StepStore, "not stored: "+why.String())
}

// explainStored tells whether an answer that may be stored is, and for how long
// it is fresh.
func (p *PoP) explainStored(fl *flight, e *cache.Entry, kept bool) {
	says := e.Kept()
	switch {
	case kept:
	case p.doomed(fl, e):
		says = "not stored: it was purged while the answer was on its way"
	case fl.Fetch.unstored != "":
		p.explainUnadmitted(fl.Fetch)
		return
	default:
		says = "not stored: the cache has no room for it"
	}
	p.env.Explain(&fl.Fetch.req, sim.StepStore, says)
}

// explainUnadmitted tells why an answer that could be stored does not come in.
func (p *PoP) explainUnadmitted(f *fetch) {
	p.env.Explain(&f.req, sim.StepStore, "not admitted: "+f.unstored.String())
}

// explainDropped tells why an answer that was to be stored is not, now that its
// content has ended.
func (p *PoP) explainDropped(fl *flight, e *cache.Entry, whole bool) {
	says := "not stored after all: larger than edge.max-object"
	switch {
	case !whole:
		says = "not stored after all: the content broke off (RFC 9111 3.3)"
	case p.doomed(fl, e):
		says = "not stored after all: it was purged while the content was on its way"
	}
	p.env.Explain(&fl.Fetch.req, sim.StepStore, says)
}

// explainDefault tells of a page that a rule has for failures.
func (p *PoP) explainDefault(a *ask, d *cache.Default) {
	p.env.Explain(a.req, sim.StepGive, fmt.Sprintf("%d and the page of a rule in its place (rule: default-text)", d.Status))
}

// explainInvalidated tells what a change that succeeded takes out of the cache.
func (p *PoP) explainInvalidated(req *sim.Request, key cache.Key, groups []cache.Target) {
	says := "what is stored of " + key.String() + " is forgotten: it was changed (RFC 9111 4.4)"
	if n := len(groups); n > 0 {
		says += ", and with it the " + groups[0].String()
		if n > 1 {
			says += fmt.Sprintf(" and %d more", n-1)
		}
		says += " (RFC 9875)"
	}
	p.env.Explain(req, sim.StepStore, says)
}

// explainFreshened tells what a 304 of the parent means.
func (p *PoP) explainFreshened(f *fetch, e *cache.Entry, kept bool) {
	says := "304: what is stored still holds, its fields are updated (RFC 9111 4.3.4)"
	switch {
	case e == nil:
		says = "304, but of another representation than the stored one: asked again (RFC 9111 4.3.4)"
	case kept:
		says += "; " + e.Kept()
	default:
		says += "; it may not be stored any longer"
	}
	p.env.Explain(&f.req, sim.StepStore, says)
}

// explainSection tells what of an entry a request for a range gets.
func (p *PoP) explainSection(req *sim.Request, s cache.Span, how cache.Serving) {
	says := "the whole: its Range does not count (RFC 9110 13.1.5 and 14.2)"
	switch how {
	case cache.Section:
		says = "206: " + s.String() + " (RFC 9110 15.3.7)"
	case cache.Unsatisfiable:
		says = "416: there are no such bytes (RFC 9110 15.5.17)"
	}
	p.env.Explain(req, sim.StepGive, says)
}

// explainCompleted tells what came of asking for what an entry lacks.
func (p *PoP) explainCompleted(f *fetch, all *cache.Entry) {
	says := "206: combined with what is stored (RFC 9111 3.4)"
	if all == nil {
		says = "what came is no part of what is stored, which is forgotten: asked again (RFC 9111 3.4)"
	}
	p.env.Explain(&f.req, sim.StepStore, says)
}

// explainNotModified tells that a client needs no content.
func (p *PoP) explainNotModified(req *sim.Request) {
	p.env.Explain(req, sim.StepGive, "304: the client's copy still holds (RFC 9110 13.2.2)")
}

// explainStale tells that a stale answer goes out in the place of a failure.
func (p *PoP) explainStale(a *ask, f *fetch, d cache.Decision) {
	p.env.Explain(a.req, sim.StepGive, "upstream failed; "+d.Explain(f.stale))
}

// explainPassedOn tells that who led a fetch gets the parent's own error.
func (p *PoP) explainPassedOn(a *ask, resp *sim.Response) {
	p.env.Explain(a.req, sim.StepGive, fmt.Sprintf("the parent's %d passes on: not stored, and nothing stale may go out in its place (RFC 5861 4)", resp.Status))
}

// explainFail tells what a failure becomes.
func (p *PoP) explainFail(a *ask, c sim.Cause, status, answer int) {
	why := c.Says()
	if c == sim.OK {
		why = fmt.Sprintf("the parent answered %d to the request that this one waited for", status)
	}
	p.env.Explain(a.req, sim.StepGive, fmt.Sprintf("%d: %s (%s)", answer, why, statusRule(answer)))
}

// statusRule is where RFC 9110 defines an error of a gateway.
func statusRule(status int) string {
	switch status {
	case http.StatusServiceUnavailable:
		return "RFC 9110 15.6.4"
	case http.StatusGatewayTimeout:
		return "RFC 9110 15.6.5"
	}
	return "RFC 9110 15.6.3"
}
