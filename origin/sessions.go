// Sessions: who has signed in, and what is in their cart.
package origin

import (
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"cdnlab/sim"
)

// Where an app server keeps sessions.
const (
	StoreCookie   = "cookie"
	StoreMemory   = "memory"
	StoreDatabase = "database"
	StoreStore    = "store"
)

// What an app server does without the node that keeps its sessions.
const (
	StoreFailsError     = "error"
	StoreFailsAnonymous = "anonymous"
)

// SessionsConfig says where sessions are kept and which paths are about them.
type SessionsConfig struct {
	Store  string        `toml:"store" json:"store,omitempty" jsonschema:"enum=cookie,enum=memory,enum=database,enum=store,default=cookie,description=where sessions are: cookie keeps them at the user\\, signed; memory keeps them in the server that made them\\, so no other knows them and a crash loses them; database asks the database for each request that has one\\, and a crash of it loses them; store asks the node of the [session-store] table likewise"`
	SignIn string        `toml:"sign-in" json:"sign-in,omitempty" jsonschema:"default=/login,description=a POST to this path makes a session; a [[catalog]] entry of the path takes its place"`
	Cart   string        `toml:"cart" json:"cart,omitempty" jsonschema:"default=/cart,description=a POST to this path adds an item to the session's cart\\, or is answered 401 without one; a [[catalog]] entry of the path takes its place"`
	Limit  int           `toml:"limit" json:"limit,omitempty" jsonschema:"default=1000000,minimum=1,maximum=100000000,description=of memory\\, database and store: how many sessions are kept; the one unused for longest makes room"`
	Idle   time.Duration `toml:"idle" json:"idle,omitempty" jsonschema:"default=30m,minimum=1ms,description=how long a session lasts without use; one in a cookie lasts as long from when it was set"`

	Timeout        time.Duration `toml:"timeout" json:"timeout,omitempty" jsonschema:"default=2s,minimum=1ms,description=of store: how long a request waits for it; for the database it is app.database-timeout"`
	WhenStoreFails string        `toml:"when-store-fails" json:"when-store-fails,omitempty" jsonschema:"enum=error,enum=anonymous,default=error,description=of database and store: what a request with a session gets when that cannot be asked; error is a 500; anonymous is the page as it is for somebody who has not signed in\\, and a 500 for sign-ins and carts only"`
}

// WithDefaults fills in what was not given:
//
//   - Store cookie: nothing is kept, so nothing can be lost, and every server
//     knows every session. What the others lose is an experiment to be asked for.
//   - 1,000,000 sessions: as many as the largest scenario has users.
//   - Idle 30 min: what servlet containers have (Tomcat's session-timeout).
//   - Timeout 2 s: that of Jedis, the most used client of Redis in Java.
//   - WhenStoreFails error: what an application does whose session filter throws.
func (c SessionsConfig) WithDefaults() SessionsConfig {
	c.Store = orElse(c.Store, StoreCookie)
	c.SignIn = orElse(c.SignIn, "/login")
	c.Cart = orElse(c.Cart, "/cart")
	c.Limit = orElse(c.Limit, 1_000_000)
	c.Idle = orElse(c.Idle, 30*time.Minute)
	c.Timeout = orElse(c.Timeout, 2*time.Second)
	c.WhenStoreFails = orElse(c.WhenStoreFails, StoreFailsError)
	return c
}

// Validate returns everything that is wrong with c, which has its defaults.
func (c SessionsConfig) Validate() (errs []error) {
	check := func(ok bool, format string, args ...any) {
		if !ok {
			errs = append(errs, fmt.Errorf("origin: app.sessions: "+format, args...))
		}
	}
	check(c.Store == StoreCookie || c.Store == StoreMemory || c.Store == StoreDatabase || c.Store == StoreStore,
		"store: unknown %q; known: cookie, memory, database, store", c.Store)
	check(c.Timeout > 0, "timeout: must be positive, but is %v", c.Timeout)
	check(c.WhenStoreFails == StoreFailsError || c.WhenStoreFails == StoreFailsAnonymous,
		"when-store-fails: unknown %q; known: error, anonymous", c.WhenStoreFails)
	check(plainPath(c.SignIn), "sign-in: %q is no path: it begins with / and has no query", c.SignIn)
	check(plainPath(c.Cart), "cart: %q is no path: it begins with / and has no query", c.Cart)
	check(c.SignIn != c.Cart, "cart: is the same as sign-in (%q)", c.SignIn)
	check(c.Limit > 0, "limit: must be positive, but is %d", c.Limit)
	check(c.Idle > 0, "idle: must be positive, but is %v", c.Idle)
	return errs
}

