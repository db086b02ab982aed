// Link: the way to another process, over HTTP/1.1 with the path's delay.
package live

import (
	"net"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// way is what the links of one asker to one far end have in common: the path,
// what is known of headers, and how late flights were.
type way struct {
	node    *Node
	net     *network.Link
	limits  network.Config
	ends    *network.Ends[*conn]
	connect time.Duration
	token   string
	discard bool // count bodies, keep no byte: the driver reads nothing
	dial    func() (net.Conn, error)
	trust   *Trust
	respec  func(network.Spec) network.Spec

	tell network.Teller

	texts   headerTexts
	headers headerMaps
	dates   dateTimes

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
	buffer int     // of a connection, in bytes
	ticket *ticket // of the last TLS session; nil until somebody shakes hands
}

// LinkConfig is what a Link needs to know.
type LinkConfig struct {
	Path    *network.Link
	Conns   network.Config
	Token   string
	Discard bool
	Dial    func() (net.Conn, error)
	Trust   *Trust // for TLS; nil when the link never speaks it
	Peer    string // the far end's name, for the steps of traced requests
	// Respec is told of another path by who plays it in the link's place, and says
	// what is left for the link; nil: all is the link's.
	Respec func(network.Spec) network.Spec
	Tracer *sim.Tracer // takes them; nil drops them
}

// NewLink returns a link of a node.
func NewLink(n *Node, c LinkConfig) *Link {
	limits := c.Conns.WithDefaults()
	w := &way{
		node: n, net: c.Path, limits: limits, connect: limits.ConnectTimeout,
		token: c.Token, discard: c.Discard, dial: c.Dial, respec: c.Respec, trust: c.Trust, Out: newLateness(), In: newLateness(),
		tell: network.NewTeller(c.Tracer, c.Peer, c.Path),
	}
	w.ends = &network.Ends[*conn]{
		Alive: func(c *conn) bool { return !c.dead },
		Close: func(c *conn) { n.Later(c.close) },
	}
	return w.link(readBuffer)
}

// link returns a link without a connection.
func (w *way) link(buffer int) *Link {
	l := &Link{way: w, conns: *network.NewConns[*conn](w.limits), buffer: buffer}
	l.conns.Ends = w.ends
	return l
}

// Own returns a link on the same way with connections of its own, for one of
// those who share this one. Who is done with it closes them by Forget.
func (l *Link) Own() sim.Handler { return l.way.link(ownBuffer) }

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
	x := &exchange{link: l, req: req, reply: reply}
	x.waiter.Ready = x.ready
	x.cancel = req.Scope.OnCancel(x.cancelled)
	if req.Traced() {
		l.tell.Asks(req)
	}
	if !l.conns.Ask(l.node.engine.Now(), &x.waiter) {
		x.finish(sim.Fail(sim.Overload))
	}
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
}

// Forget closes the idle connections: the next request opens one.
func (l *Link) Forget() { l.conns.Forget() }
