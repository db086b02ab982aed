// tunnel: a connection that a relay has opened by a Link, to pass another on.
package live

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// tunnel is the Body of an open connection. What belongs to sim.Transfer is the
// node's; the bytes pass outside of it.
type tunnel struct {
	sim.Transfer
	way   *way
	scope *sim.Scope // of who had it opened
	hook  sim.Hook
	req   sim.Request // by whose luck packets are lost
	far   net.Conn    // to the server
	near  net.Conn    // that is passed on; nil: not yet
	flows
	gone chan struct{} // closed when it has ended
	half atomic.Bool   // a direction has ended in good order
}

// Open implements sim.Opener.
func (l *Link) Open(req *sim.Request, reply func(*sim.Response)) {
	if cause := req.Scope.Cause(); cause != sim.OK {
		reply(sim.Fail(cause))
		return
	}
	own := l.way.link(0)
	own.conns.Limit, own.conns.Streams = 1, 1
	t := &tunnel{way: l.way, scope: req.Scope, req: *req, gone: make(chan struct{})}
	t.Length, t.Abandoned = -1, func(sim.Cause) { t.end(sim.OK) }
	x := l.exchange()
	x.tunnel = t
	x.begin(own, req, reply)
	own.conns.Ask(l.node.engine.Now(), &x.waiter)
}

// connected takes the real connection of a tunnel that is being opened: it stands
// for who asked when the handshake has travelled.
func (x *exchange) connected(nc net.Conn, stands sim.Time) {
	w, t := x.way, x.tunnel
	x.shakes = nc
	t.far = fast(nc)
	if w.reveals {
		header := appendProxy(nil, netip.AddrPortFrom(x.req.Addr, 0), addrPort(nc.RemoteAddr()))
		w.node.Later(func() { _, _ = nc.Write(header) }) // a broken connection shows at the reader
	}
	x.timer = w.node.engine.At(stands, x.onOpen)
}

func addrPort(a net.Addr) netip.AddrPort {
	t, _ := a.(*net.TCPAddr)
	return t.AddrPort()
}

// dug is the end of the handshake that opens a tunnel.
func (x *exchange) dug() {
	t, reply := x.tunnel, x.reply
	x.shakes = nil
	t.way.dug = append(t.way.dug, t)
	x.part()
	t.hook = t.scope.OnCancel(t.end)
	reply(&sim.Response{Status: http.StatusOK, Size: -1, Body: t})
}

// end is the end of the connection, within the node: both ends see it closed, or
// reset when it was not in good order.
func (t *tunnel) end(c sim.Cause) {
	if t.Ended() {
		return
	}
	t.hook.Drop()
	if i := slices.Index(t.way.dug, t); i >= 0 {
		last := len(t.way.dug) - 1
		t.way.dug[i], t.way.dug[last] = t.way.dug[last], nil
		t.way.dug = t.way.dug[:last]
	}
	close(t.gone)
	near := t.near
	t.way.node.Later(func() {
		for _, nc := range []net.Conn{t.far, near} {
			if nc == nil {
				continue
			}
			if c == sim.Reset {
				reset(nc)
			}
			nc.Close()
		}
	})
	t.End(c, 0)
}

// finPatience is how long, of the scenario, one direction may go on when the other
// has ended: HAProxy's and Envoy's manuals want some limit.
const finPatience = 10 * time.Second

// pass passes a connection on, of which something was read already, until both
// directions have ended.
func (t *tunnel) pass(near net.Conn, first begun) {
	back := make(chan struct{})
	go func() {
		defer close(back)
		t.direction(network.Back, near, t.far, &t.down, begun{})
	}()
	t.direction(network.Out, t.far, near, &t.up, first)
	<-back
	t.way.node.Do(func() { t.end(sim.OK) })
}

// direction passes on what comes in one direction, and its end.
func (t *tunnel) direction(d network.Direction, to, from net.Conn, f *network.Flow, first begun) {
	l := &channel{tunnel: t, to: to, d: d, flow: f}
	ok, err := true, first.err
	if first.room != nil {
		ok = l.take(first.room[:first.n])
		relayBuffers.Put(first.room)
	}
	if ok && err == nil {
		ok, err = l.copy(from)
	}
	if err == nil || isEOF(err) {
		t.half.Store(true)
	}
	l.finish()
	node := t.way.node
	switch {
	case !ok || isEOF(err):
		_ = from.SetReadDeadline(time.Now()) // nothing more is wanted of it
		_ = to.SetReadDeadline(time.Now().Add(node.wall.Real(finPatience)))
	case t.half.Load(): // the other end has closed it, and not waited for this one
		node.Do(func() { t.end(sim.OK) })
	case d == network.Back:
		node.Do(func() { t.end(sim.Reset) })
	default:
		node.Do(func() { t.end(sim.Cancelled) })
	}
}

// relayBuffer is what one read takes.
const relayBuffer = 32 << 10

// relayBuffers are those that nobody uses now.
var relayBuffers = sync.Pool{New: func() any { return new([relayBuffer]byte) }}

// copy passes on what comes until it ends, or nobody wants it any more.
func (l *channel) copy(from net.Conn) (wanted bool, err error) {
	buf := relayBuffers.Get().(*[relayBuffer]byte)
	defer relayBuffers.Put(buf)
	for wanted = true; wanted && err == nil; {
		var n int
		n, err = from.Read(buf[:])
		wanted = l.take(buf[:n])
	}
	return wanted, err
}
