// visit: one request of a browser, from its user's wish to the end of the answer.
package browser

import (
	"maps"
	"net/http"

	"cdnlab/edge/cache"
	"cdnlab/sim"
)

// visit is one request of a browser. It is used again for others.
type visit struct {
	visiting
	out   sim.Request  // what goes out
	scope sim.Scope    // of an ask that nobody waits for
	came  sim.Response // what it came to, as the cache is told of it

	b         *Browsers
	onReply   func(*sim.Response)
	onEnd     func(sim.Cause, int64)
	onTimeout func()
}

// visiting is what is known of a visit while it lasts.
type visiting struct {
	at     sim.Time // when its user asked, or the ask behind the answer began
	how    Load
	asked  http.Header // the user's fields
	key    cache.Key
	entry  *cache.Entry // what is stored for it, or nil
	d      cache.Decision
	passes bool // the cache has nothing to do with it
	behind bool // nobody waits for it
	reply  func(*sim.Response)
	link   sim.Handler
	timer  sim.Timer

	conditional bool
	sent        sim.Time
	resp        *sim.Response // whose content is coming
	fresh       *cache.Entry  // that it makes when it has come whole; or nil
}

func (b *Browsers) visit(now sim.Time, req *sim.Request, how Load) *visit {
	var v *visit
	if n := len(b.spare); n > 0 {
		v = b.spare[n-1]
		b.spare = b.spare[:n-1]
	} else {
		v = &visit{b: b}
		v.onReply, v.onEnd, v.onTimeout = v.replied, v.ended, v.timedOut
	}
	v.at, v.how, v.asked = now, how, req.Header
	v.out = *req
	return v
}

// free takes back a visit that is over.
func (b *Browsers) free(v *visit) {
	v.scope.Reuse()
	v.visiting, v.out, v.came = visiting{}, sim.Request{}, sim.Response{}
	b.spare = append(b.spare, v)
}

// send sends the request, with the preconditions of what is stored and what a reload
// says.
func (v *visit) send(link sim.Handler, reply func(*sim.Response)) {
	v.link, v.reply = link, reply
	v.conditional = !v.passes && v.how != ForceReload && v.entry != nil && v.entry.Validatable()
	if v.conditional {
		v.out.Header = cache.Validators(v.asked, v.entry)
	}
	switch {
	case v.behind:
	case v.how == Reload: // RFC 9111 5.2.1.1; so do Chrome, Firefox and Safari
		v.tell("Cache-Control", maxAge0)
	case v.how == ForceReload: // RFC 9111 5.2.1.4 and 5.4; likewise
		v.tell("Cache-Control", noCache)
		v.tell("Pragma", noCache)
	}
	v.sent = v.b.env.Now()
	link.Serve(&v.out, v.onReply)
}

// What a reload says in Cache-Control.
const (
	maxAge0 = "max-age=0"
	noCache = "no-cache"
)

// tell sets a field of the request, whose header others share.
func (v *visit) tell(name, value string) {
	h := maps.Clone(v.out.Header)
	if h == nil {
		h = http.Header{}
	}
	h[name] = []string{value}
	v.out.Header = h
}

// replied takes the network's answer.
func (v *visit) replied(resp *sim.Response) {
	now := v.b.env.Now()
	x := v.exchange(now, resp)
	if v.passes {
		v.changed(x)
		v.deliver(now, resp)
		return
	}
	switch {
	case resp.Status == 0:
	case resp.Status == http.StatusNotModified && v.conditional:
		v.validated(now, x, resp)
		return
	default:
		v.fetched(x)
	}
	v.deliver(now, resp)
}

// exchange is the answer as the cache is told of it: without its content's bytes, and
// without cookies, which are the jar's (they are no part of what browsers store).
func (v *visit) exchange(now sim.Time, resp *sim.Response) *cache.Exchange {
	v.came = *resp
	v.came.Body = nil
	h := cache.Forwardable(resp.Header)
	if len(h["Set-Cookie"]) > 0 {
		h = maps.Clone(h)
		delete(h, "Set-Cookie")
	}
	return &cache.Exchange{Method: v.out.Method, Asked: v.asked, Response: &v.came, Header: h,
		Sent: v.sent, Received: now, Epoch: v.b.env.Epoch}
}

