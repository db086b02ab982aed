// Losses: which packets of a flight do not arrive.
package network

import (
	"math"

	"cdnlab/sim"
)

// losses says which of a flight's segments are lost: how many, and the first of
// them, from 0.
type losses struct{ n, first int64 }

// chance is the chance of a packet to be lost, on all legs and by faults.
func (l *Link) chance() float64 {
	p := l.spec.LossOf()
	return p + l.change.Loss - p*l.change.Loss
}

// burst is how many packets in a row are lost in the mean.
func (l *Link) burst() float64 {
	b := max(1, l.spec.Burst)
	if a := l.spec.Access; a != nil && a.Loss > 0 {
		b = max(b, a.Burst)
	}
	return b
}

// lose rolls for n segments. Losses come in bursts of the mean length given, as in
// Gilbert's model (Bell System Technical Journal 39, 1960): a good state that loses
// nothing and a bad one that loses all, with such changes between the two that the
// share p is lost. Gaps and bursts are geometric, so a roll is made for each of
// them and not for each segment. A burst ends with its flight.
func lose(roll *sim.Roll, n int64, p, burst float64) losses {
	if p <= 0 || n <= 0 {
		return losses{}
	}
	burst = max(burst, 1/(1-p)) // what chance alone makes
	toBad := p / (burst * (1 - p))
	var lost losses
	at := int64(0)
	if roll.Float64() >= p { // it begins in the good state
		at = 1 + skip(roll, toBad, n)
	}
	for at < n {
		if lost.n == 0 {
			lost.first = at
		}
		length := min(1+skip(roll, 1/burst, n), n-at)
		lost.n += length
		at += length + 1 // behind a burst comes one that arrives
		if at < n {
			at += skip(roll, toBad, n)
		}
	}
	return lost
}

// skip is how many times in a row something with the chance p does not happen, at
// most most.
func skip(roll *sim.Roll, p float64, most int64) int64 {
	u := roll.Float64()
	if p >= 1 {
		return 0
	}
	return int64(min(math.Log(1-u)/math.Log1p(-p), float64(most)))
}
