// App: the application server.
package origin

import (
	"errors"
	"net/http"
	"net/netip"

	"cdnlab/origin/health"
	"cdnlab/sim"
)

// Content is what an App serves.
type Content interface {
	// Find returns the page for a request, as it is at the present time.
	Find(req *sim.Request) Page
}

// Page is what a Content has under a path (with its query).
type Page struct {
	Status   int // 0: there is nothing
	Header   http.Header
	Size     int64 // in bytes
	Database bool  // it is made with the database
	Ranges   bool  // parts of it may be asked for
	Stamp    sim.Stamp
	Talks    string // the protocol of messages that who asks to have the connection switched to it gets; "": none
}

// App is an application server: workers, a queue before them, service times, a
// catalog of content, perhaps a database, and a way to drown that the scenario
// chooses. A worker is held while the database is asked, as in servers with a
// thread per request. A database that fails makes the answer a 500: another
// server would ask the same database.
type App struct {
	env      *sim.Env
	cfg      AppConfig
	desk     desk
	content  Content
	database sim.Handler
	store    sim.Handler // of sessions, nil: none of its own
	sessions *sessions
	exit     func(code int)
	exited   bool
	requests *sim.Counter // health checks are counted apart
	checks   *sim.Counter
	answers  sim.Answers
	plain    headerSet // of requests that set no condition, want no part and have no cookie
	admission
	behind   netip.Addr   // who it says all requests come from; the zero Addr: nobody does
	messages *sim.Counter // over connections that have switched; nil: none has
	strange  *sim.Counter // requests of which nobody has told whose they are
}

var _ sim.Handler = (*App)(nil)

// appLuck decides service times: the same request has the same one whichever
// server it meets.
var appLuck = sim.NewLuck("app service time")

// exitMemory is the status of a process that the kernel killed for its memory
// (128 + SIGKILL).
const exitMemory = 137

// NewApp returns an App. content nil: every path is an empty page; database
// nil: it has none. exit ends the process; it is needed only for overload =
// "crash". Once it has been called the App is dead: the world answers what was
// open, as after any crash.
func NewApp(env *sim.Env, cfg AppConfig, content Content, database sim.Handler, exit func(code int)) (*App, error) {
	cfg = cfg.WithDefaults()
	errs := append(cfg.Validate(), cfg.Sessions.Validate()...)
	if cfg.Overload == OverloadCrash && exit == nil {
		errs = append(errs, errors.New("origin: app: overload crash needs a way to exit"))
	}
	sessions, err := newSessions(env, cfg.Sessions, database, cfg.DatabaseTimeout)
	if err := errors.Join(append(errs, err)...); err != nil {
		return nil, err
	}
	a := &App{env: env, cfg: cfg, content: content, database: database, sessions: sessions, exit: exit,
		requests: env.Counter("requests"), checks: env.Counter("health-checks"), admission: newAdmission(env, cfg)}
	a.desk = desk{station: station{workers: cfg.Workers}, env: env, law: newLaw(cfg.ServiceConfig),
		luck: appLuck, slow: 1, warmth: warmth{WarmUp: cfg.WarmUp}, hop: sim.HopApp, burns: cfg.Work == WorkCPU, busyNS: env.Counter("busy-ns"), served: a.served,
		queueing: queueing{QueueingConfig: cfg.QueueingConfig}, refusal: refusal(cfg.RetryAfter),
		rejected: env.Counter("rejected"), sloughed: env.Counter("sloughed"), limit: a.admission.limit}
	if cfg.Discipline == Sharing {
		a.desk.shares, a.desk.onDue = &sharing{workers: cfg.Workers}, a.desk.shared
	}
	return a, nil
}

// Change makes the App one of another AppConfig and content, with all who wait
// and are worked on kept: a shorter queue refuses only who comes from now on.
// Answers made from now on are of the new content; those whose work is not done
// yet are, too. Sessions stay as and where they are.
func (a *App) Change(cfg AppConfig, content Content) error {
	cfg = cfg.WithDefaults()
	if err := errors.Join(cfg.Validate()...); err != nil {
		return err
	}
	if (cfg.Discipline == Sharing) != (a.desk.shares != nil) {
		return errors.New("origin: app: what is under way cannot begin or cease to share the workers")
	}
	if cfg.Limit != a.cfg.Limit {
		a.admission.limit = newLimiter(cfg.Limit)
		a.desk.limit = a.admission.limit
	}
	a.cfg, a.content, a.desk.burns = cfg, content, cfg.Work == WorkCPU
	a.desk.warmth.WarmUp, a.desk.QueueingConfig, a.desk.refusal = cfg.WarmUp, cfg.QueueingConfig, refusal(cfg.RetryAfter)
	a.desk.change(a.env.Now(), cfg.Workers, cfg.ServiceConfig)
	return nil
}

// Cold says that the server has just been started: it has yet to warm up.
func (a *App) Cold() { a.desk.warmth.since, a.desk.warmth.cold = a.env.Now(), true }

// Slow multiplies the service times of jobs that start from now on: a
// brown-out above 1, and 1 ends it.
func (a *App) Slow(factor float64) { a.desk.setSlow(factor) }

// Content returns what the App serves.
func (a *App) Content() Content { return a.content }

// Busy is the number of workers at work; of those that share them, of requests.
func (a *App) Busy() int { return a.desk.busy }

// Waiting is the number of requests that wait for a worker.
func (a *App) Waiting() int { return a.desk.waiting }

