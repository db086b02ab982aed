// Means: what a visit comes to, for an estimate before the run.
package load

import "time"

// Means is what one visit comes to in the mean over the journeys, by their
// shares.
type Means struct {
	Pages, Requests float64
	Thinking        time.Duration // between its pages, in all
	AtOnce          int           // requests at the most, on the page with the most assets
}

// MeansOf returns the means of journeys that CheckJourneys found no mistake in,
// for people who keep their session.
func MeansOf(journeys []Journey) Means {
	var m Means
	sum := 0.0
	for _, j := range journeys {
		sum += *j.withDefaults().Share
	}
	for _, j := range journeys {
		j = j.withDefaults()
		pages, requests, atOnce := j.means()
		part := *j.Share / sum
		m.Pages += part * pages
		m.Requests += part * requests
		m.Thinking += time.Duration(part * max(0, pages-1) * float64(j.ThinkTime))
		m.AtOnce = max(m.AtOnce, atOnce)
	}
	return m
}

// means goes along a journey with the share of the people who have not yet left.
func (j Journey) means() (pages, requests float64, atOnce int) {
	here := 1.0
	for _, s := range j.Steps {
		for range s.times() {
			pages += here
			requests += here * float64(1+s.assets())
			here *= 1 - s.Leave
		}
		atOnce = max(atOnce, 1, s.assets())
	}
	return pages, requests, atOnce
}
