// Stickiness: who stays with whom, and what ends that.
package balance

import (
	"fmt"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"cdnlab/sim"
)

// guest is a user who keeps what the balancer sets, or sends a header, or has an address.
type guest struct {
	w      *world
	p      *Pool
	cookie string
	header http.Header
	addr   netip.Addr
	trace  sim.Trace
	open   []*got
}

// send sends a request.
func (u *guest) send(method string) *got {
	req := &sim.Request{ID: 1, Method: method, Path: "/", Addr: u.addr, Header: http.Header{}, Trace: u.trace}
	for name, values := range u.header { // in any order: a map again
		req.Header[name] = values
	}
	if u.cookie != "" {
		req.Header["Cookie"] = []string{"a=b; " + u.cookie + "; c=d"}
	}
	g := &got{}
	u.p.Serve(req, func(resp *sim.Response) {
		g.resp, g.at = resp, u.w.engine.Now()
		if set := resp.Header.Get("Set-Cookie"); set != "" {
			u.cookie, _, _ = strings.Cut(set, ";")
		}
	})
	return g
}

// ask asks and waits; it returns who answered, in capitals when a cookie was set, "-" when nobody did.
func (u *guest) ask() string {
	g := u.send("GET")
	u.w.engine.Advance(u.w.engine.Now().Add(20 * ms))
	if g.resp == nil || g.resp.Status != 200 {
		return "-"
	}
	who := g.resp.Via.Last(sim.HopBalancer).Peer
	if g.resp.Header.Get("Set-Cookie") != "" {
		who = strings.ToUpper(who)
	}
	return who
}

// row asks n times.
func (u *guest) row(n int) string {
	var b strings.Builder
	for range n {
		b.WriteString(u.ask())
	}
	return b.String()
}

func sticky3(t *testing.T, cfg StickyConfig, pool PoolConfig) (*world, []*server, *Pool) {
	w := newWorld(t)
	servers, targets := w.fleet(3)
	pool.Sticky = cfg
	if pool.MaxFails == nil {
		pool.MaxFails = new(1)
	}
	return w, servers, w.pool(noChecks(pool), targets...)
}

func (w *world) wantPins(what string, kept, made, moved, forged int64) {
	w.t.Helper()
	got := [4]int64{w.counter("pins-kept"), w.counter("pins-made"), w.counter("pins-moved"), w.counter("pins-forged")}
	if want := [4]int64{kept, made, moved, forged}; got != want {
		w.t.Errorf("%s: pins kept, made, moved, forged are %v, want %v", what, got, want)
	}
}

// By whatever it is: a user stays, another goes elsewhere, whatever the algorithm.
func TestSticky(t *testing.T) {
	eachPolicy(t, func(t *testing.T, cfg Config) {
		for _, by := range []string{StickyCookie, StickyHeader, StickyAddress} {
			w, _, p := sticky3(t, StickyConfig{By: by}, PoolConfig{Config: cfg})
			for i := range 4 {
				u := &guest{w: w, p: p, addr: netip.AddrFrom4([4]byte{192, 0, byte(i), 1}), header: http.Header{"X-Session": {fmt.Sprint("user ", i)}}}
				first := u.ask()
				if got, want := u.row(3), strings.Repeat(strings.ToLower(first), 3); got != want {
					t.Errorf("by %s: after %s came %s", by, first, got)
				}
				if set := first != strings.ToLower(first); set != (by == StickyCookie) {
					t.Errorf("by %s: a cookie was set: %v", by, set)
				}
			}
			w.wantPins(by, 12, 4, 0, 0)
			w.quiet(p)
		}
	})
}

