// A balancer that is one of several: what it says to the others, and answers to
// those who watch it.
package pair

import (
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"cdnlab/sim"
)

// advertPath is where adverts go. It is under that of health checks: what injects
// faults into requests leaves both alone.
const (
	helloPath  = "/health"
	advertPath = "/health/advert"
)

// Node is the handler of a balancer that is one of several. Requests by whoever runs
// the lab are for itself: adverts of the others and hellos of those who watch it.
// All others are the balancer's.
type Node struct {
	env   *sim.Env
	inner sim.Handler
	names []string // of all balancers
	peers []sim.Handler
	vrrp  *VRRP // nil: nobody stands by
	timer sim.Timer
	asks  uint64
	heard int // who said last that it has the address
	count struct{ adverts, lost *sim.Counter }
}

var _ sim.Handler = (*Node)(nil)

// NewNode returns the handler of the balancer of that number. peers are the ways to the others, by
// number; its own is nil. active says that it begins with the address, which means
// something where that moves.
func NewNode(env *sim.Env, c Config, number int, active bool, inner sim.Handler, peers []sim.Handler) *Node {
	n := &Node{env: env, inner: inner, names: c.Names(), peers: peers}
	if !c.Moves() {
		return n
	}
	n.heard = c.First()
	n.count.adverts, n.count.lost = env.Counter("adverts"), env.Counter("adverts-lost")
	n.vrrp = NewVRRP(env.Now(), c.VRRP, number, active)
	dice := env.Stream("adverts")
	n.asks = dice.Uint64() | 1<<63 // never a user's number
	n.wait()
	return n
}

// Change goes on with another configuration; how many there are stays.
func (n *Node) Change(c Config) {
	if n.vrrp != nil {
		n.vrrp.Change(c.VRRP)
	}
}

// Inner is the balancer itself.
func (n *Node) Inner() sim.Handler { return n.inner }

func (n *Node) wait() {
	n.timer.Stop()
	n.timer = n.env.After(max(0, n.vrrp.Due().Sub(n.env.Now())), n.tick)
}

func (n *Node) tick() { n.do(n.vrrp.Tick(n.env.Now()), "no advert in time") }

// Serve implements sim.Handler.
func (n *Node) Serve(req *sim.Request, reply func(*sim.Response)) {
	switch {
	case req.Control:
		n.control(req, reply)
	case n.vrrp != nil && !n.vrrp.Active(): // it has not the address that was asked
		reply(sim.Fail(sim.Reset))
	default:
		n.inner.Serve(req, reply)
	}
}

func (n *Node) control(req *sim.Request, reply func(*sim.Response)) {
	path, query, _ := strings.Cut(req.Path, "?")
	if path != advertPath || n.vrrp == nil {
		reply(sim.Answer(http.StatusNoContent, nil, 0))
		return
	}
	q, err := url.ParseQuery(query)
	from, bad := strconv.Atoi(q.Get("from"))
	priority, worse := strconv.Atoi(q.Get("priority"))
	if err != nil || bad != nil || worse != nil || from < 0 || from >= len(n.names) {
		reply(sim.Answer(http.StatusBadRequest, nil, 0))
		return
	}
	n.heard = from
	do := n.vrrp.Heard(n.env.Now(), priority, from)
	n.do(do, fmt.Sprintf("%s has it, with priority %d", n.names[from], priority))
	reply(sim.Answer(http.StatusNoContent, nil, 0))
}

// do carries out what the election wants.
func (n *Node) do(a Action, why string) {
	n.wait()
	switch {
	case a.Announce && a.Changed:
		n.env.Note(sim.EventTookOver, n.names[n.heard], why)
	case a.Announce:
		n.env.Note(sim.EventAnnounced, n.names[n.heard], why)
	case a.Changed:
		n.env.Note(sim.EventGaveUp, n.names[n.heard], why)
	}
	if a.Advertise {
		n.advertise()
	}
}

// advertise tells all others. VRRP's adverts are datagrams that nobody answers; the lab's
// are requests that are given up after an interval, so that what a cut link
// held up is not believed after it.
func (n *Node) advertise() {
	path := fmt.Sprintf("%s?from=%d&priority=%d", advertPath, n.vrrp.number, n.vrrp.Priority())
	for i, peer := range n.peers {
		if peer == nil {
			continue
		}
		n.asks++
		n.count.adverts.Add(1)
		n.send(peer, &sim.Request{ID: n.asks, Control: true, Method: http.MethodGet, Scheme: "http", Host: n.names[i], Path: path, Header: nodeHeader})
	}
}

var nodeHeader = http.Header{"User-Agent": {"cdnlab-vrrp"}}

func (n *Node) send(peer sim.Handler, req *sim.Request) {
	scope := &sim.Scope{}
	req.Scope = scope
	limit := n.env.After(n.vrrp.interval, func() { scope.Cancel(sim.TimedOut) })
	peer.Serve(req, func(resp *sim.Response) {
		limit.Stop()
		if resp.Cause != sim.OK {
			n.count.lost.Add(1)
		}
		if resp.Body != nil {
			resp.Body.Abandon(sim.Cancelled)
		}
	})
}
