// Flow: one direction of one connection, and how much it may send at a time.
package network

import (
	"math"
	"time"

	"cdnlab/sim"
)

const (
	// initialWindow is how many segments a new connection sends before it hears
	// anything (RFC 6928).
	initialWindow = 10
	// maxWindow is the largest window, in segments: 4 MiB, the most that Linux
	// buffers for a sender (tcp_wmem).
	maxWindow = 4 << 20 / MSS
	// cubicBeta is what is left of the window after a loss, and cubicC how fast it
	// grows back (RFC 9438 4.6 and 5.1, Linux's default algorithm).
	cubicBeta = 0.7
	cubicC    = 0.4
)

// Flow is one direction of one connection. It sends in rounds, as TCP does: a
// window's worth of segments, then no more until the first of them is
// acknowledged. The window doubles with each round that fills it (slow start),
// shrinks to 0.7 when something is lost and grows by CUBIC from then on. After a
// pause of more than a retransmission time-out it starts smaller again.
//
// The zero Flow is that of a new connection.
type Flow struct {
	// Apart says that a loss holds up nothing but what it is a part of (QUIC):
	// over TCP all that was sent later waits.
	Apart bool

	lost    bool // something of this round was lost
	backoff int8 // time-outs in a row
	sent    int32
	window  float32       // segments; 0: nothing was ever sent
	thresh  float32       // segments, up to which it doubles; 0: without end
	pace    time.Duration // between two segments of this round, as acknowledgements let them go
	paced   sim.Time      // when the pace lets the next one go
	first   sim.Time      // when this round's first segment left the last queue
	spread  time.Duration // how much later its last one did
	next    sim.Time      // when this round's first acknowledgement is back
	due     sim.Time      // nothing arrives before what was sent before it
	cubic   *cubic        // once something was lost

	// Own are the queues of the user's last mile, which all their connections
	// share; the flow gets its own when none are given.
	Own *LastMile
}

// LastMile are the queues of one user's access, up and down.
type LastMile struct{ pipes [2]pipe }

// cubic is what CUBIC remembers of the last loss (RFC 9438 4.1).
type cubic struct {
	most  float32 // window when it happened
	reno  float32 // what Reno would have by now
	since sim.Time
}

func (f *Flow) pipe(d Direction) *pipe {
	if f.Own == nil {
		f.Own = &LastMile{}
	}
	return &f.Own.pipes[d]
}

// Segments returns how many segments a content of so many bytes takes, in TLS or
// not. In TLS it grows by 22 bytes of header, tag and type for each record (RFC 8446
// 5.2), of which crypto/tls sends small ones of 1,186 bytes at first so that one
// fits into a segment.
func Segments(bytes int64, secure bool) int64 {
	const record, extra = 1186, 22
	if secure {
		bytes += (bytes*extra + record - 1) / record
	}
	return (bytes + MSS - 1) / MSS
}

// Room returns how many segments the flow's window lets go now; 0 asks to wait
// until Next.
func (l *Link) Room(f *Flow, now sim.Time) int64 {
	l.turn(f, now)
	return max(0, int64(f.window)-int64(f.sent))
}

// Next returns when the flow's next round begins.
func (f *Flow) Next() sim.Time { return f.next }

// turn begins a new round if it is time.
func (l *Link) turn(f *Flow, now sim.Time) {
	if f.window == 0 {
		f.window = initialWindow
	}
	if now < f.next || f.next == 0 && f.sent == 0 { // the round goes on, or nothing was ever sent
		return
	}
	if f.sent > 0 {
		f.acked(l.RTT())
	}
	f.sent, f.lost, f.paced = 0, false, 0
	f.rest(now.Sub(f.next)+l.RTT(), l.rto())
	f.next = max(f.next, now-sim.Time(l.RTT())) // so that a pause counts once
}

// acked is the acknowledgement of a round, which lets the next one go: two
// segments for each that has arrived in slow start, one beyond it.
func (f *Flow) acked(rtt time.Duration) {
	each := time.Duration(f.sent)
	if f.slow() {
		each *= 2
	}
	f.pace = f.spread / each
	f.grow(rtt)
}

// rest makes the window smaller after a pause: half of it for each retransmission
// time-out, down to that of a new connection (RFC 2861; Linux,
// tcp_slow_start_after_idle). Half of the way back is quick.
func (f *Flow) rest(pause, rto time.Duration) {
	if pause <= rto {
		return
	}
	f.pace = 0
	f.thresh = max(f.thresh, 0.75*f.window)
	for pause -= rto; pause > 0 && f.window > initialWindow; pause -= rto {
		f.window = max(initialWindow, f.window/2)
	}
}

func (f *Flow) slow() bool { return f.thresh == 0 || f.window < f.thresh }

// grow lets the window grow by a round that was not marred by losses. One that
// leaves half of the window unused says nothing of the path, and the window stays
// (Linux, tcp_is_cwnd_limited).
func (f *Flow) grow(rtt time.Duration) {
	sent := float32(f.sent)
	switch {
	case f.lost:
	case f.slow():
		if 2*sent > f.window {
			f.window = min(f.window+sent, maxWindow)
		}
	case sent >= float32(int32(f.window)):
		f.avoid(rtt)
	}
}

// avoid is congestion avoidance: CUBIC's window a round-trip time from now, or
// Reno's where that is more (RFC 9438 4.2 to 4.4).
func (f *Flow) avoid(rtt time.Duration) {
	if f.cubic == nil { // a pause has set the threshold, and no loss
		f.cubic = &cubic{most: f.window, reno: f.window, since: f.next}
	}
	c := f.cubic
	const alpha = 3 * (1 - cubicBeta) / (1 + cubicBeta)
	if c.reno < c.most {
		c.reno += alpha
	} else {
		c.reno++
	}
	k := math.Cbrt(float64(c.most) * (1 - cubicBeta) / cubicC)
	t := f.next.Add(rtt).Sub(c.since).Seconds() - k
	target := max(float32(cubicC*t*t*t)+c.most, c.reno)
	target = min(target, 1.5*f.window) // RFC 9438 4.2 bounds a round's growth
	f.window = min(max(f.window, target), maxWindow)
}

// shrink is what a loss does to the window, once a round.
func (f *Flow) shrink(now sim.Time) {
	if f.lost {
		return
	}
	f.lost = true
	most := f.window
	if c := f.cubic; c != nil && f.window < c.most {
		most = f.window * (1 + cubicBeta) / 2 // fast convergence (RFC 9438 4.7)
	}
	f.window = max(2, f.window*cubicBeta)
	f.thresh = f.window
	f.cubic = &cubic{most: most, reno: f.window, since: now}
}
