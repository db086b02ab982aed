// What is kept of one span between two neighbouring bounds of windows.
package report

import (
	"time"

	"cdnlab/sim"
)

// Windows overlap ("all" contains every other), so an observation would be
// recorded many times over. Segments do not: each observation goes into exactly
// one, and a window is the sum of its segments. That keeps the hot path's cost
// apart from the number of windows.
type segment struct {
	from, to    sim.Time
	counts      [numCounts]int64
	hists       [numHists]*dense
	divided     bool // something was sent late: until then sent and intended times are one
	servers     []int64
	pops        []int64
	groups      []int64
	groupErrors []int64
	places      []place
	nodes       []int64 // by number of "node.counter"
}

// place is what is kept of the clients of one place.
type place struct {
	requests, errors int64
	first            First
	answered         bool // first is set
}

// First is the first request of a place that was answered.
type First struct {
	Intended sim.Time `json:"intended_ns"`
	Client   uint64   `json:"client"`
	TTFB     int64    `json:"ttfb_ns"`
}

func (f First) before(g First) bool {
	if f.Intended != g.Intended {
		return f.Intended < g.Intended
	}
	return f.Client < g.Client
}

// The counts of a window, by their names in a result.
const (
	countRequests = iota
	countErrors   // no whole answer, or a 5xx
	countLost     // no answer at all
	countRetried
	countBytes       // of content, whether whole or not
	countPoPBytes    // of answers given by a PoP
	countHitBytes    // of answers from a store
	countServed      // answers that name their server
	countQueueNanos  // their waiting in total
	countServerNanos // their time at the server in total
	countChanging    // answers about content that changes
	countOutdated    // ... of a version that had been replaced
	countPersonal    // answers made for one user
	countWrongUser   // ... that another got
	countNotFound    // answers 404 or 410
	countVerdict     // + sim.Verdict
	countStatus      = countVerdict + 7
	countCause       = countStatus + 6 // + sim.Cause; status is by its hundreds
	countFwd         = countCause + 16 // + sim.Fwd
	countPages       = countFwd + 9    // of people, as what follows
	countPageErrors  = countPages + 1
	countMixedPages  = countPages + 2
	countUsers       = countPages + 3                  // + UserEvent
	countBrowser     = countUsers + int(numUserEvents) // + sim.Verdict
	countLeft        = countBrowser + 7                // users who did not wait for the rest of an answer
	numCounts        = countLeft + 1
)

var countNames = func() (names [numCounts]string) {
	copy(names[:], []string{"requests", "errors", "lost", "retried", "bytes", "pop-bytes",
		"hit-bytes", "served", "queue-ns", "server-ns", "changing", "outdated", "personal", "wrong-user", "not-found"})
	for v := sim.VerdictHit; v <= sim.VerdictBypass; v++ {
		names[countVerdict+int(v)] = "verdict." + v.String()
		names[countBrowser+int(v)] = "browser." + v.String()
	}
	for i, status := range []string{"", "1xx", "2xx", "3xx", "4xx", "5xx"} {
		if status != "" {
			names[countStatus+i] = "status." + status
		}
	}
	for _, c := range sim.Causes() {
		names[countCause+int(c)] = "cause." + c.String()
	}
	for _, f := range sim.Fwds() {
		names[countFwd+int(f)] = "fwd." + f.String()
	}
	names[countLeft] = "left"
	copy(names[countPages:], []string{"pages", "page-errors", "mixed-pages", "users", "users-with-errors", "sign-ins", "sessions-lost"})
	return names
}()

// The histograms of a window, by their names in a result.
const (
	histLatency     = iota // Intended to End
	histSentLatency        // Sent to End
	histTTFB               // Intended to FirstByte
	histSentTTFB           // Sent to FirstByte
	histHitTTFB            // TTFB of answers from a store
	histMissTTFB           // TTFB of answers fetched for this request
	histStaleness          // Staleness of answers about content that changes
	histPageLoad           // of a PageView, Intended to End
	numHists
)

var histNames = [numHists]string{"latency", "sent-latency", "ttfb", "sent-ttfb", "hit-ttfb", "miss-ttfb", "staleness", "page-load"}

// seen counts one request of a place and keeps the first that was answered.
func (s *segment) seen(id int32, o *Observation, failed bool) {
	for int(id) >= len(s.places) {
		s.places = append(s.places, place{})
	}
	p := &s.places[id]
	p.requests++
	if failed {
		p.errors++
		return
	}
	f := First{o.Intended, o.Client, int64(o.FirstByte.Sub(o.Intended))}
	if !p.answered || f.before(p.first) {
		p.first, p.answered = f, true
	}
}

// intended are the histograms from the intended time, by those from the sent one.
var intended = map[int]int{histSentLatency: histLatency, histSentTTFB: histTTFB}

// divide is told that something was sent late, before it is recorded: from now on
// what counts from the sent time is kept by itself.
func (s *segment) divide() {
	if s.divided {
		return
	}
	s.divided = true
	for kind, of := range intended { // in any order: one knows nothing of the other
		s.hists[kind] = s.hists[of].clone()
	}
}

// sent records a time from the sent time on.
func (s *segment) sent(kind int, took time.Duration) {
	if s.divided {
		s.hist(kind).record(took)
	}
}

// kept returns the histogram of that kind as it is kept, nil when nothing was recorded.
func (s *segment) kept(kind int) *Histogram {
	if of, sent := intended[kind]; sent && !s.divided {
		kind = of
	}
	return s.hists[kind].sparse()
}

// hist returns the histogram of that kind, made at its first use.
func (s *segment) hist(kind int) *dense {
	if d := s.hists[kind]; d != nil {
		return d
	}
	return s.open(kind)
}

// open makes a histogram. It is kept out of what is done for every request.
//
//go:noinline
func (s *segment) open(kind int) *dense {
	d := newDense()
	s.hists[kind] = d
	return d
}
