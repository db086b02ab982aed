// Limits: whether this machine lets a live run open the connections it needs.
package main

import (
	"fmt"
	"slices"
	"time"

	"cdnlab/report"
	"cdnlab/scenarios"
	"cdnlab/sim"
	"cdnlab/sim/load"
	"cdnlab/sim/network"
)

const (
	// slack is what an answer may take beside its way and the server's work, in an
	// estimate of how many are under way.
	slack = 50 * time.Millisecond
	// spare are the files that a process has open beside its connections.
	spare = 64
	// perNode are the driver's files for each node: three pipes and a port.
	perNode = 4
)

// need is what a live run needs of the system, roughly.
type need struct {
	variant string
	files   int    // open at a time in the busiest process
	ports   int    // of one address to one far end
	less    string // what would make it less
}

// enough reports why this machine's limits are too small for an experiment.
func enough(x *scenarios.Experiment) error {
	files, filesKnown := fileLimit()
	ports, portsKnown := portRange()
	for _, v := range x.Variants {
		n, err := needs(v)
		if err != nil {
			return err
		}
		if filesKnown && n.files > files {
			return fmt.Errorf("%s needs about %d open files (connections) in one process, and this system allows %d.\n"+
				"Raise the limit (ulimit -n %d), %s, or use --world virtual",
				n.variant, roundUp(n.files), files, 2*roundUp(n.files), n.less)
		}
		if portsKnown && n.ports > ports {
			return fmt.Errorf("%s needs about %d connections from one address, and this system has %d ports for them.\n"+
				"Give its clients more addresses (--set clients.0.addresses=…), %s, or use --world virtual",
				n.variant, roundUp(n.ports), ports, n.less)
		}
	}
	return nil
}

// needs estimates: at its peak each group has as many connections as requests
// arrive in the time that an answer takes, or as its people keep, and a PoP,
// shield or balancer in the middle has as many again to the other side.
func needs(v *scenarios.Resolved) (need, error) {
	t, err := scenarios.NewTopology(v.Scenario)
	if err != nil {
		return need{}, err
	}
	peak, shares := peakRate(v.Scenario), 0.0
	for _, g := range t.Groups {
		shares += g.Share
	}
	n := need{variant: "The variant " + v.Variant, less: "lower the load (--set " + loadKey(v) + "=…)"}
	if v.Variant == "" {
		n.variant = "The scenario"
	}
	people, ofPeople := crowdOf(v)
	if ofPeople {
		n.less, peak = people.less(v), people.rate
	}
	all, behind := 0, 0
	for _, g := range t.Groups {
		answer := 2*nearest(t, g) + v.App.ServiceTime + slack
		asking := int(peak * g.Share / shares * answer.Seconds())
		open := asking
		switch {
		case ofPeople:
			open = people.connections(g, g.Share/shares)
			asking = min(asking, open)
		case g.Connections == "per-user":
			open = max(open, min(g.Users, int(peak*v.Duration.Seconds()))) // they stay open
			asking = open
		default:
			open = min(carriers(open, g.Conns)+g.Addresses, g.Addresses*g.Conns.Limit)
			asking = min(asking, g.Addresses*g.Conns.Limit*perConnection(g.Conns))
		}
		all, behind = all+open, behind+carriers(asking, v.Edge.Conns)
		n.ports = max(n.ports, open/g.Addresses)
	}
	flows := flowsOf(v, peak)
	all, behind = all+flows, behind+flows
	n.files = all + perNode*len(t.Nodes) + spare
	if t.Node(t.Entry).Kind == report.KindBalancer || *v.Edge.On {
		n.files = max(n.files, all+behind+spare)
	}
	if len(t.ShieldOf()) > 0 { // all that PoPs ask, in and out
		n.files = max(n.files, 2*behind+spare)
	}
	return n, nil
}

// flowsOf is how many flows of datagrams there are: a socket for each at both ends of the
// balancer's.
func flowsOf(v *scenarios.Resolved, peak float64) int {
	if !slices.ContainsFunc(v.Catalog, func(e load.Entry) bool { return e.UDP != nil }) {
		return 0
	}
	users := 0
	for _, g := range v.Clients {
		users += g.Users
	}
	if v.Load.Closed() {
		return users
	}
	return min(users, int(peak*v.Duration.Seconds()))
}

// perConnection is how many requests one connection carries at a time.
func perConnection(c network.Config) int {
	if c.HTTP == network.HTTP11 {
		return 1
	}
	return c.Streams
}

// carriers is how many connections so many requests under way need.
func carriers(requests int, c network.Config) int {
	per := perConnection(c)
	return (requests + per - 1) / per
}

// nearest is the round trip to the node that a group asks.
func nearest(t *scenarios.Topology, g scenarios.Group) time.Duration {
	rtt := t.ClientRTT(g.Clients, t.Entry)
	for _, n := range t.Nodes {
		if n.Kind == report.KindPoP {
			rtt = min(rtt, t.ClientRTT(g.Clients, n.Name))
		}
	}
	return rtt
}

// roundUp keeps an estimate from looking exact.
func roundUp(n int) int { return (n + 99) / 100 * 100 }

// loadKey is the key that lowers a scenario's load.
func loadKey(v *scenarios.Resolved) string {
	switch {
	case v.Load.Closed() && v.Load.Peak == 0:
		return "load.users"
	case v.Load.Peak > v.Load.Rate:
		return "load.peak"
	case v.Load.Trace != "":
		return "load.trace-scale"
	}
	return "load.rate"
}

// peakRate is the highest rate of the load, looked for at a thousand times.
func peakRate(s *scenarios.Scenario) float64 {
	peak := 0.0
	var now load.Config
	var shape load.Shape
	for i := range 1000 {
		at := s.Duration * time.Duration(i) / 1000
		if c := s.LoadAt(at); shape == nil || c != now { // to make one of a long trace takes a while
			now, shape = c, load.New(c, s.Duration)
		}
		peak = max(peak, shape.Rate(sim.Time(at)))
	}
	return peak
}
