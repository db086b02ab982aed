// Assembling: one answer of several slices, which are got as they are wanted.
package edge

import (
	"net/http"

	"cdnlab/edge/cache"
	"cdnlab/sim"
	"cdnlab/sim/byterange"
)

// assembly puts one answer together. The slices of it are asked for in their order,
// as many ahead of the one that is coming as the Config says, and none that
// is far from being sent on. All must be of the
// representation that the header told of; one that is not ends the answer, as what
// was sent cannot be taken back (RFC 9111 3.4).
type assembly struct {
	pop   *PoP
	head  *cache.Entry  // the slice that the header was made of
	span  cache.Span    // what the client wants
	req   sim.Request   // for a slice, but for its range
	scope sim.Scope     // of all requests for slices
	hook  sim.Hook      // on the client's
	resp  *sim.Response // the client's until its content has ended

	body  *sim.Series
	size  int64               // of slices, whatever it is by now
	next  int64               // number of the slice to ask for next
	given int64               // ... and to append
	here  map[int64]sim.Piece // slices that came before their turn
	busy  bool
	end   int64 // the first slice that cannot be had, or is not wanted
	over  bool
}

// assemble makes resp an answer of what e is a slice of.
func (p *PoP) assemble(now sim.Time, resp *sim.Response, req *sim.Request, e *cache.Entry) {
	s, how := e.Wants(req.Header)
	resp.Status = http.StatusOK
	switch how {
	case cache.Section:
		resp.Status, resp.Header = http.StatusPartialContent, p.rulesOf(req).ForUsers(e.Status, e.SectionHeader(s), e.Age(now))
	case cache.Unsatisfiable:
		resp.Status, resp.Header = http.StatusRequestedRangeNotSatisfiable, e.UnsatisfiableHeader()
		resp.Date, resp.Aged, resp.Age = now, false, 0 // made here and now
		return
	}
	if req.Traced() {
		p.explainAssembly(req, s, e)
	}
	resp.Size = s.Size
	x := &assembly{pop: p, head: e, resp: resp, span: s, size: e.Key.Slice.Size, req: *req}
	pieces, all := x.stored(now)
	if all {
		resp.Body = sim.NewPieces(pieces)
		return
	}
	x.begin(req)
	resp.Body = x.body
}

// begin begins to get what is not here.
func (x *assembly) begin(req *sim.Request) {
	x.req.Header = cache.WithoutPreconditions(req.Header)
	x.req.Scope, x.req.Interim = &x.scope, nil
	if req.Traced() {
		x.req.Trace = sim.TracedBehind
	}
	x.next, x.end = x.first(), x.last()+1
	x.given, x.here = x.next, map[int64]sim.Piece{}
	x.body = sim.NewSeries(x.span.Size, x.more, x.stop)
	x.hook = req.Scope.OnCancel(x.body.Abandon)
	x.body.OnEnd(func(sim.Cause, int64) {
		x.over = true
		x.hook.Drop()
	})
	x.more()
}

func (x *assembly) first() int64 { return x.span.From / x.size }
func (x *assembly) last() int64  { return (x.span.From + x.span.Size - 1) / x.size }

func (x *assembly) key(n int64) cache.Key { return x.head.Key.At(n*x.size, x.size) }

// part is what of a slice the client wants.
func (x *assembly) part(n int64) cache.Span {
	from := max(x.span.From, n*x.size)
	return cache.Span{From: from, Size: min(x.span.From+x.span.Size, (n+1)*x.size) - from}
}

// stored returns what is wanted when all of it is stored, and fresh.
func (x *assembly) stored(now sim.Time) (pieces []sim.Piece, all bool) {
	p, key := x.pop, x.head.Key
	var used []*cache.Entry
	for n := x.first(); n <= x.last(); n++ {
		e := x.head
		if x.key(n) != key {
			var d cache.Decision
			e, _ = p.store.Find(x.key(n), x.req.Header)
			if p.rulesOf(&x.req).Judge(now, e, false, &d); d.Verdict != sim.VerdictHit || !e.Matches(x.head) {
				return nil, false
			}
			used = append(used, e)
		}
		part := x.part(n)
		pieces = append(pieces, sim.Piece{Body: nil, Size: part.Size})
	}
	for i := range pieces { // only now: a share that nobody reads would have to be given up
		n := x.first() + int64(i)
		e := x.head
		if x.key(n) != key {
			e, used = used[0], used[1:]
			p.store.Hit(e)
		}
		pieces[i].Body = e.Cut(x.part(n))
		x.stamp(n, e.Stamp)
	}
	return pieces, true
}

