// The golden table in virtual time: what a connection and a transfer cost, against
// the formulas and against the kernel's own TCP.
package network

import (
	"math"
	"testing"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/network/golden"
)

const us = time.Microsecond

// transfer plays a request and its answer over a flow: when the header is there and
// when the last byte is, from the request on.
func transfer(t *testing.T, l *Link, f *Flow, now sim.Time, id uint64, segments int64) (header, end time.Duration) {
	t.Helper()
	req := &sim.Request{ID: id}
	at := l.Out(now, &Flow{}, req)
	c := loaded(l, Back, req, segments)
	header = -1
	var ready int64
	for flights := 0; ; flights++ {
		fl := l.Send(f, &c, at)
		if fl.Ready > 0 && header < 0 {
			header = fl.First.Sub(now)
		}
		if fl.Last < fl.First || flights > 1e6 {
			t.Fatalf("a flight arrives from %v to %v", fl.First, fl.Last)
		}
		ready += fl.Ready
		if fl.Done() {
			if ready != segments {
				t.Fatalf("%d of %d segments came", ready, segments)
			}
			return header, fl.Last.Sub(now)
		}
		if fl.Next <= at {
			t.Fatalf("the next flight leaves at %v, as this one", at)
		}
		at = fl.Next
	}
}

func loaded(l *Link, d Direction, req *sim.Request, segments int64) (c Content) {
	l.Load(&c, d, req, segments)
	return c
}

func TestGoldenTransfers(t *testing.T) {
	for _, c := range golden.Transfers {
		l := NewLink(1, "a", "b", Spec{Leg: Leg{RTT: c.RTT, Rate: c.Rate}})
		f := &Flow{}
		if got := Segments(c.Bytes, !c.Plain); got != c.Segments {
			t.Errorf("%s: %d segments, want %d", c.Name, got, c.Segments)
		}
		want, now := c.Takes(), sim.Time(0)
		if c.Warm { // 2,000 segments have opened the window, and the next request follows at once
			_, took := transfer(t, l, f, 0, 1, 2000)
			now = sim.Time(took)
		}
		header, end := transfer(t, l, f, now, 2, c.Segments)
		if off := end - want; off.Abs() > us {
			t.Errorf("%s: takes %v, the formula %v", c.Name, end, want)
		}
		if header != c.RTT {
			t.Errorf("%s: the header after %v, want %v", c.Name, header, c.RTT)
		}
		got := float64(end) / 1e6
		if math.Abs(got-c.Model) > 0.06 {
			t.Errorf("%s: takes %.2f ms, the table says %.1f", c.Name, got, c.Model)
		}
		if math.Abs(got-c.Kernel) > 0.01*c.Kernel {
			t.Errorf("%s: takes %.2f ms, the kernel %.1f", c.Name, got, c.Kernel)
		}
	}
}

// TestClosedForm: the rounds are the formula, whatever size, distance and rate,
// while the queue has room.
func TestClosedForm(t *testing.T) {
	for _, rtt := range []time.Duration{2 * ms, 10 * ms, 70 * ms, 150 * ms, 300 * ms} {
		for _, rate := range []sim.Rate{0, 2e6, 10e6, 100e6, 1e9} {
			for bytes := int64(1000); bytes < 4e6; bytes = bytes*3/2 + 7 {
				l := NewLink(1, "a", "b", Spec{Leg: Leg{RTT: rtt, Rate: rate, Queue: 1 << 30}})
				f := &Flow{}
				n := Segments(bytes, false)
				header, end := transfer(t, l, f, 0, 1, n)
				if want := golden.Cold(n, rtt, rate); header != rtt || (end-want).Abs() > us {
					t.Errorf("%d bytes over %v at %v: header %v, end %v; want %v", bytes, rtt, rate, header, end, want)
				}
			}
		}
	}
}

func TestSetups(t *testing.T) {
	for _, c := range []struct {
		s      Setup
		rounds int
	}{
		{Setup{}, 1}, {Setup{TLS: TLS13}, 2}, {Setup{TLS: TLS13, Resumed: true}, 2}, {Setup{TLS: TLS12}, 3},
		{Setup{TLS: TLS12, Resumed: true}, 2}, {Setup{TLS: TLS13, QUIC: true}, 1}, {Setup{TLS: TLS13, QUIC: true, Resumed: true}, 1},
		{Setup{TLS: TLS13, QUIC: true, Early: true}, 1}, {Setup{TLS: TLS13, QUIC: true, Early: true, Resumed: true}, 0},
	} {
		if got := c.s.Rounds(); got != c.rounds {
			t.Errorf("%+v takes %d round trips, want %d", c.s, got, c.rounds)
		}
	}
	l := NewLink(1, "a", "b", Plain(150*ms))
	if got := l.Connect(&sim.Request{}) + l.OneWay() + l.Handshake(Setup{TLS: TLS12}); got != 450*ms {
		t.Errorf("TLS 1.2 stands after %v, want 450 ms", got)
	}
}

