// Clusters: a PoP of several cache servers behind a balancer of its own.
package scenarios

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"cdnlab/edge"
	"cdnlab/origin/balance"
	"cdnlab/origin/health"
	"cdnlab/report"
	"cdnlab/sim"
)

// The ways in which a PoP's servers share its objects.
const (
	ShardingNone       = "none"
	ShardingConsistent = "consistent"
	ShardingBounded    = "bounded"
)

// Cluster is what a PoP of several cache servers does. With one it means nothing:
// there is no balancer then.
type Cluster struct {
	Servers  int    `toml:"servers" json:"servers" jsonschema:"default=1,minimum=1,maximum=64,description=cache servers of each PoP; of several each has its own cache of cache-size and stands behind the PoP's balancer"`
	Sharding string `toml:"sharding" json:"sharding" jsonschema:"enum=none,enum=consistent,enum=bounded,default=consistent,description=which server is asked; none is each in turn and whatever it is for; consistent is by the cache key (ring-hash); bounded is that too but nobody has much more in flight than the mean (bounded-load)"`
	balance.Hashing
	MaxFails    int           `toml:"max-fails" json:"max-fails" jsonschema:"default=1,minimum=1,maximum=1000000,description=failed requests in a row (refused\\, reset\\, not reached) that take a server out of rotation"`
	FailTimeout time.Duration `toml:"fail-timeout" json:"fail-timeout" jsonschema:"default=10s,minimum=1ms,description=how long it stays out then; after that one request tries it"`
	Health      health.Config `toml:"health" json:"health" jsonschema:"description=how the PoP's balancer asks its servers for their health"`
}

// maxCacheServers bounds a PoP: rows of racks, and as many processes in the live world.
const maxCacheServers = 64

// WithDefaults fills in what is not said. Servers 1: a PoP as one thing, where
// nothing turns on what is in it. Sharding consistent: what CDNs do within a PoP
// (Akamai, whose founders wrote the paper, Fastly's clustering, Cloudflare), or it would hold
// the same objects as many times as it has servers. MaxFails 1 and FailTimeout
// 10 s: nginx's; a request that fails costs a second try next door.
func (c Cluster) WithDefaults() Cluster {
	c.Servers = cmp.Or(c.Servers, 1)
	c.Sharding = cmp.Or(c.Sharding, ShardingConsistent)
	c.Hashing = c.Hashing.WithDefaults()
	c.MaxFails = cmp.Or(c.MaxFails, 1)
	c.FailTimeout = cmp.Or(c.FailTimeout, 10*time.Second)
	c.Health = c.Health.WithDefaults()
	return c
}

// roomRTT is from a PoP's balancer to its servers and back: two switches and two
// network stacks in one room.
const roomRTT = 200 * time.Microsecond

// serversOf returns how many cache servers a PoP has.
func (s *Scenario) serversOf(p *PoP) int { return cmp.Or(p.Servers, s.Edge.Cluster.Servers) }

// cacheServers are the names of a PoP's cache servers: of one the PoP's own.
func (s *Scenario) cacheServers(p *PoP) []string {
	n := s.serversOf(p)
	if n <= 1 {
		return []string{p.Name}
	}
	names := make([]string, n)
	for i := range names {
		names[i] = fmt.Sprintf("%s-%d", p.Name, i+1)
	}
	return names
}

// addPoP lays out a PoP: its servers, and before several of them its balancer,
// which has the PoP's name, as it is what everybody reaches.
func (t *Topology) addPoP(plan *addressPlan, p *PoP) {
	s := t.Scenario
	names := s.cacheServers(p)
	for _, name := range names {
		n := Node{Name: name, Kind: report.KindPoP, Place: p.Place, Cores: p.Cores}
		for _, parent := range t.parents(p) {
			for _, to := range t.entries(parent) {
				n.Peers = append(n.Peers, t.peer(n, to, s.Edge.Conns))
			}
		}
		if len(names) > 1 {
			n.PoP = p.Name
		}
		t.add(plan, n)
	}
	if len(names) == 1 {
		return
	}
	n := Node{Name: p.Name, Kind: report.KindFront, Place: p.Place, Cores: p.Cores}
	for _, name := range names {
		n.Peers = append(n.Peers, t.peer(n, name, s.Edge.Conns))
	}
	t.add(plan, n)
}

// ClusterOf returns the PoP of each cache server that is one of several; nil
// without any.
func (t *Topology) ClusterOf() map[string]string {
	var of map[string]string
	for _, n := range t.Nodes {
		if n.PoP == "" {
			continue
		}
		if of == nil {
			of = map[string]string{}
		}
		of[n.Name] = n.PoP
	}
	return of
}

// front is a PoP's balancer.
type front struct {
	pool     *balance.Pool
	keyer    *edge.Keyer
	requests *sim.Counter
}

