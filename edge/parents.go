// Parents: a PoP's way past a shield that is down.
package edge

import (
	"errors"
	"time"

	"cdnlab/origin/balance"
	"cdnlab/origin/health"
	"cdnlab/sim"
)

// Failover says how a PoP goes past a shield that is down.
type Failover struct {
	On          *bool         `toml:"on" json:"on,omitempty" jsonschema:"default=true,description=whether PoPs go past a shield that is down: to their backup shield and then to the origin; without it what is in no PoP fails"`
	MaxFails    int           `toml:"max-fails" json:"max-fails" jsonschema:"default=1,minimum=1,description=fetches in a row that a shield must fail (refuse\\, reset\\, not be reached) until a PoP no longer asks it; an HTTP answer is no failure"`
	FailTimeout time.Duration `toml:"fail-timeout" json:"fail-timeout" jsonschema:"default=10s,description=how long a shield is not asked then; after that one fetch tries it"`
	Timeout     time.Duration `toml:"timeout" json:"timeout" jsonschema:"default=0s,description=how long a parent may take to the header of its answer before the next is asked; 0 is as long as the fetch may take"`
}

// WithDefaults fills in what is not said.
//
// On: Fastly and CloudFront go to the origin when a shield is down. MaxFails 1
// and FailTimeout 10 s: nginx's; a connection that fails says enough, and each
// failure that is waited for keeps somebody waiting. Timeout 0: a shield is as slow as
// the origin behind it, so a limit of its own would send every PoP past the shield
// just when the origin has the most to do.
func (f Failover) WithDefaults() Failover {
	fill(&f.On, new(true))
	fill(&f.MaxFails, 1)
	fill(&f.FailTimeout, 10*time.Second)
	return f
}

// Check returns what is wrong with a Failover.
func (f Failover) Check() []error {
	var bad []error
	if f.MaxFails < 0 {
		bad = append(bad, errors.New("max-fails: must not be negative"))
	}
	if f.FailTimeout < 0 {
		bad = append(bad, errors.New("fail-timeout: must not be negative"))
	}
	if f.Timeout < 0 {
		bad = append(bad, errors.New("timeout: must not be negative"))
	}
	return bad
}

// pool is the balancer of n parents that does so: the first is asked as long as it
// is well. Each fetch that fails may go on, so there is no budget: a PoP has one
// fetch for all who want the same.
func (f Failover) pool(n int) balance.PoolConfig {
	f = f.WithDefaults()
	c := balance.PoolConfig{Config: balance.Config{Algorithm: "first"}, Retries: new(n - 1), RetryBudget: new(1.0),
		MaxFails: &f.MaxFails, FailTimeout: f.FailTimeout, PerTryTimeout: f.Timeout, Health: health.Config{Check: health.CheckNone}}
	fill(&c.PerTryTimeout, 24*time.Hour)
	return c
}

// Parent is one that a PoP may ask.
type Parent struct {
	Name    string
	Handler sim.Handler
}

// Parents are what a PoP asks when that is more than one: shields, the nearest
// first, and behind them the origin.
type Parents struct {
	pool    *balance.Pool
	targets []balance.Target
}

var _ sim.Handler = (*Parents)(nil)

// NewParents returns the parents of a PoP; the last is the origin.
func NewParents(env *sim.Env, f Failover, parents ...Parent) (*Parents, error) {
	p := &Parents{}
	for i, to := range parents {
		last := i == len(parents)-1
		if last {
			to.Handler = newPastShield(env, to.Handler)
		}
		p.targets = append(p.targets, balance.Target{Spec: balance.Spec{Name: to.Name}, Handler: to.Handler, Last: last})
	}
	var err error
	p.pool, err = balance.NewPool(env, f.pool(len(parents)), balance.Around{}, p.targets...)
	return p, err
}

// Serve implements sim.Handler.
func (p *Parents) Serve(req *sim.Request, reply func(*sim.Response)) { p.pool.Serve(req, reply) }

// Change goes on by another Failover: who is out stays out for its time.
func (p *Parents) Change(f Failover) error {
	return p.pool.Change(f.pool(len(p.targets)), balance.Around{}, nil, p.targets...)
}

// PastShield is how the names of a PoP's counters end that count of what it went
// past its shield for, to the origin.
const PastShield = "-past-shield"

// pastShield counts what goes to the origin of a PoP that has a shield.
type pastShield struct {
	origin         sim.Handler
	fetches, bytes *sim.Counter
}

func newPastShield(env *sim.Env, origin sim.Handler) *pastShield {
	return &pastShield{origin, env.Counter("fetches" + PastShield), env.Counter("bytes-fetched" + PastShield)}
}

// Serve implements sim.Handler.
func (p *pastShield) Serve(req *sim.Request, reply func(*sim.Response)) {
	p.fetches.Add(1)
	p.origin.Serve(req, func(resp *sim.Response) {
		if resp.Status != 0 {
			resp.OnEnd(func(_ sim.Cause, n int64) { p.bytes.Add(n) })
		}
		reply(resp)
	})
}
