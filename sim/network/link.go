// Package network says what a connection and a transfer cost on a path: pure
// deciders that both worlds ask. Nothing here is safe for concurrent use.
//
// A Link is a path's state. Who opens a connection asks it how long that takes
// (Connect, Setup), who sends a request or an answer's header when it arrives (Out,
// Back), and who sends a content gives it to a Content, flight by flight, over the
// Flow of its connection.
package network

import (
	"time"

	"cdnlab/sim"
)

// MSS is the payload of one TCP segment in bytes (1500 - 40 - 12 of
// timestamps).
const MSS = 1448

// minRTO is Linux's floor under the variance part of the retransmission
// time-out (TCP_RTO_MIN): on a quiet path the time-out is RTT + 200 ms.
const minRTO = 200 * time.Millisecond

// firstSYN is the first retransmission time-out of a connection attempt; it
// doubles (RFC 6298 2, Linux).
const firstSYN = time.Second

// maxRTO bounds the doubling (RFC 6298 5.7 wants at least 60 s; Linux's
// TCP_RTO_MAX is 120 s).
const maxRTO = 120 * time.Second

// Link is the path between two nodes as it is now: what it is like, what faults
// did to it, and what is under way on it.
type Link struct {
	Seed uint64 // of the link: which packets are lost is each request's own luck

	spec   Spec
	change Change
	quiet  bool // as Quiet says
	resets int
	pipes  [2]pipe      // of the shared way, by direction
	met    met          // by the last head, or by the flight that took one along
	order  [2]sim.Time  // of packets: none arrives before the one before it
	luck   [2]sim.Draws // of flights, by direction
	held   []func(healed sim.Time)
}

// NewLink returns the healthy path between two ends in a run of that seed. Each
// path has luck of its own: a request that loses a packet on one need not lose
// it on the next.
func NewLink(seed uint64, from, to string, s Spec) *Link {
	l := &Link{Seed: seed ^ uint64(sim.NewLuck("link "+from+" -> "+to))}
	l.luck = [2]sim.Draws{Out: sim.NewDraws(l.Seed, luckOut), Back: sim.NewDraws(l.Seed, luckBack)}
	l.Respec(s)
	return l
}

// Spec returns what the path is like when nothing is wrong with it.
func (l *Link) Spec() *Spec { return &l.spec }

// Respec makes the path another. What is on its way keeps the travel time it set
// out with.
func (l *Link) Respec(s Spec) {
	l.spec = s
	l.listen()
}

// listen finds out whether the path is Quiet.
func (l *Link) listen() {
	l.quiet = l.spec.quiet() && (l.spec.Access == nil || l.spec.Access.quiet()) && l.change.Loss == 0 && l.change.Rate == 0
}

// Set puts a change in the place of the one before; the zero Change heals the
// path. Who was held back then goes on its way, at the sender's next
// retransmission, and finds out by itself whether that gets through.
func (l *Link) Set(now sim.Time, c Change) {
	better := l.change.CutOut && !c.CutOut || l.change.CutBack && !c.CutBack || l.change.Blackhole && !c.Blackhole
	if c.Reset && !l.change.Reset {
		l.resets++
	}
	l.change = c
	l.listen()
	if !better {
		return
	}
	held := l.held
	l.held = nil
	for _, f := range held {
		f(now)
	}
}

// Changed returns what is wrong with the path now.
func (l *Link) Changed() Change { return l.change }

// Resets counts how often all connections were reset: one that was opened at
// another count is no more.
func (l *Link) Resets() int { return l.resets }

// RTT is the round-trip time as it is now, without queues and jitter.
func (l *Link) RTT() time.Duration { return l.spec.Total() + l.change.Delay }

// OneWay is the travel time of a packet in either direction, without queues and
// jitter.
func (l *Link) OneWay() time.Duration { return l.RTT() / 2 }

// Cut reports whether nothing gets through in a direction.
func (l *Link) Cut(d Direction) bool {
	if d == Out {
		return l.change.CutOut
	}
	return l.change.CutBack
}

// Deaf reports whether an attempt to connect gets no answer: the SYN, or what
// answers it, does not get through.
func (l *Link) Deaf() bool { return l.change.CutOut || l.change.CutBack || l.change.Blackhole }

// Hold keeps a flight that cannot set out until the path gets better.
func (l *Link) Hold(f func(healed sim.Time)) { l.held = append(l.held, f) }

// Quiet reports whether the path is a travel time and nothing else: no rate, no
// losses, no jitter. What is sent on it can be worked out in advance.
func (l *Link) Quiet() bool { return l.quiet }

// rto is the retransmission time-out of a connection on the path.
func (l *Link) rto() time.Duration { return l.RTT() + minRTO }

// Retransmitted returns when a flight that was first sent at sent, into a cut
// that healed at healed, is sent for the time that gets through: the time-out
// doubles from RTT + 200 ms (RFC 6298 5.5).
func (l *Link) Retransmitted(sent, healed sim.Time) sim.Time {
	return backoff(sent, healed, l.rto())
}

// Reconnected is Retransmitted for the first packet of a connection: SYNs go
// out again after 1, 2, 4 … s.
func (l *Link) Reconnected(sent, healed sim.Time) sim.Time { return backoff(sent, healed, firstSYN) }

func backoff(sent, healed sim.Time, rto time.Duration) sim.Time {
	at := sent
	for at < healed {
		at = at.Add(rto)
		rto = min(2*rto, maxRTO)
	}
	return at
}

