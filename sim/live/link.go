// Link: the way to another process, over HTTP/1.1 with the path's delay.
package live

import (
	"net"
	"net/netip"
	"slices"
	"sync/atomic"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// way is what the links of one asker to one far end have in common: the path,
// what is known of headers, and how late flights were.
type way struct {
	node     *Node
	net      *network.Link
	limits   network.Config
	ends     ends
	connect  time.Duration
	token    string
	stranger bool
	discard  bool // count bodies, keep no byte: the driver reads nothing
	fields   bool // ... but wants to know the fields
	dial     func() (net.Conn, error)
	trust    *Trust
	respec   func(network.Spec) network.Spec
	spare    []*exchange // done with, to be used again
	answers  sim.Answers // likewise, of those that hold nothing of the far end's

	base  Base     // what an exchange costs by itself
	busy  sim.Time // when the last answer came
	costs *costs   // takes what each costs; nil: nobody asks

	tell network.Teller

	texts   headerTexts
	headers headerMaps
	dates   dateTimes

	cast    func(netip.AddrPort) (net.Conn, error) // opens a flow's socket for datagrams; nil: none go
	casters *sim.Recent[netip.AddrPort, *caster]   // by their flows; nil: none yet
	peer    netip.AddrPort                         // where they go, as PROXY headers say

	reveals bool        // the far end is told who has connected to the one that passes it on
	dug     []*tunnel   // that stand
	still   atomic.Bool // the path takes no time and loses nothing

	Out, In *hdrhistogram.Histogram // how late flights left and came, in ns
	Local   int64                   // connections that failed for want of a port or a descriptor
}

// Link is a Handler: it takes a request over a real connection and the answer
// back. The dialling side plays the path's travel time both ways: a flight is
// held before it is written, and what arrives is released as much later. It
// belongs to one Node and is entered from within its Do.
type Link struct {
	*way
	conns  network.Conns[*conn]
	buffer int               // of a connection, in bytes
	mile   *network.LastMile // of those who have connections of their own
	ticket *ticket           // of the last TLS session; nil until somebody shakes hands
}

// LinkConfig is what a Link needs to know.
type LinkConfig struct {
	Path     *network.Link
	Conns    network.Config
	Token    string // the run's
	Discard  bool
	Stranger bool // the far end is none of the lab's nodes: it is told nothing of who asks, and its fields are its own
	Dial     func() (net.Conn, error)
	Cast     func(from netip.AddrPort) (net.Conn, error) // opens a flow's socket for datagrams; nil: they are lost
	To       netip.AddrPort                              // where datagrams go, as PROXY headers say
	Base     Base                                        // what an exchange costs by itself; the zero Base: nothing
	Trust    *Trust                                      // for TLS; nil when the link never speaks it
	Peer     string                                      // the far end's name, for the steps of traced requests
	// Respec is told of another path by who plays it in the link's place, and says
	// what is left for the link; nil: all is the link's.
	Respec func(network.Spec) network.Spec
	Tracer *sim.Tracer // takes them; nil drops them
	// Reveals has the link say in front of each connection whose it is (PROXY
	// protocol): of those that it passes on, who has connected.
	Reveals bool
}

// NewLink returns a link of a node.
func NewLink(n *Node, c LinkConfig) *Link {
	limits := c.Conns.WithDefaults()
	w := &way{
		node: n, net: c.Path, limits: limits, connect: limits.ConnectTimeout,
		token: c.Token, stranger: c.Stranger, discard: c.Discard, dial: c.Dial, respec: c.Respec, base: c.Base, trust: c.Trust, Out: newLateness(), In: newLateness(),
		tell: network.NewTeller(c.Tracer, c.Peer, c.Path), reveals: c.Reveals, cast: c.Cast, peer: c.To,
	}
	w.settle()
	w.ends.Ends = &network.Ends[*conn]{
		Alive: func(c *conn) bool { return !c.dead && c.resets == w.net.Resets() },
		Close: func(c *conn) { n.Later(c.close) },
	}
	return w.link(readBuffer)
}

// link returns a link without a connection.
func (w *way) link(buffer int) *Link {
	l := &Link{way: w, conns: *network.NewConns[*conn](w.limits), buffer: buffer}
	l.conns.Ends = w.ends.Ends
	return l
}

// Own returns a link on the same way with connections of its own, for one of
// those who share this one, and a last mile of their own if there is one. Who is
// done with it closes them by Forget.
func (l *Link) Own() sim.Handler {
	own := l.way.link(ownBuffer)
	if l.net.Spec().Access != nil {
		own.mile = &network.LastMile{}
	}
	return own
}

// KeepFields has the link's answers keep their fields where their content is
// discarded, too: call it before the first request.
func (l *Link) KeepFields() { l.fields = true }

// newLateness returns a histogram of 1 µs to 1 min in ns.
func newLateness() *hdrhistogram.Histogram {
	return hdrhistogram.New(1000, int64(time.Minute), 2)
}

func late(h *hdrhistogram.Histogram, d time.Duration) {
	_ = h.RecordValue(max(0, min(int64(d), int64(time.Minute)))) // in range, so it cannot fail
}

// Serve implements sim.Handler.
func (l *Link) Serve(req *sim.Request, reply func(*sim.Response)) {
	if cause := req.Scope.Cause(); cause != sim.OK {
		reply(sim.Fail(cause))
		return
	}
	x := l.exchange()
	x.begin(l, req, reply)
	if req.Traced() {
		l.tell.Asks(req)
	}
	if !l.conns.Ask(l.node.engine.Now(), &x.waiter) {
		x.finish(sim.Fail(sim.Overload))
	}
}

func (w *way) exchange() *exchange {
	if n := len(w.spare); n > 0 {
		x := w.spare[n-1]
		w.spare = w.spare[:n-1]
		return x
	}
	return newExchange(w)
}

// Dials returns how many connections were opened or tried.
func (l *Link) Dials() int64 { return l.conns.Dials() }

// Change makes the path another and gives the connections other limits.
// What is on its way keeps the travel time it set out with.
func (l *Link) Change(s network.Spec, c network.Config) {
	c = c.WithDefaults()
	if l.respec != nil {
		s = l.respec(s)
	}
	l.net.Respec(s)
	l.connect, l.limits = c.ConnectTimeout, c
	l.conns.Change(c)
	l.settle()
}

// Forget closes the idle connections: the next request opens one.
func (l *Link) Forget() { l.conns.Forget() }

// Set puts a change of the path in the place of the one before.
func (l *Link) Set(c network.Change) { setPath(l.net, c, l) }

// setPath puts a change of a path that links share in the place of the one before.
func setPath(path *network.Link, c network.Change, links ...*Link) {
	resets := path.Resets()
	path.Set(links[0].node.engine.Now(), c)
	for _, l := range links {
		l.settle()
	}
	if path.Resets() == resets {
		return
	}
	for _, l := range links {
		l.reset()
	}
}

// reset is what befalls the connections on a path that resets them: whoever waits
// on one is told, at both ends. What has not left yet waits for a new one.
func (w *way) reset() {
	for _, c := range slices.Clone(w.ends.list) { // who is told may open others
		if c.many != nil {
			c.many.broken()
		}
		switch {
		case c.x == nil:
			c.hangUp(true)
		case c.x.near >= asking:
			c.x.broken()
		}
	}
	for _, t := range slices.Clone(w.dug) {
		t.end(sim.Reset)
	}
}
