// Load reports: balancers that go by what servers say of themselves.
package balance

import (
	"time"

	"cdnlab/origin/health"
)

// ReportsConfig says how old the loads are that policies compare.
type ReportsConfig struct {
	Interval time.Duration `toml:"interval" json:"interval,omitempty" jsonschema:"default=0s,minimum=0s,description=from report to report of each server on its requests in flight\\, those of other balancers among them; until the next one its load is taken to be what it was; 0s is no reports: a balancer goes by its own requests"`
	CountOwn bool          `toml:"count-own" json:"count-own,omitempty" jsonschema:"default=false,description=whether what this balancer has sent to a server since its last report is added to it"`
}

// Interval 0: products count for themselves (nginx, HAProxy, Envoy), and a report costs
// a request. CountOwn false: the plain report, of which the literature tells what its age costs
// (Mitzenmacher: How Useful Is Old Information? 2000).

// rereport lets policies go by reports as the configuration says.
func (p *Pool) rereport() {
	for _, t := range p.tiers {
		t.servers.SetReported(p.cfg.LoadReports.Interval > 0, p.cfg.LoadReports.CountOwn)
	}
	for _, m := range p.members {
		m.unask()
		if !m.gone {
			m.ask()
		}
	}
}

// ask has the server report from now on, if the configuration says so.
func (m *member) ask() {
	if interval := m.pool.cfg.LoadReports.Interval; interval > 0 {
		m.reports = health.NewReports(m.pool.env, interval, m.server.Name, m.handler, func(inFlight int) {
			m.servers.Report(m.server, inFlight)
		})
	}
}

func (m *member) unask() {
	if m.reports != nil {
		m.reports.Stop()
		m.reports = nil
	}
}

// SetReported has policies go by what servers report, and with ownToo by what was
// sent to them since; or by what is counted here.
func (s *Servers) SetReported(on, ownToo bool) {
	s.reported, s.ownToo = on, ownToo
	if on {
		return // what is known counts until the first reports
	}
	for _, server := range s.all {
		s.loaded(server, server.active)
	}
}

// Report takes what a server says of its load.
func (s *Servers) Report(server *Server, inFlight int) {
	if s.reported {
		s.loaded(server, inFlight)
	}
}

func (s *Servers) loaded(server *Server, load int) {
	server.load = load
	for _, w := range s.reports {
		w.Reported(server)
	}
}
