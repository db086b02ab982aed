// Picture: a variant's topology as a drawing.
package scenarios

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"cdnlab/edge/steer"
	"cdnlab/origin"
	"cdnlab/report"
	"cdnlab/report/picture"
	"cdnlab/sim/fault"
)

// Picture draws a variant of an experiment; the scenario as written names its
// variants below.
func (x *Experiment) Picture(r *Resolved) (picture.Picture, error) {
	t, err := NewTopology(r.Scenario)
	if err != nil {
		return picture.Picture{}, err
	}
	p := t.picture()
	p.Title, p.Subtitle = x.Name, x.Question
	if r.Variant != "" {
		p.Title += ": " + r.Variant
	} else if vs := x.Base.Variants; len(vs) > 0 {
		p.Foot = append(p.Foot, "Variants (--variant NAME draws one):")
		for _, v := range vs {
			p.Foot = append(p.Foot, "  "+v.Name+": "+v.differs())
		}
	}
	return p, nil
}

// differs says which keys a variant changes.
func (v Variant) differs() string {
	var words []string
	for _, s := range flatten(v.Set) {
		words = append(words, fmt.Sprintf("%s = %v", s.Key, s.Value))
	}
	if len(words) == 0 {
		return "as written"
	}
	return strings.Join(words, ", ")
}

func (t *Topology) balancerTitle() string {
	if t.Scenario.Balancer.l4() {
		return "load balancer"
	}
	return "load balancer, reverse proxy"
}

// picture draws the layers from the users to the database.
func (t *Topology) picture() picture.Picture {
	var p picture.Picture
	p.Layers = append(p.Layers, t.users(&p))
	for _, l := range []struct {
		kind, title string
		policies    func() []string
	}{
		{report.KindFront, "PoPs of several servers: the balancer", t.frontPolicies},
		{report.KindPoP, "edge", t.edgePolicies},
		{report.KindShield, "shield", t.shieldPolicies},
		{report.KindBalancer, t.balancerTitle(), t.balancerPolicies},
		{report.KindApp, "app servers", t.appPolicies},
		{report.KindStore, "session store", t.storePolicies},
		{report.KindDatabase, "database", t.databasePolicies},
	} {
		if boxes := t.boxes(l.kind, &p); len(boxes) > 0 {
			p.Layers = append(p.Layers, picture.Layer{Title: l.title, Boxes: boxes, Policies: l.policies()})
		}
	}
	for i, e := range t.Scenario.Events {
		if i == 0 {
			p.Foot = append(p.Foot, "What happens:")
		}
		p.Foot = append(p.Foot, fmt.Sprintf("  at %s: %s", brief(e.At), fault.Describe(e)))
	}
	return p
}

// Reach returns the node that a group of clients asks: the nearest PoP, or the
// origin's first node.
func (t *Topology) Reach(c *Clients) string {
	if !t.Scenario.edgeOn() {
		return t.Entry
	}
	var places []string
	for _, p := range t.Scenario.PoPs {
		places = append(places, p.Place)
	}
	return t.Scenario.PoPs[steer.New(places, t.RTT).Pick(c.Place)].Name
}

// users are the layer of the clients, with their ways to the node they ask.
func (t *Topology) users(p *picture.Picture) picture.Layer {
	l := picture.Layer{Title: "users", Policies: t.userPolicies()}
	shares := 0.0
	for _, g := range t.Groups {
		shares += g.Share
	}
	for _, g := range t.Groups {
		b := picture.Box{ID: "users " + g.ID, Name: g.ID, Place: g.Place}
		if len(t.Groups) > 1 {
			b.Notes = append(b.Notes, fmt.Sprintf("%.3g %% of the load", 100*g.Share/max(shares, 1e-9)))
		}
		b.Notes = append(b.Notes, t.groupWords(g)...)
		b.Notes = append(b.Notes, g.Config.Says()...)
		if g.Access != "" {
			b.Notes = append(b.Notes, "each on "+g.Access)
		}
		l.Boxes = append(l.Boxes, b)
		to := t.Reach(g.Clients)
		path, w := t.ClientPath(g.Clients, to), t.distances.clients(g.Clients, t.Node(to))
		p.Ways = append(p.Ways, picture.Way{From: b.ID, To: to, RTT: path.Total(), Known: w.known, How: w.how, Like: path.Says()})
	}
	return l
}

