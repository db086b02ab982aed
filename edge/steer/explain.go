// Why a client reaches the PoP that it reaches, in words.
package steer

import (
	"fmt"
	"strings"

	"cdnlab/sim"
)

// runnersUp is how many PoPs are named beside the one that was picked.
const runnersUp = 3

// Explain says which PoP Pick returns for a place, and why: those nearer that are
// down, and the next in line. names are the PoPs' names in their order.
func (s *Steer) Explain(place string, names []string) string {
	picked := s.Pick(place)
	if picked == None {
		return "none: every PoP is down"
	}
	var down, then []string
	behind := false
	for _, i := range s.nearest(place) {
		far := names[i] + " " + sim.Briefly(s.rtt(place, s.pops[i]))
		switch {
		case i == picked:
			behind = true
		case !behind:
			down = append(down, far)
		case !s.down[i] && len(then) < runnersUp:
			then = append(then, far)
		}
	}
	says := fmt.Sprintf("%s: nearest by RTT, %s", names[picked], sim.Briefly(s.rtt(place, s.pops[picked])))
	if len(down) > 0 {
		says += " (nearer, but down: " + strings.Join(down, ", ") + ")"
	}
	if len(then) == 0 && len(down) == 0 {
		return says + " (there is no other)"
	}
	if len(then) > 0 {
		says += " (then " + strings.Join(then, ", ") + ")"
	}
	return says
}
