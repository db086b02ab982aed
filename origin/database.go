// Database: what app servers ask.
package origin

import (
	"errors"
	"net/http"
	"strings"

	"cdnlab/sim"
)

// Database answers queries, GET /health among them: that takes a connection
// and a query like any other, so a stalled database does not pass for healthy.
// More than its queue holds is refused with a 503. It may keep the app servers'
// sessions, in its memory: a crash loses them.
type Database struct {
	env      *sim.Env
	desk     desk
	queue    int
	sessions sessionTable
	requests *sim.Counter
	evicted  *sim.Counter // sessions that made room for others
}

var _ sim.Handler = (*Database)(nil)

var databaseLuck = sim.NewLuck("database query time")

// NewDatabase returns a Database.
func NewDatabase(env *sim.Env, cfg DatabaseConfig) (*Database, error) {
	cfg = cfg.WithDefaults()
	if err := errors.Join(cfg.Validate()...); err != nil {
		return nil, err
	}
	return newDatabase(env, cfg, sim.HopDatabase), nil
}

func newDatabase(env *sim.Env, cfg DatabaseConfig, hop sim.Hop) *Database {
	d := &Database{env: env, queue: *cfg.Queue, sessions: newSessionTable(SessionsConfig{}.WithDefaults()),
		requests: env.Counter("requests"), evicted: env.Counter("sessions-evicted")}
	d.desk = desk{station: station{workers: cfg.Workers}, env: env, law: newLaw(cfg.ServiceConfig),
		luck: databaseLuck, slow: 1, hop: hop, busyNS: env.Counter("busy-ns"), served: d.served, refusal: noStore, rejected: env.Counter("rejected")}
	return d
}

// Change makes the Database one of another DatabaseConfig, as App.Change does.
func (d *Database) Change(cfg DatabaseConfig) error {
	cfg = cfg.WithDefaults()
	if err := errors.Join(cfg.Validate()...); err != nil {
		return err
	}
	d.queue = *cfg.Queue
	d.desk.change(d.env.Now(), cfg.Workers, cfg.ServiceConfig)
	return nil
}

// Slow multiplies the times of queries that start from now on.
func (d *Database) Slow(factor float64) { d.desk.setSlow(factor) }

// Serve implements sim.Handler.
func (d *Database) Serve(req *sim.Request, reply func(*sim.Response)) {
	now := d.env.Now()
	d.requests.Add(1)
	j := d.desk.job(req, reply)
	j.session = strings.HasPrefix(req.Path, sessionsPath)
	if d.desk.full(d.queue) {
		if req.Traced() {
			d.desk.explainRefused(req, d.queue)
		}
		d.desk.refuse(now, j)
		return
	}
	d.desk.enter(now, j)
}

func (d *Database) served(now sim.Time, j *job) {
	if j.session {
		d.desk.finish(now, j, d.session(now, j.req))
		return
	}
	d.desk.finish(now, j, sim.Answer(http.StatusOK, nil, 0))
}
