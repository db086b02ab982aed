// least-request: Envoy's, by few choices or by weights that the load divides.
package balance

import (
	"container/heap"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"

	"cdnlab/sim"
)

func init() {
	Policies.Add("least-request", "equal weights: the fewest requests in flight of two draws; unequal: in turn by weight, divided by the load (Envoy)", newLeastRequest)
}

// leastRequest is Envoy's least_request (source/extensions/load_balancing_policies/
// least_request). With equal weights it is the fewest requests in flight of choices
// uniform draws with replacement, of equals the one drawn first. With unequal ones it
// is a schedule of earliest deadlines first: each pick takes the server whose deadline
// is next and sets that 1/w later, with w = weight/(requests in flight + 1)^bias as
// it is then. The load counts only when a server's turn comes, so a server that has
// become slow still gets its next one.
type leastRequest struct {
	servers *Servers
	dice    *rand.Rand
	choices int
	bias    float64

	shares   map[int64]int // how many of the eligible have each; one key: all are equal
	schedule schedule
	turns    []*turn // by index
	now      float64 // the deadline that was met last
	seq      int
	drew     [2]*Server // of the last pick: the best, and the draw before it; nil by deadline
}

// turn is one server's place in the schedule.
type turn struct {
	server   *Server
	share    int64 // as counted in shares; 0: not eligible
	deadline float64
	seq      int // of equals, who came first
	place    int // in the schedule
}

var (
	_ Policy  = (*leastRequest)(nil)
	_ Watcher = (*leastRequest)(nil)
)

func newLeastRequest(cfg Config, t Tools) Policy {
	return &leastRequest{servers: t.Servers, dice: t.Dice, choices: cfg.Choices, bias: *cfg.Bias, shares: map[int64]int{}}
}

// Changed implements Watcher.
func (p *leastRequest) Changed(s *Server) {
	for len(p.turns) <= s.index {
		p.turns = append(p.turns, &turn{server: p.servers.all[len(p.turns)]})
	}
	t := p.turns[s.index]
	if t.share > 0 {
		if p.shares[t.share]--; p.shares[t.share] == 0 {
			delete(p.shares, t.share)
		}
		heap.Remove(&p.schedule, t.place)
	}
	if t.share = 0; s.eligible {
		t.share = s.share
		p.shares[t.share]++
		p.due(t)
		heap.Push(&p.schedule, t)
	}
}

// due sets a server's next deadline.
func (p *leastRequest) due(t *turn) {
	p.seq++
	t.deadline, t.seq = p.now+math.Pow(float64(t.server.load+1), p.bias)/float64(t.share), p.seq
}

// Pick implements Policy: in O(d) draws with equal weights, else in O(log n).
func (p *leastRequest) Pick(sim.Time, *sim.Request) *Server {
	switch len(p.shares) {
	case 0:
		return nil
	case 1:
		return p.draw()
	}
	t := p.schedule[0]
	p.now, p.drew = t.deadline, [2]*Server{}
	p.due(t)
	p.schedule.sink()
	return t.server
}

func (p *leastRequest) draw() *Server {
	best := p.one()
	p.drew = [2]*Server{best, best}
	for range p.choices - 1 {
		if s := p.one(); s.load < best.load {
			best, p.drew = s, [2]*Server{s, best}
		} else {
			p.drew[1] = s
		}
	}
	return best
}

func (p *leastRequest) one() *Server { return p.servers.Nth(p.dice.IntN(p.servers.eligible)) }

// Explain implements Explainer.
func (p *leastRequest) Explain(picked *Server, _ *sim.Request) string {
	if p.drew[0] != nil {
		return fmt.Sprintf("%d in flight, the fewest of %d drawn, one of them %s with %d", picked.load, p.choices, p.drew[1].Name, p.drew[1].load)
	}
	return fmt.Sprintf("its deadline was the next; with weight %s and %d in flight it gets %s of the turns of weight 1",
		weight(picked.share), picked.load, strconv.FormatFloat(float64(picked.share)/Unit/math.Pow(float64(picked.load+1), p.bias), 'g', 3, 64))
}

// schedule is the eligible servers, the next deadline first.
type schedule []*turn

// Len implements heap.Interface, as the others do.
func (q schedule) Len() int { return len(q) }

// Less puts the earlier deadline first, of equal ones who was there first.
func (q schedule) Less(i, j int) bool {
	return q[i].deadline < q[j].deadline || q[i].deadline == q[j].deadline && q[i].seq < q[j].seq
}

// sink puts the first turn, which has become due later, where it belongs: heap.Fix without
// its calls, which at each pick are most of the time.
func (q schedule) sink() {
	at, t := 0, q[0]
	for {
		next := 2*at + 1
		if next >= len(q) {
			break
		}
		if right := next + 1; right < len(q) && q.Less(right, next) {
			next = right
		}
		if other := q[next]; t.deadline < other.deadline || t.deadline == other.deadline && t.seq < other.seq {
			break
		}
		q[at] = q[next]
		q[at].place = at
		at = next
	}
	q[at] = t
	t.place = at
}

// Swap swaps two places.
func (q schedule) Swap(i, j int) {
	q[i], q[j] = q[j], q[i]
	q[i].place, q[j].place = i, j
}

// Push puts a turn at the end.
func (q *schedule) Push(x any) {
	t := x.(*turn)
	t.place = len(*q)
	*q = append(*q, t)
}

// Pop takes the last turn off.
func (q *schedule) Pop() any {
	old := *q
	t := old[len(old)-1]
	*q = old[:len(old)-1]
	return t
}
