// weighted-random: by chance, in proportion to the weights.
package balance

import (
	"fmt"
	"math/rand/v2"

	"cdnlab/sim"
)

func init() {
	Policies.Add("weighted-random", "by chance, in proportion to the weights (nginx's random)", newWeightedRandom)
}

// weightedRandom is a weighted draw among the eligible, as nginx's "random".
type weightedRandom struct {
	servers *Servers
	dice    *rand.Rand
}

var (
	_ Policy   = (*weightedRandom)(nil)
	_ Weighted = (*weightedRandom)(nil)
)

func newWeightedRandom(_ Config, t Tools) Policy { return &weightedRandom{t.Servers, t.Dice} }

// Weighted implements Weighted.
func (p *weightedRandom) Weighted() {}

// Pick implements Policy in O(log n).
func (p *weightedRandom) Pick(sim.Time, *sim.Request) *Server {
	if p.servers.eligible == 0 {
		return nil
	}
	return p.servers.AtShare(p.dice.Int64N(p.servers.Shares()))
}

// Explain implements Explainer.
func (p *weightedRandom) Explain(picked *Server, _ *sim.Request) string {
	return fmt.Sprintf("drawn with a chance of %s in %s", weight(picked.share), weight(p.servers.Shares()))
}
