// Flows: which server a balancer sends the datagrams of a flow to.
package balance

import (
	"fmt"
	"net/netip"
	"slices"
	"time"

	"cdnlab/sim"
)

// FlowsConfig says what a balancer remembers of flows of datagrams.
type FlowsConfig struct {
	Table    *bool         `toml:"table" json:"table,omitempty" jsonschema:"default=true,description=whether it remembers which server a flow is sent to; else it picks one for each datagram\\, and only an algorithm that hashes keeps a flow together"`
	Idle     time.Duration `toml:"idle" json:"idle,omitempty" jsonschema:"minimum=1ms,default=30s,description=a flow is forgotten so long after its last datagram"`
	Limit    int           `toml:"limit" json:"limit,omitempty" jsonschema:"minimum=1,maximum=10000000,default=65536,description=how many flows it remembers at the most"`
	WhenFull string        `toml:"when-full" json:"when-full,omitempty" jsonschema:"enum=evict,enum=drop,default=evict,description=what a new flow meets when there are so many: evict forgets the one that was silent for longest\\, as Katran's LRU; drop drops its datagrams\\, as Linux's conntrack"`
}

// The words of FlowsConfig.WhenFull.
const (
	WhenFullEvict = "evict"
	WhenFullDrop  = "drop"
)

const maxFlows = 10_000_000

// WithDefaults fills in what was not given. Table true: nginx, Envoy, LVS and Katran
// have one. Idle 30 s: Linux's nf_conntrack_udp_timeout (Envoy has 1 min, nginx 10 min).
// Limit 65,536: that many sockets a process of the live world can have open, and it is a
// quarter of nf_conntrack_max on a machine with more than 4 GB. WhenFull evict: to forget
// a silent flow costs it at most its server, to drop a new one costs it everything.
func (c FlowsConfig) WithDefaults() FlowsConfig {
	c.Table = orElse(c.Table, true)
	if c.Idle == 0 {
		c.Idle = 30 * time.Second
	}
	if c.Limit == 0 {
		c.Limit = 65536
	}
	if c.WhenFull == "" {
		c.WhenFull = WhenFullEvict
	}
	return c
}

// Check returns what is wrong with the configuration, which has its defaults.
func (c FlowsConfig) Check() error {
	switch {
	case c.Idle < time.Millisecond:
		return fmt.Errorf("flows.idle: must be at least 1ms, not %v", c.Idle)
	case c.Limit < 1 || c.Limit > maxFlows:
		return fmt.Errorf("flows.limit: %d is not in 1..%d", c.Limit, maxFlows)
	case !slices.Contains([]string{WhenFullEvict, WhenFullDrop}, c.WhenFull):
		return fmt.Errorf("flows.when-full: unknown %q; known: evict, drop", c.WhenFull)
	}
	return nil
}

// Flows sends datagrams to the servers of a Pool, those of one flow to one server for
// as long as it remembers the flow and the server is well. A flow is what has one
// source: the rest of the 5-tuple is the service's. It is not safe for concurrent use.
type Flows struct {
	pool  *Pool
	cfg   FlowsConfig
	table *sim.Recent[netip.AddrPort, Lease] // nil: it remembers nothing

	opened, moved, expired, evicted, dropped, nobody *sim.Counter
	looks, held                                      *sim.Counter // of the census
	census                                           sim.Timer
}

// censusEvery is how often the flows are counted that are remembered: the mean over time
// is in no other counter.
const censusEvery = 100 * time.Millisecond

// NewFlows returns the flows of a pool.
func NewFlows(env *sim.Env, pool *Pool, cfg FlowsConfig) *Flows {
	f := &Flows{pool: pool, opened: env.Counter("flows-opened"), moved: env.Counter("flows-moved"), expired: env.Counter("flows-expired"),
		evicted: env.Counter("flows-evicted"), dropped: env.Counter("flows-dropped"), nobody: env.Counter("datagrams-nobody"),
		looks: env.Counter("flow-looks"), held: env.Counter("flow-looks-held")}
	f.Change(cfg)
	return f
}

// Change makes them those of another configuration. Without a table all are
// forgotten.
func (f *Flows) Change(cfg FlowsConfig) {
	f.cfg = cfg.WithDefaults()
	switch {
	case !*f.cfg.Table && f.table != nil:
		f.table.Change(0, -1)
		f.table.Expire(f.pool.env.Now())
		f.table = nil
	case !*f.cfg.Table:
	case f.table == nil:
		f.table = sim.NewRecent[netip.AddrPort, Lease](f.cfg.Limit, f.cfg.Idle)
		f.table.Left = f.left
	default:
		f.table.Change(f.cfg.Limit, f.cfg.Idle)
	}
}

// Len is how many flows are remembered.
func (f *Flows) Len() int {
	if f.table == nil {
		return 0
	}
	return f.table.Len()
}

// count counts the flows that are remembered, and again in a while for as long as there
// are any.
func (f *Flows) count() {
	if f.table == nil {
		return
	}
	f.table.Expire(f.pool.env.Now())
	f.looks.Add(1)
	f.held.Add(int64(f.table.Len()))
	if f.table.Len() > 0 {
		f.census = f.pool.env.After(censusEvery, f.count)
	}
}

func (f *Flows) left(_ netip.AddrPort, l Lease, evicted bool) {
	l.End()
	if evicted {
		f.evicted.Add(1)
	} else {
		f.expired.Add(1)
	}
}

// Way returns the way to the server that a datagram is for; nil when it is to be
// dropped.
func (f *Flows) Way(d *sim.Request) sim.Handler {
	if f.table == nil {
		l := f.lease(d)
		if l.Nobodys() {
			return nil
		}
		l.End()
		return l.Handler()
	}
	now := f.pool.env.Now()
	f.table.Expire(now)
	key := netip.AddrPortFrom(d.Addr, d.Port)
	known := f.table.Use(now, key)
	switch {
	case known != nil && known.Holds(now):
		return known.Handler()
	case known == nil && f.cfg.WhenFull == WhenFullDrop && f.table.Full(now):
		f.dropped.Add(1)
		return nil
	case known != nil: // its server is counted out before another is picked
		known.End()
	}
	l := f.lease(d)
	switch {
	case l.Nobodys() && known != nil:
		f.forget(key)
		return nil
	case l.Nobodys():
		return nil
	case known != nil:
		f.moved.Add(1)
		*known = l
	default:
		f.table.Add(now, key, l)
		f.opened.Add(1)
		if !f.census.Pending() {
			f.census = f.pool.env.After(censusEvery, f.count)
		}
	}
	return l.Handler()
}

// forget takes out a flow whose server was counted out already.
func (f *Flows) forget(key netip.AddrPort) {
	f.table.Left = nil
	f.table.Remove(key)
	f.table.Left = f.left
	f.expired.Add(1)
}

func (f *Flows) lease(d *sim.Request) Lease {
	l := f.pool.Lease(d)
	if l.Nobodys() {
		f.nobody.Add(1)
	}
	return l
}
