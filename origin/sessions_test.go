// Sessions: what each store keeps, and who knows it.
package origin

import (
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"cdnlab/origin/balance"
	"cdnlab/sim"
)

// shop is two app servers of one site and its database, any of which can be
// started anew.
type shop struct {
	*world
	cfg   AppConfig
	apps  [2]*App
	db    *Database
	id    uint64
	items string // what the last answer said of the cart
}

func newShop(t *testing.T, cfg SessionsConfig) *shop {
	s := &shop{world: newWorld(t), cfg: steady(AppConfig{Workers: 4, Sessions: cfg})}
	s.startDatabase()
	for i := range s.apps {
		s.start(i)
	}
	return s
}

// start builds a server: a second time it is what comes after a crash.
func (s *shop) start(i int) {
	s.apps[i] = must[*App](s.t)(NewApp(s.env("app-"+strconv.Itoa(i+1)), s.cfg, pages{},
		sim.HandlerFunc(s.behind), nil))
	if s.cfg.Sessions.Store == StoreStore {
		s.apps[i].KeepSessionsAt(sim.HandlerFunc(s.behind))
	}
}

// behind is the database, or the session store in its place.
func (s *shop) behind(req *sim.Request, reply func(*sim.Response)) { s.db.Serve(req, reply) }

func (s *shop) startDatabase() {
	cfg := DatabaseConfig{ServiceConfig: ServiceConfig{ServiceTime: 50 * ms, Distribution: Constant}}
	if s.cfg.Sessions.Store == StoreStore {
		s.db = must[*SessionStore](s.t)(NewSessionStore(s.env("db"), SessionStoreConfig(cfg), s.cfg.Sessions)).Database
		return
	}
	s.db = must[*Database](s.t)(NewDatabase(s.env("db"), cfg))
	s.db.KeepSessions(s.cfg.Sessions)
}

// ask asks a server and returns the status, the new cookie or else the old one,
// and how long it took.
func (s *shop) ask(app int, method, path, cookie string) (status int, _ string, took time.Duration) {
	s.t.Helper()
	s.id++
	req := &sim.Request{ID: s.id, Client: 7, Method: method, Path: path}
	if cookie != "" {
		req.Header = http.Header{"Cookie": {"theme=dark; session=" + cookie}}
	}
	at := s.engine.Now()
	g := s.world.ask(s.apps[app], req)
	s.quiet()
	h := g.resp.Header
	s.items = h.Get("Cart-Items")
	if set := h.Get("Set-Cookie"); set != "" {
		value, found := strings.CutSuffix(strings.TrimPrefix(set, "session="), "; Path=/; HttpOnly")
		if !found || h.Get("Cache-Control") != "no-store" {
			s.t.Errorf("%s %s: %v", method, path, h)
		}
		cookie = value
	}
	if g.resp.Status == http.StatusUnauthorized && (h.Get("Cache-Control") != "no-store" || h.Get("Www-Authenticate") == "") {
		s.t.Errorf("401 with %v", h)
	}
	return g.resp.Status, cookie, g.at.Sub(at)
}

func (s *shop) want(what string, status int, app int, method, path, cookie string) string {
	s.t.Helper()
	got, cookie, _ := s.ask(app, method, path, cookie)
	if got != status {
		s.t.Errorf("%s, %s: %d, want %d", s.cfg.Sessions.Store, what, got, status)
	}
	return cookie
}

// What a user of each store sees: of the other server, after crashes, and with
// what costs.
func TestStores(t *testing.T) {
	for _, c := range []struct {
		store                 string
		other, crash, dbCrash int           // statuses
		took                  time.Duration // service and query
		queries               int64         // of three requests
	}{
		{StoreCookie, 200, 200, 200, 100 * ms, 0},
		{StoreMemory, 401, 401, 200, 100 * ms, 0},
		{StoreDatabase, 200, 200, 401, 150 * ms, 3},
		{StoreStore, 200, 200, 401, 150 * ms, 3},
	} {
		s := newShop(t, SessionsConfig{Store: c.store})
		status, cookie, took := s.ask(0, "POST", "/login?from=/", "")
		if status != 200 || cookie == "" || took != c.took {
			t.Errorf("%s: sign-in: %d after %v with cookie %q", c.store, status, took, cookie)
		}
		if _, _, took := s.ask(0, "GET", "/page", cookie); took != c.took {
			t.Errorf("%s: a page with a session took %v", c.store, took)
		}
		one := s.want("add to the cart", 200, 0, "POST", "/cart", cookie)
		if s.items != "1" {
			t.Errorf("%s: %q items", c.store, s.items)
		}
		if n := s.db.requests.N; n != c.queries {
			t.Errorf("%s: %d queries, want %d", c.store, n, c.queries)
		}
		s.want("the other server", c.other, 1, "GET", "/page", one)
		if c.other == 200 {
			s.want("the cart at the other", 200, 1, "POST", "/cart", one)
		} else {
			s.want("the cart at home", 200, 0, "POST", "/cart", one)
		}
		if s.items != "2" {
			t.Errorf("%s: %q items", c.store, s.items)
		}
		s.startDatabase()
		s.want("after the database's crash", c.dbCrash, 0, "GET", "/page", one)
		again := s.want("signing in again", 200, 0, "POST", "/login", one) // with whatever they have
		s.start(0)
		s.want("after the server's crash", c.crash, 0, "GET", "/page", again)
		s.want("nobody's session", 200, 0, "GET", "/page", "")
		s.want("a cart without a session", 401, 0, "POST", "/cart", "")
	}
}

