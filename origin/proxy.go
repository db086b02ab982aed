// Proxy: the reverse proxy.

// Package origin holds what stands behind a CDN: the reverse proxy, the
// application server and its database. The load balancer between them is
// origin/balance.
package origin

import (
	"cmp"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"cdnlab/sim"
)

// Upstream is something a Proxy can send requests to.
type Upstream struct {
	Name    string
	Handler sim.Handler
}

// Proxy is a reverse proxy: it routes by path, tells the upstream who asks, and
// turns failures into answers of 502, 503 and 504.
type Proxy struct {
	env      *sim.Env
	routes   []route // the longest prefix first
	timeout  time.Duration
	headers  forwarder
	clean    headerSet // of answers without hop-by-hop fields
	requests *sim.Counter
	failures *sim.Counter
	spare    []*passage
}

type route struct {
	Route
	upstream sim.Handler
}

var _ sim.Handler = (*Proxy)(nil)

// NewProxy returns a Proxy. Without routes everything goes to the only
// upstream.
func NewProxy(env *sim.Env, cfg ProxyConfig, upstreams ...Upstream) (*Proxy, error) {
	p := &Proxy{env: env, requests: env.Counter("requests"), failures: env.Counter("failures")}
	if err := p.Change(cfg, upstreams...); err != nil {
		return nil, err
	}
	return p, nil
}

// Change makes the Proxy one of another ProxyConfig. Requests under way keep
// their route and their limit.
func (p *Proxy) Change(cfg ProxyConfig, upstreams ...Upstream) error {
	cfg = cfg.WithDefaults()
	if len(cfg.Routes) == 0 && len(upstreams) == 1 {
		cfg.Routes = []Route{{Prefix: "/", To: upstreams[0].Name}}
	}
	if cfg.Timeout < 0 || len(cfg.Routes) == 0 {
		return fmt.Errorf("origin: proxy %s: needs a route, and no negative timeout", p.env.Node)
	}
	var routes []route
	for _, r := range cfg.Routes {
		if !strings.HasPrefix(r.Prefix, "/") {
			return fmt.Errorf("origin: proxy %s: prefix %q does not begin with /", p.env.Node, r.Prefix)
		}
		i := slices.IndexFunc(upstreams, func(u Upstream) bool { return u.Name == r.To })
		if i < 0 {
			return fmt.Errorf("origin: proxy %s: no upstream named %q", p.env.Node, r.To)
		}
		routes = append(routes, route{r, upstreams[i].Handler})
	}
	slices.SortStableFunc(routes, func(a, b route) int { return cmp.Compare(len(b.Prefix), len(a.Prefix)) })
	p.routes, p.timeout, p.headers = routes, cfg.Timeout, newForwarder(cfg.Trusted)
	return nil
}

// passage is one request on its way through a Proxy.
type passage struct {
	proxy *Proxy
	route *route
	req   sim.Request
	at    sim.Time
	reply func(*sim.Response)

	onReply func(*sim.Response)
}

// passage returns a passage: a used one if there is one.
func (p *Proxy) passage(req *sim.Request, reply func(*sim.Response)) *passage {
	var x *passage
	if n := len(p.spare); n > 0 {
		x = p.spare[n-1]
		p.spare = p.spare[:n-1]
	} else {
		x = &passage{proxy: p}
		x.onReply = x.replied
	}
	x.req, x.at, x.reply, x.route = *req, p.env.Now(), reply, p.find(req.Path)
	return x
}

// Serve implements sim.Handler.
func (p *Proxy) Serve(req *sim.Request, reply func(*sim.Response)) {
	p.requests.Add(1)
	x := p.passage(req, reply)
	if req.Traced() {
		x.explainRoute(req)
	}
	if x.route == nil {
		x.replied(sim.Answer(http.StatusNotFound, noStore, 0))
		return
	}
	x.req.Header, x.req.Control = p.headers.forward(req), false
	if x.route.Host != "" {
		x.req.Host = x.route.Host
	}
	if p.timeout > 0 {
		askWithin(p.env, x.route.upstream, x.req, p.timeout, x.onReply)
		return
	}
	x.route.upstream.Serve(&x.req, x.onReply)
}

// find returns the route of a path, nil when there is none. A prefix is one of
// characters, not of segments, as an nginx location.
func (p *Proxy) find(path string) *route {
	for i := range p.routes {
		if strings.HasPrefix(path, p.routes[i].Prefix) {
			return &p.routes[i]
		}
	}
	return nil
}

// replied passes an answer back.
func (x *passage) replied(resp *sim.Response) {
	p, whole := x.proxy, resp.Body == nil
	now := x.proxy.env.Now()
	cause := resp.Cause
	if status := gatewayStatus(cause); status != 0 {
		x.proxy.failures.Add(1)
		if x.req.Traced() {
			x.explainFailure(cause, status)
		}
		via := resp.Via
		resp = sim.Answer(status, noStore, 0)
		resp.Via, resp.Date = via, now
	} else if resp.Status != http.StatusSwitchingProtocols {
		resp.Header = p.endToEnd(resp.Header)
	}
	if x.route == nil {
		resp.Date = now
	}
	m := resp.Via.Next()
	m.Node, m.Hop, m.Cause, m.Took = p.env.Node, sim.HopProxy, cause, now.Sub(x.at)
	if x.route != nil {
		m.Peer = x.route.To
	}
	x.reply(resp)
	if whole && p.env.Reuses {
		x.reply = nil
		p.spare = append(p.spare, x)
	}
}

// gatewayStatus is the answer a user gets for an upstream's failure: RFC 9110
// 15.6.3 (502), 15.6.5 (504) and 15.6.4 (503). 0: the cause passes through; a
// user who left gets nothing (nginx logs it as 499).
func gatewayStatus(c sim.Cause) int {
	switch c {
	case sim.OK, sim.Cancelled:
		return 0
	case sim.TimedOut, sim.Unreachable:
		return http.StatusGatewayTimeout
	case sim.NoServer, sim.Overload:
		return http.StatusServiceUnavailable
	}
	return http.StatusBadGateway
}