func plainPath(s string) bool { return strings.HasPrefix(s, "/") && !strings.ContainsAny(s, "?# ") }

// cartItems is the field by which an answer tells how many items are in the
// cart.
const cartItems = "Cart-Items"

// sessions is an App's part that knows them. A request that has none, and is
// not for the two paths, has nothing to do with it.
type sessions struct {
	cfg     SessionsConfig
	store   sessionStore
	refused http.Header  // of a 401
	signIns *sim.Counter // sessions made
	known   *sim.Counter // requests with a session that the store knows
	unknown *sim.Counter // ... with one that it does not: lost, too old or forged
	unasked *sim.Counter // ... with one of which the store could not be asked
}

// sessionStore keeps sessions. done is called once, now or later.
type sessionStore interface {
	// create makes one for the user of a request.
	create(now sim.Time, req *sim.Request, done func(found))
	// use looks one up by its cookie, and adds an item to its cart or not.
	use(now sim.Time, req *sim.Request, cookie string, add bool, done func(found))
}

// found is a store's answer.
type found struct {
	known  bool
	cookie string // to be set; "": stays as it is
	items  int
	rows   *sim.Response // of a store that had to ask, nil else
}

func newSessions(env *sim.Env, cfg SessionsConfig, database sim.Handler, limit time.Duration) (*sessions, error) {
	s := &sessions{cfg: cfg, signIns: env.Counter("sign-ins"), known: env.Counter("sessions"), unknown: env.Counter("sessions-unknown"), unasked: env.Counter("sessions-unasked")}
	// A 401 says how to sign in (RFC 9110 15.5.2); the scheme is that of
	// draft-broyer-http-cookie-auth.
	s.refused = http.Header{"Cache-Control": noStore["Cache-Control"], "Content-Type": noStore["Content-Type"],
		"Www-Authenticate": {fmt.Sprintf("Cookie form-action=%q, cookie-name=%q", cfg.SignIn, sim.SessionCookie)}}
	switch {
	case cfg.Store == StoreMemory:
		s.store = &memoryStore{newTicket(env), newSessionTable(cfg), env.Counter("sessions-evicted")}
	case cfg.Store == StoreCookie:
		s.store = &cookieStore{newTicket(env), cfg.Idle}
	case cfg.Store == StoreStore: // KeepSessionsAt says which
		s.store = &sharedStore{newTicket(env), env, nil, cfg.Timeout}
	case database == nil:
		return nil, fmt.Errorf("origin: app.sessions: store: is database, but there is none")
	default:
		s.store = &sharedStore{newTicket(env), env, database, limit}
	}
	return s, nil
}

// KeepSessionsAt says which node keeps the sessions of an App whose sessions.store is "store". It has
// to be said before the first request.
func (a *App) KeepSessionsAt(store sim.Handler) {
	a.store, a.sessions.store.(*sharedStore).node = store, store
}

// about reports whether a request may be about a session. It is asked of every
// one.
func (s *sessions) about(req *sim.Request) bool {
	return req.Method == http.MethodPost || len(req.Header["Cookie"]) > 0
}

// cookieOf returns the session cookie of a request; the first of several is the
// most exact one (RFC 6265 5.4).
func cookieOf(h http.Header) (value string, ok bool) {
	for _, line := range h["Cookie"] {
		for pair := range strings.SplitSeq(line, ";") {
			if value, ok = strings.CutPrefix(strings.TrimSpace(pair), sim.SessionCookie+"="); ok {
				return strings.Trim(value, `"`), true
			}
		}
	}
	return "", false
}

