// Parity of explanations: a traced request's steps are the same in both worlds, to
// the word and to the nanosecond.
package scenarios

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"cdnlab/report"
	"cdnlab/sim"
)

// TestParityOfSteps traces every request of the parity script. To be traced
// changes nothing of what its user sees.
func TestParityOfSteps(t *testing.T) {
	for name, bad := range map[string]badly{"healthy": {}, "lossy": {loss: 0.3, delay: 20}} { // each is a test of its own
		t.Run(name, func(t *testing.T) {
			untraced := parityVirtual(t, bad, bad.diary())
			virtual := traced()
			compareLines(t, "untraced", untraced, "traced", parityVirtual(t, bad, virtual))
			want := virtual.told()
			if n := strings.Count(want, "\n"); n < 20*len(parityScript) {
				t.Errorf("%d steps of %d requests", n, len(parityScript))
			}
			server := traced()
			parityLive(t, bad, server, false, netHTTP)
			compareLines(t, "virtual", want, "net/http", server.told())
			front := traced()
			parityLive(t, bad, front, false, ownFront)
			compareLines(t, "virtual", want, "front", front.told())
		})
	}
}

func traced() *diary {
	d := newDiary(parityScript)
	d.trace = sim.Traced
	return d
}

// told lists the steps that each request took. What comes when nobody waits for it
// any more has no order in a bubble, nor has a content's end between two nodes; and
// why a client has left, a closed connection does not tell.
func (d *diary) told() string {
	var text strings.Builder
	for i, steps := range d.steps {
		trace := report.Trace{}
		trace.Assemble(sim.Time(parityScript[i].at), steps)
		fmt.Fprintf(&text, "%s %s\n", parityScript[i].method, parityScript[i].path)
		var late []string
		for _, s := range slices.Concat(trace.Steps, trace.Behind) {
			line := fmt.Sprintf("%v %v %s %s>%s %s: %s %d %s %d\n", s.At, s.Took, s.Part, s.Node, s.Peer, s.Kind, s.Says, s.Status, s.Cause, s.Bytes)
			switch {
			case s.Kind == sim.StepEnd && s.Node != "users":
			case s.Late:
				late = append(late, fmt.Sprintf("late: %v %s>%s %s\n", s.At, s.Node, s.Peer, s.Kind))
			default:
				text.WriteString(line)
			}
		}
		slices.Sort(late)
		text.WriteString(strings.Join(late, ""))
	}
	return text.String()
}
