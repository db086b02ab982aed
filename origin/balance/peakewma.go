// peak-ewma: the least expected latency of two drawn servers, by Finagle's rule.
package balance

import (
	"fmt"
	"math"
	"time"

	"cdnlab/sim"
)

func init() {
	Policies.Add("peak-ewma", "of two drawn servers the one with the lower latency, whose average jumps up at once and decays, times its requests in flight (Finagle)", newPeakEWMA)
}

// peakEWMA is Finagle's P2CPeakEwma (com.twitter.finagle.loadbalancer.PeakEwma), as in
// linkerd: each server has an average of latencies that rises to any larger one at
// once and else goes towards the last one by e^-(time since/decay), towards 0 when it
// is read. Its cost is that times (requests in flight + 1), here by weight. Who has
// no latency yet costs nothing when idle, and all there is when it has a request
// already: so a new server gets one request first.
//
// Of the variants elsewhere: Envoy's has no jump (variant "mean"), linkerd's begins
// with 30 ms.
type peakEWMA struct {
	drawn
	decay float64 // ns
	peak  bool
	costs []ewma
}

// ewma is one server's.
type ewma struct {
	cost float64 // ns
	at   sim.Time
}

// unknownCost is what a request costs at a server that has some and has not answered
// any (Finagle's Penalty).
const unknownCost = float64(math.MaxInt64 >> 16)

var (
	_ Policy   = (*peakEWMA)(nil)
	_ Watcher  = (*peakEWMA)(nil)
	_ Observer = (*peakEWMA)(nil)
)

func newPeakEWMA(cfg Config, t Tools) Policy {
	return &peakEWMA{drawn: newDrawn(cfg, t), decay: float64(cfg.Decay), peak: cfg.Average == AveragePeak}
}

// Changed implements Watcher.
func (p *peakEWMA) Changed(s *Server) {
	for len(p.costs) <= s.index {
		p.costs = append(p.costs, ewma{})
	}
}

// Began implements Observer.
func (p *peakEWMA) Began(sim.Time, *Server, *sim.Request) {}

// Ended implements Observer. A request whose user left says nothing of the server.
func (p *peakEWMA) Ended(now sim.Time, s *Server, o Outcome) {
	if o.Cause != sim.Cancelled {
		p.observe(now, &p.costs[s.index], float64(o.Took))
	}
}

func (p *peakEWMA) observe(now sim.Time, e *ewma, took float64) {
	if p.peak && took > e.cost || e.at == 0 && e.cost == 0 {
		e.cost = took
	} else {
		w := math.Exp(-p.age(now, e))
		e.cost = e.cost*w + took*(1-w)
	}
	e.at = now
}

// age is how long ago an average was made, in decays.
func (p *peakEWMA) age(now sim.Time, e *ewma) float64 {
	return float64(max(0, now.Sub(e.at))) / p.decay
}

// load is what one more request costs at a server. With the peak rule the average is
// read as if a latency of 0 came now, as Finagle does, but not kept so: two reads
// must not be other than one.
func (p *peakEWMA) load(now sim.Time, s *Server) float64 {
	e := p.costs[s.index]
	if p.peak {
		p.observe(now, &e, 0)
	}
	share := float64(s.share) / Unit
	if e.cost == 0 && s.active > 0 {
		return (unknownCost + float64(s.active)) / share
	}
	return e.cost * float64(s.active+1) / share
}

// Pick implements Policy in O(d log n), with an exponential for each draw that is close.
func (p *peakEWMA) Pick(now sim.Time, _ *sim.Request) *Server { return p.best(now, p) }

func (p *peakEWMA) better(now sim.Time, a, b *Server) bool {
	x, y := &p.costs[a.index], &p.costs[b.index]
	if p.peak && x.cost > 0 && y.cost > 0 {
		// Which one it is the bounds of e^-age mostly tell, at a tenth of its price.
		mine, other := x.cost*float64(a.active+1)*float64(b.share), y.cost*float64(b.active+1)*float64(a.share)
		myLeast, myMost := decayed(p.age(now, x))
		least, most := decayed(p.age(now, y))
		switch {
		case mine*myMost < other*least:
			return true
		case mine*myLeast > other*most:
			return false
		}
	}
	return p.load(now, a) < p.load(now, b)
}

// decayed returns bounds of e^-x for an x of 0 or more: 1-x+x²/2 lies above it and
// that less x³/6 below. They are apart from it by more than all that roundings come to.
func decayed(x float64) (least, most float64) {
	const rounding = 1e-12
	square := x * x / 2
	most = 1 - x + square
	return most - square*x*(1.0/3) - rounding, most + rounding
}

// Explain implements Explainer.
func (p *peakEWMA) Explain(*Server, *sim.Request) string {
	return p.words(func(s *Server) string {
		return fmt.Sprintf("%s, %d in flight", sim.Briefly(time.Duration(p.costs[s.index].cost)), s.active)
	})
}
