// Package pair is several balancers before the same servers: which of them a
// request reaches, and who stands in for one that dies.
//
// Active-passive is one address that moves (VRRP between the balancers); in
// active-active each takes a part, by DNS or by the routers' ECMP hash. The network between
// who asks and the balancers is played by who asks, as the paths are: an Approach.
package pair

import (
	"cmp"
	"errors"
	"fmt"
	"time"
)

// How several balancers stand to each other.
const (
	ActivePassive = "active-passive"
	ActiveActive  = "active-active"
)

// How requests are spread over balancers that are all active.
const (
	SpreadDNS  = "dns"
	SpreadECMP = "ecmp"
)

// Config says how many balancers there are and how they are reached.
type Config struct {
	Count   int        `toml:"count" json:"count,omitempty" jsonschema:"default=1,minimum=1,maximum=16,description=how many there are: balancer-1 and so on\\, each a node with counts\\, checks and tables of its own; the only one is called balancer"`
	Standby string     `toml:"standby" json:"standby,omitempty" jsonschema:"enum=active-passive,enum=active-active,default=active-passive,description=of several: active-passive is one address\\, which the others take over when its holder falls silent (VRRP); in active-active each has a part of the requests"`
	Spread  string     `toml:"spread" json:"spread,omitempty" jsonschema:"enum=dns,enum=ecmp,default=dns,description=of active-active: dns gives each client's resolver one address at a time; ecmp is one address for all\\, and routers send each connection by its hash to one of the balancers that they have a route to"`
	VRRP    VRRPConfig `toml:"vrrp" json:"vrrp,omitzero" jsonschema:"description=of active-passive: how the address is taken over"`
	DNS     DNSConfig  `toml:"dns" json:"dns,omitzero" jsonschema:"description=of spread = dns: what resolvers are told"`
	ECMP    ECMPConfig `toml:"ecmp" json:"ecmp,omitzero" jsonschema:"description=of spread = ecmp: how routers spread connections"`
}

// VRRPConfig says how balancers elect who has the address.
type VRRPConfig struct {
	Interval   time.Duration `toml:"interval" json:"interval" jsonschema:"default=1s,minimum=10ms,maximum=40950ms,description=from advert to advert of who has the address; the next takes it over when none came for three of them and a skew: a part of one\\, by its own priority"`
	Priorities []int         `toml:"priorities" json:"priorities" jsonschema:"description=of each balancer\\, 1 to 254; the greatest has the address when all are well; if not given 100 for the last and one more for each before it"`
	Preempt    *bool         `toml:"preempt" json:"preempt" jsonschema:"default=true,description=whether a balancer of a greater priority that comes back takes the address again; without it who has it keeps it"`
}

// DNSConfig says what resolvers are told and how long they believe it.
type DNSConfig struct {
	TTL      time.Duration `toml:"ttl" json:"ttl" jsonschema:"default=60s,minimum=1ms,description=how long a resolver holds the address that it was told"`
	Interval time.Duration `toml:"interval" json:"interval" jsonschema:"default=10s,minimum=1ms,description=from check to check of the name server: a balancer that fails them is not told any more"`
	Fall     int           `toml:"fall" json:"fall" jsonschema:"default=3,minimum=1,maximum=1000,description=failed checks in a row until then; as many good ones bring it back"`
	TryNext  *bool         `toml:"try-next" json:"try-next" jsonschema:"default=true,description=whether a client that is refused at once tries the next address of the answer\\, and stays there; else it fails until its resolver asks again"`
}

// ECMPConfig says how routers spread connections over balancers.
type ECMPConfig struct {
	Interval   time.Duration `toml:"interval" json:"interval" jsonschema:"default=300ms,minimum=1ms,description=from hello to hello between the router and each balancer (BFD)"`
	Multiplier int           `toml:"multiplier" json:"multiplier" jsonschema:"default=3,minimum=1,maximum=255,description=hellos missed in a row until the route to a balancer is withdrawn; a good one brings it back"`
	Resilient  bool          `toml:"resilient" json:"resilient" jsonschema:"default=false,description=whether only the connections of a balancer that is withdrawn move to others; without it the hash is taken modulo the number of routes\\, and most connections move whenever that changes"`
}

