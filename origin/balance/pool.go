// Pool: the load balancer.
package balance

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"cdnlab/origin/health"
	"cdnlab/sim"
)

// Target is one server of a Pool and the way to it.
type Target struct {
	Spec
	Handler sim.Handler
	Drained bool // it gets no new requests
	Last    bool // nobody stands behind it: failed requests do not take it out
}

// Pool is a load balancer: it picks a server for each request, tries another
// when that fails and the method is safe, and keeps failing servers out of
// rotation, by checks of its own and by what becomes of real requests.
//
// A try is over when its content has ended: until then it counts as in flight.
// Its time limit runs until the header. A request whose user leaves cancels the
// try and is nobody's failure.
type Pool struct {
	env      *sim.Env
	cfg      PoolConfig
	tiers    []*tier // by priority
	tier0    *tier
	byLevel  []level // of tiers, where they are of zones; nil: they are not
	zoneDice *rand.Rand
	leads    *tier // the first with somebody in rotation
	loads    []int // of each tier, in percent, with spill-over
	members  []*member
	size     int // of them, those that have not left
	around   Around
	dice     *rand.Rand // of every policy that it has in turn
	tierDice *rand.Rand
	near     bool // the policy looks at distance
	budget   *Budget
	hedging  *hedging // nil: nothing is hedged
	line     line
	waking   sim.Timer // when the line moves
	breaker  health.Strikes
	mends    sim.Timer        // when the breaker lets trials through
	open     int              // asks that are not over
	trying   int              // tries under way
	retrying int              // of them those after a failed one
	judge    *health.Outliers // nil: nobody is ejected
	sweep    sim.Timer        // of its next interval
	count    poolCounters
	sticky   *sticky // nil: nobody is pinned
	asked    uint64  // questions so far
	spare    []*ask
}

var _ sim.Handler = (*Pool)(nil)

type poolCounters struct {
	requests, retries *sim.Counter
	failures          *sim.Counter // answers a user would call an error, after all tries
	failedTries       *sim.Counter
	noServer          *sim.Counter
	noBudget          *sim.Counter // failures not tried again for want of budget
	retryLimit        *sim.Counter // likewise, as too many retries were under way
	probes            *sim.Counter // questions to servers for the policy
	drainCuts         *sim.Counter // requests cut at the deadline of a draining
	rejected          *sim.Counter // requests turned away at a limit
	queued, waited    *sim.Counter // requests that waited, and for how long in ns
	crossZone         *sim.Counter // tries at servers of other zones
}

// NewPool returns a Pool over the targets, in the order given, and starts its
// health checks.
func NewPool(env *sim.Env, cfg PoolConfig, around Around, targets ...Target) (*Pool, error) {
	p := &Pool{env: env, cfg: cfg.WithDefaults(), around: around, dice: env.Stream("policy"), tierDice: env.Stream("priority"), zoneDice: env.Stream("zone")}
	if err := p.cfg.check(); err != nil {
		return nil, err
	}
	p.budget = NewBudget(*p.cfg.RetryBudget, *p.cfg.RetryMinimum)
	p.hedge()
	p.breaker = health.NewStrikes(p.cfg.Breaker.strikes())
	p.count = poolCounters{env.Counter("pool-requests"), env.Counter("retries"), env.Counter("failures"),
		env.Counter("failed-tries"), env.Counter("no-server"), env.Counter("retry-budget-empty"), env.Counter("retry-limit"), env.Counter("load-probes"), env.Counter("drain-cuts"),
		env.Counter("rejected"), env.Counter("queued"), env.Counter("queued-ns"), nil}
	if around.Zone != "" {
		p.count.crossZone = env.Counter("cross-zone")
	}
	for _, t := range targets {
		if err := p.add(t); err != nil {
			return nil, err
		}
	}
	if err := p.choose(); err != nil {
		return nil, err
	}
	p.stick()
	for _, m := range p.members {
		m.start()
		m.ask()
	}
	p.judgeAnew()
	p.weigh()
	return p, nil
}

// add takes in a server that is not known yet.
func (p *Pool) add(t Target) error {
	if t.Handler == nil {
		return fmt.Errorf("balance: server %q has no handler", t.Name)
	}
	if p.find(t.Name) != nil {
		return fmt.Errorf("balance: two servers named %q", t.Name)
	}
	tier := p.tier(t.Spec)
	server, err := tier.servers.Add(t.Spec)
	if err != nil {
		return err
	}
	m := newMember(p, tier.servers, server, t.Handler)
	m.last, m.number = t.Last, len(p.members)
	p.members = append(p.members, m)
	p.size++
	if p.sticky != nil {
		p.sticky.add(m)
	}
	if p.judge != nil {
		p.judge.Grow(len(p.members))
	}
	m.drain(t.Drained)
	return nil
}

