// least-response-time: the least mean time to first byte, times the load.
package balance

import (
	"fmt"
	"math"
	"time"

	"cdnlab/sim"
)

func init() {
	Policies.Add("least-response-time", "the lowest mean time to first byte of the last 100 answers, times its requests in flight, for its weight (Traefik)", newLeastResponse)
}

// leastResponse is Traefik's leasttime (pkg/server/service/loadbalancer/leasttime): the
// least mean time to first byte of the last 100 answers, times (1 + requests in
// flight), by weight; ties in turn by weight. Who has not answered yet has a mean of
// 0, so everyone is asked before anyone is asked twice.
//
// nginx's least_time is another: an average of which half goes in each idle
// fail_timeout, in steps of 20 ms.
type leastResponse struct {
	servers *Servers
	smooth  smooth
	last    []responses
	leasts  crowd // by score
}

// sampleSize is how many answers a mean is of.
const sampleSize = 100

// responses are the last times to first byte of one server.
type responses struct {
	took [sampleSize]time.Duration
	n    int // answers so far
	sum  time.Duration
}

func (r *responses) add(took time.Duration) {
	at := r.n % sampleSize
	r.sum += took - r.took[at]
	r.took[at] = took
	r.n++
}

func (r *responses) mean() float64 {
	if r.n == 0 {
		return 0
	}
	return float64(r.sum) / float64(min(r.n, sampleSize))
}

var (
	_ Policy   = (*leastResponse)(nil)
	_ Watcher  = (*leastResponse)(nil)
	_ Observer = (*leastResponse)(nil)
)

func newLeastResponse(_ Config, t Tools) Policy {
	return &leastResponse{servers: t.Servers}
}

// Changed implements Watcher.
func (p *leastResponse) Changed(s *Server) {
	p.smooth.Changed(s)
	for len(p.last) <= s.index {
		p.last = append(p.last, responses{})
	}
	p.settle(s)
}

// settle scores a server anew. As no score is negative, their bits are in their order.
func (p *leastResponse) settle(s *Server) {
	if !s.eligible {
		p.leasts.set(s.index, nobody)
		return
	}
	score := p.last[s.index].mean() * float64(1+s.active) / float64(s.share)
	p.leasts.set(s.index, math.Float64bits(score))
}

// Began implements Observer.
func (p *leastResponse) Began(_ sim.Time, s *Server, _ *sim.Request) { p.settle(s) }

// Ended implements Observer. What came to no answer has no time to first byte.
func (p *leastResponse) Ended(_ sim.Time, s *Server, o Outcome) {
	if o.Status != 0 {
		p.last[s.index].add(o.Latency)
	}
	p.settle(s)
}

// Pick implements Policy. It looks at 64 servers at a time, and at each of those that are tied.
func (p *leastResponse) Pick(sim.Time, *sim.Request) *Server {
	key, ties := p.leasts.least()
	switch ties {
	case 0:
		return nil
	case 1:
		return p.servers.all[p.leasts.nth(key, 0)]
	}
	return p.servers.all[p.smooth.among(&p.leasts, key)]
}

// Explain implements Explainer.
func (p *leastResponse) Explain(*Server, *sim.Request) string {
	var names []string
	for s := p.servers.first(); s != nil; s = p.servers.after(s) {
		mean := time.Duration(p.last[s.index].mean())
		names = append(names, fmt.Sprintf("%s %s with %d in flight", s.Name, sim.Briefly(mean), s.active))
	}
	return "the least mean time to first byte times load: " + listed(names)
}
