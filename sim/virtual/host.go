// Host: a node's place in the world, across its crashes and restarts.
package virtual

import (
	"fmt"
	"slices"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/cpu"
)

// Host owns a node's Env and its incarnation. A crash drops the node's timers
// and state, resets its open exchanges and refuses new ones; a restart builds
// it anew; a hang holds arrivals and timers until it resumes.
type Host struct {
	Name  string
	Late  bool // World.Start leaves it alone: it starts during the run
	Cores int  // set before Start; 0: its work takes no time

	world   *World
	plan    sim.Blueprint
	peer    func(to string) Peer
	restart time.Duration

	life    *sim.Life // nil or ended: nobody listens
	door    *end      // of connections to this incarnation
	env     *sim.Env
	site    sim.Site
	node    sim.Handler
	relays  bool        // the node passes connections on
	links   []*Link     // that this incarnation dials by
	open    exchanges   // arrived, not yet ended
	held    []*exchange // arrived while hung, not yet entered
	shaking []handshake // begun while hung
	queued  int         // datagrams that came while hung
	tallies []tally     // of all incarnations' counters, in the order they were made
	bound   int         // how many counters of this incarnation have one
	factor  float64     // of Slow, kept across a restart: a slow machine stays slow
	revival sim.Timer
	cores   *cpu.CPU      // of this incarnation; nil: its work takes no time
	worked  time.Duration // by the cores of earlier incarnations
}

// Start builds the node and lets it run. Starting a node that runs does nothing.
func (h *Host) Start() {
	if h.running() {
		return
	}
	h.revival.Stop()
	h.world.note(sim.EventStarted, h.Name, "")
	h.remember()
	h.life = h.world.Engine.NewLife()
	h.door = &end{life: h.life}
	h.newCores()
	h.env = sim.NewEnv(h.life, h.Name, h.world.Seed, h.world.Sink)
	h.env.Reuses = true
	h.env.Trace(h.world.Steps)
	life := h.life
	h.site = sim.Site{Env: h.env, Dial: h.dial, Exit: func(code int) { h.exit(life, code) }}
	h.relays = false
	node := h.plan.Build(h.site)
	if !h.running() {
		return // it has exited while it was being built
	}
	h.node = node
	_, h.relays = node.(sim.Relay)
	if h.factor > 0 {
		h.slow()
	}
}

// remember adds the counters of the incarnation that has ended to the past.
func (h *Host) remember() {
	if h.env == nil {
		return
	}
	h.bind()
	for i := range h.tallies {
		if t := &h.tallies[i]; t.now != nil {
			t.past, t.now = t.past+t.now.N, nil
		}
	}
	h.env, h.bound = nil, 0
}

func (h *Host) running() bool { return h.life != nil && !h.life.Ended() }

func (h *Host) dial(to string) sim.Handler {
	p := h.peer(to)
	l := newLink(h.world, h.world.path(h.Name, to, p.Path), h, h.life, h.world.Host(to), p, h.env.Tracer())
	h.links = append(h.links, l)
	return l
}

// Crash ends the incarnation, as SIGKILL would: no word to anyone but the
// resets that the system sends for its connections. One that has exited by
// itself does not come back by itself any more.
func (h *Host) Crash() {
	h.revival.Stop()
	if !h.running() {
		return
	}
	h.world.note(sim.EventCrashed, h.Name, "")
	h.end()
}

func (h *Host) end() {
	h.life.End()
	h.rest()
	for _, l := range h.links {
		l.close()
	}
	h.links, h.node, h.queued = nil, nil, 0
	h.held = nil
	h.handshakes(func(x *exchange) { x.answer(sim.Fail(sim.Reset), h.world.Engine.Now()) })
	for len(h.open.list) > 0 {
		h.open.list[0].reset()
	}
	h.world.sever(h)
}

// Stop ends the incarnation in good order: nobody is to ask it any more. What
// still does is reset, as by a crash. It does not come back by itself.
func (h *Host) Stop() {
	h.revival.Stop()
	if !h.running() {
		return
	}
	h.world.note(sim.EventStopped, h.Name, "")
	h.end()
}

// exit is how an incarnation ends itself.
func (h *Host) exit(life *sim.Life, code int) {
	if !h.up(life) {
		return
	}
	h.world.note(sim.EventExited, h.Name, fmt.Sprintf("status %d", code))
	h.end()
	if h.restart > 0 {
		h.revival = h.world.Engine.After(h.restart, h.Start)
	}
}

