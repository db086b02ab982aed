// Tests: datagrams on a path.
package network

import (
	"testing"
	"time"

	"cdnlab/sim"
)

func TestDatagram(t *testing.T) {
	spec := Plain(40 * time.Millisecond)
	spec.Loss = 0.2
	l := NewLink(1, "a", "b", spec)
	lost := [2]int{}
	const n = 5000
	for i := range n {
		req := &sim.Request{ID: uint64(i)}
		now := sim.Time(i) * sim.Time(time.Millisecond)
		for _, d := range []Direction{Out, Back} {
			at, ok := l.Datagram(d, now, 100, nil, req)
			if !ok {
				lost[d]++
			} else if at != now.Add(20*time.Millisecond) {
				t.Fatalf("sent at %v it arrives at %v", now, at)
			}
			again, same := l.Datagram(d, now, 100, nil, req)
			if again != at || same != ok {
				t.Fatal("the same datagram has another luck")
			}
		}
	}
	for d, got := range lost {
		if got < n*17/100 || got > n*23/100 { // 20 % and five standard deviations
			t.Errorf("direction %d: %d of %d are lost", d, got, n)
		}
	}
	l.Set(0, Change{CutBack: true})
	if _, ok := l.Datagram(Back, 0, 100, nil, &sim.Request{ID: 1 << 40}); ok {
		t.Error("one gets through a cut")
	}
}

// A rate holds them one behind the other, and a full queue drops them.
func TestDatagramQueue(t *testing.T) {
	spec := Plain(0)
	spec.Rate, spec.Queue = 8_000_000, 15_000 // 1,000 bytes in 1 ms, and 10 packets
	l := NewLink(1, "a", "b", spec)
	got := 0
	for i := range 100 {
		at, ok := l.Datagram(Out, 0, 972, nil, &sim.Request{ID: uint64(i)})
		if !ok {
			continue
		}
		if got++; at != sim.Time(got)*sim.Time(time.Millisecond) {
			t.Fatalf("number %d arrives at %v", got, at)
		}
	}
	if got == 0 || got > 20 {
		t.Errorf("%d of 100 found room in a queue of 10", got)
	}
}