// Counters tell sign-ins, and known and unknown sessions.
func TestSessionCounters(t *testing.T) {
	s := newShop(t, SessionsConfig{Store: StoreMemory})
	cookie := s.want("sign-in", 200, 0, "POST", "/login", "")
	for range 3 {
		s.want("page", 200, 0, "GET", "/page", cookie)
		s.want("elsewhere", 401, 1, "GET", "/page", cookie)
	}
	s.want("cart", 200, 0, "POST", "/cart", cookie)
	s.want("page", 200, 0, "GET", "/page", "")
	for i, want := range [][3]int64{{1, 4, 0}, {0, 0, 3}} {
		e := s.apps[i].sessions
		if got := [3]int64{e.signIns.N, e.known.N, e.unknown.N}; got != want {
			t.Errorf("server %d: %v, want %v", i+1, got, want)
		}
	}
}

// A cookie that we did not write is none of ours, whatever it says.
func TestForgedCookies(t *testing.T) {
	for _, store := range []string{StoreCookie, StoreMemory, StoreDatabase, StoreStore} {
		s := newShop(t, SessionsConfig{Store: store})
		cookie := s.want("sign-in", 200, 0, "POST", "/login", "")
		forged := []string{"x", ".", "a.b.c.d", "7.0.0.", "../../x", strings.Repeat("0", 32), strings.Repeat("7", 5000), "\x00", cookie + "0", "1" + cookie}
		for i := range len(cookie) {
			other := "1"
			if cookie[i] == '1' {
				other = "2"
			}
			forged = append(forged, cookie[:i]+other+cookie[i+1:])
		}
		for _, f := range forged {
			s.want("forged: "+f, 401, 0, "GET", "/page", f)
		}
		s.want("the true one", 200, 0, "GET", "/page", cookie)
		if n := s.apps[0].sessions.unknown.N; n != int64(len(forged)) {
			t.Errorf("%s: %d unknown sessions, want %d", store, n, len(forged))
		}
	}
	other := newTicket(sim.NewEnv(sim.NewEngine(), "app-1", 2, nil)) // of another run
	s := newShop(t, SessionsConfig{})
	s.want("signed by another run", 401, 0, "GET", "/page", (&cookieStore{other, time.Hour}).write(0, 7, 0))
}

// Idle sessions end: kept ones after their last use, a cookie after it was set.
func TestIdle(t *testing.T) {
	for _, c := range []struct {
		store string
		late  int // used at 40 and at 80 s, of 60
	}{{StoreCookie, 401}, {StoreMemory, 200}, {StoreDatabase, 200}} {
		s := newShop(t, SessionsConfig{Store: c.store, Idle: time.Minute})
		cookie := s.want("sign-in", 200, 0, "POST", "/login", "")
		s.at(40 * time.Second)
		s.want("in time", 200, 0, "GET", "/page", cookie)
		s.at(80 * time.Second)
		s.want("after another use", c.late, 0, "GET", "/page", cookie)
		s.at(150 * time.Second)
		s.want("too late", 401, 0, "GET", "/page", cookie)
	}
}

// A database that is down makes a 500 of every request with a session, and of
// no other.
func TestDatabaseStoreDown(t *testing.T) {
	w := newWorld(t)
	cfg := steady(AppConfig{Sessions: SessionsConfig{Store: StoreDatabase}, DatabaseTimeout: time.Second})
	db := &upstream{} // hangs
	a := must[*App](t)(NewApp(w.env("app"), cfg, pages{}, db, nil))
	id := strings.Repeat("ab", 16)
	with := w.ask(a, &sim.Request{Path: "/page", Header: http.Header{"Cookie": {"session=" + id}}})
	w.quiet()
	w.expect(with, 500, sim.OK, 1100*ms)
	if m := with.resp.Via.Last(sim.HopApp); m.Cause != sim.TimedOut {
		t.Errorf("mark %+v", m)
	}
	scope := &sim.Scope{}
	left := w.ask(a, &sim.Request{Path: "/page", Header: http.Header{"Cookie": {"session=" + id}}, Scope: scope})
	w.at(1300 * ms)
	scope.Cancel(sim.Cancelled)
	w.expect(left, 0, sim.Cancelled, 1300*ms)
	without := w.ask(a, &sim.Request{Path: "/page"})
	login := w.ask(a, &sim.Request{Path: "/login", Method: "POST"})
	w.quiet()
	w.expect(without, 200, sim.OK, 1400*ms)
	w.expect(login, 500, sim.OK, 2500*ms)
	if a.Busy() != 0 || a.sessions.signIns.N+a.sessions.unknown.N != 0 {
		t.Errorf("%d busy, %d signed in, %d unknown", a.Busy(), a.sessions.signIns.N, a.sessions.unknown.N)
	}
}

