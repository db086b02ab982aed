// Queues: what waits behind what, what overflows, and how a pipe is shared.
package network

import (
	"testing"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/network/golden"
)

// contender is a content on a flow of its own.
type contender struct {
	at       sim.Time
	segments int64
	flow     Flow
	took     time.Duration
	windows  []float32 // at each of its flights
}

// contend plays contents beside each other on one link.
func contend(l *Link, all ...*contender) {
	next := make([]sim.Time, len(all))
	contents := make([]Content, len(all))
	left := len(all)
	for i, c := range all {
		next[i], contents[i] = c.at, loaded(l, Back, &sim.Request{ID: uint64(i)}, c.segments)
	}
	for left > 0 {
		k := -1
		for i := range all {
			if next[i] != sim.Never && (k < 0 || next[i] < next[k]) {
				k = i
			}
		}
		c := all[k]
		fl := l.Send(&c.flow, &contents[k], next[k])
		c.windows = append(c.windows, c.flow.window)
		next[k] = fl.Next
		if fl.Done() {
			c.took = fl.Last.Sub(c.at)
			next[k] = sim.Never
			left--
		}
	}
}

// TestBufferbloat: a small answer behind a download waits for what is in the queue
// before it, up to all that the queue holds; with a short one it waits for less.
func TestBufferbloat(t *testing.T) {
	const rate, rtt = sim.Rate(20e6), 30 * ms // 0.6 ms a packet; a round trip holds 50
	for _, packets := range []int64{1000, 100, 50} {
		l := NewLink(1, "a", "b", Spec{Leg: Leg{RTT: rtt, Rate: rate, Queue: sim.Bytes(packets * packet)}})
		big := &contender{segments: 20_000}
		small := []*contender{big}
		for at := 2000 * ms; at < 10*time.Second; at += 100 * ms {
			small = append(small, &contender{at: sim.Time(at), segments: 1})
		}
		contend(l, small...)
		var worst, sum time.Duration
		lost := 0
		for _, c := range small[1:] {
			wait := c.took - rtt/2 - wireTime(1, rate)
			if wait < 0 {
				t.Errorf("%d packets: a small answer overtakes", packets)
			}
			if wait > wireTime(packets+1, rate) { // it found no room, and was sent again
				lost++
				continue
			}
			worst, sum = max(worst, wait), sum+wait
		}
		full := wireTime(packets, rate)
		if worst > full || worst < full*6/10 {
			t.Errorf("%d packets: the longest wait is %v, a full queue %v", packets, worst, full)
		}
		if lost > len(small)/5 {
			t.Errorf("%d packets: %d of %d small answers found no room", packets, lost, len(small)-1)
		}
		mean := sum / time.Duration(len(small)-1-lost)
		if packets == 1000 && mean < 150*ms {
			t.Errorf("a long queue is %v long in the mean", mean)
		}
	}
}

// TestOverflow: what finds no room is lost, and the window is cut for it. The pipe
// stays busy for most of the time all the same.
func TestOverflow(t *testing.T) {
	const rate, rtt = sim.Rate(20e6), 100 * ms
	for _, packets := range []int64{40, 167, 500} {
		l := NewLink(1, "a", "b", Spec{Leg: Leg{RTT: rtt, Rate: rate, Queue: sim.Bytes(packets * packet)}})
		c := &contender{segments: 20_000}
		contend(l, c)
		most := float32(0)
		cut := false
		for i, w := range c.windows {
			most = max(most, w)
			cut = cut || i > 0 && w < c.windows[i-1]
		}
		if !cut {
			t.Errorf("%d packets: the window was never cut", packets)
		}
		holds := float32(rtt/wireTime(1, rate)) + float32(packets) // on the wire and in the queue
		if most > 2.1*holds {
			t.Errorf("%d packets: a window of %v where %v fit", packets, most, holds)
		}
		busy := wireTime(c.segments, rate)
		if share := busy.Seconds() / c.took.Seconds(); share < 0.65 || share > 1 {
			t.Errorf("%d packets: the pipe is busy for %.2f of the time", packets, share)
		}
	}
}

