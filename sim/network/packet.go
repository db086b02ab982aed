// Packets: the same path for those who send packets themselves, a real TCP or QUIC.
package network

import (
	"math/bits"
	"time"

	"cdnlab/sim"
)

// Packet returns when a packet of so many bytes that leaves now arrives, and whether
// it does: it may be lost, cut off or find no room in a queue. Packets of a
// direction keep their order. The last mile's queues are own's.
func (l *Link) Packet(d Direction, now sim.Time, bytes int, own *LastMile, roll *sim.Roll) (arrives sim.Time, ok bool) {
	if l.Cut(d) || roll.Float64() < l.chance() {
		return 0, false
	}
	at := now
	legs := [2]packetLeg{{&l.pipes[d], &l.spec.Leg, lower(l.spec.rate(d), l.change.Rate)}}
	n := 1
	if a := l.spec.Access; a != nil {
		mile := packetLeg{&own.pipes[d], &a.Leg, a.rate(d)}
		legs[1], n = mile, 2
		if d == Out {
			legs[0], legs[1] = legs[1], legs[0]
		}
	}
	travel := l.OneWay()
	for _, leg := range legs[:n] {
		if at, ok = leg.pass(at, bytes); !ok {
			return 0, false
		}
		travel += leg.jitter(l.Seed, d, now, roll)
	}
	l.order[d] = max(l.order[d], at.Add(max(0, travel)))
	return l.order[d], true
}

// packetLeg is a leg in one direction.
type packetLeg struct {
	*pipe
	*Leg
	rate sim.Rate
}

// pass is when a packet has left the leg's queue; false when that is full.
func (g packetLeg) pass(now sim.Time, bytes int) (sim.Time, bool) {
	if g.rate == 0 {
		return now, true
	}
	if packetsIn(g.free.Sub(now), g.rate) >= g.queue() {
		return 0, false
	}
	hi, lo := bits.Mul64(uint64(bytes)*8, 1e9)
	took, _ := bits.Div64(hi, lo, uint64(g.rate)) // a packet is less than 2^32 ns at any rate that Rate can be
	g.free = max(g.free, now).Add(time.Duration(took))
	return g.free, true
}

var (
	luckDatagramOut  = sim.NewLuck("link: datagram out")
	luckDatagramBack = sim.NewLuck("link: datagram back")
)

// datagramHead is what IPv4 and UDP put in front of a datagram's content, in bytes
// (RFC 791, RFC 768).
const datagramHead = 20 + 8

// Datagram is Packet for one of UDP and what it carries: whether it is lost is the
// request's own luck.
func (l *Link) Datagram(d Direction, now sim.Time, bytes int64, own *LastMile, req *sim.Request) (arrives sim.Time, ok bool) {
	what := luckDatagramOut
	if d == Back {
		what = luckDatagramBack
	}
	roll := sim.Draw(l.Seed, what, req.ID, req.Attempt)
	return l.Packet(d, now, int(bytes)+datagramHead, own, &roll)
}