// Without its session store an app fails whoever has a session, or shows them what it shows
// everybody; sign-ins and carts it cannot do either way.
func TestSessionStoreDown(t *testing.T) {
	for _, c := range []struct {
		when                string
		page, cart, unasked int
	}{{StoreFailsError, 500, 500, 3}, {StoreFailsAnonymous, 200, 500, 3}} {
		w := newWorld(t)
		a := must[*App](t)(NewApp(w.env("app"), steady(AppConfig{Sessions: SessionsConfig{Store: StoreStore, WhenStoreFails: c.when, Timeout: time.Second}}), pages{}, nil, nil))
		a.KeepSessionsAt(&upstream{}) // hangs
		with := func(method, path string) *sim.Request {
			return &sim.Request{Method: method, Path: path, Header: http.Header{"Cookie": {"session=" + strings.Repeat("ab", 16)}}}
		}
		page := w.ask(a, with("GET", "/page"))
		w.quiet()
		w.expect(page, c.page, sim.OK, 1100*ms)
		if m := page.resp.Via.Last(sim.HopApp); m.Cause != sim.TimedOut {
			t.Errorf("%s: mark %+v", c.when, m)
		}
		cart, login, nobody := w.ask(a, with("POST", "/cart")), w.ask(a, with("POST", "/login")), w.ask(a, &sim.Request{Path: "/page"})
		w.quiet()
		for _, x := range []struct {
			got  *got
			want int
		}{{cart, c.cart}, {login, 500}, {nobody, 200}} {
			if x.got.resp.Status != x.want {
				t.Errorf("%s: %d, want %d", c.when, x.got.resp.Status, x.want)
			}
		}
		if n := a.sessions.unasked.N; n != int64(c.unasked) || a.Busy() != 0 {
			t.Errorf("%s: %d unasked, %d busy", c.when, n, a.Busy())
		}
	}
}

// A store of sessions has room for so many: who is unused for longest is out.
func TestSessionsAreEvicted(t *testing.T) {
	for _, store := range []string{StoreMemory, StoreDatabase, StoreStore} {
		s := newShop(t, SessionsConfig{Store: store, Limit: 2})
		one := s.want("sign-in", 200, 0, "POST", "/login", "")
		s.want("another's", 200, 0, "POST", "/login", "")
		s.want("in use", 200, 0, "GET", "/page", one)
		third := s.want("a third", 200, 0, "POST", "/login", "")
		s.want("still in use", 200, 0, "GET", "/page", one)
		s.want("the third", 200, 0, "GET", "/page", third)
		n := s.db.evicted.N
		if m, ok := s.apps[0].sessions.store.(*memoryStore); ok {
			n = m.evicted.N
		}
		if n != 1 {
			t.Errorf("%s: %d evicted, want 1", store, n)
		}
	}
}

// A page behind a session that needs the database asks it twice, and both leave
// their marks.
func TestSessionAndPageFromTheDatabase(t *testing.T) {
	s := newShop(t, SessionsConfig{Store: StoreDatabase})
	cookie := s.want("sign-in", 200, 0, "POST", "/login", "")
	at := s.engine.Now()
	g := s.world.ask(s.apps[1], &sim.Request{Path: "/data", Header: http.Header{"Cookie": {"session=" + cookie}}})
	s.quiet()
	s.expect(g, 200, sim.OK, time.Duration(at)+200*ms)
	var hops []sim.Hop
	for i := range g.resp.Via.Len() {
		hops = append(hops, g.resp.Via.At(i).Hop)
	}
	if len(hops) != 3 || hops[0] != sim.HopDatabase || hops[1] != sim.HopDatabase || hops[2] != sim.HopApp {
		t.Errorf("marks %v", hops)
	}
}

// What the catalog has at a built-in path is what it answers.
func TestCatalogWins(t *testing.T) {
	s := newShop(t, SessionsConfig{SignIn: "/page", Cart: "/data"})
	if _, cookie, _ := s.ask(0, "POST", "/page", ""); cookie != "" {
		t.Error("a page of the catalog signs in")
	}
	s.want("a page in the cart's place", 200, 0, "POST", "/data", "")
	s.want("a GET is no sign-in", 404, 0, "GET", "/login", "")
}