// TestObjects: many small objects over one connection take one slow start, over
// six in turn as many round trips as each has turns.
func TestObjects(t *testing.T) {
	l := NewLink(1, "a", "b", Plain(150*ms))
	one := &Flow{}
	contents := make([]Content, 100)
	for i := range contents {
		contents[i] = loaded(l, Back, &sim.Request{ID: uint64(i)}, 0)
	}
	// 100 x 2 KB, as HTTP/2 packs them: 139 segments.
	for i, n := 0, Segments(200_000, false); n > 0; i, n = i+1, n-2 {
		contents[i%100].Add(min(2, n))
	}
	at, end := sim.Time(75*ms), sim.Time(0)
	for i := 0; i < len(contents); {
		fl := l.Send(one, &contents[i], at)
		end = max(end, fl.Last)
		if fl.Done() {
			i++
			continue
		}
		at = fl.Next
	}
	if end != sim.Time(600*ms) {
		t.Errorf("HTTP/2: %v, want 4 round trips", end)
	}
}

// TestIdleRestart: after a pause of more than a time-out the window is smaller, by
// half for each that has passed, down to that of a new connection.
func TestIdleRestart(t *testing.T) {
	l := NewLink(1, "a", "b", Plain(100*ms))
	for _, c := range []struct {
		pause  time.Duration // since the last round was sent
		window float32
	}{{100 * ms, 310}, {300 * ms, 310}, {301 * ms, 155}, {601 * ms, 77.5}, {901 * ms, 38.75}, {time.Hour, 10}} {
		f := &Flow{}
		transfer(t, l, f, 0, 1, 300) // 10+20+40+80+150: the last round leaves at 450 ms
		l.Room(f, sim.Time(450*ms).Add(c.pause))
		if f.window != c.window {
			t.Errorf("after %v the window is %v, want %v", c.pause, f.window, c.window)
		}
	}
}

// TestHalfUsedWindow: answers that leave half of the window unused do not open it,
// as with Linux.
func TestHalfUsedWindow(t *testing.T) {
	l := NewLink(1, "a", "b", Plain(100*ms))
	f := &Flow{}
	for i := range 50 {
		transfer(t, l, f, sim.Time(i)*sim.Time(100*ms), uint64(i), 5)
	}
	if f.window != initialWindow {
		t.Errorf("five segments at a time opened the window to %v", f.window)
	}
	for i := range 3 {
		transfer(t, l, f, sim.Time(50+i)*sim.Time(100*ms), uint64(i), 6)
	}
	l.Room(f, sim.Time(53*100*ms))
	if f.window != initialWindow+6 {
		t.Errorf("six segments at a time opened it to %v, want 16 (and no further: 12 is half of that)", f.window)
	}
}

// TestAskedBefore: a connection that asks for room and has nothing to send yet is
// still a new one, however long that takes.
func TestAskedBefore(t *testing.T) {
	l := NewLink(1, "a", "b", Plain(100*ms))
	f := &Flow{}
	l.Room(f, 0)
	l.Room(f, sim.Time(time.Hour))
	transfer(t, l, f, sim.Time(time.Hour), 1, 10)
	if room := l.Room(f, sim.Time(time.Hour+150*ms)); room != 20 {
		t.Errorf("the second round has %d segments, want 20", room)
	}
}

// TestInPieces: a content that is handed over bit by bit within a round leaves at the
// pace at which it would in one piece, and no queue runs over for it.
func TestInPieces(t *testing.T) {
	spec := Plain(70 * ms)
	spec.Rate = 100_000_000
	const segments = 2500 // still no more than the queue takes
	_, whole := transfer(t, NewLink(1, "a", "b", spec), &Flow{}, 0, 1, segments)
	l, f := NewLink(1, "a", "b", spec), &Flow{}
	c := loaded(l, Back, &sim.Request{ID: 1}, 0)
	at, last, ready := sim.Time(l.OneWay()), sim.Time(0), int64(0)
	for left := int64(segments); left > 0; {
		n := min(left, 7, l.Room(f, at))
		if n == 0 {
			at = f.Next()
			continue
		}
		c.Add(n)
		left -= n
		fl := l.Send(f, &c, at)
		last, ready = fl.Last, ready+fl.Ready
	}
	if d := whole - last.Sub(0); ready != segments || d > ms || d < -ms {
		t.Errorf("%d segments in pieces take %v, in one %v", ready, last, whole)
	}
}

// TestNewConnectionIsNew: a connection that has never carried anything begins with
// slow start, whatever time has passed since it was opened.
func TestNewConnectionIsNew(t *testing.T) {
	l := NewLink(1, "a", "b", Plain(100*ms))
	c := Config{}.WithDefaults()
	for _, since := range []sim.Time{0, sim.Time(time.Second)} {
		var down Flow
		l.Down(&down, &c, Rested{}, since, nil)
		now := since.Add(time.Hour)
		if _, end := transfer(t, l, &down, now, 1, 300); end != golden.Cold(300, 100*ms, 0) {
			t.Errorf("opened at %v: 300 segments take %v", since, end)
		}
	}
}
