// The reverse proxy by scripts.
package origin

import (
	"fmt"
	"net/http"
	"net/netip"
	"reflect"
	"testing"
	"time"

	"cdnlab/sim"
)

func TestProxyRoutes(t *testing.T) {
	w := newWorld(t)
	site, api, admin := answering(200), answering(200), answering(200)
	cfg := ProxyConfig{Routes: []Route{{Prefix: "/", To: "site"}, {Prefix: "/api/admin", To: "admin", Host: "admin.example"}, {Prefix: "/api/", To: "api"}}}
	p := must[*Proxy](t)(NewProxy(w.env("proxy"), cfg, Upstream{"site", site}, Upstream{"api", api}, Upstream{"admin", admin}))
	for path, want := range map[string]string{"/": "site", "/apis": "site", "/api/x": "api", "/api/admin/y": "admin"} { // any order will do
		g := w.ask(p, &sim.Request{Path: path, Host: "www.example"})
		if m := g.resp.Via.Last(sim.HopProxy); m.Peer != want || g.resp.Status != 200 {
			t.Errorf("%s went to %q", path, m.Peer)
		}
	}
	if len(site.seen) != 2 || site.seen[0].Host != "www.example" || admin.seen[0].Host != "admin.example" {
		t.Errorf("hosts %q, %q", site.seen[0].Host, admin.seen[0].Host)
	}
}

func TestProxyWithoutARoute(t *testing.T) {
	w := newWorld(t)
	p := must[*Proxy](t)(NewProxy(w.env("proxy"), ProxyConfig{Routes: []Route{{Prefix: "/a", To: "x"}}}, Upstream{"x", answering(200)}))
	w.expect(w.ask(p, &sim.Request{Path: "/b"}), 404, sim.OK, 0)
	for _, cfg := range []ProxyConfig{{Routes: []Route{{Prefix: "/", To: "y"}}}, {Routes: []Route{{Prefix: "a", To: "x"}}}, {Timeout: -1}} {
		if _, err := NewProxy(w.env("proxy"), cfg, Upstream{"x", answering(200)}); err == nil {
			t.Errorf("%+v was taken", cfg)
		}
	}
	if _, err := NewProxy(w.env("proxy"), ProxyConfig{}); err == nil {
		t.Error("a proxy without upstreams was made")
	}
}

func TestProxyFailures(t *testing.T) {
	want := map[sim.Cause]int{sim.Refused: 502, sim.Reset: 502, sim.Truncated: 502, sim.Malformed: 502,
		sim.TimedOut: 504, sim.Unreachable: 504, sim.NoServer: 503, sim.Overload: 503, sim.Cancelled: 0}
	for _, c := range sim.Causes() {
		w := newWorld(t)
		p := must[*Proxy](t)(NewProxy(w.env("proxy"), ProxyConfig{}, Upstream{"x", failing(c)}))
		g := w.ask(p, &sim.Request{Path: "/"})
		cause := sim.OK
		if c == sim.Cancelled {
			cause = c
		}
		w.expect(g, want[c], cause, 0)
		if m := g.resp.Via.Last(sim.HopProxy); m.Cause != c {
			t.Errorf("%v: the mark says %v", c, m.Cause)
		}
	}
}

func TestProxyTimeout(t *testing.T) {
	w := newWorld(t)
	hung := &upstream{}
	p := must[*Proxy](t)(NewProxy(w.env("proxy"), ProxyConfig{Timeout: time.Second}, Upstream{"x", hung}))
	g := w.ask(p, &sim.Request{Path: "/"})
	scope := &sim.Scope{}
	left := w.ask(p, &sim.Request{Path: "/", Scope: scope})
	w.at(100 * ms)
	scope.Cancel(sim.Cancelled)
	w.expect(left, 0, sim.Cancelled, 100*ms)
	w.quiet()
	w.expect(g, 504, sim.OK, time.Second)
	if fmt.Sprint(hung.gone) != "[cancelled timed-out]" {
		t.Errorf("upstream was told %v", hung.gone)
	}
}

