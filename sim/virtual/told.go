// told: a content on its way that has words.
package virtual

import "cdnlab/sim"

// told is the near end's content together with the words of the host's.
type told struct {
	*sim.Transfer
	of sim.Worded
}

var _ sim.Worded = told{}

// near returns the near end's content, with the words that the host's has.
func near(end *sim.Transfer, host sim.Body) sim.Body {
	if w := sim.WordedOf(host); w != nil {
		return told{end, w}
	}
	return end
}

// Words implements sim.Worded.
func (t told) Words(limit int) string { return t.of.Words(limit) }

// Share implements sim.Body: of what the Transfer has in common, and with the words.
func (t told) Share() sim.Body {
	t.Transfer.Share()
	return t
}