// more asks for the slices whose time has come.
func (x *assembly) more() {
	if x.busy {
		return
	}
	x.busy = true
	for !x.over && x.next < x.end && x.next <= x.current()+int64(*x.pop.cfg.SliceAhead) {
		n := x.next
		x.next++
		x.get(n)
	}
	x.busy = false
}

// current is the slice that is coming: the first that has not come whole, but none
// behind the next to be sent on.
func (x *assembly) current() int64 {
	sending := (x.span.From + x.body.Sent()) / x.size
	return min(x.first()+int64(x.body.Whole()), sending+1)
}

// get gets a slice.
func (x *assembly) get(n int64) {
	p, now, key := x.pop, x.pop.env.Now(), x.key(n)
	if key == x.head.Key {
		x.take(n, x.head)
		return
	}
	req := x.req
	req.Attempt += int(n) // luck of its own
	part := x.part(n)
	req.Header = cache.WithSlice(x.req.Header, part)
	var d cache.Decision
	e := p.judge(now, key, &req, &d)
	if e != nil && !e.Matches(x.head) {
		if e.Received > x.head.Received {
			p.store.Outdate(x.head)
			x.cut(n)
			return
		}
		p.store.Remove(e)
		e = nil
		d.Verdict = sim.VerdictMiss
	}
	if d.Verdict == sim.VerdictHit || d.Verdict == sim.VerdictStale {
		p.store.Hit(e)
		var behind *flight
		if d.Refresh {
			behind = p.refresh(now, &req, e)
		}
		x.take(n, e)
		if behind != nil {
			p.send(behind)
		}
		return
	}
	a := p.ask(now, &req, func(resp *sim.Response) { x.replied(n, resp) })
	a.key, a.d, a.entry, a.verdict, a.inner = key, d, e, sim.VerdictMiss, true
	p.miss(now, a)
}

// take takes a slice that is here, or on its way.
func (x *assembly) take(n int64, e *cache.Entry) {
	part := x.part(n)
	x.stamp(n, e.Stamp)
	x.append(n, sim.Piece{Body: e.Cut(part), Size: part.Size})
}

// stamp has the answer say what its first slice says of itself.
func (x *assembly) stamp(n int64, s sim.Stamp) {
	if n == 0 {
		x.resp.Stamp = s.In(x.span.From, x.span.Size)
	}
}

// replied takes what came of asking for a slice.
func (x *assembly) replied(n int64, resp *sim.Response) {
	part := x.part(n)
	switch {
	case x.over || n >= x.end:
		abandon(resp.Body, sim.Cancelled)
	case resp.Status == http.StatusPartialContent && x.matches(resp.Header, part):
		x.stamp(n, resp.Stamp)
		x.append(n, sim.Piece{Body: resp.Body, Size: part.Size})
	default:
		abandon(resp.Body, sim.Cancelled)
		if resp.Status == http.StatusPartialContent || resp.Status == http.StatusOK || resp.Status == http.StatusRequestedRangeNotSatisfiable {
			x.pop.store.Outdate(x.head) // it is another by now
		}
		x.cut(n)
	}
}

// matches reports whether an answer's fields are of a section of the same
// representation.
func (x *assembly) matches(h http.Header, part cache.Span) bool {
	if lines := h["Content-Range"]; len(lines) != 1 || lines[0] != byterange.ContentRange(byterange.Span(part), x.head.Length()) {
		return false
	}
	return x.head.Is(h)
}

// append appends slices in their order.
func (x *assembly) append(n int64, piece sim.Piece) {
	x.here[n] = piece
	for {
		piece, ok := x.here[x.given]
		if !ok || x.over {
			break
		}
		delete(x.here, x.given)
		x.given++
		x.body.Append(piece)
	}
	x.cut(x.end)
}

// cut ends the answer before a slice that cannot be had.
func (x *assembly) cut(n int64) {
	if x.end = min(x.end, n); x.given == x.end && x.end <= x.last() && !x.over {
		x.body.Break(sim.Truncated)
	}
}

// stop is told that the answer has ended, and not well.
func (x *assembly) stop(c sim.Cause) {
	x.over = true
	for n := x.given; n < x.next; n++ {
		if piece, ok := x.here[n]; ok {
			abandon(piece.Body, c)
		}
	}
	clear(x.here)
	x.scope.Cancel(c)
}
