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
type pipe struct {
	free sim.Time
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
	start := max(in.first, p.free)
	if waits := p.waiting(start, in, n, rate); waits > room {
		dropped = min(waits-room, n)
	}
	end := start.Add(wireTime(n-dropped, rate))
	if n > dropped {
		end = max(end, in.last.Add(wireTime(1, rate))) // it cannot leave before it has come
	}
	p.free = max(p.free, end)
	return span{start, end}, dropped
}

// waiting returns how many packets are in the queue when the last of n has come.
func (p *pipe) waiting(start sim.Time, in span, n int64, rate sim.Rate) int64 {
	if n == 0 {
		return 0
	}
	end := start.Add(wireTime(n, rate))
	return packetsIn(end.Sub(in.last), rate)
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