// Three servers, sessions in memory: in turn they lose two of three requests; by
// address, none.
func TestSessionsBehindABalancer(t *testing.T) {
	for algorithm, lost := range map[string]int{"round-robin": 20, "ip-hash": 0} { // each is on its own
		w := newWorld(t)
		var targets []balance.Target
		for _, name := range []string{"app-1", "app-2", "app-3"} {
			a := must[*App](t)(NewApp(w.env(name), steady(AppConfig{Sessions: SessionsConfig{Store: StoreMemory}}), pages{}, nil, nil))
			targets = append(targets, balance.Target{Spec: balance.Spec{Name: name, Weight: 1}, Handler: a})
		}
		cfg := balance.PoolConfig{}
		cfg.Algorithm, cfg.Health.Check = algorithm, "none"
		pool := must[*balance.Pool](t)(balance.NewPool(w.env("balancer"), cfg, balance.Around{}, targets...))
		ask := func(req sim.Request) *sim.Response {
			req.Addr = netip.MustParseAddr("192.0.2.1")
			g := w.ask(pool, &req)
			for g.resp == nil {
				at, _ := w.engine.Next()
				w.engine.Advance(at)
			}
			return g.resp
		}
		cookie, _, _ := strings.Cut(ask(sim.Request{Method: "POST", Path: "/login"}).Header.Get("Set-Cookie"), ";")
		got := 0
		for range 30 {
			if ask(sim.Request{Path: "/page", Header: http.Header{"Cookie": {cookie}}}).Status == http.StatusUnauthorized {
				got++
			}
		}
		if got != lost {
			t.Errorf("%s: the session was lost %d times of 30, want %d", algorithm, got, lost)
		}
	}
}

func TestCookieOf(t *testing.T) {
	for line, want := range map[string]string{ // each is its own
		"session=a": "a", "x=1; session=b; y=2": "b", `session="c"`: "c", "session=": "", " session=d": "d",
		"sessions=e": "none", "xsession=f": "none", "": "none", "session": "none", "session=g; session=h": "g",
	} {
		got, ok := cookieOf(http.Header{"Cookie": {line}})
		if !ok {
			got = "none"
		}
		if got != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
	if v, ok := cookieOf(http.Header{"Cookie": {"a=b", "session=c"}}); !ok || v != "c" {
		t.Errorf("in a second line: %q", v)
	}
}

func TestSessionsConfig(t *testing.T) {
	w := newWorld(t)
	bad := SessionsConfig{Store: "redis", SignIn: "login", Cart: "/a?b", Limit: -1, Idle: -1}
	if got := len(bad.Validate()); got != 7 {
		t.Errorf("%d mistakes, want 7: %v", got, bad.Validate())
	}
	for _, c := range []SessionsConfig{bad, {SignIn: "/x", Cart: "/x"}, {Store: StoreDatabase}} {
		if _, err := NewApp(w.env("app"), AppConfig{Sessions: c}, nil, nil, nil); err == nil {
			t.Errorf("%+v was taken", c)
		}
	}
}

// A cookie from outside is taken only when it is ours, and breaks nothing.
func FuzzCookies(f *testing.F) {
	w := newWorld(f)
	store := &cookieStore{newTicket(w.env("app")), time.Hour}
	own := store.write(0, 7, 3)
	for _, seed := range []string{"", own, "session=" + own, "..", "7.0.0." + strings.Repeat("0", codeLength), "a=b; session=\"x", "session=1.2.3.4"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		value, _ := cookieOf(http.Header{"Cookie": {text}})
		for _, cookie := range []string{text, value} {
			if client, items, ok := store.read(0, cookie); ok && (client != 7 || items != 3 || cookie != own) {
				t.Errorf("%q is taken for one of ours", cookie)
			}
			isID(cookie)
		}
	})
}

func BenchmarkSession(b *testing.B) {
	w := newWorld(b)
	for _, store := range []string{StoreCookie, StoreMemory} {
		b.Run(store, func(b *testing.B) {
			a := must[*App](b)(NewApp(w.env("app"), AppConfig{Sessions: SessionsConfig{Store: store}}, nil, nil, nil))
			h := http.Header{}
			req := &sim.Request{Method: "POST", Path: "/login", Header: h}
			a.Serve(req, func(resp *sim.Response) { h["Cookie"] = []string{resp.Header.Get("Set-Cookie")} })
			w.quiet()
			req.Method = "GET"
			b.ReportAllocs()
			for b.Loop() {
				req.ID++
				a.Serve(req, func(*sim.Response) {})
				w.engine.Advance(w.engine.Now().Add(10 * ms))
			}
		})
	}
}