// choose makes the policies that the configuration names, in the place of those there
// are.
func (p *Pool) choose() error {
	for _, t := range p.tiers {
		tools := Tools{Servers: t.servers, Dice: p.dice, Around: p.around}
		if p.around.RTT != nil {
			tools.RTT = func(a, b string) time.Duration {
				p.near = true
				return p.around.RTT(a, b)
			}
		}
		before := t.policy
		policy, err := New(p.cfg.Config, tools)
		if err != nil {
			return err
		}
		t.policy = policy
		t.servers.Unwatch(before)
	}
	p.near = false
	return nil
}

func (c PoolConfig) check() error {
	switch {
	case *c.Retries < 0 || *c.Retries > maxRetries:
		return fmt.Errorf("balance: retries %d is not in 0..%d", *c.Retries, maxRetries)
	case *c.RetryBudget < 0 || *c.RetryMinimum < 0 || *c.MaxFails < 0:
		return fmt.Errorf("balance: retry-budget, retry-minimum and max-fails must not be negative")
	case c.RetryBackoff < 0 || c.RetryBackoffMax < 0 || c.QueueTimeout < 0:
		return fmt.Errorf("balance: retry-backoff, retry-backoff-max and queue-timeout must not be negative")
	case c.Queue < 0 || c.Limits.Connections < 0 || c.Limits.Requests < 0 || c.Limits.Retries < 0:
		return fmt.Errorf("balance: queue and limits must not be negative")
	case !(c.FailureRatio >= 0 && c.FailureRatio <= 1) || c.FailureWindow < 0 || c.FailureMinimum < 1 || c.TrialRequests < 1:
		return fmt.Errorf("balance: failure-ratio is in 0..1, failure-window must not be negative, failure-minimum and trial-requests are positive")
	case c.PerTryTimeout < 0 || c.FailTimeout < 0 || c.DrainTimeout < 0:
		return fmt.Errorf("balance: per-try-timeout, fail-timeout and drain-timeout must not be negative")
	case !(c.Panic >= 0 && c.Panic <= 1):
		return fmt.Errorf("balance: panic-threshold %v is not in 0..1", c.Panic)
	}
	if err := c.Breaker.check(); err != nil {
		return err
	}
	for _, err := range c.Check() {
		return fmt.Errorf("balance: %w", err)
	}
	return nil
}

// maxRetries bounds the tries of one request; a Mark counts them in a byte.
const maxRetries = 16

// find returns the member of that name; nil when there is none.
func (p *Pool) find(name string) *member {
	for _, m := range p.members {
		if m.server.Name == name {
			return m
		}
	}
	return nil
}

// Drain keeps new requests from the server of that name, or no longer does;
// false when there is none.
func (p *Pool) Drain(name string, on bool) bool {
	m := p.find(name)
	if m != nil {
		m.drain(on)
	}
	return m != nil
}

// Close ends the health checks.
func (p *Pool) Close() {
	p.sweep.Stop()
	p.mends.Stop()
	for _, m := range p.members {
		m.stop()
		m.unask()
		m.withdraw()
	}
}

// Serve implements sim.Handler.
func (p *Pool) Serve(req *sim.Request, reply func(*sim.Response)) {
	now := p.env.Now()
	p.count.requests.Add(1)
	p.budget.Deposit(now)
	a := p.ask(now, req, reply)
	if c := req.Scope.Cause(); c != sim.OK {
		a.fail(now, c)
		return
	}
	if p.broken() {
		p.refuse(now, a, "the breaker is open: "+p.breaker.Why())
		return
	}
	if limit := p.cfg.Limits.Requests; limit > 0 && p.open > limit {
		p.refuse(now, a, fmt.Sprintf("%d are in the pool already", limit))
		return
	}
	if p.full() {
		a.wait(now)
		return
	}
	server := p.place(now, a)
	if server == nil && p.cfg.Queue > 0 && !a.bound() && p.saturated() {
		a.wait(now)
		return
	}
	if server == nil {
		p.nobody(now, a)
		return
	}
	if req.Traced() {
		p.explainPick(now, a, server)
	}
	a.hook = req.Scope.OnCancel(a.onCancel)
	a.try(now, server)
}

// nobody answers that no server may take a request.
func (p *Pool) nobody(now sim.Time, a *ask) {
	p.count.noServer.Add(1)
	if a.req.Traced() {
		p.explainNobody(now, a)
	}
	a.fail(now, sim.NoServer)
}

// another picks a server that the request has not tried, nil when none is left,
// and of a traced request says why it is that one.
func (p *Pool) another(now sim.Time, a *ask) (next *Server, why string) {
	for _, s := range a.tried {
		s.member.servers.bench(s, true)
	}
	next = p.pick(now, a.req)
	if a.req.Traced() && next != nil {
		why = p.reason(next, a.req)
	}
	for _, s := range a.tried {
		s.member.servers.bench(s, false)
	}
	return next, why
}

// failed reports whether an answer makes its try a failed one.
func (p *Pool) failed(resp *sim.Response) bool {
	return resp.Cause != sim.OK || slices.Contains(p.cfg.RetryOn, resp.Status)
}