// Serve implements sim.Handler.
func (a *App) Serve(req *sim.Request, reply func(*sim.Response)) {
	if a.exited {
		return
	}
	if req.Path == health.LoadPath {
		a.checks.Add(1)
		reply(sim.Answer(http.StatusOK, health.LoadHeader(a.load()), 0))
		return
	}
	health := isHealth(req.Path)
	if health {
		a.checks.Add(1)
	} else {
		a.requests.Add(1)
		a.wonder(req)
	}
	a.take(req, health, reply)
}

// take takes a request, or a message. health says that it asks for that.
func (a *App) take(req *sim.Request, health bool, reply func(*sim.Response)) {
	now := a.env.Now()
	j := a.desk.job(req, reply)
	j.health = health
	if health && !a.cfg.HealthQueues {
		j.arrived, j.started = now, now
		a.health(req, func(resp *sim.Response, c sim.Cause) {
			j.cause = c
			a.desk.say(a.env.Now(), j, resp)
		})
		return
	}
	if !a.admits(req) {
		a.desk.refuse(now, j)
		return
	}
	a.desk.enter(now, j)
	if a.cfg.Overload == OverloadCrash && a.memory() > a.cfg.MemoryLimit {
		a.exited = true
		a.exit(exitMemory)
	}
}

// Behind tells the App that connections from an address are those of a balancer
// that passes them on and does not say whose they are.
func (a *App) Behind(addr netip.Addr) {
	a.behind, a.strange = addr, a.env.Counter("address-unknown")
}

// wonder counts a request of which neither its connection nor a header
// (X-Forwarded-For) says where it comes from.
func (a *App) wonder(req *sim.Request) {
	if a.behind.IsValid() && req.Addr == a.behind && len(req.Header["X-Forwarded-For"]) == 0 {
		a.strange.Add(1)
	}
}

// load is what the server says of itself. From the first time on that it is asked it remembers how
// long answers take.
func (a *App) load() health.Load {
	d := &a.desk
	if d.seen == nil {
		d.seen = &latencies{}
	}
	return health.Load{InFlight: d.busy + d.waiting, Latency: d.seen.at(d.busy + d.waiting)}
}

// room is how many may wait.
func (a *App) room() int {
	if a.cfg.Overload == OverloadReject {
		return *a.cfg.Queue
	}
	return a.cfg.BacklogLimit
}

// memory is what the requests hold that wait, or share the workers with others.
func (a *App) memory() sim.Bytes {
	return sim.Bytes(max(0, a.desk.busy+a.desk.waiting-a.desk.workers)) * a.cfg.MemoryPerRequest
}

// served makes the answer when a job's service time is over.
func (a *App) served(now sim.Time, j *job) {
	if j.health {
		a.health(j.req, func(resp *sim.Response, c sim.Cause) {
			j.cause = c
			a.desk.finish(a.env.Now(), j, resp)
		})
		return
	}
	plain := a.isPlain(j.req)
	if !plain && a.sessions.about(j.req) {
		a.session(now, j)
		return
	}
	a.page(now, j, plain)
}

// page answers with what the catalog has. plain says that the request isPlain.
func (a *App) page(now sim.Time, j *job, plain bool) {
	page := a.find(j.req)
	resp := a.answers.New()
	resp.Status, resp.Header, resp.Size = page.Status, page.Header, page.Size
	if j.req.Traced() {
		a.explainContent(j.req, page)
	}
	switch {
	case !plain && page.Talks != "" && j.req.Switches() == page.Talks:
		a.switchTo(page.Talks, j.req, resp)
	case !plain && j.req.Raw(): // who speaks no HTTP can be given nothing of it
		resp.Status, resp.Header, resp.Size = http.StatusNotFound, noStore, 0
	case !plain && page.Status == http.StatusOK && notModified(j.req.Header, page.Header):
		resp.Status, resp.Size = http.StatusNotModified, 0
	case j.req.Method == http.MethodHead:
		resp.Size = 0
	default:
		resp.Stamp = page.Stamp
		if !plain && page.Ranges && page.Status == http.StatusOK && j.req.Method == http.MethodGet {
			cut(resp, j.req.Header)
		}
	}
	if !page.Database || a.database == nil {
		j.mark(resp)
		a.desk.finish(now, j, resp)
		return
	}
	askWithin(a.env, a.database, query(j.req), a.cfg.DatabaseTimeout, func(rows *sim.Response) {
		a.queried(j, resp, rows)
	})
}

func (a *App) find(req *sim.Request) Page {
	if a.content == nil {
		return Page{Status: http.StatusOK, Database: a.database != nil}
	}
	page := a.content.Find(req)
	if page.Status == 0 {
		return Page{Status: http.StatusNotFound, Header: noStore}
	}
	return page
}

// query is what the database is asked for a request. The same number gives it
// the same luck.
func query(req *sim.Request) sim.Request {
	return sim.Request{ID: req.ID, Attempt: req.Attempt, Client: req.Client, Trace: req.Trace, Method: http.MethodGet,
		Scheme: req.Scheme, Path: req.Path, Scope: req.Scope}
}

// queried finishes a job when the database has answered.
func (a *App) queried(j *job, resp, rows *sim.Response) {
	if rows.Failed() {
		if j.req.Traced() {
			a.explainDatabase(j.req, rows)
		}
		j.cause = rows.Cause
		resp = sim.Answer(http.StatusInternalServerError, noStore, 0)
	}
	resp.Via = rows.Via
	j.mark(resp)
	a.desk.finish(a.env.Now(), j, resp)
}
