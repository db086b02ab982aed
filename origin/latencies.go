// Latencies: what a server knows of how long answers take with so much to do.
package origin

import (
	"slices"
	"time"
)

const (
	seenAnswers = 128 // the last ones
	nearAnswers = 9   // of which the median is taken
)

// latencies are the last answers of a server, and how many requests each found there. Its
// estimate is the median of those that found about as many as there are now, as Prequal's
// servers make it (Wydrowski et al., NSDI 2024, section 4).
type latencies struct {
	seen [seenAnswers]struct {
		found int
		took  time.Duration
	}
	n, next int
}

// add takes what an answer took.
func (l *latencies) add(found int, took time.Duration) {
	l.seen[l.next].found, l.seen[l.next].took = found, took
	l.next = (l.next + 1) % seenAnswers
	l.n = min(l.n+1, seenAnswers)
}

// at estimates what a request takes that finds so many; 0 when nothing is known. Of answers that
// found as many more as others found fewer the later ones count.
func (l *latencies) at(inFlight int) time.Duration {
	var near [nearAnswers]struct {
		off  int
		took time.Duration
	}
	n := 0
	for i := range l.n {
		s := l.seen[(l.next-1-i+2*seenAnswers)%seenAnswers]
		off := max(s.found-inFlight, inFlight-s.found)
		at := n
		for at > 0 && near[at-1].off > off {
			at--
		}
		if at == nearAnswers {
			continue
		}
		n = min(n+1, nearAnswers)
		copy(near[at+1:n], near[at:n-1])
		near[at].off, near[at].took = off, s.took
	}
	if n == 0 {
		return 0
	}
	var took [nearAnswers]time.Duration
	for i := range n {
		took[i] = near[i].took
	}
	slices.Sort(took[:n])
	return took[n/2]
}
