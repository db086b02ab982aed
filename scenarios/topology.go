// Topology: the nodes of one variant, where they are and whom they dial.
package scenarios

import (
	"cmp"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"time"

	"cdnlab/report"
	"cdnlab/sim/load"
	"cdnlab/sim/network"
)

// Node is one node of a variant: a process of its own in the live world.
type Node struct {
	Name    string
	Kind    string // one of report's kinds
	Place   string
	Zone    string // of its place; "": none
	PoP     string // of a cache server that is one of several: whose it is
	Addr    netip.Addr
	Restart time.Duration // after it exits by itself
	Late    bool          // it starts during the run
	Cores   int           // in virtual time
	Peers   []Peer
	Relays  bool       // it passes connections on
	Behind  netip.Addr // of such a node that stands before it; the zero Addr: none does
}

// Peer is a node that another dials.
type Peer struct {
	Name    string
	Path    network.Spec
	Conns   network.Config
	Relays  bool // it passes connections on to others
	Reveals bool // it is told who has connected to the node that passes connections on to it
}

// Topology is what a variant is made of.
type Topology struct {
	Scenario *Scenario
	Nodes    []Node   // those nearest the database first: whom one dials stands before it
	Entry    string   // the origin's first node: the balancer, the first of several, or the only server
	Entries  []string // with all others that may be reached in its place
	Groups   []Group

	distances *distances
	content   *load.Catalog // made when first asked for
}

// Group is a group of clients with its addresses.
type Group struct {
	*Clients
	Addrs []netip.Addr
}

// The names of the nodes that are there at most once.
const (
	nameBalancer = "balancer"
	nameDatabase = "database"
	nameStore    = "session-store"
)

// NewTopology lays out a resolved scenario.
func NewTopology(s *Scenario) (*Topology, error) {
	d, err := newDistances(s)
	if err != nil {
		return nil, err
	}
	t := &Topology{Scenario: s, distances: d}
	plan := newAddressPlan()
	if s.Database != nil {
		t.add(plan, Node{Name: nameDatabase, Kind: report.KindDatabase, Place: s.Origin.Place})
	}
	if s.SessionStore != nil {
		t.add(plan, Node{Name: nameStore, Kind: report.KindStore, Place: s.Origin.Place})
	}
	for _, server := range s.Servers {
		n := Node{Name: server.Name, Kind: report.KindApp, Place: server.Place, Restart: s.App.RestartAfter, Late: server.Absent, Cores: server.Cores}
		if s.Database != nil {
			n.Peers = append(n.Peers, t.peer(n, nameDatabase, network.Config{}))
		}
		if s.SessionStore != nil {
			n.Peers = append(n.Peers, t.peer(n, nameStore, network.Config{}))
		}
		t.add(plan, n)
	}
	t.Entry = s.Servers[0].Name
	t.Entries = []string{t.Entry}
	if *s.Balancer.On {
		t.addBalancers(plan)
	}
	if s.shielded() {
		t.addShields(plan)
	}
	if s.edgeOn() {
		for i := range s.PoPs {
			t.addPoP(plan, &s.PoPs[i])
		}
	}
	for i := range s.Clients {
		c := &s.Clients[i]
		t.Groups = append(t.Groups, Group{c, plan.take(c.Place, c.Addresses)})
	}
	return t, nil
}

func (t *Topology) add(plan *addressPlan, n Node) {
	n.Addr = plan.take(n.Place, 1)[0]
	n.Zone = t.distances.zones[n.Name]
	n.Cores = cmp.Or(n.Cores, t.Scenario.CPU.Cores)
	t.Nodes = append(t.Nodes, n)
}

func (t *Topology) peer(from Node, to string, c network.Config) Peer {
	far := t.Node(to)
	return Peer{Name: to, Path: network.Spec{Leg: t.distances.nodes(from.Name, from.Place, far).Leg}, Conns: c, Relays: far.Relays}
}

// Node returns the node of a name; an unknown one is a broken invariant.
func (t *Topology) Node(name string) *Node {
	i := slices.IndexFunc(t.Nodes, func(n Node) bool { return n.Name == name })
	if i < 0 {
		panic(fmt.Sprintf("scenarios: no node %q", name))
	}
	return &t.Nodes[i]
}

// Has reports whether the variant has a node of that name.
func (t *Topology) Has(name string) bool {
	return slices.ContainsFunc(t.Nodes, func(n Node) bool { return n.Name == name })
}

// Kinds returns each node's kind, for the recorder.
func (t *Topology) Kinds() map[string]string {
	kinds := map[string]string{}
	for _, n := range t.Nodes {
		kinds[n.Name] = n.Kind
	}
	if t.reached() {
		kinds[nameNetwork] = report.KindNetwork
	}
	return kinds
}

// ClientRTT returns the round-trip time from a group's place to a node.
func (t *Topology) ClientRTT(c *Clients, node string) time.Duration {
	path := t.ClientPath(c, node)
	return path.Total()
}

// ClientPath returns the path from a group to a node, the last mile before it.
func (t *Topology) ClientPath(c *Clients, node string) network.Spec {
	s := network.Spec{Leg: t.distances.clients(c, t.Node(node)).Leg}
	if c.Access != "" {
		s.Access = must(network.Accesses.Get(c.Access))
	}
	return s
}

// RTT returns the round-trip time between two places.
func (t *Topology) RTT(a, b string) time.Duration { return t.distances.between(a, b).RTT }

// nameAt makes a name of a place and what is there: "tokyo-pop".
func nameAt(place, what string) string {
	name := strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z' || r >= '0' && r <= '9':
			return r
		default:
			return '-'
		}
	}, strings.ToLower(place))
	return name + "-" + what
}
