// What a pool tells of traced requests: which server and why, retries, and who is
// out of rotation.
package balance

import (
	"fmt"
	"strings"

	"cdnlab/sim"
)

// mostNamed is how many servers a sentence names.
const mostNamed = 6

// explainPick tells which server was picked first, and why.
func (p *Pool) explainPick(now sim.Time, a *ask, server *Server) {
	says := ""
	switch {
	case p.sticky == nil:
		says = p.reason(server, a.req)
	case a.pin.state == pinHolds:
		says = server.Name + ": " + p.sticky.explain(a)
	default:
		says = p.reason(server, a.req) + "; " + p.sticky.explain(a)
	}
	p.env.Explain(a.req, sim.StepServer, says+p.absent(now, nil))
}

// reason says why the policy has just picked a server.
func (p *Pool) reason(picked *Server, req *sim.Request) string {
	if len(p.members) == 1 {
		return picked.Name + ": the only server"
	}
	says := picked.Name + " by " + p.cfg.Algorithm
	if p.byLevel != nil {
		says = fmt.Sprintf("%s in zone %s (the balancer is in %s) by %s", picked.Name, orNone(picked.Zone), p.around.Zone, p.cfg.Algorithm)
	} else if len(p.tiers) > 1 {
		says = fmt.Sprintf("%s of priority %d by %s", picked.Name, picked.Priority, p.cfg.Algorithm)
	}
	if e, ok := p.tier(picked.Spec).policy.(Explainer); ok {
		says += ": " + e.Explain(picked, req)
	}
	return says
}

// explainNobody tells that no server may take a request.
func (p *Pool) explainNobody(now sim.Time, a *ask) {
	says := "no server may take it"
	if a.bound() {
		says += ": " + p.sticky.explain(a)
	}
	p.env.Explain(a.req, sim.StepServer, says+p.absent(now, nil))
}

// absent says which servers a pick could not take, and why; "" when there are none.
// Of one of them that has been told.
func (p *Pool) absent(now sim.Time, known *Server) string {
	var names []string
	for _, m := range p.members {
		s := m.server
		switch {
		case s.Eligible(), s == known:
		case !m.in && !s.Up():
			names = append(names, fmt.Sprintf("%s is out of rotation for %s (%s)", s.Name, sim.Briefly(now.Sub(m.since)), m.why))
		case !m.in:
			names = append(names, s.Name+" is on trial")
		case s.Draining():
			names = append(names, s.Name+" drains")
		case s.Full():
			names = append(names, fmt.Sprintf("%s is full, %d of %d", s.Name, s.Active(), s.MaxConnections))
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "; " + listed(names)
}

// loads lists how many requests each server that may be picked has in flight, with
// its weight where weights differ.
func (s *Servers) loads() string {
	weighted := false
	for _, server := range s.all {
		weighted = weighted || server.share != s.all[0].share
	}
	var names []string
	for _, server := range s.all {
		if !server.eligible {
			continue
		}
		text := fmt.Sprintf("%s has %d", server.Name, server.load)
		if weighted {
			text += " at weight " + weight(server.share)
		}
		names = append(names, text)
	}
	return listed(names)
}

// weight prints an effective weight, of one server or of some: "5", "0.25".
func weight(share int64) string { return fmt.Sprintf("%g", float64(share)/Unit) }

// listed joins names, at the most so many.
func listed(names []string) string {
	if more := len(names) - mostNamed; more > 0 {
		names = append(names[:mostNamed:mostNamed], fmt.Sprintf("and %d more", more))
	}
	return strings.Join(names, ", ")
}

func orNone(zone string) string {
	if zone == "" {
		return "none"
	}
	return zone
}