// maxCount bounds the balancers: ECMP groups of routers have 16 to 128 ways, and
// each is a process of its own in the live world.
const maxCount = 16

// WithDefaults fills in what was not said. Of one balancer nothing else means
// anything, and nothing is filled in.
//
// Standby active-passive: what keepalived beside HAProxy or nginx is, the common pair.
// Spread dns: it needs no router of one's own. VRRP: an advert each second and
// preemption are the defaults of RFC 9568 and of keepalived. DNS: TTL 60 s as cloud load balancers
// have, checks each 10 s, three in a row, as Route 53's fast ones; browsers try the next address
// (RFC 8305). ECMP: three hellos 300 ms apart are FRR's BFD; modulo is what plain hashing
// of routers amounts to (RFC 2992).
func (c Config) WithDefaults() Config {
	c.Count = cmp.Or(c.Count, 1)
	if c.Count == 1 {
		return c
	}
	c.Standby = cmp.Or(c.Standby, ActivePassive)
	c.Spread = cmp.Or(c.Spread, SpreadDNS)
	v, d, e := &c.VRRP, &c.DNS, &c.ECMP
	v.Interval = cmp.Or(v.Interval, time.Second)
	v.Preempt = cmp.Or(v.Preempt, new(true))
	if len(v.Priorities) == 0 {
		for i := range c.Count {
			v.Priorities = append(v.Priorities, 99+c.Count-i)
		}
	}
	d.TTL = cmp.Or(d.TTL, time.Minute)
	d.Interval = cmp.Or(d.Interval, 10*time.Second)
	d.Fall = cmp.Or(d.Fall, 3)
	d.TryNext = cmp.Or(d.TryNext, new(true))
	e.Interval = cmp.Or(e.Interval, 300*time.Millisecond)
	e.Multiplier = cmp.Or(e.Multiplier, 3)
	return c
}

// Check returns what is wrong with a Config that has its defaults.
func (c Config) Check() (bad []error) {
	if c.Count > maxCount {
		return []error{fmt.Errorf("count: must be at most %d, not %d", maxCount, c.Count)}
	}
	if c.Count <= 1 {
		return nil
	}
	if n := len(c.VRRP.Priorities); n != c.Count {
		bad = append(bad, fmt.Errorf("vrrp.priorities: are %d, of %d balancers", n, c.Count))
	}
	for _, p := range c.VRRP.Priorities {
		if p < 1 || p > 254 {
			bad = append(bad, fmt.Errorf("vrrp.priorities: %d is not in 1..254", p))
		}
	}
	if c.Moves() && c.VRRP.Interval < 10*time.Millisecond {
		bad = append(bad, errors.New("vrrp.interval: must be at least 10ms: adverts count in hundredths of a second"))
	}
	return bad
}

// Several reports whether there is more than one balancer.
func (c Config) Several() bool { return c.Count > 1 }

// Moves reports whether they have one address between them, which moves.
func (c Config) Moves() bool { return c.Several() && c.Standby == ActivePassive }

// First is the balancer that has the address when all are well: of two of the same priority
// the later one, whose address is the greater (RFC 9568 6.4.3).
func (c Config) First() int {
	first := 0
	for i, p := range c.VRRP.Priorities {
		if p >= c.VRRP.Priorities[first] {
			first = i
		}
	}
	return first
}

// Names are what the balancers are called.
func (c Config) Names() []string {
	if !c.Several() {
		return []string{"balancer"}
	}
	names := make([]string, c.Count)
	for i := range names {
		names[i] = fmt.Sprintf("balancer-%d", i+1)
	}
	return names
}
