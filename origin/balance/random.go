// random: by chance, in proportion to the weights.
package balance

import (
	"fmt"
	"math/rand/v2"

	"cdnlab/sim"
)

func init() {
	Policies.Add("random", "by chance, in proportion to the weights", newRandom)
}

// random is a weighted draw among the eligible, as nginx's "random".
type random struct {
	servers *Servers
	dice    *rand.Rand
}

var (
	_ Policy   = (*random)(nil)
	_ Weighted = (*random)(nil)
)

func newRandom(_ Config, t Tools) Policy { return &random{t.Servers, t.Dice} }

// Weighted implements Weighted.
func (p *random) Weighted() {}

// Pick implements Policy in O(log n).
func (p *random) Pick(sim.Time, *sim.Request) *Server {
	if p.servers.eligible == 0 {
		return nil
	}
	return p.servers.AtShare(p.dice.Int64N(p.servers.Shares()))
}

// Explain implements Explainer.
func (p *random) Explain(picked *Server, _ *sim.Request) string {
	return fmt.Sprintf("drawn with a chance of %s in %s", weight(picked.share), weight(p.servers.Shares()))
}
