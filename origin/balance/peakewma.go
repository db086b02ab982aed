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
	decay time.Duration
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
	return &peakEWMA{drawn: newDrawn(cfg, t), decay: cfg.Decay, peak: cfg.Average == AveragePeak}
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
	w := math.Exp(-float64(max(0, now.Sub(e.at))) / float64(p.decay))
	if p.peak && took > e.cost || e.at == 0 && e.cost == 0 {
		e.cost = took
	} else {
		e.cost = e.cost*w + took*(1-w)
	}
	e.at = now
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

// Pick implements Policy in O(d log n), with an exponential for each draw.
func (p *peakEWMA) Pick(now sim.Time, _ *sim.Request) *Server { return p.best(now, p) }

func (p *peakEWMA) better(now sim.Time, a, b *Server) bool { return p.load(now, a) < p.load(now, b) }

// Explain implements Explainer.
func (p *peakEWMA) Explain(*Server, *sim.Request) string {
	return p.words(func(s *Server) string {
		return fmt.Sprintf("%s, %d in flight", sim.Briefly(time.Duration(p.costs[s.index].cost)), s.active)
	})
}