// A time limit on the header does not end the user's power over the content.
func TestLimitedAskFollowsItsContent(t *testing.T) {
	w := newWorld(t)
	content := &sim.Transfer{Length: -1}
	var below *sim.Scope
	h := sim.HandlerFunc(func(req *sim.Request, reply func(*sim.Response)) {
		below = req.Scope
		resp := sim.Answer(200, nil, -1)
		resp.Body = content
		reply(resp)
	})
	scope := &sim.Scope{}
	replies := 0
	askWithin(w.env("x"), h, sim.Request{Scope: scope}, time.Second, func(*sim.Response) { replies++ })
	w.at(5 * time.Second)
	if replies != 1 || below.Cause() != sim.OK {
		t.Fatalf("%d replies, scope %v", replies, below.Cause())
	}
	scope.Cancel(sim.Cancelled)
	if below.Cause() != sim.Cancelled || replies != 1 {
		t.Errorf("the user left and the content goes on: %v, %d replies", below.Cause(), replies)
	}
}

func TestForwardedHeaders(t *testing.T) {
	trusted := []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}
	for _, c := range []struct {
		name    string
		addr    string
		in, out http.Header
	}{
		{"a user", "192.0.2.1", http.Header{"Accept": {"*/*"}},
			http.Header{"Accept": {"*/*"}, "X-Forwarded-For": {"192.0.2.1"}, "X-Real-Ip": {"192.0.2.1"}, "X-Forwarded-Proto": {"https"}}},
		{"a user who pretends", "192.0.2.1", http.Header{"X-Forwarded-For": {"1.1.1.1"}, "X-Real-Ip": {"1.1.1.1"}, "X-Forwarded-Proto": {"gopher"}},
			http.Header{"X-Forwarded-For": {"192.0.2.1"}, "X-Real-Ip": {"192.0.2.1"}, "X-Forwarded-Proto": {"https"}}},
		{"a hop that is trusted", "10.1.2.3", http.Header{"X-Forwarded-For": {"6.6.6.6, 192.0.2.7", "10.0.0.9"}, "X-Forwarded-Proto": {"http"}},
			http.Header{"X-Forwarded-For": {"6.6.6.6, 192.0.2.7, 10.0.0.9, 10.1.2.3"}, "X-Real-Ip": {"192.0.2.7"}, "X-Forwarded-Proto": {"http"}}},
		{"nobody's address", "", http.Header{"X-Forwarded-For": {"1.1.1.1"}}, http.Header{"X-Forwarded-Proto": {"https"}}},
		{"IPv4 in IPv6", "::ffff:192.0.2.1", nil,
			http.Header{"X-Forwarded-For": {"192.0.2.1"}, "X-Real-Ip": {"192.0.2.1"}, "X-Forwarded-Proto": {"https"}}},
		{"hop-by-hop", "", http.Header{"Connection": {"keep-alive, X-Mine"}, "X-Mine": {"1"}, "Keep-Alive": {"5"}, "Te": {"trailers"},
			"Transfer-Encoding": {"chunked"}, "Proxy-Authorization": {"x"}, "Authorization": {"y"}, "Upgrade": {"h2c"}},
			http.Header{"Authorization": {"y"}, "X-Forwarded-Proto": {"https"}}},
		{"an upgrade", "", http.Header{"Connection": {"upgrade"}, "Upgrade": {"websocket"}},
			http.Header{"Connection": {"Upgrade"}, "Upgrade": {"websocket"}, "X-Forwarded-Proto": {"https"}}},
	} {
		req := &sim.Request{Scheme: "https", Header: c.in}
		if c.addr != "" {
			req.Addr = netip.MustParseAddr(c.addr)
		}
		before := c.in.Clone()
		f := newForwarder(trusted)
		if got := f.forward(req); !reflect.DeepEqual(got, c.out) {
			t.Errorf("%s:\n%v\nwant\n%v", c.name, got, c.out)
		}
		if !reflect.DeepEqual(before, c.in) {
			t.Errorf("%s: the header that came was changed", c.name)
		}
	}
}