func TestStickyOutOfRotation(t *testing.T) {
	for _, by := range []string{StickyCookie, StickyHeader} {
		for when, want := range map[string]string{WhenDownRepick: "bbb", WhenDownFail: "--aaa"} { // each is on its own
			w, servers, p := sticky3(t, StickyConfig{By: by, WhenDown: when}, PoolConfig{FailTimeout: 100 * ms})
			u := &guest{w: w, p: p, header: http.Header{"X-Session": {"u"}}}
			u.row(2) // pinned to a
			servers[0].mode = "refused"
			got := strings.ToLower(u.row(2))
			servers[0].mode = ""
			w.engine.Advance(w.engine.Now().Add(200 * ms)) // a is on trial: one request may try it
			if got += strings.ToLower(u.row(3)); !strings.HasPrefix(got, want) {
				t.Errorf("by %s, %s: %s, want %s", by, when, got, want)
			}
			if when == WhenDownRepick {
				w.wantPins(by, 1+1+4, 1, 1, 0) // the first that failed kept its pin until then
			}
			w.quiet(p)
		}
	}
}

// Who is pinned to a drained server finishes there, until its deadline if there is one; others do not
// go there.
func TestStickyDrained(t *testing.T) {
	for _, c := range []struct {
		when  string
		limit time.Duration
		want  string
	}{{WhenDrainedStay, 0, "aaaaa"}, {WhenDrainedStay, 55 * ms, "aaaBb"}, {WhenDrainedMove, 0, "Bbbbb"}} {
		w, _, p := sticky3(t, StickyConfig{By: StickyCookie, WhenDrained: c.when}, PoolConfig{DrainTimeout: c.limit})
		u := &guest{w: w, p: p}
		u.ask()
		p.Drain("a", true)
		if got := u.row(5); got != c.want {
			t.Errorf("%s, deadline after %v: %s, want %s", c.when, c.limit, got, c.want)
		}
		for range 4 {
			if got := (&guest{w: w, p: p}).ask(); got == "A" {
				t.Errorf("%s: a new user goes to a drained server", c.when)
			}
		}
		drained := 0
		for _, note := range w.notes {
			if strings.Contains(note, "drained a") {
				drained++
			}
		}
		if drained != 1 {
			t.Errorf("%s: drained is noted %d times: %v", c.when, drained, w.notes)
		}
		w.quiet(p)
	}
}

// What is open at a drained server when its time is up is cut, also when it came after the
// draining began.
func TestStickyIsCutAtTheDeadline(t *testing.T) {
	w, servers, p := sticky3(t, StickyConfig{By: StickyCookie}, PoolConfig{DrainTimeout: 50 * ms})
	u := &guest{w: w, p: p}
	u.ask()
	p.Drain("a", true)
	w.engine.Advance(w.engine.Now().Add(40 * ms))
	servers[0].delay = time.Second
	g := u.send("POST")
	w.engine.Advance(w.engine.Now().Add(15 * ms))
	w.expect("open at the deadline", g, "reset from a, tries 1 (reset) at 70ms")
	w.quiet(p)
}

// A full server keeps its users: they go elsewhere only as long as it is full.
func TestStickyFull(t *testing.T) {
	w := newWorld(t)
	_, targets := w.fleet(2)
	targets[0].MaxConnections = 1
	p := w.pool(noChecks(PoolConfig{Sticky: StickyConfig{By: StickyCookie}}), targets...)
	u := &guest{w: w, p: p}
	if got := u.ask(); got != "A" {
		t.Fatalf("first %s", got)
	}
	one, two := u.send("GET"), u.send("GET")
	w.engine.Advance(w.engine.Now().Add(20 * ms))
	if a, b := one.resp.Via.Last(sim.HopBalancer).Peer, two.resp.Via.Last(sim.HopBalancer).Peer; a != "a" || b != "b" || two.resp.Header.Get("Set-Cookie") != "" {
		t.Errorf("two at once: %s and %s with %v", a, b, two.resp.Header)
	}
	if got := u.ask(); got != "a" {
		t.Errorf("afterwards: %s, want a", got)
	}
	w.wantPins("full", 2, 1, 0, 0)
	w.quiet(p)
}

