// least-response-time: the least mean time to first byte, times the load.
package balance

import (
	"fmt"
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
	smooth  *weighted // its share is used here too
	last    []responses
	load    []load
	tied    []*Server
}

// load is what a score is made of, of all servers in one row of memory.
type load struct {
	mean   float64 // ns
	flight float64 // requests, and the one that would come
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
	return &leastResponse{servers: t.Servers, smooth: newSmooth(t.Servers)}
}

// Changed implements Watcher.
func (p *leastResponse) Changed(s *Server) {
	p.smooth.Changed(s)
	for len(p.last) <= s.index {
		p.last = append(p.last, responses{})
		p.load = append(p.load, load{})
		p.tied = append(p.tied, nil)
	}
	p.settle(s)
}

func (p *leastResponse) settle(s *Server) { p.load[s.index].flight = float64(1 + s.active) }

// Began implements Observer.
func (p *leastResponse) Began(_ sim.Time, s *Server, _ *sim.Request) { p.settle(s) }

// Ended implements Observer. What came to no answer has no time to first byte.
func (p *leastResponse) Ended(_ sim.Time, s *Server, o Outcome) {
	if o.Status != 0 {
		p.last[s.index].add(o.Latency)
		p.load[s.index].mean = p.last[s.index].mean()
	}
	p.settle(s)
}

// Pick implements Policy in O(n): about three nanoseconds for each server.
func (p *leastResponse) Pick(sim.Time, *sim.Request) *Server {
	least, n := 0.0, 0
	shares := p.smooth.share[:len(p.load)]
	for i := range p.load {
		share := shares[i]
		if share == 0 {
			continue
		}
		score := p.load[i].mean * p.load[i].flight / float64(share)
		if n > 0 && score > least {
			continue
		}
		if n == 0 || score < least {
			least, n = score, 0
		}
		p.tied[n] = p.servers.all[i]
		n++
	}
	switch n {
	case 0:
		return nil
	case 1:
		return p.tied[0]
	}
	return p.smooth.among(p.tied[:n])
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
