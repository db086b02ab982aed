// Package network says what a connection and a transfer cost on a path: pure
// deciders that both worlds ask. Nothing here is safe for concurrent use.
package network

import (
	"math"
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

// Link is the path between two nodes as it is now: its round-trip time and what
// faults did to it.
type Link struct {
	RTT  time.Duration // of the healthy path
	Seed uint64        // of the link: which packets are lost is each request's own luck

	delay time.Duration // added to the RTT
	loss  float64       // share of packets lost, each way
	cut   bool
	held  []func(healed sim.Time) // flights that wait for the path to heal
}

// NewLink returns the healthy path between two ends in a run of that seed. Each
// path has luck of its own: a request that loses a packet on one need not lose
// it on the next.
func NewLink(seed uint64, from, to string, rtt time.Duration) *Link {
	return &Link{RTT: rtt, Seed: seed ^ uint64(sim.NewLuck("link "+from+" -> "+to))}
}

// Set makes the link cut, lossy or slower. Zero values heal it: what a cut held
// back then goes on its way, at the sender's next retransmission.
func (l *Link) Set(now sim.Time, cut bool, loss float64, delay time.Duration) {
	l.cut, l.loss, l.delay = cut, loss, delay
	if cut {
		return
	}
	held := l.held
	l.held = nil
	for _, f := range held {
		f(now)
	}
}

// OneWay is the travel time of a packet in either direction.
func (l *Link) OneWay() time.Duration { return (l.RTT + l.delay) / 2 }

// Cut reports whether nothing gets through.
func (l *Link) Cut() bool { return l.cut }

// Hold keeps a flight that was sent into a cut until the link heals.
func (l *Link) Hold(f func(healed sim.Time)) { l.held = append(l.held, f) }

// Retransmitted returns when a flight that was first sent at sent, into a cut
// that healed at healed, is sent for the time that gets through: the time-out
// doubles from RTT + 200 ms (RFC 6298 5.5).
func (l *Link) Retransmitted(sent, healed sim.Time) sim.Time {
	return backoff(sent, healed, l.RTT+l.delay+minRTO)
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

var (
	luckConnect = sim.NewLuck("link: connect")
	luckOut     = sim.NewLuck("link: out")
	luckBack    = sim.NewLuck("link: back")
)

// Connect returns how long the first packet of a connection takes to arrive:
// the travel, and 1 s for a lost SYN or SYN-ACK, then 2, 4 … s.
func (l *Link) Connect(req *sim.Request) time.Duration {
	cost, wait := l.OneWay(), firstSYN
	if l.loss <= 0 {
		return cost
	}
	roll := sim.Draw(l.Seed, luckConnect, req.ID, req.Attempt)
	either := 1 - (1-l.loss)*(1-l.loss)
	for try := 0; try < 6 && roll.Float64() < either; try++ {
		cost += wait
		wait *= 2
	}
	return cost
}

// Out returns how long a request takes to arrive.
func (l *Link) Out(req *sim.Request) time.Duration { return l.travel(luckOut, req, req.Size) }

// Back returns how long an answer of size bytes takes to arrive.
func (l *Link) Back(req *sim.Request, size int64) time.Duration {
	return l.travel(luckBack, req, size)
}

func (l *Link) travel(what sim.Luck, req *sim.Request, size int64) time.Duration {
	if l.loss <= 0 {
		return l.OneWay()
	}
	roll := sim.Draw(l.Seed, what, req.ID, req.Attempt)
	return l.OneWay() + l.penalty(&roll, max(1, (size+MSS-1)/MSS))
}

// maxLosses bounds the retransmissions of one flight: after 15 (Linux's
// tcp_retries2) a sender gives up.
const maxLosses = 15

// penalty returns what lost packets add to a flight of n segments. A lost
// single segment costs the time-out, doubling; in a longer flight a loss with
// three segments behind it costs one RTT more (fast retransmit), one at the
// tail two (tail loss probe).
func (l *Link) penalty(roll *sim.Roll, n int64) time.Duration {
	rtt, rto := l.RTT+l.delay, l.RTT+l.delay+minRTO
	var cost time.Duration
	for try := 0; try < maxLosses; try++ {
		lost, tail := l.lose(roll, n)
		switch {
		case lost == 0:
			return cost
		case n == 1:
			cost += rto
			rto = min(2*rto, maxRTO)
		case tail:
			cost += 2 * rtt
		default:
			cost += rtt
		}
		n = lost
	}
	return cost
}

// maxRolls is the longest flight, in segments, that rolls for each of them: a
// terabyte would roll for seconds.
const maxRolls = 10_000

// lose rolls for every segment and reports how many were lost and whether one
// of the last three was. All but the end of a long flight lose about what they
// lose in the mean.
func (l *Link) lose(roll *sim.Roll, n int64) (lost int64, tail bool) {
	first := max(0, n-maxRolls)
	if first > 0 {
		mean := float64(first) * l.loss
		lost = int64(max(0, math.Round(mean+math.Sqrt(mean*(1-l.loss))*roll.Norm())))
	}
	for i := first; i < n; i++ {
		if roll.Float64() < l.loss {
			lost++
			tail = tail || i >= n-3
		}
	}
	return lost, tail
}