// A cookie that we did not sign is none: the user is picked for anew, and gets a true one.
func TestStickyForged(t *testing.T) {
	w, _, p := sticky3(t, StickyConfig{By: StickyCookie}, PoolConfig{})
	u := &guest{w: w, p: p}
	u.ask()
	value := strings.TrimPrefix(u.cookie, "SERVER_ID=")
	forged := []string{"b", "b.", ".", "", "a" + value, value + "0", "b" + value[1:], "z" + value[1:], strings.ToUpper(value), strings.Repeat("a", 10_000)}
	for i := range value {
		other := "1"
		if value[i] == '1' {
			other = "2"
		}
		forged = append(forged, value[:i]+other+value[i+1:])
	}
	for _, f := range forged {
		liar := &guest{w: w, p: p, cookie: "SERVER_ID=" + f}
		if got := liar.ask(); got != strings.ToUpper(got) {
			t.Errorf("%q was believed: %s", f, got)
		}
	}
	w.wantPins("forged", 0, 1+int64(len(forged)), 0, int64(len(forged)))
	if got := u.ask(); got != "a" {
		t.Errorf("the true one: %s", got)
	}
	quoted := &guest{w: w, p: p, cookie: `SERVER_ID="` + value + `"; SERVER_ID=b.0`}
	if got := quoted.row(2); got != "aa" {
		t.Errorf("in quotes, before a second one: %s", got)
	}
	w.quiet(p)
	other := newWorld(t)
	other.env.Seed = 2
	_, targets := other.fleet(3)
	p = other.pool(noChecks(PoolConfig{Sticky: StickyConfig{By: StickyCookie}}), targets...)
	if (&guest{w: other, p: p, cookie: u.cookie}).ask(); other.counter("pins-forged") != 1 {
		t.Error("a cookie of another run is believed")
	}
}

// What the cookie looks like, beside what the server sets.
func TestStickyCookie(t *testing.T) {
	w := newWorld(t)
	shared := http.Header{"Set-Cookie": {"session=1"}, "Content-Type": {"text/plain"}}
	h := sim.HandlerFunc(func(_ *sim.Request, reply func(*sim.Response)) { reply(sim.Answer(200, shared, 0)) })
	p := w.pool(noChecks(PoolConfig{Sticky: StickyConfig{By: StickyCookie, Cookie: "lb", MaxAge: time.Minute - 1, Attributes: "Secure"}}), Target{Spec: Spec{Name: "a"}, Handler: h})
	g := (&guest{w: w, p: p}).send("GET")
	set := g.resp.Header["Set-Cookie"]
	if len(set) != 2 || set[0] != "session=1" || !strings.HasPrefix(set[1], "lb=a.") || !strings.HasSuffix(set[1], "; Max-Age=60; Secure") || len(set[1]) != len("lb=a.; Max-Age=60; Secure")+32 {
		t.Errorf("cookies %q", set)
	}
	if len(shared["Set-Cookie"]) != 1 || len(shared) != 2 {
		t.Errorf("the server's own header was changed: %v", shared)
	}
}

// Tables are bounded: by number, and by how long a user is not seen.
func TestStickyTable(t *testing.T) {
	w, _, p := sticky3(t, StickyConfig{By: StickyHeader, Header: "x-user", Limit: 2, Idle: time.Minute}, PoolConfig{})
	user := func(name string) *guest { return &guest{w: w, p: p, header: http.Header{"X-User": {name}}} }
	if got := user("1").ask() + user("2").ask() + user("1").ask() + user("3").ask() + user("1").ask() + user("2").ask(); got != "abacaa" {
		t.Errorf("of three users two are known: %s, want abacaa", got)
	}
	w.engine.Advance(w.engine.Now().Add(2 * time.Minute))
	user("1").ask()
	w.wantPins("table", 2, 5, 0, 0)
	for _, nobody := range []string{"", strings.Repeat("x", 300)} {
		user(nobody).row(3)
	}
	w.wantPins("without the header", 2, 5, 0, 0)
	w.quiet(p)
}

