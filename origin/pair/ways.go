// Ways: the connections of one asker to each balancer, behind one Handler.
package pair

import (
	"encoding/binary"
	"net/netip"

	"github.com/cespare/xxhash/v2"

	"cdnlab/sim"
)

// Ways takes an asker's requests to the balancers, as an Approach says.
type Ways struct {
	*Approach
	Links []sim.Handler // by balancer
}

// Ways returns a Handler over the links of one asker, by balancer.
func (a *Approach) Ways(links []sim.Handler) *Ways { return &Ways{a, links} }

// Own returns ways with connections of their own, for one of those who share these.
func (w *Ways) Own() sim.Handler {
	own := &Ways{Approach: w.Approach}
	for _, l := range w.Links {
		own.Links = append(own.Links, l.(interface{ Own() sim.Handler }).Own())
	}
	return own
}

// Forget closes the idle connections: the next request opens one.
func (w *Ways) Forget() {
	for _, l := range w.Links {
		if l, ok := l.(interface{ Forget() }); ok {
			l.Forget()
		}
	}
}

// KeepFields has the answers keep their fields where the links discard their content.
func (w *Ways) KeepFields() {
	for _, l := range w.Links {
		if l, ok := l.(interface{ KeepFields() }); ok {
			l.KeepFields()
		}
	}
}

// none is the resolver of who has one for all.
var none netip.Addr

// flowOf is the hash of a request's connection: of the address and of the user's
// connection, which has a port of its own.
func flowOf(req *sim.Request) uint64 {
	var b [24]byte
	addr := req.Addr.As16()
	if !req.Addr.IsValid() {
		addr = [16]byte{}
	}
	copy(b[:], addr[:])
	binary.BigEndian.PutUint64(b[16:], req.Conn)
	return xxhash.Sum64(b[:])
}

// ask is one request on its way to a balancer.
type ask struct {
	ways  *Ways
	req   sim.Request
	scope sim.Scope
	hook  sim.Hook
	reply func(*sim.Response)
	at    int // the balancer that has it
	tries int
	place int // in open
	ended bool
}

// Serve implements sim.Handler.
func (w *Ways) Serve(req *sim.Request, reply func(*sim.Response)) {
	x := &ask{ways: w, req: *req, reply: reply}
	x.req.Scope = &x.scope
	if c := req.Scope.Cause(); c != sim.OK {
		reply(sim.Fail(c))
		return
	}
	x.place = len(w.open)
	w.open = append(w.open, x)
	x.at = w.target(&x.req)
	w.follow(&x.req, x.at)
	x.hook = req.Scope.OnCancel(x.scope.Cancel)
	x.send()
}

func (x *ask) send() {
	x.tries++
	w := x.ways
	if x.req.Traced() {
		w.explain(x)
	}
	w.Links[x.at].Serve(&x.req, x.replied)
}

func (x *ask) replied(resp *sim.Response) {
	w := x.ways
	if resp.Cause == sim.Refused || resp.Cause == sim.Unreachable {
		if next := w.another(x); next >= 0 {
			w.count.next.Add(1)
			x.at = next
			x.send()
			return
		}
	}
	if resp.Body == nil {
		x.end()
	} else {
		resp.Body.OnEnd(func(sim.Cause, int64) { x.end() })
	}
	x.reply(resp)
}

// another is the next address that a client tries; -1: none.
func (a *Approach) another(x *ask) int {
	if a.dns == nil || !*a.cfg.DNS.TryNext || x.scope.Cause() != sim.OK {
		return -1
	}
	addr := x.req.Addr
	if a.own {
		addr = none
	}
	return a.dns.Refused(addr, x.at, x.tries)
}

// end takes the request off those under way.
func (x *ask) end() {
	if x.ended {
		return
	}
	x.ended = true
	x.hook.Drop()
	open := x.ways.open
	last := open[len(open)-1]
	open[x.place], last.place = last, x.place
	open[len(open)-1] = nil
	x.ways.open = open[:len(open)-1]
}
