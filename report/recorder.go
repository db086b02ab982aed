// The recorder: one call per request, integers only, bounded memory.
package report

import (
	"fmt"
	"net/http"
	"slices"
	"time"

	"cdnlab/sim"
)

// Recorder collects what one run did. It is not safe for concurrent use.
type Recorder struct {
	plan     Plan
	warmup   sim.Time  // of the plan
	segments []segment // ascending, without gaps; the outer two are open
	current  *segment  // where the last observation went: so will most next ones

	step  time.Duration
	ticks []tick // per step of time
	last  int    // of the last observation

	servers, pops, groups, places names

	keys    map[counterKey]int32 // node and counter to its number
	counter []counterSeries      // by number

	events        []sim.Event
	events2nd     int // those of events that metrics do not need
	eventsDropped int64
	countsDropped int64
}

// tick is what users saw in one step of time.
type tick [numTicks]int64

const (
	tickRequests = iota
	tickErrors
	tickPoPAnswers
	tickHits
	tickJoined
	tickBytes
	tickLatency // the sum of the latencies of answers
	tickChanging
	tickOutdated
	tickStaleNanos // staleness in total
	tickPersonal
	tickWrongUser
	tickPages
	tickPageErrors
	tickUsers // + UserEvent
	numTicks  = tickUsers + int(numUserEvents)
)

var tickNames = [numTicks]string{"requests", "errors", "pop-answers", "hits", "joined", "bytes", latencySeries,
	"changing", "outdated", "staleness-ns", "personal", "wrong-user",
	"pages", "page-errors", "users", "users-with-errors", "sign-ins", "sessions-lost"}

// latencySeries is what a mean latency per step is made of.
const latencySeries = "latency-ns"

// maxPoints bounds the points of a series. A run of up to two hours has a point
// per second; a longer one has as many seconds in each point as it takes.
const maxPoints = 7200

// NewRecorder returns a recorder for one run. A wrong plan is a broken
// invariant: whoever made it has judged the scenario before.
func NewRecorder(plan Plan) *Recorder {
	if err := plan.check(); err != nil {
		panic("report: " + err.Error())
	}
	if len(plan.Shards) == 0 {
		plan.Shards = []int{0}
	}
	r := &Recorder{
		plan:     plan,
		warmup:   sim.Time(plan.Warmup),
		segments: cut(plan.Windows),
		step:     stepOf(plan.Duration),
		servers:  newNames(), pops: newNames(), groups: newNames(), places: newNames(),
		keys: map[counterKey]int32{},
	}
	r.current = &r.segments[0]
	r.ticks = make([]tick, 0, r.point(sim.Time(plan.Duration))+1)
	return r
}

// stepOf returns the time between two points of a series: whole seconds.
func stepOf(duration time.Duration) time.Duration {
	seconds := int64(duration/time.Second) + 1
	return time.Duration((seconds+maxPoints-1)/maxPoints) * time.Second
}

// cut returns the segments between the bounds of all windows.
func cut(windows []Window) []segment {
	bounds := []sim.Time{sim.Never}
	for _, w := range windows {
		bounds = append(bounds, w.From, w.To)
	}
	slices.Sort(bounds)
	var segments []segment
	from := sim.Time(0)
	for _, to := range slices.Compact(bounds) {
		if to > from {
			segments = append(segments, segment{from: from, to: to})
			from = to
		}
	}
	return segments
}

// at returns the segment of a time.
func (r *Recorder) at(t sim.Time) *segment {
	if s := r.current; t >= s.from && t < s.to {
		return s
	}
	i, _ := slices.BinarySearchFunc(r.segments, t, func(s segment, t sim.Time) int {
		if s.to <= t {
			return -1
		}
		return 1
	})
	// Nothing lies before 0 and nothing after Never; both ends are open.
	r.current = &r.segments[min(i, len(r.segments)-1)]
	return r.current
}

// point returns the point of a series that a time belongs to. What comes after
// the longest plan falls into the last one.
func (r *Recorder) point(t sim.Time) int {
	return min(int(max(t, 0)/sim.Time(r.step)), maxPoints)
}

func (r *Recorder) tick(t sim.Time) *tick {
	step := sim.Time(r.step)
	if from := sim.Time(r.last) * step; t >= from && t < from+step && r.last < len(r.ticks) {
		return &r.ticks[r.last] // as most are; a division takes longer
	}
	i := r.point(t)
	r.last = i
	for i >= len(r.ticks) {
		r.ticks = append(r.ticks, tick{})
	}
	return &r.ticks[i]
}

