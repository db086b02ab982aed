// Build: the factories of a variant's nodes, used by both worlds.
package scenarios

import (
	"encoding/json"
	"fmt"
	"slices"

	"cdnlab/origin"
	"cdnlab/origin/balance"
	"cdnlab/report"
	"cdnlab/sim"
	"cdnlab/sim/load"
)

// NodeSpec is what a node's process is told of the scenario.
type NodeSpec struct {
	Name     string    `json:"name"`
	Scenario *Scenario `json:"scenario"`
	Trace    string    `json:"trace,omitempty"` // where that of the load is, for who answers what it asks for
}

// BlueprintOf returns the blueprint that a node's process builds from.
func BlueprintOf(spec json.RawMessage) (sim.Blueprint, error) {
	var n NodeSpec
	if err := json.Unmarshal(spec, &n); err != nil {
		return sim.Blueprint{}, fmt.Errorf("scenarios: what the node is told: %w", err)
	}
	if n.Trace != "" {
		var err error
		if n.Scenario.trace, err = readTrace(n.Trace, n.Scenario.Load, n.Scenario.Duration); err != nil {
			return sim.Blueprint{}, fmt.Errorf("scenarios: the load's trace: %w", err)
		}
	}
	t, err := NewTopology(n.Scenario)
	if err != nil {
		return sim.Blueprint{}, err
	}
	return t.Blueprint(n.Name), nil
}

// Blueprint returns the blueprint of a node.
func (t *Topology) Blueprint(name string) sim.Blueprint {
	return t.injecting(name, sim.Blueprint{Build: t.factory(name), Change: t.changer(name)})
}

func (t *Topology) factory(name string) sim.Factory {
	switch node := t.Node(name); node.Kind {
	case report.KindApp:
		return func(site sim.Site) sim.Handler { return t.app(site, name) }
	case report.KindDatabase:
		return t.database
	case report.KindStore:
		return t.sessionStore
	case report.KindBalancer:
		if node.Relays {
			return func(site sim.Site) sim.Handler { return t.relay(site, name) }
		}
		return func(site sim.Site) sim.Handler { return t.balancerNode(site, name) }
	case report.KindFront:
		return func(site sim.Site) sim.Handler { return t.front(site, node) }
	case report.KindPoP, report.KindShield:
		return func(site sim.Site) sim.Handler { return t.cache(site, node) }
	default:
		panic(fmt.Sprintf("scenarios: no factory for a %s", node.Kind))
	}
}

// must is for parts whose configuration Check has found right.
func must[T any](v T, err error) T {
	if err != nil {
		panic("scenarios: " + err.Error())
	}
	return v
}

func (t *Topology) app(site sim.Site, name string) sim.Handler {
	var database sim.Handler
	if t.Scenario.Database != nil {
		database = site.Dial(nameDatabase)
	}
	app := must(origin.NewApp(site.Env, t.appConfig(name), t.contentFor(site.Env), database, site.Exit))
	if t.Scenario.App.Sessions.Store == origin.StoreStore {
		app.KeepSessionsAt(site.Dial(nameStore))
	}
	if t.Scenario.Begun > 0 { // whoever is built before has long been running when the load begins
		app.Cold()
	}
	app.Behind(t.Node(name).Behind)
	return app
}

// appConfig is what [app] says of a server, and [[server]] of this one.
func (t *Topology) appConfig(name string) origin.AppConfig {
	cfg := t.Scenario.App
	for _, v := range t.Scenario.Servers {
		if v.Name == name && v.Workers > 0 {
			cfg.Workers = v.Workers
		}
		if v.Name == name && v.ServiceTime > 0 {
			cfg.ServiceTime = v.ServiceTime
		}
	}
	return cfg
}

// catalog is shared by all nodes of one process: it never changes.
func (t *Topology) catalog() *load.Catalog {
	if t.content == nil {
		t.content = t.Scenario.newCatalog()
	}
	return t.content
}

func (t *Topology) database(site sim.Site) sim.Handler {
	d := must(origin.NewDatabase(site.Env, *t.Scenario.Database))
	d.KeepSessions(t.Scenario.App.Sessions)
	return d
}

func (t *Topology) sessionStore(site sim.Site) sim.Handler {
	return must(origin.NewSessionStore(site.Env, *t.Scenario.SessionStore, t.Scenario.App.Sessions))
}

// balancer is one node: the proxy that takes the request, and behind it a pool
// for each name that the servers use.
type balancer struct {
	*origin.Proxy
	pools []*balance.Pool // as in pools
}

func (t *Topology) balancer(site sim.Site, name string) *balancer {
	b := &balancer{}
	names, targets := t.pools()
	var upstreams []origin.Upstream
	for i, pool := range names {
		for j := range targets[i] {
			targets[i][j].Handler = site.Dial(targets[i][j].Name)
		}
		p := must(balance.NewPool(site.Env, t.Scenario.Balancer.PoolConfig, t.around(name), targets[i]...))
		b.pools = append(b.pools, p)
		upstreams = append(upstreams, origin.Upstream{Name: pool, Handler: p})
	}
	b.Proxy = must(origin.NewProxy(site.Env, t.Scenario.Proxy, upstreams...))
	return b
}

// change makes a balancer that runs what the topology says. The pools are the
// same in every topology of a run.
func (t *Topology) changeBalancer(site sim.Site, name string, b *balancer) {
	names, targets := t.pools()
	var upstreams []origin.Upstream
	for i, pools := range names {
		pool := b.pools[i]
		must(pool, pool.Change(t.Scenario.Balancer.PoolConfig, t.around(name), site.Dial, targets[i]...))
		upstreams = append(upstreams, origin.Upstream{Name: pools, Handler: pool})
	}
	must(b, b.Proxy.Change(t.Scenario.Proxy, upstreams...))
}

// pools returns the names of the pools and, of each, the servers that are in it
// now, without the ways to them.
func (t *Topology) pools() (names []string, targets [][]balance.Target) {
	for _, v := range t.Scenario.Servers {
		i := slices.Index(names, v.Pool)
		if i < 0 {
			i = len(names)
			names, targets = append(names, v.Pool), append(targets, nil)
		}
		if !v.Absent {
			targets[i] = append(targets[i], balance.Target{Drained: v.Drained,
				Spec: balance.Spec{Name: v.Name, Place: v.Place, Zone: v.Zone, Weight: v.Weight, Priority: v.Priority, MaxConnections: v.MaxConnections}})
		}
	}
	return names, targets
}