// Stickiness can be changed while the pool works; a table of the same kind is kept.
func TestStickyChanges(t *testing.T) {
	w, _, p := sticky3(t, StickyConfig{By: StickyHeader}, PoolConfig{})
	weights := map[string]int{"a": 1, "b": 1, "c": 1}
	u := &guest{w: w, p: p, header: http.Header{"X-Session": {"u"}}}
	got := u.row(2)
	cfg := p.cfg
	cfg.Sticky.Idle = time.Hour
	w.change(p, cfg, weights)
	got += u.row(2)
	cfg.Sticky.By = StickyCookie
	w.change(p, cfg, weights)
	got += " " + u.row(3)
	delete(weights, "b")
	w.change(p, cfg, weights) // who was pinned to b is no more
	got += " " + u.row(2)
	weights["d"] = 1
	w.change(p, cfg, weights)
	for range 3 { // d's users stay with d
		if v := (&guest{w: w, p: p}); v.ask() == "D" {
			got += " " + v.row(2)
		}
	}
	cfg.Sticky.By = StickyNone
	w.change(p, cfg, weights)
	if got += " " + u.row(3); got != "aaaa Bbb Aa dd acd" {
		t.Errorf("%s, want aaaa Bbb Aa dd acd", got)
	}
	cfg.Sticky.By = "moon"
	if p.Change(cfg, Around{}, nil) == nil {
		t.Error("what is no stickiness is taken")
	}
	w.quiet(p)
}

func TestStickyExplains(t *testing.T) {
	w, servers, p := sticky3(t, StickyConfig{By: StickyCookie}, PoolConfig{Retries: new(0)})
	var told string
	w.env.Trace(func(s sim.Step) { told = s.Says })
	u := &guest{w: w, p: p, trace: sim.Traced}
	for _, step := range []struct {
		do   func()
		want string
	}{
		{func() {}, "a by round-robin: its turn, and b's next; the user's first request, from now on pinned by the cookie SERVER_ID"},
		{func() {}, "a: the user is pinned to it by the cookie SERVER_ID"},
		{func() { u.cookie = "SERVER_ID=b.x" }, "b by round-robin: its turn, and c's next; the cookie SERVER_ID is not one that a balancer here has signed, so the user is pinned anew"},
		{func() { servers[1].mode = "refused"; u.ask() }, "c by round-robin: its turn, and a's next; the user was pinned to b, which cannot be asked, and is pinned anew; b is out of rotation for 10 ms (requests failed in a row, the last: refused)"},
	} {
		step.do()
		if u.ask(); told != step.want {
			t.Errorf("%s\nwant %s", told, step.want)
		}
	}
	cfg := p.cfg
	cfg.Sticky.WhenDown = WhenDownFail
	w.change(p, cfg, map[string]int{"a": 1, "b": 1, "c": 1})
	servers[2].mode = "reset"
	for _, want := range []string{"its user is pinned to this server alone (sticky.when-down)", `no server may take it: the user is pinned to c, which cannot be asked, and to nobody else (sticky.when-down = "fail")`} {
		if u.ask(); !strings.Contains(told, want) {
			t.Errorf("%s\nwant %s", told, want)
		}
	}
}

func TestStickyConfig(t *testing.T) {
	if bad := (StickyConfig{}).WithDefaults().Check(); bad != nil {
		t.Error(bad)
	}
	bad := StickyConfig{By: "x", WhenDown: "x", WhenDrained: "x", Cookie: "a b", Header: "a:", Attributes: "a\r\nb", MaxAge: -1, Limit: -1, Idle: -1}.WithDefaults().Check()
	if len(bad) != 9 {
		t.Errorf("%d mistakes, want 9: %v", len(bad), bad)
	}
}

// A pinned request costs no memory, in whatever way its user is known.
func TestStickyAllocatesNothing(t *testing.T) {
	for _, by := range []string{StickyCookie, StickyHeader, StickyAddress} {
		w, _, p := sticky3(t, StickyConfig{By: by}, PoolConfig{})
		u := &guest{w: w, p: p, header: http.Header{"X-Session": {"u"}}, addr: netip.MustParseAddr("192.0.2.1")}
		u.ask()
		req := &sim.Request{Header: http.Header{"X-Session": {"u"}, "Cookie": {"x=y; " + u.cookie}}, Addr: u.addr}
		var x pin
		if n := testing.AllocsPerRun(100, func() { x = p.sticky.read(w.engine.Now(), req) }); n != 0 || x.state != pinHolds {
			t.Errorf("by %s: %v allocations, state %d", by, n, x.state)
		}
	}
}
