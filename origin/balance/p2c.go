// p2c: the less loaded of two drawn servers, or of d.
package balance

import (
	"fmt"

	"cdnlab/sim"
)

func init() {
	Policies.Add("p2c", "the fewest requests in flight for its weight among two drawn servers (the power of two choices)", newP2C)
}

// p2c is the power of two choices (Mitzenmacher 2001; Vvedenskaya et al. 1996): the
// fewer active/weight of d weighted draws. Distinct draws are nginx's "random two" and
// Finagle's, draws with replacement HAProxy's "random(2)", Envoy's and gRPC's
// least_request. Of equals the first drawn is taken; as draws are by chance, who
// takes another (nginx the second) does the same.
type p2c struct{ drawn }

var (
	_ Policy   = (*p2c)(nil)
	_ Weighted = (*p2c)(nil)
)

func newP2C(cfg Config, t Tools) Policy { return &p2c{newDrawn(cfg, t)} }

// Weighted implements Weighted.
func (p *p2c) Weighted() {}

// Pick implements Policy in O(d log n).
func (p *p2c) Pick(now sim.Time, _ *sim.Request) *Server { return p.best(now, p) }

func (p *p2c) better(_ sim.Time, a, b *Server) bool {
	return int64(a.load)*b.share < int64(b.load)*a.share
}

// Explain implements Explainer.
func (p *p2c) Explain(*Server, *sim.Request) string {
	return p.words(func(s *Server) string { return fmt.Sprintf("%d in flight", s.load) })
}
