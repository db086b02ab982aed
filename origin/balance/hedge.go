// Hedging: a second try beside a slow first one.
package balance

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"cdnlab/sim"
)

// Hedge says when a request that has no answer yet is sent to a second server, too: the
// first answer counts, and the other try is cancelled (Dean, Barroso: The Tail at Scale,
// 2013; Finagle's backup requests). Only safe methods without content, and one hedge a
// request.
type Hedge struct {
	After  string   `toml:"after" json:"after,omitempty" jsonschema:"description=how long a request may be without an answer before a second server is asked\\, too; a percentile of what the answers of the last ten seconds took\\, such as p95\\, or a time; if not given there are no hedges"`
	Budget *float64 `toml:"budget" json:"budget,omitempty" jsonschema:"default=0.1,minimum=0,description=hedges allowed as a share of the requests of the last ten seconds"`
}

// WithDefaults fills in what was not given. Budget 0.1: twice what p95 lets through, so
// that chance does not meet it, and when everything is slow at once, and a second try
// would only be more load, it is a tenth more. (Finagle's maxExtraLoad is 0.01 with a
// percentile made of it, p99.)
func (h Hedge) WithDefaults() Hedge {
	h.Budget = orElse(h.Budget, 0.1)
	return h
}

// when reads After: a quantile, or a time.
func (h Hedge) when() (quantile float64, after time.Duration, err error) {
	if percent, found := strings.CutPrefix(h.After, "p"); found {
		p, err := strconv.ParseFloat(percent, 64)
		if err != nil || !(p > 0 && p < 100) {
			return 0, 0, fmt.Errorf("hedge.after: %q is no percentile; p50, p95 and p99.9 are", h.After)
		}
		return p / 100, 0, nil
	}
	after, err = time.ParseDuration(h.After)
	if err != nil || after <= 0 {
		return 0, 0, fmt.Errorf("hedge.after: %q is neither a percentile as p95 nor a time as 50ms", h.After)
	}
	return 0, after, nil
}

// Check returns what is wrong with a Hedge.
func (h Hedge) Check() error {
	if h.Budget != nil && !(*h.Budget >= 0) {
		return errors.New("hedge.budget must not be negative")
	}
	if h.After == "" {
		return nil
	}
	_, _, err := h.when()
	return err
}

// hedging is a pool's.
type hedging struct {
	fixed          time.Duration // 0: as seen says
	seen           latencies
	budget         *Budget
	made, won, not *sim.Counter
}

// hedge begins to hedge as the configuration says, or ends it.
func (p *Pool) hedge() {
	p.hedging = nil
	if p.cfg.Hedge.After == "" {
		return
	}
	quantile, fixed, _ := p.cfg.Hedge.when() // it was checked
	p.hedging = &hedging{fixed: fixed, seen: latencies{quantile: quantile}, budget: NewBudget(*p.cfg.Hedge.Budget, 0),
		made: p.env.Counter("hedges"), won: p.env.Counter("hedges-won"), not: p.env.Counter("hedge-budget-empty")}
}

// arm sets the time after which an ask that begins is hedged.
func (h *hedging) arm(now sim.Time, a *ask) {
	if !a.req.Safe() || a.req.Body != nil {
		return
	}
	h.budget.Deposit(now)
	if d := h.after(now); d > 0 {
		a.timer = a.pool.env.After(d, a.hedgeNow)
	}
}

// after is how long to wait; 0: not known yet.
func (h *hedging) after(now sim.Time) time.Duration {
	if h.fixed > 0 {
		return h.fixed
	}
	return h.seen.at(now)
}

// saw takes what a first try took: until its header, whole, or until another's answer
// came first.
func (h *hedging) saw(now sim.Time, t *try, whole bool) {
	if h.fixed == 0 && t == &t.ask.first {
		h.seen.add(now, now.Sub(t.at), whole)
	}
}

// hedgeNow asks a second server.
func (a *ask) hedgeNow() {
	p, now := a.pool, a.pool.env.Now()
	h := p.hedging
	if h == nil || p.line.n > 0 || !p.room(0) { // a hedge is not worth another's wait
		return
	}
	if p.sticky != nil && a.pin.state == pinHolds { // another server would be the user's from now on
		return
	}
	if !h.budget.Allows(now) {
		h.not.Add(1)
		return
	}
	server, why := p.another(now, a)
	if server == nil {
		return
	}
	h.budget.Withdraw(now)
	h.made.Add(1)
	slow := a.current
	t := a.begin(now, server)
	a.hedge = t
	if a.req.Traced() {
		as := ""
		if h.fixed == 0 {
			as = ", longer than " + p.cfg.Hedge.After
		}
		p.env.Explain(a.req, sim.StepRetry, fmt.Sprintf("%s has not answered for %s%s: a hedge, whoever answers first: %s",
			slow.server.Name, sim.Briefly(now.Sub(slow.at)), as, why))
	}
	server.member.handler.Serve(&t.req, t.onReply)
}
