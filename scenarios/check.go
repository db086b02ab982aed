// Check: what the schema cannot know. All mistakes of a scenario, with their
// places.
package scenarios

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"cdnlab/geo"
	"cdnlab/origin"
	"cdnlab/origin/balance"
	"cdnlab/sim/check"
	"cdnlab/sim/fault"
	"cdnlab/sim/network"
)

// Limits of a scenario.
const (
	maxDuration = 7 * 24 * time.Hour
	maxNodes    = 1000
	maxClients  = 1000
)

func (c *checker) check() {
	c.general()
	c.clients()
	c.nodes()
	c.load()
	c.people()
	c.links()
	c.origin()
	c.sockets()
	c.autoscale()
	if c.from == nil {
		c.events()
		c.actions()
	}
}

// add reports a mistake, unless the schema has said enough about that key. What
// a variant's own keys did wrong stands where the variant has them.
func (c *checker) add(says, hint string, path ...any) {
	at, own := c.writes(path)
	if repeated := c.repeats(says, path); c.known(path) || repeated && !own {
		return
	}
	if rest, found := strings.CutPrefix(says, "is missing: "); found {
		if v, given := find(c.tree, path); given && v != "" {
			says = "must not be 0: " + rest
		}
	}
	if hint == "" && !own {
		hint = c.where
	}
	path = append(slices.Clone(at), path...)
	c.r.put(c.r.doc.Mistake(says, hint, path...))
}

// writes returns the table that gives the value at a path: none for the file
// itself, the keys of the variant, or those of an event. own reports whether what
// is checked is that table, or the command line has the last word.
func (c *checker) writes(path []any) (at []any, own bool) {
	for i := len(c.holding) - 1; i >= 0; i-- {
		if e := c.holding[i]; covered(e.set, path) {
			return []any{"event", e.event, "set"}, e.event == c.event
		}
	}
	switch {
	case len(c.at) == 0 && c.from == nil || covered(c.r.settings, path):
		return nil, true
	case covered(c.set, path):
		return c.at, c.from == nil
	}
	return nil, false
}

// repeats reports whether that was said before, of the same scenario or of the one
// that this is a moment of.
func (c *checker) repeats(says string, path []any) bool {
	of := c
	if c.from != nil {
		of = c.from
	}
	key := fmt.Sprint(path, says)
	before := of.said[key]
	of.said[key] = true
	return before
}

func (c *checker) general() {
	if c.s.Duration < time.Second || c.s.Duration > maxDuration {
		c.add(fmt.Sprintf("must be between 1s and %v, not %v", maxDuration, c.s.Duration), "", "duration")
	}
	if c.s.Warmup >= c.s.Duration {
		hint, _ := c.shortened()
		c.add(fmt.Sprintf("%v leaves nothing to measure of a run of %v", c.s.Warmup, c.s.Duration), hint, "warmup")
	}
	if len(c.s.Clients) == 0 {
		c.add("there is nobody to ask", "add [[clients]] with an id and a place", "clients")
	}
	if len(c.s.Clients) > maxClients {
		c.add(fmt.Sprintf("at most %d groups", maxClients), "", "clients")
	}
	if *c.s.Edge.On && len(c.s.PoPs) == 0 {
		c.add("is on, but there is no PoP", "add a [[pop]] with a place", "edge", "on")
	}
}

// place wants a known place: the scenario's own or the atlas's.
func (c *checker) place(name string, path ...any) {
	for _, p := range c.s.Places {
		if p.Name == name {
			return
		}
	}
	_, err := geo.Find(name)
	if err == nil || c.lost("place") {
		return
	}
	says, hint, _ := strings.Cut(err.Error(), "; ")
	c.add(says, hint, path...)
}

// list reports the mistakes that a Check finds.
func (c *checker) list(find func(*check.List), path ...any) {
	var bad check.List
	find(&bad)
	for _, p := range bad.Problems {
		c.add(p.Says, "", append(slices.Clone(path), p.Key)...)
	}
}

// conns looks at what is said of connections.
func (c *checker) conns(cfg *network.Config, path ...any) {
	c.list(cfg.Check, path...)
}

