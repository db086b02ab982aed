// Link: the way to another process, over HTTP/1.1 with the path's delay.
package live

import (
	"net"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// Link is a Handler: it takes a request over a real connection and the answer
// back. The dialling side plays the path's travel time both ways: a flight is
// held before it is written, and what arrives is released as much later. It
// belongs to one Node and is entered from within its Do.
type Link struct {
	node    *Node
	net     *network.Link
	conns   *network.Conns[*conn]
	connect time.Duration
	token   string
	discard bool // count bodies, keep no byte: the driver reads nothing
	dial    func() (net.Conn, error)

	texts   headerTexts
	headers headerMaps
	dates   dateTimes

	Out, In *hdrhistogram.Histogram // how late flights left and came, in ns
	Local   int64                   // connections that failed for want of a port or a descriptor
}

// LinkConfig is what a Link needs to know.
type LinkConfig struct {
	Path    *network.Link
	Conns   network.Config
	Token   string
	Discard bool
	Dial    func() (net.Conn, error)
}

// NewLink returns a link of a node.
func NewLink(n *Node, c LinkConfig) *Link {
	conns := c.Conns.WithDefaults()
	l := &Link{
		node: n, net: c.Path, conns: network.NewConns[*conn](conns), connect: conns.ConnectTimeout,
		token: c.Token, discard: c.Discard, dial: c.Dial, Out: newLateness(), In: newLateness(),
	}
	l.conns.Alive = func(c *conn) bool { return !c.dead }
	l.conns.Close = func(c *conn) { n.Later(c.close) }
	return l
}

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
	if !l.conns.Ask(l.node.engine.Now(), &x.waiter) {
		x.finish(sim.Fail(sim.Overload))
	}
}

// Dials returns how many connections were opened or tried.
func (l *Link) Dials() int64 { return l.conns.Dials() }

// Change gives the path another round-trip time and the connections other limits.
// What is on its way keeps the travel time it set out with.
func (l *Link) Change(rtt time.Duration, c network.Config) {
	c = c.WithDefaults()
	l.net.RTT, l.connect = rtt, c.ConnectTimeout
	l.conns.Change(c)
}

// Forget closes the idle connections: the next request opens one.
func (l *Link) Forget() { l.conns.Forget() }
