// The breaker of a pool: when most requests fail, none is made for a while.
package balance

import (
	"fmt"
	"time"

	"cdnlab/origin/health"
	"cdnlab/sim"
)

// Breaker is the circuit breaker before a whole service, as Hystrix, Traefik and
// sony/gobreaker have it. failure-ratio of the pool is the same rule for one server, whose
// requests then go to the others; here there are no others, and who asks is told at once.
type Breaker struct {
	Ratio   float64       `toml:"failure-ratio" json:"failure-ratio,omitempty" jsonschema:"default=0,minimum=0,maximum=1,description=share of the requests of window that must fail\\, all tries included\\, before no more are made; 0 is no breaker"`
	Window  time.Duration `toml:"window" json:"window,omitempty" jsonschema:"default=10s,description=the time looked at"`
	Minimum int           `toml:"minimum" json:"minimum,omitempty" jsonschema:"default=20,minimum=1,description=with fewer requests in the window nothing is concluded"`
	OpenFor time.Duration `toml:"open-for" json:"open-for,omitempty" jsonschema:"default=5s,description=how long everybody gets 503 then"`
	Trials  int           `toml:"trial-requests" json:"trial-requests,omitempty" jsonschema:"default=1,minimum=1,maximum=1000,description=requests that are made behind that; when all are answered it closes\\, when one fails it stays open"`
}

// WithDefaults fills in what was not given, all with Hystrix's numbers.
func (b Breaker) WithDefaults() Breaker {
	if b.Window == 0 {
		b.Window = 10 * time.Second
	}
	if b.Minimum == 0 {
		b.Minimum = 20
	}
	if b.OpenFor == 0 {
		b.OpenFor = 5 * time.Second
	}
	if b.Trials == 0 {
		b.Trials = 1
	}
	return b
}

func (b Breaker) check() error {
	if !(b.Ratio >= 0 && b.Ratio <= 1) || b.Window < 0 || b.OpenFor < 0 || b.Minimum < 1 || b.Trials < 1 {
		return fmt.Errorf("balance: breaker: failure-ratio is in 0..1, times must not be negative, minimum and trial-requests are positive")
	}
	return nil
}

func (b Breaker) strikes() health.StrikesConfig {
	return health.StrikesConfig{Out: b.OpenFor, Ratio: b.Ratio, Window: b.Window, Least: b.Minimum, Trials: b.Trials}
}

// broken reports whether a request that comes is not to be made.
func (p *Pool) broken() bool { return p.breaker.On() && !p.breaker.Admits() }

// learn takes what became of a request for the breaker.
func (p *Pool) learn(now sim.Time, a *ask, resp *sim.Response) {
	switch {
	case !p.breaker.On() || len(a.tried) == 0:
		return
	case !blames(resp.Cause):
		p.breaker.Void()
		return
	}
	if p.breaker.Observe(now, !resp.Failed()) {
		if p.breaker.In() {
			p.env.Note(sim.EventBreakerClosed, "", "it was tried again, and answered")
		} else {
			p.env.Note(sim.EventBreakerOpen, "", p.breaker.Why())
		}
	}
	if until := p.breaker.Until(); until != sim.Never && !p.mends.Pending() {
		p.mends = p.env.After(until.Sub(now), func() { p.breaker.Expire(p.env.Now()) })
	}
}
