// probe: the user of a request under the glass.
package scenarios

import (
	"fmt"
	"maps"
	"net/http"

	"cdnlab/edge/browser"
	"cdnlab/report"
	"cdnlab/sim"
	"cdnlab/sim/live"
	"cdnlab/sim/load"
)

const (
	// probeID keeps a probe's requests apart from the load's, which count from 0,
	// from those of people, which have the next bit, and from the warm-up's and
	// health checks, which have the highest.
	probeID = 1 << 61
	// maxProbeSteps bounds what is kept of one request: the nodes bound what they
	// tell, but there may be a thousand of them.
	maxProbeSteps = 20_000
	// lingers is how many times over asks behind an answer are waited for: 5 s, and
	// longer where the nodes' lines take longer.
	lingers = 20
)

// probe sends a request, and the same again, by a driver's world, and keeps what
// is told of them. It is entered as its driver is.
type probe struct {
	l      *Look
	d      *driver
	c      *crowd
	header http.Header
	tracer *sim.Tracer
	traces []*report.Trace
	steps  [][]sim.Step // of each
	sent   []sim.Time
	behind int // asks behind an answer under way
	over   bool
	done   func() // called once, when there is no more to see
}

func newProbe(l *Look, d *driver) *probe {
	p := &probe{l: l, d: d, c: d.crowds[l.group], done: func() {}}
	p.header = p.c.fields.Of(p.c.first)
	if len(l.one.Header) > 0 {
		p.header = maps.Clone(p.header)
		maps.Copy(p.header, l.one.Header)
	}
	p.tracer = sim.NewTracer(d.e, p.c.g.ID, p.step)
	if d.network != nil {
		d.network.approach.Trace(p.tracer)
	}
	if p.c.tabs != nil {
		p.c.env.Trace(p.step)
	}
	return p
}

// run sends the request, after what comes before it.
func (p *probe) run() { p.d.prepare(p.load) }

// load starts the scenario's load if there is to be one, and then sends.
func (p *probe) load() {
	d := p.d
	if !p.l.one.Loaded {
		d.start = d.e.Now()
		d.end = d.start.Add(d.t.Scenario.Duration)
		p.send()
		return
	}
	d.load()
	if d.err != nil {
		return
	}
	d.e.At(d.start.Add(p.l.one.At), p.send)
}

// step takes a step of any of the probe's requests.
func (p *probe) step(s sim.Step) {
	i := int(s.Request - probeID)
	if s.Request < probeID || i >= len(p.steps) || len(p.steps[i]) >= maxProbeSteps {
		return
	}
	p.steps[i] = append(p.steps[i], s)
	switch {
	case !s.Behind:
	case s.Kind == sim.StepAsk:
		p.behind++
	case s.Kind == sim.StepHeader:
		p.behind--
	}
}

// send sends the next request.
func (p *probe) send() {
	d, c, one, now := p.d, p.c, &p.l.one, p.d.e.Now()
	number, path := len(p.traces), p.path()
	a := &ask{crowd: c, intended: now, user: -1}
	a.req = sim.Request{
		ID: probeID + uint64(number), Addr: c.addr(0), Place: c.g.Place, Trace: sim.Traced,
		Method: one.Method, Scheme: d.scheme, Host: siteHost, Path: path, Header: p.signed(path), Scope: &a.scope,
	}
	p.traces = append(p.traces, &report.Trace{Number: 1 + number, Method: one.Method, Path: path, Place: c.g.Place,
		Loaded: one.Loaded, At: now.Sub(d.start)})
	p.steps, p.sent = append(p.steps, nil), append(p.sent, now)
	a.steers = func() { p.tracer.Tell(&a.req, sim.Step{Kind: sim.StepSteer, Says: p.way()}) }
	c.await(a)
	c.send(a, browser.Part, func(resp *sim.Response) {
		resp.OnEnd(func(cause sim.Cause, n int64) { p.ended(a, resp, cause, n) })
	})
}

// signed is the header of a request, with who asks where the content is for who does.
func (p *probe) signed(path string) http.Header {
	if o, known := p.d.content.Lookup(path); known {
		return load.Signed(p.header, p.d.content.SignIn(o), 0)
	}
	return p.header
}

// path is the path asked for; {hash} in it is that of the newest version.
func (p *probe) path() string {
	if o, known := p.d.content.Lookup(p.l.one.Path); known && p.d.content.Path(o) == p.l.one.Path {
		return p.d.path(o)
	}
	return p.l.one.Path
}

// way says where the request goes first, and why there.
func (p *probe) way() string {
	d := p.d
	if d.steer == nil {
		return "none, as there is no CDN: straight to " + d.t.entryWords()
	}
	return d.steer.Explain(p.c.g.Place, d.targets)
}

// ended is the end of an answer, or of the hope for one.
func (p *probe) ended(a *ask, resp *sim.Response, cause sim.Cause, n int64) {
	now, i := p.d.e.Now(), len(p.traces)-1
	p.c.open.remove(a)
	t := p.traces[i]
	t.Status, t.Bytes, t.Took = resp.Status, n, now.Sub(p.sent[i])
	if cause != sim.OK {
		t.Cause = cause.String()
	}
	if says := p.version(a, resp.Stamp); says != "" {
		p.tracer.Tell(&a.req, sim.Step{Kind: sim.StepVersion, Says: says})
	}
	if i < p.l.one.Again {
		p.d.e.After(p.l.one.Pause, p.send)
		return
	}
	until := now.Add(lingers * p.d.w.settle())
	p.d.e.After(p.d.w.settle(), func() { p.linger(until) })
}

// version says which version the user got, of content that changes or is one
// user's, and whether it was the right one when they asked.
func (p *probe) version(a *ask, stamp sim.Stamp) string {
	d := p.d
	o, known := d.content.Lookup(a.req.Path)
	if !known || stamp.Version == 0 {
		return ""
	}
	says := fmt.Sprintf("%d, the present one", stamp.Version)
	if old := a.intended.Sub(d.versions.Replaced(o, stamp.Version)); old > 0 {
		says = fmt.Sprintf("%d, outdated: replaced %s before the user asked, for whom it was version %d",
			stamp.Version, sim.Briefly(old), d.versions.At(o, a.intended))
	}
	switch stamp.Owner {
	case 0:
	case sim.OwnerOf(a.req.Client):
		says += "; made for this user"
	default:
		says += fmt.Sprintf("; made for another user (%d)", stamp.Owner-1)
	}
	return says
}

// linger waits for what goes on behind the answers.
func (p *probe) linger(until sim.Time) {
	if p.behind > 0 && p.d.e.Now() < until {
		p.d.e.After(p.d.w.settle(), func() { p.linger(until) })
		return
	}
	p.over = true
	p.done()
}

// finish makes the traces of what was told.
func (p *probe) finish(world string) []*report.Trace {
	for i, t := range p.traces {
		t.World = world
		for k := range p.steps[i] {
			if s := &p.steps[i][k]; s.Kind == sim.StepEnter || s.Kind == sim.StepAnswer && s.Status != 0 {
				s.Header = live.WireHeader(s)
			}
		}
		t.Assemble(p.sent[i], p.steps[i])
	}
	return p.traces
}