// Hang stops the node, as SIGSTOP would: connections stay up, nothing answers.
func (h *Host) Hang() {
	if h.running() && !h.life.Held() {
		h.life.Hold()
		h.world.note(sim.EventHung, h.Name, "")
	}
}

// Resume lets a stopped node run on: first what came due, then what arrived.
func (h *Host) Resume() {
	if !h.running() || !h.life.Held() {
		return
	}
	h.world.note(sim.EventResumed, h.Name, "")
	h.life.Resume()
	h.life.After(0, h.enterHeld)
}

// receive lets an exchange in, behind those that arrived before it.
func (h *Host) receive(x *exchange) {
	if h.life.Held() || len(h.held) > 0 {
		h.held = append(h.held, x)
		return
	}
	x.enter()
}

// handshake is a TLS handshake that waits for a host that hangs; the exchange may
// have become another's by the time it runs on.
type handshake struct {
	x   *exchange
	use uint32
}

// handshakes takes all that wait out, and calls f with those that still do.
func (h *Host) handshakes(f func(*exchange)) {
	shaking := h.shaking
	h.shaking = nil
	for _, s := range shaking {
		if s.x.use == s.use && s.x.near == connecting {
			f(s.x)
		}
	}
}

func (h *Host) enterHeld() {
	h.handshakes((*exchange).shake)
	held := h.held
	h.held = nil
	for _, x := range held {
		// One that enters may bring the node down, and the rest with it.
		if h.up(x.conn.life) {
			x.enter()
		}
	}
}

// Change gives the host a new blueprint. A node that hangs hears of it when it
// runs on.
func (h *Host) Change(plan sim.Blueprint) {
	h.plan = plan
	if plan.Change == nil || !h.running() {
		return
	}
	if h.life.Held() {
		h.life.After(0, func() { plan.Change(h.site, h.node) })
		return
	}
	plan.Change(h.site, h.node)
}

// Rewire gives the host other ways to its peers, and another time to come back
// after it exits by itself: now and for every later incarnation.
func (h *Host) Rewire(peer func(to string) Peer, restart time.Duration) {
	h.peer, h.restart = peer, restart
	for _, l := range h.links {
		p := peer(l.to.Name)
		l.Change(p.Path, p.Conns)
	}
}

// Slow sets the node's factor and says so.
func (h *Host) Slow(factor float64) {
	h.factor = factor
	if factor == 1 {
		h.world.note(sim.EventRecovered, h.Name, "")
	} else {
		h.world.note(sim.EventSlowed, h.Name, fmt.Sprintf("%gx", factor))
	}
	if h.running() {
		h.slow()
	}
}

func (h *Host) slow() {
	if s, ok := h.node.(sim.Slower); ok {
		s.Slow(h.factor)
	}
}

// tally is a node's counter across its incarnations.
type tally struct {
	name string
	past int64        // of earlier incarnations
	now  *sim.Counter // of this one; nil: it has none of that name yet
	told int64        // the sum at the last Count
}

// bind gives the counters that the incarnation has made since the last time their
// tallies.
func (h *Host) bind() {
	if h.env == nil {
		return
	}
	counters := h.env.Counters()
	for _, c := range counters[h.bound:] {
		i := slices.IndexFunc(h.tallies, func(t tally) bool { return t.name == c.Name })
		if i < 0 {
			i = len(h.tallies)
			h.tallies = append(h.tallies, tally{name: c.Name})
		}
		h.tallies[i].now = c
	}
	h.bound = len(counters)
}

// Count calls f with each of the node's counters, summed over its incarnations,
// that has grown since the last call.
func (h *Host) Count(f func(name string, n int64)) {
	h.bind()
	for i := range h.tallies {
		t := &h.tallies[i]
		n := t.past
		if t.now != nil {
			n += t.now.N
		}
		if n != t.told {
			t.told = n
			f(t.name, n)
		}
	}
	if n := h.busy(); n > 0 {
		f(counterBusy, n)
	}
}

// Open returns how many exchanges have arrived and not ended.
func (h *Host) Open() int { return len(h.open.list) }

// up reports whether that incarnation of the node runs.
func (h *Host) up(life *sim.Life) bool { return h.life == life && h.running() }