// Requests of one class share one rewritten header.
func TestForwardedHeadersAreShared(t *testing.T) {
	f := newForwarder(nil)
	common := http.Header{"Accept": {"*/*"}}
	req := &sim.Request{Scheme: "https", Header: common, Addr: netip.MustParseAddr("192.0.2.1")}
	f.forward(req)
	if n := testing.AllocsPerRun(100, func() { f.forward(req) }); n != 0 {
		t.Errorf("%v allocations for a header that is known", n)
	}
	other := *req
	other.Header = http.Header{"Accept": {"text/html"}}
	if f.forward(&other)["Accept"][0] != "text/html" {
		t.Error("another header got the first one's")
	}
	for i := range 3 * forwardedMost {
		other.Addr = netip.AddrFrom4([4]byte{10, byte(i >> 16), byte(i >> 8), byte(i)})
		f.forward(&other)
	}
	if len(f.kept) > forwardedMost {
		t.Errorf("%d headers kept", len(f.kept))
	}
}

func TestResponsesLoseHopByHopFields(t *testing.T) {
	clean := http.Header{"Etag": {"x"}}
	if got := endToEnd(clean); reflect.ValueOf(got).Pointer() != reflect.ValueOf(clean).Pointer() {
		t.Error("a clean header was copied")
	}
	got := endToEnd(http.Header{"Etag": {"x"}, "Connection": {"close, Foo"}, "Foo": {"1"}, "Keep-Alive": {"2"}})
	if !reflect.DeepEqual(got, clean) {
		t.Errorf("%v", got)
	}
}

func BenchmarkProxy(b *testing.B) {
	w := newWorld(b)
	common := sim.Answer(200, http.Header{"Etag": {"x"}}, 5)
	h := sim.HandlerFunc(func(_ *sim.Request, reply func(*sim.Response)) {
		common.Via.Reset()
		reply(common)
	})
	p := must[*Proxy](b)(NewProxy(w.env("proxy"), ProxyConfig{}, Upstream{"x", h}))
	req := &sim.Request{Method: "GET", Path: "/", Scheme: "https", Header: http.Header{"Accept": {"*/*"}}, Addr: netip.MustParseAddr("192.0.2.1")}
	b.ReportAllocs()
	for b.Loop() {
		p.Serve(req, func(*sim.Response) {})
	}
}

// Routes and limit are those of the moment in which a request comes.
func TestProxyChange(t *testing.T) {
	w := newWorld(t)
	silent := sim.HandlerFunc(func(req *sim.Request, reply func(*sim.Response)) {
		req.Scope.OnCancel(func(c sim.Cause) { reply(sim.Fail(c)) })
	})
	upstreams := []Upstream{{"a", answering(200)}, {"b", answering(201)}, {"silent", silent}}
	route := func(to string) []Route { return []Route{{Prefix: "/", To: to}} }
	p := must[*Proxy](t)(NewProxy(w.env("proxy"), ProxyConfig{Routes: route("silent"), Timeout: time.Second}, upstreams...))
	before := w.ask(p, &sim.Request{Path: "/"})
	for to, status := range map[string]int{"a": 200, "b": 201} { // any order will do
		if err := p.Change(ProxyConfig{Routes: route(to)}, upstreams...); err != nil {
			t.Fatal(err)
		}
		w.expect(w.ask(p, &sim.Request{Path: "/", Control: true}), status, sim.OK, 0)
	}
	if p.Change(ProxyConfig{Routes: route("none")}, upstreams...) == nil {
		t.Error("a route to nowhere is taken")
	}
	w.at(2 * time.Second)
	w.expect(before, 504, sim.OK, time.Second)
	for _, u := range upstreams[:2] {
		if u.Handler.(*upstream).seen[0].Control {
			t.Error("the proxy forwards who runs the lab")
		}
	}
}