// TestFairShare: flows with one round-trip time share a pipe about fairly, and fill
// it.
func TestFairShare(t *testing.T) {
	const rate, rtt = sim.Rate(50e6), 40 * ms
	for _, n := range []int{2, 4} {
		l := NewLink(1, "a", "b", Spec{Leg: Leg{RTT: rtt, Rate: rate, Queue: 167 * packet}})
		var all []*contender
		for i := range n {
			all = append(all, &contender{at: sim.Time(i) * sim.Time(7*ms), segments: 20_000})
		}
		contend(l, all...)
		last, sum := time.Duration(0), time.Duration(0)
		for _, c := range all {
			last, sum = max(last, c.took), sum+c.took
		}
		if busy := wireTime(int64(n)*20_000, rate); last > busy*13/10 || last < busy-200*ms {
			t.Errorf("%d flows are done after %v; the wire alone takes %v", n, last, busy)
		}
		for i, c := range all { // each for as long as the others, if the shares are fair
			if c.took < sum/time.Duration(n)*7/10 {
				t.Errorf("flow %d of %d took %v, the mean is %v", i, n, c.took, sum/time.Duration(n))
			}
		}
	}
}

// TestPacedFlightLetsOthersBetween: packets that come during a while leave room for
// others on a pipe that is faster than they come.
func TestPacedFlightLetsOthersBetween(t *testing.T) {
	const rate = sim.Rate(100e6) // 0.12 ms a packet
	p := &pipe{}
	wire := wireTime(1, rate)
	long, _ := p.pass(span{0, sim.Time(100 * ms)}, 100, rate, 1000)
	if want := (span{0, sim.Time(100*ms) + sim.Time(wire)}); long != want {
		t.Errorf("100 packets in 100 ms leave during %v, want %v", long, want)
	}
	small, dropped := p.pass(span{sim.Time(50 * ms), sim.Time(50 * ms)}, 1, rate, 10)
	if late := small.first - sim.Time(50*ms); dropped > 0 || time.Duration(late) > wire {
		t.Errorf("one in the middle waits %v (%d dropped)", time.Duration(late), dropped)
	}
	// A second such flight fits beside the first.
	other, dropped := p.pass(span{sim.Time(51 * ms), sim.Time(151 * ms)}, 100, rate, 10)
	if late := other.last - sim.Time(151*ms); dropped > 0 || time.Duration(late) > 3*wire {
		t.Errorf("another leaves during %v (%d dropped)", other, dropped)
	}
}

// TestAccessAndPath: the last mile comes before the path, each with its own rate and
// queue: the narrower of the two is what a content takes, and the round trips add up.
// The last mile is each user's own, the path is everybody's.
func TestAccessAndPath(t *testing.T) {
	const n = 200
	slow := &Access{Name: "slow", Leg: Leg{RTT: 20 * ms, Rate: 2e6, RateBack: 10e6}} // 1.2 ms a packet down
	for _, path := range []sim.Rate{0, 5e6, 100e6} {
		s := Spec{Leg: Leg{RTT: 80 * ms, Rate: path}, Access: slow}
		l := NewLink(1, "a", "b", s)
		if l.RTT() != 100*ms || l.Quiet() {
			t.Errorf("the whole way takes %v", l.RTT())
		}
		c := &contender{segments: n}
		contend(l, c)
		narrow := lower(path, 10e6)
		want := golden.Cold(n, 100*ms, narrow) - 50*ms
		if off := c.took - want; off < -time.Microsecond || off > 5*ms {
			t.Errorf("path %v: %v, want %v", path, c.took, want)
		}
	}
	l := NewLink(1, "a", "b", Spec{Leg: Leg{RTT: 80 * ms}, Access: slow})
	one, two := &contender{segments: n}, &contender{segments: n}
	contend(l, one, two)
	alone := &contender{segments: n}
	contend(NewLink(1, "a", "b", Spec{Leg: Leg{RTT: 80 * ms}, Access: slow}), alone)
	if one.took != alone.took || two.took != alone.took {
		t.Errorf("two users take %v and %v, one alone %v", one.took, two.took, alone.took)
	}
	own := &LastMile{}
	both := []*contender{{segments: n, flow: Flow{Own: own}}, {segments: n, flow: Flow{Own: own}}}
	contend(NewLink(1, "a", "b", Spec{Leg: Leg{RTT: 80 * ms}, Access: slow}), both...)
	if last := max(both[0].took, both[1].took); last < wireTime(2*n, 10e6) {
		t.Errorf("two connections of one user take %v, which their line does not carry", last)
	}
}
