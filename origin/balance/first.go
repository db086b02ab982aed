// first: the servers in order, the next only when those before it cannot.
package balance

import (
	"fmt"

	"cdnlab/sim"
)

func init() {
	Policies.Add("first", "the first in the order of configuration that may be picked; the others stand by (HAProxy)", newFirst)
}

// first is HAProxy's: the server with the lowest id that has a free slot. With
// limits on connections it fills one server after the other; without any it is
// active and standby.
type first struct{ servers *Servers }

var _ Policy = (*first)(nil)

func newFirst(_ Config, t Tools) Policy { return &first{t.Servers} }

// Pick implements Policy in O(n/64).
func (p *first) Pick(sim.Time, *sim.Request) *Server { return p.servers.Next(0) }

// Explain implements Explainer.
func (p *first) Explain(picked *Server, _ *sim.Request) string {
	return fmt.Sprintf("number %d of %d in order, and the first that may be picked", 1+picked.index, p.servers.Len())
}
