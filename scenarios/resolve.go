// Resolve: every default filled in, so that a resolved scenario says all that
// the nodes need to know, and the variants of a grid.
package scenarios

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"time"

	"cdnlab/origin/balance"
	"cdnlab/sim"
	"cdnlab/sim/network"
)

const standardDuration = 20 * time.Second

// withDefaults fills in what is not said. Each part states its own reasons; the
// scenario's are: 20 s is long enough for a fault and its end, and short enough
// for a class; nothing is left out of what is measured, as users live through a
// cold start too; a second takes a second, as nobody believes a lab's clock that
// says otherwise unasked; New York is where the textbook's origin is; a user gives
// up after 30 s.
func (s *Scenario) withDefaults() {
	if s.Duration == 0 {
		s.Duration = standardDuration
	}
	if s.Seed == 0 {
		s.Seed = 1
	}
	if s.Speed == 0 {
		s.Speed = 1
	}
	s.given = s.Load
	s.Load = s.Load.WithDefaults()
	s.Edge.Config = s.Edge.Config.WithDefaults()
	s.Edge.Cluster = s.Edge.Cluster.WithDefaults()
	s.Edge.Failover = s.Edge.Failover.WithDefaults()
	s.Balancer.Config = s.Balancer.Config.WithDefaults()
	if s.Balancer.l4() && s.Balancer.HashBy == "" {
		s.Balancer.HashBy = balance.HashByAddress // all that there is to go by
		if s.datagrams() {
			s.Balancer.HashBy = balance.HashByFlow
		}
	}
	if s.Balancer.l4() {
		s.Balancer.Flows = s.Balancer.Flows.WithDefaults()
	}
	s.Balancer.PoolConfig = s.Balancer.PoolConfig.WithDefaults()
	s.Proxy = s.Proxy.WithDefaults()
	s.App = s.App.WithDefaults()
	if s.Database != nil {
		*s.Database = s.Database.WithDefaults()
	}
	if s.SessionStore != nil {
		*s.SessionStore = s.SessionStore.WithDefaults()
	}
	if s.Origin.ZoneRTT == nil && len(s.zones()) > 0 {
		s.Origin.ZoneRTT = new(zoneRTT)
	}
	if s.Origin.Place == "" {
		s.Origin.Place = "New York"
	}
	s.CPU = s.CPU.WithDefaults(BuiltinCalibration.costs())
	s.clientDefaults()
	s.popDefaults()
	s.serverDefaults()
	s.shieldDefaults()
	s.Edge.On = orElse(s.Edge.On, len(s.PoPs) > 0)
	s.Balancer.On = orElse(s.Balancer.On, len(s.Servers) > 1)
	s.Edge.Conns = s.Edge.Conns.WithDefaults()
	s.Balancer.Conns = s.Balancer.Conns.WithDefaults()
}

func orElse[T any](v *T, d T) *T {
	if v != nil {
		return v
	}
	return &d
}

// clientDefaults: a thousand users behind eight addresses is a small office
// town; more addresses than that cost the live world a pool of connections
// each.
func (s *Scenario) clientDefaults() {
	for i := range s.Clients {
		c := &s.Clients[i]
		if c.Share == 0 {
			c.Share = 1
		}
		if c.Users == 0 {
			c.Users = 1000
		}
		if c.Addresses == 0 {
			c.Addresses = min(8, c.Users)
		}
		if c.Connections == "" && s.people() {
			c.Connections = "per-user"
		}
		if c.Connections == "" {
			c.Connections = "pooled"
		}
		if c.RetryAfter == nil {
			c.RetryAfter = new(true)
		}
		if c.Timeout == 0 {
			c.Timeout = 30 * time.Second
		}
		if c.Conns.Limit == 0 {
			c.Conns.Limit = c.usualLimit()
		}
		c.Conns = c.Conns.WithDefaults()
		c.Config = c.Config.WithDefaults()
	}
}

// usualLimit is how many connections clients keep. A browser has six to one site
// with HTTP/1.1, and one that carries all with HTTP/2 and 3.
func (c *Clients) usualLimit() int {
	switch {
	case c.Connections == "pooled":
		return max(1, groupConnections/c.Addresses)
	case c.Conns.HTTP == network.HTTP2 || c.Conns.HTTP == network.HTTP3:
		return 1
	}
	return browserConnections
}

// groupConnections is how many connections a group of pooled clients keeps at
// the most, over all its addresses: enough for 10,000 requests/s that take
// 200 ms, and few enough that three groups stay within a usual file limit. What
// comes beyond waits for a connection, as in a browser.
const groupConnections = 2048

func (s *Scenario) popDefaults() {
	for i := range s.PoPs {
		if s.PoPs[i].Name == "" {
			s.PoPs[i].Name = nameAt(s.PoPs[i].Place, "pop")
		}
	}
}

// serverDefaults makes the list of servers: app-1 to app-N, and those that
// [[server]] describes. With origin.servers there are exactly so many, and those
// described beyond the number are left out: a variant may shrink the fleet.
//
// Those that an event or the autoscaler adds stand at the end: they have an address
// from the start.
func (s *Scenario) serverDefaults() {
	n := s.Origin.Servers
	own, late := s.apart()
	if n == 0 && len(own) == 0 {
		n = 1
	}
	var all []Server
	for i := 1; i <= n; i++ {
		name := fmt.Sprintf("app-%d", i)
		if at := slices.IndexFunc(own, func(v Server) bool { return v.Name == name }); at >= 0 {
			all = append(all, own[at])
			own = slices.Delete(own, at, at+1)
			continue
		}
		all = append(all, Server{Name: name})
	}
	if s.Origin.Servers == 0 {
		all = append(all, own...)
	}
	s.Origin.Servers = len(all)
	all = s.withSpare(s.withLate(all, late))
	for i := range all {
		v := &all[i]
		if v.Place == "" {
			v.Place = s.Origin.Place
		}
		if v.Pool == "" {
			v.Pool = "app"
		}
		if v.Weight == 0 {
			v.Weight = 1
		}
	}
	s.Servers = all
}