// groupWords says how many a group's users are and how they connect. How many
// people there are the load says.
func (t *Topology) groupWords(g Group) []string {
	if t.Scenario.people() {
		return []string{"people behind " + many(g.Addresses, "address"), upTo(g.Conns.Limit) + " each"}
	}
	notes := []string{fmt.Sprintf("%s behind %s", many(g.Users, "user"), many(g.Addresses, "address"))}
	if g.Connections == "per-user" {
		notes = append(notes, upTo(g.Conns.Limit)+" each")
		if g.New > 0 {
			notes = append(notes, fmt.Sprintf("%.3g %% of requests on a new one", 100*g.New))
		}
	}
	return notes
}

// upTo says how many connections somebody has.
func upTo(n int) string {
	if n == 1 {
		return "one connection"
	}
	return "up to " + many(n, "connection")
}

// boxes are the nodes of a kind, with their ways to their peers.
func (t *Topology) boxes(kind string, p *picture.Picture) []picture.Box {
	var boxes []picture.Box
	for _, n := range t.Nodes {
		if n.Kind != kind {
			continue
		}
		boxes = append(boxes, picture.Box{ID: n.Name, Name: n.Name, Place: n.Place, Notes: t.own(n)})
		for _, peer := range t.asked(&n) {
			w := t.distances.nodes(n.Name, n.Place, t.Node(peer.Name))
			p.Ways = append(p.Ways, picture.Way{From: n.Name, To: peer.Name, RTT: w.RTT, Known: w.known, How: w.how, Like: w.Says()})
		}
	}
	// PoPs that nobody is near stand last: of a long list they are the first to go.
	lonely := func(b picture.Box) bool { return slices.Contains(b.Notes, nobody) }
	var used []picture.Box
	for _, b := range boxes {
		if !lonely(b) {
			used = append(used, b)
		}
	}
	return append(used, slices.DeleteFunc(boxes, func(b picture.Box) bool { return !lonely(b) })...)
}

// asked are the peers that a node asks as long as all are well.
func (t *Topology) asked(n *Node) []Peer {
	if n.Kind == report.KindPoP {
		return n.Peers[:1]
	}
	return n.Peers
}

// nobody marks a PoP that is nearest to no users.
const nobody = "nearest to no users"

// own says what a node has that the others of its layer may not have.
func (t *Topology) own(n Node) []string {
	switch n.Kind {
	case report.KindPoP, report.KindFront:
		if !slices.ContainsFunc(t.Groups, func(g Group) bool { return n.isOf(t.Reach(g.Clients)) }) {
			return []string{nobody}
		}
	case report.KindShield:
		return t.ownOfShield(n)
	case report.KindBalancer:
		if n.Zone != "" {
			return []string{"zone " + n.Zone}
		}
	case report.KindApp:
		i := slices.IndexFunc(t.Scenario.Servers, func(s Server) bool { return s.Name == n.Name })
		return t.Scenario.Servers[i].own()
	}
	return nil
}

func (v Server) own() []string {
	var notes []string
	add := func(there bool, format string, args ...any) {
		if there {
			notes = append(notes, fmt.Sprintf(format, args...))
		}
	}
	add(v.Absent, "added later")
	add(v.Zone != "", "zone %s", v.Zone)
	add(v.Pool != "app", "pool %s", v.Pool)
	add(v.Priority > 0, "stands by, priority %d", v.Priority)
	add(v.Weight != 1, "weight %d", v.Weight)
	add(v.Workers > 0, "%s", many(v.Workers, "worker"))
	add(v.ServiceTime > 0, "%s a request", brief(v.ServiceTime))
	add(v.MaxConnections > 0, "at most %s at a time", many(v.MaxConnections, "request"))
	return notes
}

// serving says what a station of workers can carry.
func serving(workers int, c origin.ServiceConfig) string {
	text := fmt.Sprintf("%s, %s a request (%s)", many(workers, "worker"), brief(c.ServiceTime), c.Distribution)
	if c.ServiceTime > 0 {
		text += fmt.Sprintf(": carries %s/s", commas(float64(workers)*float64(time.Second)/float64(c.ServiceTime)))
	}
	return text
}
