// pipe: the narrowest place of a leg in one direction, and the queue before it.
package network

import (
	"math/bits"
	"time"

	"cdnlab/sim"
)

// packet is what a full segment takes on the wire, in bytes: the MSS, 12 bytes of
// time stamps, and 40 of IP and TCP (an MTU of 1500).
const packet = 1500

// pipe sends packets one after the other at a rate. It knows until when it is
// busy with those it has; all connections on the leg share it.
//
// A flight's packets come during a while, and what others send meanwhile goes
// between them: in and out are of the last flight of all.
type pipe struct {
	free sim.Time // when all that has set out will have left
	in   span     // when the last flight comes
	out  span     // ... and when what has come with it leaves
}

// span is a row of packets on its way: the time at which its first byte is there
// and that at which its last is.
type span struct{ first, last sim.Time }

// pass returns when n packets that arrive during in leave it, and how many of them
// do not find room in its queue. n is 0 for what takes no room of its own (a header):
// it waits in the queue like all others.
func (p *pipe) pass(in span, n int64, rate sim.Rate, room int64) (out span, dropped int64) {
	if rate == 0 {
		return in, 0
	}
	start := max(in.first, p.served(in.first))
	between := p.served(in.last).Sub(p.served(in.first)) // of others, on their way at the same time
	if n > 0 {
		last := max(start.Add(between+wireTime(n, rate)), in.last)
		if waits := packetsIn(last.Sub(in.last), rate); waits > room {
			dropped = min(waits-room, n)
		}
	}
	own := wireTime(n-dropped, rate)
	end := start.Add(between + own)
	if n > dropped {
		end = max(end, in.last.Add(wireTime(1, rate))) // it cannot leave before it has come
	}
	p.take(in, span{start, end}, own)
	return span{start, end}, dropped
}

// served returns when what has come by a time will have left.
func (p *pipe) served(now sim.Time) sim.Time {
	switch {
	case now >= p.in.last:
		return p.free
	case now <= p.in.first:
		return p.out.first
	}
	come := float64(now-p.in.first) / float64(p.in.last-p.in.first)
	return p.out.first + sim.Time(come*float64(p.out.last-p.out.first))
}

// take notes what passes. A flight that ends before the last one does is a part of
// that from then on.
func (p *pipe) take(in, out span, own time.Duration) {
	if own == 0 {
		return
	}
	free := max(p.free.Add(own), out.last)
	if in.last >= p.in.last {
		p.in, p.out = in, span{out.first, free}
	} else {
		p.out.last = free
	}
	p.free = free
}

// wireTime is how long n full packets take at a rate.
func wireTime(n int64, rate sim.Rate) time.Duration {
	hi, lo := bits.Mul64(uint64(n)*packet*8, 1e9)
	if hi >= uint64(rate) {
		return 1 << 62
	}
	ns, _ := bits.Div64(hi, lo, uint64(rate))
	return time.Duration(min(ns, 1<<62))
}

// packetsIn is how many full packets go through in a time, the one under way
// counted.
func packetsIn(d time.Duration, rate sim.Rate) int64 {
	if d <= 0 {
		return 0
	}
	hi, lo := bits.Mul64(uint64(d), uint64(rate))
	const per = packet * 8 * 1e9
	if hi >= per {
		return 1 << 62
	}
	n, rest := bits.Div64(hi, lo, per)
	if rest > 0 {
		n++
	}
	return int64(min(n, 1<<62))
}