// changed forgets what a request has changed (RFC 9111 4.4).
func (v *visit) changed(x *cache.Exchange) {
	s := v.b.stores[v.out.Client]
	if s == nil {
		return
	}
	for _, key := range cache.Changed(&v.out, cache.KeyOf(&v.out), x) {
		s.Purge(cache.Target{Key: key})
	}
}

// fetched takes an answer with content: it is kept when it has come whole, if it may
// be. What it takes the place of goes, unless the answer is an error that says
// nothing of it (RFC 9111 4.3.3).
func (v *visit) fetched(x *cache.Exchange) {
	e, why := v.b.rules.Consider(x)
	if e != nil && e.Partial() {
		e = nil
	}
	if v.fresh = e; e != nil {
		e.Key = v.key
	} else if v.entry != nil && !cache.IsError(x.Response.Status) {
		v.b.stores[v.out.Client].Remove(v.entry)
	}
	v.b.explainStored(v, e, why)
}

// validated takes a 304: what is stored still holds, with the fields of the 304
// (RFC 9111 4.3.4), and is the answer.
func (v *visit) validated(now sim.Time, x *cache.Exchange, came *sim.Response) {
	b, s := v.b, v.b.stores[v.out.Client]
	e, storable := b.rules.Freshen(v.entry, x)
	if came.Body != nil {
		came.Body.Abandon(sim.Cancelled) // a 304 has no content
	}
	b.explainValidated(v, e, storable)
	held := s != nil && s.Holds(v.entry) // it may have been forgotten, its user too
	switch {
	case held && storable:
		s.Replace(v.entry, e)
	case held:
		s.Remove(v.entry)
	}
	if e == nil { // it speaks of something else than what is stored
		v.again()
		return
	}
	if v.behind {
		v.over()
		return
	}
	resp := b.fromEntry(now, e)
	resp.Via, resp.Late, resp.Waited = came.Via, came.Late, came.Waited
	if cookies := came.Header["Set-Cookie"]; len(cookies) > 0 {
		resp.Header = maps.Clone(resp.Header)
		resp.Header["Set-Cookie"] = cookies
	}
	v.mark(now, resp, sim.VerdictRevalidated, came.Status)
	if came.Body == nil {
		came.Done()
	}
	reply := v.reply
	v.over()
	reply(resp)
}

// again asks once more, without regard to what is stored.
func (v *visit) again() {
	v.entry = nil
	v.out.Header = v.asked
	v.send(v.link, v.reply)
}

// deliver hands an answer on and waits for its content.
func (v *visit) deliver(now sim.Time, resp *sim.Response) {
	if !v.behind && v.b.cfg.Cache {
		v.mark(now, resp, v.d.Verdict, resp.Status)
	}
	v.resp = resp
	reply := v.reply
	if resp.Body == nil {
		v.ended(resp.Cause, max(resp.Size, 0))
	} else {
		resp.Body.OnEnd(v.onEnd) // before its receiver's own: they give resp back in theirs
	}
	if reply != nil {
		reply(resp)
	}
}

// ended is the end of the content. What is not whole is not kept (RFC 9111 3.3).
func (v *visit) ended(cause sim.Cause, n int64) {
	b, e := v.b, v.fresh
	if e != nil && cause == sim.OK && (e.Size < 0 || e.Size == n) && n <= b.rules.MaxObject {
		e.Size, e.Stamp = n, v.resp.Stamp
		if !v.behind || b.stores[v.out.Client] != nil { // its user has left for good
			b.keep(v.out.Client, e)
		}
	}
	if v.behind && v.resp != nil {
		v.resp.Done()
	}
	v.over()
}

// over ends the visit.
func (v *visit) over() {
	b, link, at, unseen := v.b, v.link, behind{v.out.Client, v.key}, v.behind
	v.timer.Stop()
	b.free(v)
	if unseen {
		delete(b.behind, at)
		if b.Ended != nil {
			b.Ended(link)
		}
	}
}

func (v *visit) timedOut() { v.scope.Cancel(sim.TimedOut) }

// mark says what the browser did with a request that went out.
func (v *visit) mark(now sim.Time, resp *sim.Response, verdict sim.Verdict, status int) {
	m := resp.Via.Next()
	m.Node, m.Hop, m.Verdict, m.Fwd = v.b.env.Node, sim.HopBrowser, verdict, v.d.Fwd
	m.FwdStatus, m.Stored, m.Took = uint16(status), v.fresh != nil || verdict == sim.VerdictRevalidated, now.Sub(v.at)
}