// Serve implements sim.Handler.
func (f *front) Serve(req *sim.Request, reply func(*sim.Response)) {
	f.requests.Add(1)
	f.pool.Serve(req, reply)
}

// front builds the balancer of a PoP.
func (t *Topology) front(site sim.Site, node *Node) sim.Handler {
	f := &front{requests: site.Counter("requests"), keyer: edge.NewKeyer(t.Scenario.Edge.Config)}
	targets := node.targets()
	for i := range targets {
		targets[i].Handler = site.Dial(targets[i].Name)
	}
	f.pool = must(balance.NewPool(site.Env, t.frontConfig(), balance.Around{Key: f.key}, targets...))
	return f
}

// changeFront makes the balancer of a PoP what the topology says.
func (t *Topology) changeFront(site sim.Site, node *Node, f *front) {
	f.keyer.Change(t.Scenario.Edge.Config)
	must(f, f.pool.Change(t.frontConfig(), balance.Around{Key: f.key}, site.Dial, node.targets()...))
}

func (n *Node) targets() []balance.Target {
	var all []balance.Target
	for _, p := range n.Peers {
		all = append(all, balance.Target{Spec: balance.Spec{Name: p.Name}})
	}
	return all
}

// key is the hash of what the servers store a request's answer under.
func (f *front) key(req *sim.Request) uint64 {
	k := f.keyer.Key(req)
	return balance.HashURI(k.Scheme, k.Host, k.Path)
}

var shardings = map[string]string{ShardingNone: "round-robin", ShardingConsistent: "ring-hash", ShardingBounded: "bounded-load"}

// frontConfig is the pool of a PoP's balancer. A request that fails is tried once
// more, by the next server: whatever their number, as that costs the origin nothing
// more than the dead server's share of fetches. A server that waits for its parent is not
// blamed for it.
func (t *Topology) frontConfig() balance.PoolConfig {
	e := t.Scenario.Edge
	c := e.Cluster
	return balance.PoolConfig{Config: balance.Config{Algorithm: shardings[c.Sharding], Hashing: c.Hashing},
		Retries: new(1), RetryBudget: new(1.0), PerTryTimeout: 2 * e.ParentTimeout,
		MaxFails: &c.MaxFails, FailTimeout: c.FailTimeout, Health: c.Health}
}

// isOf reports whether a node is meant by a name: its own, its PoP's, or that of all
// balancers.
func (n *Node) isOf(name string) bool {
	return n.Name == name || n.PoP != "" && n.PoP == name || n.Kind == report.KindBalancer && name == nameBalancer
}

// cachesOf returns the caches that a name means: one, or those of a PoP.
func (t *Topology) cachesOf(name string) []string {
	var names []string
	for _, n := range t.caches() {
		if n.isOf(name) {
			names = append(names, n.Name)
		}
	}
	return names
}

// warmed are the nodes to be asked so that caches are warm: of a PoP with several
// servers its balancer, where that knows whose an object is, and else every server.
func (t *Topology) warmed(names ...string) []string {
	var all []string
	for _, name := range names {
		if t.Node(name).Kind == report.KindFront && t.Scenario.Edge.Cluster.Sharding == ShardingNone {
			all = append(all, t.cachesOf(name)...)
		} else {
			all = append(all, name)
		}
	}
	return all
}

// clusters looks at the PoPs' servers. unique wants a name that no other node has.
func (c *checker) clusters(unique func(name string, path ...any)) {
	for i := range c.s.PoPs {
		p := &c.s.PoPs[i]
		for _, name := range c.s.cacheServers(p) {
			if name != p.Name {
				unique(name, "pop", i, "name")
			}
		}
	}
}

// popNames are the names of the PoPs and of their servers.
func (s *Scenario) popNames() []string {
	var names []string
	for i := range s.PoPs {
		names = append(append(names, s.PoPs[i].Name), s.cacheServers(&s.PoPs[i])...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// frontPolicies is what the balancers of PoPs do, in lines for a drawing.
func (t *Topology) frontPolicies() []string {
	c := t.Scenario.Edge.Cluster
	lines := []string{map[string]string{
		ShardingNone:       "sharding: none; each server in turn, and each caches for itself",
		ShardingConsistent: "sharding: consistent; each object has its server (ring-hash)",
		ShardingBounded:    fmt.Sprintf("sharding: bounded; each object has its server, as long as that has not over %g times the mean in flight (bounded-load)", c.Factor),
	}[c.Sharding]}
	if c.HotShare > 0 && c.Sharding != ShardingNone {
		lines = append(lines, fmt.Sprintf("hot: what makes over %.3g %% of the requests in %v is at %s then", 100*c.HotShare, brief(c.HotWindow), many(c.HotCopies, "server")))
	}
	return append(lines, healthWords(c.Health),
		fmt.Sprintf("a server that fails: tried again by the next one; out for %v after %s in a row", brief(c.FailTimeout), many(c.MaxFails, "failed request")))
}
