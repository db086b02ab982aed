// What connections speak beside plain HTTP/1.1, and what follows from it for a run.
package scenarios

import (
	"fmt"

	"cdnlab/sim/network"
)

// spoken is how one kind of connection is kept, and the table that says so.
type spoken struct {
	key   string
	conns network.Config
}

// spoken returns how the connections of the scenario are kept, at its start and
// after everything that is set meanwhile: the clients' first.
func (s *Scenario) spoken() (clients, others []spoken) {
	for _, c := range s.Clients {
		clients = append(clients, spoken{"limits of the [[clients]] " + c.ID, c.Conns})
	}
	if s.edgeOn() {
		others = append(others, spoken{"[edge.connections]", s.Edge.Conns})
	}
	if *s.Balancer.On {
		others = append(others, spoken{"[balancer.connections]", s.Balancer.Conns})
	}
	for _, m := range s.moments {
		c, o := m.s.spoken()
		clients, others = append(clients, c...), append(others, o...)
	}
	return clients, others
}

// secure returns the site's host when anybody in the scenario speaks TLS, else "".
func (s *Scenario) secure() string {
	clients, others := s.spoken()
	if anySecure(clients) || anySecure(others) {
		return siteHost
	}
	return ""
}

// scheme is how everybody asks for the site: a site has one address, and it begins
// with https when any of its users speak TLS at any time.
func (s *Scenario) scheme() string {
	if clients, _ := s.spoken(); anySecure(clients) {
		return "https"
	}
	return "http"
}

func anySecure(all []spoken) bool {
	for _, x := range all {
		if x.conns.Secure() {
			return true
		}
	}
	return false
}

// livable says why the live world cannot play the scenario; nil when it can.
func (s *Scenario) livable() error {
	clients, others := s.spoken()
	for _, x := range append(clients, others...) {
		if x.conns.HTTP == network.HTTP3 {
			return fmt.Errorf("http = %q in the %s: HTTP/3 is played in virtual time only; add --world virtual", network.HTTP3, x.key)
		}
	}
	return nil
}
