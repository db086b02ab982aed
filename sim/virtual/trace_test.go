// Tracing in virtual time: what a link tells of a request, and that it tells
// nothing of the others.
package virtual

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

func TestStepsOfALink(t *testing.T) {
	for name, c := range map[string]struct { // each is a test of its own
		before, during func(w *World, req *sim.Request)
		want           string
	}{
		"answered": {nil, nil, `0s client ask
0s client connect
10ms client open
10ms client leave
15ms client reach
15ms a enter
15ms a answer
15ms client return
20ms client header
20ms client end
`},
		"refused": {func(w *World, _ *sim.Request) { w.Crash("a") }, nil, `0s client ask
0s client connect
5ms client return refused
10ms client header refused
10ms client end refused
`},
		"cut": {func(w *World, _ *sim.Request) { w.SetLink("client", "a", network.Change{CutOut: true, CutBack: true}) }, func(w *World, _ *sim.Request) {
			w.Engine.After(1500*time.Millisecond, func() { w.SetLink("client", "a", network.Change{}) })
		}, `0s client ask
0s client connect
3s client header unreachable
3s client end unreachable
`},
		"given up": {nil, func(w *World, req *sim.Request) {
			w.Engine.After(12*time.Millisecond, func() { req.Scope.Cancel(sim.TimedOut) })
		}, `0s client ask
0s client connect
10ms client open
10ms client leave
12ms client header timed-out
12ms client end timed-out
15ms client reach
15ms a enter
15ms a answer
`},
	} {
		t.Run(name, func(t *testing.T) {
			if got := stepsOf(c.before, c.during); got != c.want {
				t.Errorf("got\n%s\nwant\n%s", got, c.want)
			}
		})
	}
}

// stepsOf lists the steps of a request to a host, with what is done to the world
// before and after it is sent.
func stepsOf(before, during func(w *World, req *sim.Request)) string {
	var text strings.Builder
	w := New(1, nil)
	w.Steps = func(s sim.Step) {
		fmt.Fprintf(&text, "%v %s %s", time.Duration(s.At), s.Node, s.Kind)
		if s.Cause != sim.OK {
			fmt.Fprintf(&text, " %v", s.Cause)
		}
		text.WriteString("\n")
	}
	w.Add("a", sim.Blueprint{Build: handler(&echo{})}, nil, 0)
	w.Start()
	l := w.Dial("client", "a", Peer{Path: network.Plain(10 * time.Millisecond)})
	req := &sim.Request{ID: tracedID, Trace: sim.Traced, Scope: &sim.Scope{}}
	if before != nil {
		before(w, req)
	}
	l.Serve(req, func(*sim.Response) {})
	if during != nil {
		during(w, req)
	}
	w.Engine.Run(sim.Time(time.Minute))
	return text.String()
}
