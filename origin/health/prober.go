// The active prober: asks a server for its health again and again.
package health

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"regexp"
	"time"

	"cdnlab/sim"
)

// probeID marks the numbers of probes, so that they never meet a user's
// request: those count from 0.
const probeID = 1 << 63

// Prober checks one server: the first time at a phase of its own within the
// interval, drawn from the node's dice, so that a fleet is not checked in one
// beat. A probe is an ordinary request through the server's Handler, or with
// CheckTCP a connection and no request (it is a sim.Knocker then, as all links are);
// one at a time is under way.
type Prober struct {
	env    *sim.Env
	cfg    Config
	name   string
	server sim.Handler
	result func(ok bool, why string)
	checks *sim.Counter
	good   statuses
	words  *regexp.Regexp // nil: the content is not read
	dice   *rand.Rand

	id    uint64
	next  sim.Timer
	probe *probe
}

// probe is one check under way.
type probe struct {
	prober *Prober
	at     sim.Time
	req    sim.Request
	scope  sim.Scope
	limit  sim.Timer
	over   bool
}

// NewProber returns a Prober of the server of that name. result is told of each
// check, with the reason when it failed. cfg has its defaults.
func NewProber(env *sim.Env, cfg Config, name string, server sim.Handler, result func(ok bool, why string)) *Prober {
	good, _ := parseStatuses(cfg.Expect) // it was checked
	return &Prober{env: env, cfg: cfg, name: name, server: server, result: result,
		checks: env.Counter("checks"), good: good, words: cfg.words()}
}

// Start schedules the first check.
func (p *Prober) Start() {
	p.dice = p.env.Stream("health check of " + p.name)
	p.next = p.env.After(p.phase(), p.check)
	p.id = p.dice.Uint64() | probeID
}

// phase draws when the first check comes.
func (p *Prober) phase() time.Duration {
	return time.Duration(p.dice.Int64N(int64(p.cfg.Interval)))
}

// Change goes on with other checks: the first as Start would schedule it, so that
// the fleet stays spread. The one under way is cancelled and says nothing.
func (p *Prober) Change(cfg Config) {
	p.Stop()
	p.cfg = cfg
	p.good, _ = parseStatuses(cfg.Expect)
	p.words = cfg.words()
	p.dice = p.env.Stream("health check of " + p.name)
	p.next = p.env.After(p.phase(), p.check)
}

// Stop ends the checks; the one under way is cancelled and says nothing.
func (p *Prober) Stop() {
	p.next.Stop()
	if c := p.probe; c != nil {
		p.probe, c.over = nil, true
		c.limit.Stop()
		c.scope.Cancel(sim.Cancelled)
	}
}

func (p *Prober) check() {
	c := &probe{prober: p, at: p.env.Now()}
	p.id++
	c.req = sim.Request{ID: p.id, Method: http.MethodGet, Scheme: "http", Host: p.name,
		Path: p.cfg.Path, Header: probeHeader, Scope: &c.scope}
	p.probe = c
	p.checks.Add(1)
	c.limit = p.env.After(p.cfg.Timeout, c.timedOut)
	if p.cfg.Check == CheckTCP {
		p.server.(sim.Knocker).Knock(&c.req, c.knocked)
		return
	}
	p.server.Serve(&c.req, c.replied)
}

var probeHeader = http.Header{"User-Agent": {"cdnlab-health/1"}}

func (c *probe) replied(resp *sim.Response) {
	status, good := resp.Status, c.prober.good.have(resp.Status)
	if good && c.prober.words != nil && !c.over {
		c.listen(status, resp)
		return
	}
	if resp.Body != nil {
		resp.Body.Abandon(sim.Cancelled) // the status says it all
	}
	if c.over {
		return
	}
	c.limit.Stop()
	switch {
	case resp.Cause != sim.OK:
		c.end(false, "check failed: "+resp.Cause.String())
	case !good:
		c.end(false, fmt.Sprintf("check answered %d", status))
	default:
		c.end(true, "checks passed")
	}
}

// listen takes what the content of a good answer says, when all of it has come: in the
// time of the check.
func (c *probe) listen(status int, resp *sim.Response) {
	body := resp.Body
	resp.OnEnd(func(cause sim.Cause, _ int64) {
		said := ""
		if w := sim.WordedOf(body); w != nil {
			said = w.Words(wordsLimit)
		}
		if body != nil {
			body.Abandon(sim.Cancelled) // its bytes are no longer needed
		}
		if c.over {
			return
		}
		c.limit.Stop()
		switch {
		case cause != sim.OK:
			c.end(false, "check failed: "+cause.String())
		case !c.prober.words.MatchString(said):
			c.end(false, fmt.Sprintf("check answered %d, %.*q", status, quoted, said))
		default:
			c.end(true, "checks passed")
		}
	})
}

// quoted is how many characters of what an ill server says stand in the reason.
const quoted = 60

// knocked takes whether a connection stood.
func (c *probe) knocked(cause sim.Cause) {
	if c.over {
		return
	}
	c.limit.Stop()
	if cause != sim.OK {
		c.end(false, "check failed: "+cause.String())
		return
	}
	c.end(true, "checks passed")
}

func (c *probe) timedOut() {
	if c.over {
		return
	}
	c.end(false, "check failed: "+sim.TimedOut.String())
	c.scope.Cancel(sim.TimedOut)
}

// end schedules the next check and passes the result on.
func (c *probe) end(ok bool, why string) {
	p, now := c.prober, c.prober.env.Now()
	c.over, p.probe = true, nil
	due := c.at.Add(p.cfg.Gap(now.Sub(c.at)))
	if p.cfg.Jitter > 0 {
		due = due.Add(time.Duration(p.dice.Float64() * p.cfg.Jitter * float64(p.cfg.Interval)))
	}
	p.next = p.env.After(due.Sub(now), p.check)
	p.result(ok, why)
}