// Observe takes one request that has ended, well or badly. Everything counts in
// the second and the windows of its intended time. Failed requests enter the
// counts but no histogram: a quick error is no quick answer.
func (r *Recorder) Observe(o *Observation) {
	if o.Intended < r.warmup {
		return
	}
	s, t, failed := r.at(o.Intended), r.tick(o.Intended), o.Failed()
	r.count(s, o, failed)
	t[tickRequests]++
	t[tickBytes] += o.Bytes
	if failed {
		t[tickErrors]++
		return
	}
	if o.Verdict != sim.VerdictNone {
		t[tickPoPAnswers]++
	}
	if o.Sent != o.Intended {
		s.divide()
	}
	ttfb := fit(o.FirstByte.Sub(o.Intended))
	switch {
	case o.Verdict.FromStore():
		t[tickHits]++
		s.hist(histHitTTFB).take(ttfb)
	case o.Verdict == sim.VerdictMiss:
		s.hist(histMissTTFB).take(ttfb)
	case o.Verdict == sim.VerdictJoined:
		t[tickJoined]++
	}
	s.hist(histTTFB).take(ttfb)
	if o.Left {
		s.sent(histSentTTFB, o.FirstByte.Sub(o.Sent))
		return // how long the whole would have taken nobody knows
	}
	took := o.End.Sub(o.Intended)
	t[tickLatency] += int64(max(took, 0))
	latency := ttfb
	if o.End != o.FirstByte {
		latency = fit(took)
	}
	s.hist(histLatency).take(latency)
	s.sent(histSentTTFB, o.FirstByte.Sub(o.Sent))
	s.sent(histSentLatency, o.End.Sub(o.Sent))
	if o.Changing || o.Personal {
		s.truth(t, o)
	}
}

// count enters one request into the counts of its segment. Verdicts count only
// answers that came: the ratios are about answers.
func (r *Recorder) count(s *segment, o *Observation, failed bool) {
	c := &s.counts
	c[countRequests]++
	c[countBytes] += o.Bytes
	c[countStatus+min(o.Status/100, 5)]++
	c[countCause+int(o.Cause)]++
	if o.Status == http.StatusNotFound || o.Status == http.StatusGone {
		c[countNotFound]++
	}
	if o.Retried {
		c[countRetried]++
	}
	if o.Server != "" {
		c[countServed]++
		c[countQueueNanos] += int64(o.Queue)
		c[countServerNanos] += int64(o.ServerTook)
		bump(&s.servers, r.servers.id(o.Server), 1)
	}
	bump(&s.pops, r.pops.id(o.PoP), 1)
	bump(&s.groups, r.groups.id(o.Group), 1)
	s.seen(r.places.id(o.Place), o, failed)
	if failed {
		c[countErrors]++
		bump(&s.groupErrors, r.groups.id(o.Group), 1)
		if o.Status == 0 {
			c[countLost]++
		}
		return
	}
	if o.Left {
		c[countLeft]++
	}
	c[countVerdict+int(o.Verdict)]++
	c[countFwd+int(o.Fwd)]++
	c[countBrowser+int(o.Browser)]++
	if o.Verdict != sim.VerdictNone {
		c[countPoPBytes] += o.Bytes
	}
	if o.Verdict.FromStore() {
		c[countHitBytes] += o.Bytes
	}
}

// Totals is what has been recorded so far, for a progress bar.
type Totals struct {
	Requests, Errors, PoPAnswers, Hits, Bytes int64
}

// HitRatio returns the share of answers at PoPs that came from a store, false
// when there is none.
func (t Totals) HitRatio() (float64, bool) {
	return float64(t.Hits) / float64(max(t.PoPAnswers, 1)), t.PoPAnswers > 0
}

// Totals returns what has been recorded so far.
func (r *Recorder) Totals() Totals {
	var sum Totals
	for i := range r.segments {
		c := &r.segments[i].counts
		sum.Requests += c[countRequests]
		sum.Errors += c[countErrors]
		sum.Bytes += c[countBytes]
		for v := sim.VerdictHit; v <= sim.VerdictBypass; v++ {
			sum.PoPAnswers += c[countVerdict+int(v)]
			if v.FromStore() {
				sum.Hits += c[countVerdict+int(v)]
			}
		}
	}
	return sum
}

// String says how much was recorded.
func (t Totals) String() string {
	return fmt.Sprintf("%d requests, %d errors", t.Requests, t.Errors)
}
