// One request under the glass: who sends it, what for, and in which scenario.
package scenarios

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"cdnlab/geo"
	"cdnlab/report"
	"cdnlab/sim"
	"cdnlab/sim/load"
)

// OneRequest is a request to be looked at.
type OneRequest struct {
	Path   string      // with the query
	Method string      // "": what the catalog asks for it with, else GET
	Header http.Header // beside the fields of every user
	From   string      // a place or a group of clients; "": the first group's
	Loaded bool        // the scenario's load, faults and events play, and it is sent at At of them
	At     time.Duration
	Again  int           // the same so many times more
	Pause  time.Duration // from an answer's end to the next
}

// MostAgain bounds OneRequest.Again: all are kept in memory.
const MostAgain = 100

// Look is a request made ready to be played.
type Look struct {
	one    OneRequest
	t      *Topology
	group  int // of the one who sends it
	plan   report.Plan
	traces report.Traces // without its requests
}

// Look prepares a request in a variant, "" for the scenario as written. Its errors
// are the asker's mistakes.
func (x *Experiment) Look(variant string, one OneRequest, seed uint64) (*Look, error) {
	r, err := x.named(variant)
	if err != nil {
		return nil, err
	}
	s := *r.Scenario
	if seed != 0 {
		s.Seed = seed
	}
	l := &Look{one: one, traces: report.Traces{Schema: report.TraceSchema, Scenario: x.Name, Variant: variant, Hash: r.Hash, Seed: s.Seed}}
	if one.Loaded && (one.At < 0 || one.At > s.Duration) {
		return nil, fmt.Errorf("at %v: the load lasts from 0s to %v", one.At, s.Duration)
	}
	if l.group, err = l.place(&s); err != nil {
		return nil, err
	}
	if l.t, err = NewTopology(&s); err != nil {
		return nil, err
	}
	if err := l.content(); err != nil {
		return nil, err
	}
	if variant == "" && len(x.Base.Variants) > 0 {
		var names []string
		for _, v := range x.Base.Variants {
			names = append(names, strconv.Quote(v.Name))
		}
		l.note("its variants (--variant): %s", strings.Join(names, ", "))
	}
	if *s.Balancer.On && s.Balancer.l4() {
		l.note("the balancer passes connections on (L4) and reads nothing: a real one tells no step of its own, and what the servers do then stands by itself")
	}
	l.plan = report.Plan{Identity: report.Identity{Hash: r.Hash, Variant: variant, Seed: s.Seed}, Duration: s.Duration,
		Nodes: l.t.Kinds(), Shields: l.t.ShieldOf(), Clusters: l.t.ClusterOf(), ClosedLoop: s.Load.Closed()}
	return l, nil
}

// named returns a variant of the experiment, or the scenario as written.
func (x *Experiment) named(variant string) (*Resolved, error) {
	if variant == "" {
		return &Resolved{Hash: x.Base.hash(), Scenario: x.Base}, nil
	}
	var known []string
	for _, v := range x.Variants {
		if v.Variant == variant {
			return v, nil
		}
		if v.Variant != "" {
			known = append(known, v.Variant)
		}
	}
	if len(known) == 0 {
		return nil, fmt.Errorf("no variant %q: %s has none", variant, x.Name)
	}
	return nil, unknown("variant", variant, known)
}

func (l *Look) note(format string, args ...any) {
	l.traces.Notes = append(l.traces.Notes, fmt.Sprintf(format, args...))
}

