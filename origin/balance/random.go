// random: by chance, each server as likely as the other.
package balance

import (
	"fmt"
	"math/rand/v2"

	"cdnlab/sim"
)

func init() {
	Policies.Add("random", "by chance, weights ignored", newRandom)
}

// random is a draw among the eligible, as Envoy's random and what Caddy does unasked.
type random struct {
	servers *Servers
	dice    *rand.Rand
}

var _ Policy = (*random)(nil)

func newRandom(_ Config, t Tools) Policy { return &random{t.Servers, t.Dice} }

// Pick implements Policy in O(n/64).
func (p *random) Pick(sim.Time, *sim.Request) *Server {
	if p.servers.eligible == 0 {
		return nil
	}
	return p.servers.Nth(p.dice.IntN(p.servers.eligible))
}

// Explain implements Explainer.
func (p *random) Explain(*Server, *sim.Request) string {
	return fmt.Sprintf("drawn, one of %d", p.servers.eligible)
}
