// The L4 balancer: what it needs, and what it cannot do.
package scenarios

import (
	"fmt"
	"strconv"

	"cdnlab/origin"
	"cdnlab/origin/balance"
	"cdnlab/report"
	"cdnlab/sim"
	"cdnlab/sim/fault"
	"cdnlab/sim/network"
)

// The words of balancer.mode and balancer.proxy-protocol.
const (
	modeL7  = "l7"
	modeL4  = "l4"
	proxyV2 = "v2"
)

// l4 reports whether the balancer passes connections on.
func (b *Balancer) l4() bool { return b.Mode == modeL4 }

// reveals reports whether servers are told who has connected to it.
func (b *Balancer) reveals() bool { return b.l4() && b.Proxy == proxyV2 }

// behind tells the servers that they stand behind an L4 balancer.
func (t *Topology) behind() {
	at := t.Node(t.Entry)
	for i := range t.Nodes {
		if n := &t.Nodes[i]; at.Relays && n.Kind == report.KindApp {
			n.Behind = at.Addr
		}
	}
}

// relay is a balancer's node that passes connections on to one pool.
type relay struct {
	*origin.Relay
	pool  *balance.Pool
	flows *balance.Flows
}

func (t *Topology) relay(site sim.Site, name string) sim.Handler {
	_, targets := t.pools()
	for i := range targets[0] {
		targets[0][i].Handler = origin.Passing(site.Dial(targets[0][i].Name))
	}
	r := &relay{pool: must(balance.NewPool(site.Env, t.Scenario.Balancer.PoolConfig, t.around(name), targets[0]...))}
	r.flows = balance.NewFlows(site.Env, r.pool, t.Scenario.Balancer.Flows)
	r.Relay = origin.NewRelay(site.Env, r.pool, r.flows)
	return r
}

// changeRelay makes a relay one that the topology says.
func (t *Topology) changeRelay(site sim.Site, r *relay, name string) {
	_, targets := t.pools()
	dial := func(name string) sim.Handler { return origin.Passing(site.Dial(name)) }
	r.flows.Change(t.Scenario.Balancer.Flows)
	must(r, r.pool.Change(t.Scenario.Balancer.PoolConfig, t.around(name), dial, targets[0]...))
}

// relay looks at what an L4 balancer cannot do.
func (c *checker) relay() {
	b := &c.s.Balancer
	if !b.l4() {
		if b.Proxy == proxyV2 {
			c.add("is of an L4 balancer: one that reads requests tells by X-Forwarded-For", `give it mode = "l4"`, "balancer", "proxy-protocol")
		}
		if b.Flows != (balance.FlowsConfig{}) {
			c.add("are of an L4 balancer: one that reads requests takes no datagrams", `give it mode = "l4"`, "balancer", "flows")
		}
		if b.HashBy == balance.HashByFlow {
			c.add("is of an L4 balancer", `write "client"`, "balancer", "hash-by")
		}
		return
	}
	if n := b.Config.Count; n > 1 {
		c.add(fmt.Sprintf("is %d, but an L4 balancer stands alone: what several say to each other are requests, which it would pass on", n), "", "balancer", "count")
	}
	if by := b.Sticky.By; by == balance.StickyCookie || by == balance.StickyHeader {
		c.add(fmt.Sprintf("a %s stands in requests, which an L4 balancer does not read", by), `write "address"`, "balancer", "sticky", "by")
	}
	if len(c.s.Proxy.Routes) > 0 {
		c.add("an L4 balancer reads no path", `leave it out, or balancer.mode = "l7"`, "proxy", "route")
	}
	for _, v := range c.s.Servers {
		if v.Pool != c.s.Servers[0].Pool {
			c.add("an L4 balancer has one pool: what tells which is meant stands in requests, which it does not read", "", append(c.server(v.Name), "pool")...)
		}
	}
	if len(b.RetryOn) > 0 {
		c.add("lists statuses, which an L4 balancer does not read", "", "balancer", "retry-on")
	}
	if b.HashBy != balance.HashByAddress && b.HashBy != balance.HashByFlow {
		c.add(strconv.Quote(b.HashBy)+" stands in requests, which an L4 balancer does not read", `write "address" or "flow"`, "balancer", "hash-by")
	}
	if err := b.Flows.Check(); err != nil {
		c.add(err.Error(), "", "balancer", "flows")
	}
	if b.Conns.HTTP != network.HTTP11 || b.Conns.Secure() {
		c.add("an L4 balancer passes on what users speak", "leave http and tls out", "balancer", "connections")
	}
	for i, g := range c.s.Clients {
		if g.Conns.HTTP == network.HTTP3 {
			c.add("HTTP/3 comes over UDP, and an L4 balancer passes TCP connections on", "", "clients", i, "limits", "http")
		}
	}
	if c.s.edgeOn() && c.s.Edge.Conns.HTTP == network.HTTP3 {
		c.add("HTTP/3 comes over UDP, and an L4 balancer passes TCP connections on", "", "edge", "connections", "http")
	}
	for i, e := range c.s.Events {
		if e.Node == nameBalancer && fault.AtHTTP(e) {
			c.add("an L4 balancer answers no request: an HTTP fault is at an app server, a shield or a PoP", "", "event", i, "node")
		}
	}
}
