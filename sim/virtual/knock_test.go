// Connections that are opened and closed again.
package virtual

import (
	"testing"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// A process that hangs is well to who only connects; whoever wants an answer learns
// more.
func TestKnock(t *testing.T) {
	const rtt = 10 * time.Millisecond
	for name, c := range map[string]struct { // any order will do
		before func(w *World)
		cause  sim.Cause
		at     time.Duration
	}{
		"runs":    {func(*World) {}, sim.OK, rtt},
		"hangs":   {func(w *World) { w.Hang("a") }, sim.OK, rtt},
		"crashed": {func(w *World) { w.Crash("a") }, sim.Refused, rtt},
		"cut":     {func(w *World) { w.SetLink("client", "a", network.Change{CutOut: true}) }, sim.Unreachable, 10 * time.Second},
		"resets":  {func(w *World) { w.SetLink("client", "a", network.Change{Reset: true}) }, sim.Reset, rtt},
		"cut on its way": {func(w *World) {
			w.Engine.After(rtt/4, func() { w.SetLink("client", "a", network.Change{CutBack: true}) })
		}, sim.Unreachable, 10 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			w, h, l := pair(handler(&echo{}))
			l.connect = 10 * time.Second
			c.before(w)
			replies := 0
			l.Knock(&sim.Request{ID: 1}, func(cause sim.Cause) {
				if replies++; cause != c.cause || w.Engine.Now() != sim.Time(c.at) {
					t.Errorf("%v at %v, want %v at %v", cause, w.Engine.Now(), c.cause, c.at)
				}
			})
			w.Engine.Run(sim.Time(time.Minute))
			if replies != 1 || h.Open() != 0 || l.Dials() != 0 {
				t.Errorf("%d replies, %d exchanges at the host, %d connections of the link", replies, h.Open(), l.Dials())
			}
		})
	}
}

func TestKnockCancelled(t *testing.T) {
	w, _, l := pair(handler(&echo{}))
	scope := &sim.Scope{}
	var got []sim.Cause
	l.Knock(&sim.Request{Scope: scope}, func(c sim.Cause) { got = append(got, c) })
	w.Engine.After(time.Millisecond, func() { scope.Cancel(sim.TimedOut) })
	w.Engine.Run(sim.Time(time.Second))
	l.Knock(&sim.Request{Scope: scope}, func(c sim.Cause) { got = append(got, c) })
	if len(got) != 2 || got[0] != sim.TimedOut || got[1] != sim.TimedOut {
		t.Errorf("%v", got)
	}
}
