// Links of those who share a way: connections of their own, exchanges together.
package virtual

import (
	"testing"
	"time"

	"cdnlab/sim"
)

func TestOwnLinks(t *testing.T) {
	w, _, shared := pair(handler(&echo{}))
	first, second := shared.Own().(*Link), shared.Own().(*Link)
	took := func(l *Link) (d time.Duration) {
		begun := w.Engine.Now()
		l.Serve(&sim.Request{}, func(*sim.Response) { d = w.Engine.Now().Sub(begun) })
		w.Engine.Run(w.Engine.Now().Add(time.Second))
		return d
	}
	cold, warm := 20*time.Millisecond, 10*time.Millisecond
	for i, c := range []struct {
		link *Link
		want time.Duration
	}{{first, cold}, {first, warm}, {second, cold}, {first, warm}, {shared, cold}, {second, warm}} {
		if got := took(c.link); got != c.want {
			t.Errorf("request %d takes %v, want %v", i, got, c.want)
		}
	}
	first.Forget()
	if got := took(first); got != cold {
		t.Errorf("after it was forgotten: %v, want %v", got, cold)
	}
	if first.Dials() != 2 || second.Dials() != 1 || shared.Dials() != 1 {
		t.Errorf("%d, %d and %d connections, want 2, 1 and 1", first.Dials(), second.Dials(), shared.Dials())
	}
	if shared.made != 1 {
		t.Errorf("%d exchanges, want the one that all use in turn", shared.made)
	}
}

// TestOwnLinkAllocates: a person's link is small, and using it is free.
func TestOwnLinkAllocates(t *testing.T) {
	w, _, shared := pair(handler(&echo{}))
	if n := testing.AllocsPerRun(1000, func() { shared.Own() }); n > 1 {
		t.Errorf("a link of one's own allocates %v times, want once", n)
	}
	if n := testing.AllocsPerRun(1000, exchangesOf(w, shared.Own().(*Link))); n > 0 {
		t.Errorf("a warm request allocates %v times, want none", n)
	}
}