// Closing is how long after it was closed the end of a connection is seen at the
// other end.
func (l *Link) Closing() time.Duration { return l.OneWay() + l.change.SlowClose }

var (
	luckConnect = sim.NewLuck("link: connect")
	luckOut     = sim.NewLuck("link: out")
	luckBack    = sim.NewLuck("link: back")
)

// Connect returns how long the first packet of a connection takes to arrive:
// the travel, and 1 s for a lost SYN or SYN-ACK, then 2, 4 … s.
func (l *Link) Connect(req *sim.Request) time.Duration {
	cost, wait := l.OneWay(), firstSYN
	p := l.chance()
	if p <= 0 {
		return cost
	}
	roll := sim.Draw(l.Seed, luckConnect, req.ID, req.Attempt)
	either := 1 - (1-p)*(1-p)
	for try := 0; try < 6 && roll.Float64() < either; try++ {
		cost += wait
		wait *= 2
	}
	return cost
}

// Out returns when a request's head that leaves now arrives.
func (l *Link) Out(now sim.Time, f *Flow, req *sim.Request) sim.Time {
	return l.head(now, f, Out, req)
}

// Back returns when an answer's header that leaves now arrives, without a content
// behind it.
func (l *Link) Back(now sim.Time, f *Flow, req *sim.Request) sim.Time {
	return l.head(now, f, Back, req)
}

// head is the way of a head: a segment that takes no room on the wire, so that
// the formulas count contents alone, but waits in queues and may be lost.
func (l *Link) head(now sim.Time, f *Flow, d Direction, req *sim.Request) sim.Time {
	if l.quiet && f.due <= now {
		l.met = met{access: l.ownWay()}
		return now.Add(l.OneWay())
	}
	roll := l.luck[d].Of(req.ID, req.Attempt)
	var lost time.Duration
	if p := l.chance(); p > 0 {
		lost = l.penalty(&roll, p)
	}
	now = now.Add(lost)
	var p passage
	l.through(&p, f, d, span{now, now}, 0, &roll)
	l.met = p.met
	l.met.lost, l.met.behind = lost, max(0, f.due.Sub(p.arrives.first))
	f.due = max(f.due, p.arrives.first)
	return f.due
}

// met is what a head met on its way: what Tellers tell of.
type met struct {
	access time.Duration // spent on the last mile, its queue among it
	lost   time.Duration // until it was sent for the time that gets through
	queue  time.Duration // waited for room on the wire
	behind time.Duration // waited for what was sent before it on the same connection
	jitter time.Duration // may be negative
}

// ownWay is the travel time on the last mile.
func (l *Link) ownWay() time.Duration {
	if l.spec.Access == nil {
		return 0
	}
	return l.spec.Access.RTT / 2
}

// maxLosses bounds the retransmissions of one segment: after 15 (Linux's
// tcp_retries2) a sender gives up.
const maxLosses = 15

// penalty returns what being lost adds to a segment that travels alone: the
// time-out each time, doubling.
func (l *Link) penalty(roll *sim.Roll, p float64) time.Duration {
	var cost time.Duration
	rto := l.rto()
	for try := 0; try < maxLosses && roll.Float64() < p; try++ {
		cost += rto
		rto = min(2*rto, maxRTO)
	}
	return cost
}

// passage is the way of a flight: when it leaves the last queue, when it arrives,
// and how many of its segments found no room in a queue.
type passage struct {
	leaves, arrives span
	dropped         int64
	met             met // by its first
}

// through takes n segments that leave during in through the legs of the path in
// their order, and over the distance. p is the zero passage.
func (l *Link) through(p *passage, f *Flow, d Direction, in span, n int64, roll *sim.Roll) {
	p.leaves = in
	if l.quiet {
		travel := l.OneWay()
		p.met.access = l.ownWay()
		p.arrives = span{in.first.Add(travel), in.last.Add(travel)}
		return
	}
	way := func(pipe *pipe, leg *Leg, rate sim.Rate) (waits time.Duration) {
		from := p.leaves.first
		var dropped int64
		p.leaves, dropped = pipe.pass(p.leaves, n-p.dropped, rate, leg.queue())
		p.dropped += dropped
		return p.leaves.first.Sub(from)
	}
	own := l.spec.Access
	if own != nil && d == Out {
		p.met.access += way(f.pipe(d), &own.Leg, own.rate(d))
	}
	way(&l.pipes[d], &l.spec.Leg, lower(l.spec.rate(d), l.change.Rate))
	if own != nil && d == Back {
		p.met.access += way(f.pipe(d), &own.Leg, own.rate(d))
	}
	p.met.queue = p.leaves.first.Sub(in.first)
	p.met.jitter = l.spec.jitter(l.Seed, d, in.first, roll)
	if own != nil {
		scatter := own.jitter(l.Seed, d, in.first, roll)
		p.met.jitter += scatter
		p.met.access += l.ownWay() + scatter
	}
	travel := max(0, l.OneWay()+p.met.jitter)
	p.arrives = span{p.leaves.first.Add(travel), p.leaves.last.Add(travel)}
}

// lower is the lower of two rates, of which 0 is none.
func lower(a, b sim.Rate) sim.Rate {
	if a == 0 || b == 0 {
		return max(a, b)
	}
	return min(a, b)
}