// place finds the group of clients that the request comes from. Where the scenario
// has nobody, one user of the nearest group's kind goes there; the load does not
// count on them.
func (l *Look) place(s *Scenario) (int, error) {
	from := l.one.From
	if from == "" {
		return 0, nil
	}
	if i := slices.IndexFunc(s.Clients, func(c Clients) bool { return c.ID == from }); i >= 0 {
		return i, nil
	}
	place, err := s.canonical(from)
	if err != nil {
		return 0, s.nearestEnd(from, err)
	}
	for i := range s.Clients {
		if other, err := s.canonical(s.Clients[i].Place); err == nil && other == place {
			return i, nil
		}
	}
	s.Clients = append(slices.Clone(s.Clients), Clients{ID: place, Place: place})
	d, err := newDistances(s)
	if err != nil {
		return 0, err
	}
	last := len(s.Clients) - 1
	nearest := slices.MinFunc(s.Clients[:last], func(a, b Clients) int {
		return int(d.between(place, a.Place).RTT - d.between(place, b.Place).RTT)
	})
	user := nearest
	user.ID, user.Place, user.Share, user.Users, user.Addresses = place, place, 0, 1, 1
	s.Clients[last] = user
	l.note("the scenario has nobody in %s: one user there, of the kind of the nearest group (%s, %s)", place, nearest.ID, nearest.Place)
	return last, nil
}

// canonical is the name by which a place is told from others: the scenario's own,
// or the atlas's.
func (s *Scenario) canonical(place string) (string, error) {
	if slices.ContainsFunc(s.Places, func(p Place) bool { return p.Name == place }) {
		return place, nil
	}
	p, err := geo.Find(place)
	return p.Name, err
}

// nearestEnd looks among the scenario's own names too for what was meant.
func (s *Scenario) nearestEnd(from string, err error) error {
	var known []string
	for _, c := range s.Clients {
		known = append(known, c.ID)
	}
	for _, p := range s.Places {
		known = append(known, p.Name)
	}
	var name *geo.NameError
	if near := sim.Nearest(from, known); near != "" && errors.As(err, &name) && len(name.Near) == 0 {
		return fmt.Errorf("unknown place %q; did you mean %q?", from, near)
	}
	return err
}

// protocolWords say what is spoken where HTTP is not.
var protocolWords = map[string]string{sim.ProtocolWebSocket: "WebSocket", sim.ProtocolTCP: "a connection of TCP without HTTP", sim.ProtocolUDP: "a datagram of UDP"}

// content looks the path up: what the catalog does not have may be asked for too.
func (l *Look) content() error {
	if !strings.HasPrefix(l.one.Path, "/") {
		return fmt.Errorf("path %q: must begin with /, as %s does", l.one.Path, strings.Join(Paths(l.t.Scenario, 3), ", "))
	}
	catalog := l.t.catalog()
	if o, known := catalog.Lookup(l.one.Path); known {
		if l.one.Method == "" {
			l.one.Method = catalog.Method(o)
		}
		if by := catalog.Protocol(o); by != "" {
			l.note("the scenario's users ask for %s by %s: what follows is how it would be asked for by HTTP", l.one.Path, protocolWords[by])
		}
		return nil
	}
	if l.one.Method == "" {
		l.one.Method = http.MethodGet
	}
	if s := l.t.Scenario.App.Sessions.WithDefaults(); l.one.Method == http.MethodPost && (l.one.Path == s.SignIn || l.one.Path == s.Cart) {
		return nil // the app's own
	}
	most := len(l.t.Scenario.Catalog)
	if catalog.Recorded() {
		most = 10_000 // of millions the nearest would take a while
	}
	known := Paths(l.t.Scenario, most)
	if near := sim.Nearest(l.one.Path, known); near != "" {
		l.note("%s is not in the catalog; the nearest is %s", l.one.Path, near)
	} else {
		l.note("%s is not in the catalog, which has %s", l.one.Path, strings.Join(Paths(l.t.Scenario, 6), ", "))
	}
	return nil
}

// Paths are the first paths of the first entries of a scenario's catalog.
func Paths(s *Scenario, most int) []string {
	catalog := s.newCatalog()
	var paths []string
	if catalog.Recorded() {
		for i := range min(most, catalog.Len()) {
			paths = append(paths, catalog.Path(catalog.Numbered(int32(i+1))))
		}
		return paths
	}
	for i := range s.Catalog[:min(most, len(s.Catalog))] {
		paths = append(paths, catalog.Path(load.Object{Entry: int32(i), Number: 1}))
	}
	return paths
}
