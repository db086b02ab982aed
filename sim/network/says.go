// A path in words.
package network

import (
	"math"
	"strconv"
	"strings"

	"cdnlab/sim"
)

// Says tells what a leg is like beside its round-trip time: "100Mbit, 1 % lost";
// "" when there is nothing to tell.
func (g *Leg) Says() string {
	var words []string
	switch {
	case g.Rate > 0 && g.RateBack > 0 && g.Rate != g.RateBack:
		words = append(words, g.Rate.String()+" out and "+g.RateBack.String()+" back")
	case g.Rate > 0:
		words = append(words, g.Rate.String())
	}
	if g.Queue > 0 && g.Rate > 0 {
		words = append(words, "a queue of "+g.Queue.String())
	}
	if g.Loss > 0 {
		lost := percent(g.Loss) + " lost"
		if g.Burst > 1 {
			lost += " in bursts of " + strconv.FormatFloat(g.Burst, 'g', 3, 64)
		}
		words = append(words, lost)
	}
	if g.Jitter > 0 {
		shape := ""
		if g.JitterShape != "" {
			shape = " (" + g.JitterShape + ")"
		}
		words = append(words, "jitter "+sim.Briefly(g.Jitter)+shape)
	}
	return strings.Join(words, ", ")
}

// percent writes a share without the dust of its binary form: 0.07 is 7 %.
func percent(share float64) string {
	return strconv.FormatFloat(math.Round(share*1e8)/1e6, 'f', -1, 64) + " %"
}

// Says tells what a last mile is: "4g, 53.1 ms, 13600kbit out and 14700kbit back".
func (a *Access) Says() string {
	text := a.Name + " " + sim.Briefly(a.RTT)
	if more := a.Leg.Says(); more != "" {
		text += ", " + more
	}
	return text
}

// Says tells what a path is like beside its whole round-trip time.
func (s *Spec) Says() string {
	if s.Access == nil {
		return s.Leg.Says()
	}
	text := s.Access.Says() + "; then " + sim.Briefly(s.RTT)
	if more := s.Leg.Says(); more != "" {
		text += ", " + more
	}
	return text
}
