// Metrics of purging: how long until no PoP answers with what is old.
package report

import (
	"cdnlab/sim"
)

func init() {
	register(Metric{Name: "purge-time", Unit: UnitTime, Better: Lower,
		Definition: "time from a purge to the moment the last PoP has forgotten; the longest of the window's purges",
		Value: func(v View, _ string) (float64, bool) {
			took, pairs, _ := purges(v)
			return took, pairs > 0
		},
		Warn: unpurged})
	register(Metric{Name: "purges-missed", Heading: "purges missed", Unit: UnitCount, Better: Lower,
		Definition: "purges that a PoP or shield could not be told of for so long that nobody tried any more: it may answer with what is old until that expires; each counted once for each of them, at that time",
		Value: func(v View, _ string) (float64, bool) {
			asked, missed := 0, 0
			for _, e := range v.Run.Events {
				switch {
				case e.Kind == sim.EventPurging:
					asked++
				case e.Kind == sim.EventUnpurged && v.contains(e.At):
					missed++
				}
			}
			return float64(missed), asked > 0
		}})
}

// purges pairs each request to a PoP to forget, made in the window, with the
// PoP's word that it has: of one PoP and path the first with the first. It
// returns the longest time, how many pairs there are, and how many PoPs never
// said so.
func purges(v View) (took float64, pairs, alone int) {
	events := v.Run.Events
	taken := map[int]bool{}
	for i, asked := range events {
		if asked.Kind != sim.EventPurging {
			continue
		}
		at := -1
		for j := i + 1; j < len(events) && at < 0; j++ {
			e := events[j]
			if e.Kind == sim.EventPurged && e.Node == asked.Node && e.Subject == asked.Subject && !taken[j] {
				at = j
			}
		}
		switch {
		case at >= 0 && v.contains(asked.At):
			pairs++
			took = max(took, float64(events[at].At.Sub(asked.At)))
		case v.contains(asked.At):
			alone++
		}
		if at >= 0 {
			taken[at] = true
		}
	}
	return took, pairs, alone
}

// unpurged warns of PoPs that never forgot.
func unpurged(v View) []Warning {
	_, _, alone := purges(v)
	if alone == 0 {
		return nil
	}
	return []Warning{{Kind: "a purge that a PoP never heard of", Here: formatNumber(float64(alone))}}
}