// VirtualOnly reports whether something of the scenario plays in virtual time only:
// HTTP/3 does.
func (s *Scenario) VirtualOnly() bool { return s.livable() != nil }

func (s *Scenario) edgeOn() bool { return *s.Edge.On }

// hash names what the variant resolves to.
func (s *Scenario) hash() string {
	text, err := json.Marshal(s)
	if err != nil {
		panic("scenarios: " + err.Error())
	}
	sum := sha256.New()
	sum.Write(text)
	s.trace.sum(sum)
	return hex.EncodeToString(sum.Sum(nil)[:8])
}

func unknown(kind, name string, known []string) error {
	if near := sim.Nearest(name, known); near != "" {
		return fmt.Errorf("unknown %s %q; did you mean %q?", kind, name, near)
	}
	return fmt.Errorf("unknown %s %q; known: %s", kind, name, strings.Join(known, ", "))
}

// checker looks at one variant.
type checker struct {
	r       *reader
	variant string    // "" is the scenario as written
	set     []Setting // the variant's own keys
	at      []any     // where they stand; none for the scenario as written
	tree    map[string]any
	s       *Scenario
	gone    [][]any // paths that the schema found fault with, left out of the tree
	// lacking are tables without a key that they need.
	lacking [][]any
	broken  bool // the schema found fault with something

	where string          // in words: which variant, and when
	said  map[string]bool // all mistakes of meaning, by their place and words

	// Of a moment:
	from    *checker  // the variant that it is one of
	event   int       // that begins or ends then
	holding []setting // the settings that hold, the latest last
}

// resolved is the variant, if nothing is wrong with it: a wrong value may have no
// hash.
func (c *checker) resolved() *Resolved {
	r := &Resolved{Variant: c.variant, Scenario: c.s}
	if len(c.r.mistakes) == 0 {
		r.Hash = c.s.hash()
	}
	return r
}

// known reports whether the schema found fault with the key of that path, or
// with its absence.
func (c *checker) known(path []any) bool {
	for _, p := range c.gone {
		if len(path) >= len(p) && slices.Equal(path[:len(p)], p) {
			return true
		}
	}
	_, given := find(c.tree, path)
	return !given && slices.ContainsFunc(c.lacking, func(p []any) bool {
		return len(path) > len(p) && slices.Equal(path[:len(p)], p)
	})
}

// lost reports whether names are missing in one of these tables for what the
// schema found fault with: then what refers to them cannot be judged.
func (c *checker) lost(tables ...any) bool {
	naming := []any{"name", "id", "place", "pool", "servers"}
	return slices.ContainsFunc(c.gone, func(p []any) bool {
		return slices.Contains(tables, p[0]) && (len(p) == 1 || slices.Contains(naming, p[len(p)-1]))
	}) || slices.ContainsFunc(c.lacking, func(p []any) bool {
		return len(p) > 0 && slices.Contains(tables, p[0])
	})
}

// Grid returns an experiment with a variant for every combination of the
// values, over the variant named over ("" is the scenario as written). It expects
// nothing: what the file expects is of its own variants, in its own time.
func Grid(file string, data []byte, over string, vary []Vary, settings ...Setting) (*Experiment, error) {
	r, err := newReader(file, data)
	if err != nil {
		return nil, err
	}
	r.settings, r.unjudged = settings, true
	x, err := r.experiment()
	if err != nil {
		return nil, err
	}
	set, at, err := x.variant(over)
	if err != nil {
		return nil, err
	}
	x.Variants = nil
	for _, combination := range combinations(vary) {
		r.settings = append(settings[:len(settings):len(settings)], combination...)
		if one := r.resolve(label(combination), set, at...); one != nil {
			x.Variants = append(x.Variants, one.resolved())
		}
	}
	if len(r.mistakes) > 0 {
		return nil, r.mistakes
	}
	return x, nil
}

// variant returns the keys of a variant and where they stand.
func (x *Experiment) variant(name string) (set map[string]any, at []any, err error) {
	if name == "" {
		return nil, nil, nil
	}
	var known []string
	for i, v := range x.Base.Variants {
		if v.Name == name {
			return v.Set, []any{"variant", i, "set"}, nil
		}
		known = append(known, v.Name)
	}
	return nil, nil, unknown("variant", name, known)
}

func combinations(vary []Vary) [][]Setting {
	all := [][]Setting{nil}
	for _, v := range vary {
		var longer [][]Setting
		for _, c := range all {
			for _, value := range v.Values {
				longer = append(longer, append(c[:len(c):len(c)], Setting{v.Key, value}))
			}
		}
		all = longer
	}
	return all
}

// label names a combination: by the values alone when the keys are one.
func label(c []Setting) string {
	words := make([]string, len(c))
	for i, s := range c {
		words[i] = fmt.Sprintf("%s=%v", s.Key[strings.LastIndexByte(s.Key, '.')+1:], s.Value)
		if len(c) == 1 {
			words[i] = fmt.Sprint(s.Value)
		}
	}
	return strings.Join(words, " ")
}