// nodeName is what a name must look like: it stands in headers as a token
// (RFC 9110 5.6.2), in process lists and in keys.
var nodeName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]{0,62}$`)

func (c *checker) name(name string, path ...any) {
	if !nodeName.MatchString(name) {
		c.add(fmt.Sprintf("%q is no name: letters, digits, - and _, a letter first, at most 63", name), "", path...)
	}
}

func (c *checker) nodes() {
	seen := map[string]bool{nameBalancer: true, nameDatabase: true, nameStore: true, nameNetwork: c.s.Balancer.Several()}
	for _, name := range c.s.balancerNames() {
		seen[name] = true
	}
	unique := func(name string, path ...any) {
		c.name(name, path...)
		if seen[name] {
			c.add(fmt.Sprintf("a second node %q", name), "give it a name of its own", path...)
		}
		seen[name] = true
	}
	for i, p := range c.s.PoPs {
		c.place(p.Place, "pop", i, "place")
		unique(p.Name, "pop", i, "name")
	}
	c.clusters(unique)
	c.shields(unique)
	for _, v := range c.s.Servers {
		at := c.server(v.Name)
		c.place(v.Place, append(at, "place")...)
		if at[0] == "event" {
			unique(v.Name, append(at, "node")...)
			continue
		}
		unique(v.Name, append(at, "name")...)
	}
	c.zones(func(name string) bool { return seen[name] })
	c.place(c.s.Origin.Place, "origin", "place")
	if n := len(c.s.popNames()) + len(c.s.Shields) + len(c.s.Servers); n > maxNodes {
		c.add(fmt.Sprintf("%d nodes; at most %d", n, maxNodes), "", "origin", "servers")
	}
}

// server finds where a resolved server stands in the file.
func (c *checker) server(name string) []any {
	written, _ := c.r.written["server"].([]map[string]any)
	for j, v := range written {
		if v["name"] == name {
			return []any{"server", j}
		}
	}
	for i, e := range c.s.Events {
		if e.Do == "add-server" && e.Node == name {
			return []any{"event", i}
		}
	}
	return []any{"origin", "servers"}
}

func (c *checker) load() {
	if !c.known([]any{"load", "shape"}) { // which keys there may be depends on it
		for _, p := range c.inTime(c.s.given.Check) {
			c.add(p.Says, p.hint, "load", p.Key)
		}
	}
	c.catalog()
}

func (c *checker) links() {
	for i, p := range c.s.Places {
		if p.Name == "" {
			c.add("needs a name", "", "place", i, "name")
		}
	}
	ends := c.ends()
	for i := range c.s.Links {
		l := &c.s.Links[i]
		c.end(l.From, ends, "link", i, "from")
		c.end(l.To, ends, "link", i, "to")
		var bad check.List
		l.Check(&bad)
		for _, p := range bad.Problems {
			if p.Key != "rate-back" || !c.known([]any{"link", i, "rate"}) {
				c.add(p.Says, "", "link", i, p.Key)
			}
		}
		if !c.says(check.Given(l.Leg), "link", i) && !c.broken {
			c.add("says nothing of its path", "give it an rtt, a rate, a loss or a jitter", "link", i)
		}
	}
}

// says reports whether one of the keys of a table is written there, be it with a
// value that is none.
func (c *checker) says(given []string, path ...any) bool {
	if len(given) > 0 {
		return true
	}
	table, _ := find(c.tree, path)
	keys, _ := table.(map[string]any)
	return len(keys) > 2 // from and to
}

// ends are all names that a link or a fault may use in this scenario.
func (c *checker) ends() []string {
	ends := c.nodeNames()
	for _, g := range c.s.Clients {
		ends = append(ends, g.ID, g.Place)
	}
	for _, p := range c.s.PoPs {
		ends = append(ends, p.Place)
	}
	for _, v := range c.s.Shields {
		ends = append(ends, v.Place)
	}
	for _, v := range c.s.Servers {
		ends = append(ends, v.Place)
	}
	ends = append(append(ends, c.s.Origin.Place), c.s.zones()...)
	for _, p := range c.s.Places {
		ends = append(ends, p.Name)
	}
	slices.Sort(ends)
	return slices.Compact(ends)
}

// nodeNames are the nodes of the scenario, those included that this variant
// leaves out: a fault of theirs is then without effect, not a mistake.
func (c *checker) nodeNames() []string {
	names := append(c.s.popNames(), nameBalancer, nameDatabase, nameStore)
	names = append(names, c.s.balancerNames()...)
	for _, v := range c.s.Shields {
		names = append(names, v.Name)
	}
	for _, v := range c.s.Servers {
		names = append(names, v.Name)
	}
	if base := c.r.base; base != nil {
		for _, v := range base.Servers {
			names = append(names, v.Name)
		}
		names = append(names, base.popNames()...)
		names = append(names, base.balancerNames()...)
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// named are the tables whose keys are the names that others refer to.
var named = []any{"pop", "shield", "server", "clients", "place", "origin"}

func (c *checker) end(name string, known []string, path ...any) {
	if slices.Contains(known, name) || c.lost(named...) {
		return
	}
	if _, err := geo.Find(name); err == nil && path[0] == "link" {
		return // a place that this variant does not use
	}
	says, hint, _ := strings.Cut(unknown("end of a link", name, known).Error(), "; ")
	c.add(says, hint, path...)
}

func (c *checker) origin() {
	if _, err := balance.Policies.Get(c.s.Balancer.Algorithm); err != nil {
		says, hint, _ := strings.Cut(err.Error(), "; ")
		c.add(says, hint, "balancer", "algorithm")
	}
	c.conns(&c.s.Edge.Conns, "edge", "connections")
	c.conns(&c.s.Balancer.Conns, "balancer", "connections")
	c.all(c.s.Edge.Config.Check(), "edge")
	c.all(c.s.Balancer.Config.Check(), "balancer")
	c.all(c.s.Balancer.PoolConfig.Check(), "balancer")
	if err := c.s.Edge.Cluster.Health.Valid(); err != nil {
		c.all([]error{err}, "edge.cluster")
	}
	c.relay()
	c.all(c.s.Edge.Failover.Check(), "edge.failover")
	c.all(c.s.App.Validate(), "app")
	c.all(c.s.App.Sessions.Validate(), "app.sessions")
	if c.s.App.Sessions.Store == origin.StoreDatabase && c.s.Database == nil {
		c.add("is database, but there is none", "add a [database] table", "app", "sessions", "store")
	}
	if c.s.App.Sessions.Store == origin.StoreStore && c.s.SessionStore == nil {
		c.add("is store, but there is none", "add a [session-store] table", "app", "sessions", "store")
	}
	if c.s.Database != nil {
		c.all(c.s.Database.Validate(), "database")
	}
	if slices.Contains(c.s.App.HealthChecks, origin.HealthStore) && c.s.App.Sessions.Store != origin.StoreStore {
		c.add("asks the session store, but sessions are not kept there", `write store = "store" in [app.sessions]`, "app", "health-checks")
	}
	if c.s.SessionStore != nil {
		c.all(c.s.SessionStore.Validate(), "session-store")
	}
	if !*c.s.Balancer.On && len(c.s.Servers) > 1 {
		c.add(fmt.Sprintf("is off, but there are %d servers: who would spread the work?", len(c.s.Servers)), "", "balancer", "on")
	}
	pools := []string{}
	for _, v := range c.s.Servers {
		pools = append(pools, v.Pool)
	}
	for i, route := range c.s.Proxy.Routes {
		if !slices.Contains(pools, route.To) && !c.lost("server") {
			says, hint, _ := strings.Cut(unknown("pool", route.To, slices.Compact(pools)).Error(), "; ")
			c.add(says, hint, "proxy", "route", i, "to")
		}
	}
}

func (c *checker) events() {
	nodes, ends := c.nodeNames(), c.ends()
	for _, p := range c.inTime(func(run time.Duration) []check.Problem { return fault.Check(c.s.Events, run) }) {
		c.add(p.Says, p.hint, "event", p.Item, p.Key)
	}
	for i, e := range c.s.Events {
		if e.Node != "" && !slices.Contains(nodes, e.Node) && !c.lost(named...) {
			says, hint, _ := strings.Cut(unknown("node", e.Node, nodes).Error(), "; ")
			c.add(says, hint, "event", i, "node")
		}
		if isBehind(e.Node) && fault.AtHTTP(e) {
			c.add("the "+e.Node+" answers queries, not requests: an HTTP fault is at an app server, the balancer, a shield or a PoP",
				"the faults slow, hang and crash are for the "+e.Node+", too", "event", i, "node")
		}
		c.outage(e.Zone, i)
		if e.From != "" {
			c.end(e.From, ends, "event", i, "from")
		}
		if e.To != "" {
			c.end(e.To, ends, "event", i, "to")
		}
		if e.Fault == "slow" && e.Node != "" && !c.canSlow(e.Node) {
			c.add(fmt.Sprintf("%s cannot be made slower: only app servers, the database and the session store have work of their own", e.Node), "", "event", i, "node")
		}
	}
}
