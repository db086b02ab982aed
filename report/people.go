// What the recorder is told of people: their pages, and what became of them.
package report

import "cdnlab/sim"

// PageView is one page as its user saw it: the HTML and everything on it.
type PageView struct {
	Intended sim.Time // when its user wanted it
	End      sim.Time // when the last of it had come
	// Failed: the HTML or an asset did not come whole, or came with a status of
	// 400 or above: not the page that its user wanted.
	Failed bool
	// Mixed: not all of it that changes at deploys is of one version.
	Mixed bool
}

// ObservePage takes one page that has ended, well or badly. It counts in the
// second and the windows of its intended time.
func (r *Recorder) ObservePage(p PageView) {
	if p.Intended < r.warmup {
		return
	}
	s, t := r.at(p.Intended), r.tick(p.Intended)
	s.counts[countPages]++
	t[tickPages]++
	if p.Mixed {
		s.counts[countMixedPages]++
	}
	if p.Failed {
		s.counts[countPageErrors]++
		t[tickPageErrors]++
		return
	}
	s.hist(histPageLoad).record(p.End.Sub(p.Intended))
}

// UserEvent is something that happens to a user, rather than to a request.
type UserEvent uint8

// The events.
const (
	UserCame        UserEvent = iota // for the first time
	UserSawError                     // the first failed page of theirs
	UserSignedIn                     // an answer to a sign-in said that it worked
	UserLostSession                  // the site does not know their session any more
	numUserEvents
)

// ObserveUser takes what happened to a user, at its time. Who came during the
// warm-up is there when it ends, and counts from then on.
func (r *Recorder) ObserveUser(at sim.Time, e UserEvent) {
	if at < r.warmup && e != UserCame {
		return
	}
	at = max(at, r.warmup)
	r.at(at).counts[countUsers+int(e)]++
	r.tick(at)[tickUsers+int(e)]++
}