// posts reports whether a request is a POST to one of the built-in paths.
func (a *App) posts(req *sim.Request, path string) bool {
	asked, _, _ := strings.Cut(req.Path, "?")
	if req.Method != http.MethodPost || asked != path {
		return false
	}
	if a.content == nil {
		return true
	}
	return a.content.Find(req).Status == 0 // what the scenario says of the path wins
}

// session serves a request that may be about a session. Who signs in may have an
// old one: it is forgotten.
func (a *App) session(now sim.Time, j *job) {
	s := a.sessions
	if a.posts(j.req, s.cfg.SignIn) {
		s.store.create(now, j.req, func(f found) {
			if a.lookedUp(j, f) {
				s.signIns.Add(1)
				if j.req.Traced() {
					a.explainSignIn(j.req)
				}
				a.finish(j, s.answer(f))
			}
		})
		return
	}
	cart := a.posts(j.req, s.cfg.Cart)
	cookie, some := cookieOf(j.req.Header)
	switch {
	case some:
		s.store.use(now, j.req, cookie, cart, func(f found) { a.used(j, f, cart) })
	case cart:
		if j.req.Traced() {
			a.explainNoSession(j.req)
		}
		a.finish(j, sim.Answer(http.StatusUnauthorized, s.refused, 0))
	default:
		a.page(now, j, false)
	}
}

// used goes on with a request whose session was looked up.
func (a *App) used(j *job, f found, cart bool) {
	s := a.sessions
	if s.cfg.WhenStoreFails == StoreFailsAnonymous && !cart && f.rows != nil && f.rows.Failed() {
		a.anonymous(j, f)
		return
	}
	answered := a.lookedUp(j, f)
	if answered && j.req.Traced() {
		a.explainSession(j.req, f)
	}
	switch {
	case !answered:
	case !f.known:
		s.unknown.Add(1)
		a.finish(j, sim.Answer(http.StatusUnauthorized, s.refused, 0))
	case cart:
		s.known.Add(1)
		a.finish(j, s.answer(f))
	default:
		s.known.Add(1)
		a.page(a.env.Now(), j, false)
	}
}

// anonymous serves a page as to somebody who has not signed in, since nobody can say who it is.
func (a *App) anonymous(j *job, f found) {
	j.asked, j.cause = &f.rows.Via, f.rows.Cause
	a.sessions.unasked.Add(1)
	if j.req.Traced() {
		a.explainAnonymous(j.req, f.rows)
	}
	a.page(a.env.Now(), j, false)
}

// answer is that of a session made or changed.
func (s *sessions) answer(f found) *sim.Response {
	h := http.Header{"Cache-Control": noStore["Cache-Control"], "Content-Type": noStore["Content-Type"],
		cartItems: {strconv.Itoa(f.items)}}
	if f.cookie != "" {
		h["Set-Cookie"] = []string{sim.SessionCookie + "=" + f.cookie + "; Path=/; HttpOnly"}
	}
	return sim.Answer(http.StatusOK, h, 0)
}

// lookedUp keeps the marks of a store that was asked. One that failed makes the
// answer a 500, as any failure of what is behind a server.
func (a *App) lookedUp(j *job, f found) bool {
	if f.rows == nil {
		return true
	}
	j.asked = &f.rows.Via
	if f.rows.Failed() {
		a.sessions.unasked.Add(1)
		if j.req.Traced() {
			a.explainStore(j.req, f.rows)
		}
		j.cause = f.rows.Cause
		a.finish(j, sim.Answer(http.StatusInternalServerError, noStore, 0))
		return false
	}
	return true
}

// finish ends a job now, with the marks of what was asked for its session.
func (a *App) finish(j *job, resp *sim.Response) {
	j.mark(resp)
	a.desk.finish(a.env.Now(), j, resp)
}

// mark puts the marks of a job's session before those of its answer.
func (j *job) mark(resp *sim.Response) {
	if j.asked == nil {
		return
	}
	others := resp.Via
	resp.Via = *j.asked
	for i := range others.Len() {
		resp.Via.Add(*others.At(i))
	}
}
