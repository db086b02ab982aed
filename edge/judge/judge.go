// The judgement: what the deciders make of it, and when.
package judge

import (
	"cmp"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"cdnlab/edge/cache"
	"cdnlab/sim"
)

// Judgement is what a cache makes of an answer. Times count from when it came.
type Judgement struct {
	Given  Given
	Rules  cache.Rules
	Entry  *cache.Entry    // nil: not stored
	Stored cache.Decision  // of what is not stored: how the same request fares again
	Why    cache.Reason    // why it is stored or not
	Key    cache.Key       // under which it is, or would be
	Spans  []Span          // what the same request gets when; the last has no end
	Left   []Left          // fields that are not stored with it
	Forget []cache.Key     // what the request takes out of the cache
	Precon *bool           // this request's own preconditions: answered 304?
	Notes  []Note          // what means nothing here, or not what it seems
	Others []Deviation     // what other caches do otherwise
	x      *cache.Exchange // as the deciders saw it

	control cache.Control // the directives that hold
	asking  cache.Asking  // the request's
}

// Span is a time in which the same request gets the same.
type Span struct {
	From, Until time.Duration // Until 0: for good
	Decision    cache.Decision
	Asks        http.Header    // of a fetch: the preconditions, nil when it fetches anew
	Failed      cache.Decision // with VerdictMiss, when that fails: VerdictStale when the stored answer goes out
}

// Left is a field that is not stored with the answer.
type Left struct {
	Name string
	Why  cache.Reason
}

// Why a field is not stored.
const (
	whyHop       cache.Reason = "RFC 9110 7.6.1: for one connection only"
	whyNoCacheOf cache.Reason = "RFC 9111 5.2.2.4: no-cache names it"
	whyForThis   cache.Reason = "Edge Architecture 2.3: for this cache, not for who comes after it"
	whyEachOwn   cache.Reason = "RFC 9111 3.4: each range has its own"
	whyPrivateOf cache.Reason = "RFC 9111 5.2.2.7: private names it, and this cache is shared"
)

// Rules returns those of a CDN's cache, or of a browser's: the same but for the
// sharing.
func Rules(shared bool) cache.Rules {
	if shared {
		return cache.SharedRules()
	}
	return cache.PrivateRules()
}

// Judge says what a cache with those rules makes of an answer that came at that
// date.
func Judge(g Given, rules cache.Rules, came time.Time) *Judgement {
	j := decide(g, rules, came)
	j.Notes = j.notes(came)
	if rules.Shared {
		j.Others = j.others(came)
	}
	return j
}

// decide asks the deciders.
func decide(g Given, rules cache.Rules, came time.Time) *Judgement {
	req := g.request()
	size := int64(-1)
	if n, err := strconv.ParseInt(g.Header.Get("Content-Length"), 10, 64); err == nil && n >= 0 {
		size = n
	}
	j := &Judgement{Given: g, Rules: rules, Key: cache.KeyOf(req)}
	// What the answer took to come is not in its header: it counts as nothing.
	j.x = &cache.Exchange{Method: g.Method, Key: j.Key, Asked: g.Asked, Response: sim.Answer(g.Status, g.Header, size),
		Header: cache.Forwardable(g.Header), Epoch: came.Truncate(time.Second)}
	j.control, j.asking = rules.Control(j.x.Header), cache.ParseAsking(g.Asked)
	j.Forget = cache.Changed(req, j.Key, j.x)
	fwd, why := cache.Passes(req, false, rules.Name)
	if fwd == sim.FwdNone && !cache.Understood(req) {
		fwd, why = sim.FwdBypass, cache.WhyRange // nothing is stored yet
	}
	if e, _ := rules.Consider(j.x); fwd == sim.FwdMethod && e != nil {
		j.Entry, j.Why = e, cache.WhyStorable // a POST's, for the GETs to come
	} else if fwd != sim.FwdNone {
		j.Why, j.Stored = why, cache.Decision{Verdict: sim.VerdictBypass, Fwd: fwd, Why: why}
	} else {
		rules.Judge(0, nil, false, &j.Stored)
		j.obey(nil, &j.Stored)
		if j.Entry, j.Why = rules.Consider(j.x); j.Stored.Verdict == sim.VerdictBypass {
			j.Entry, j.Why = nil, j.Stored.Why
		}
	}
	if j.Entry != nil {
		j.Key.Path = j.Entry.Search().Canonical(j.Key.Path)
	}
	j.spans()
	j.left()
	j.preconditions()
	return j
}

// URI is what was asked for.
func (g Given) URI() string { return cache.KeyOf(g.request()).String() }

// obey lets the request's directives count, where the rules say so.
func (j *Judgement) obey(e *cache.Entry, d *cache.Decision) {
	if j.Rules.ObeyRequests {
		j.Rules.Obey(&j.asking, e, d)
	}
}

// request is the request as a PoP meets it.
func (g Given) request() *sim.Request {
	req := &sim.Request{Method: g.Method, Scheme: g.Scheme, Host: g.Host, Path: g.Path, Header: g.Asked}
	if n, err := strconv.ParseInt(g.Asked.Get("Content-Length"), 10, 64); err == nil {
		req.Size = n
	}
	return req
}

// spans finds what the same request gets when. The deciders alone say what that
// is; where it may change follows from what is stored.
func (j *Judgement) spans() {
	e := j.Entry
	if e == nil {
		j.Spans = []Span{{Decision: j.Stored}}
		return
	}
	end := e.TTL(0)
	// Fresh is below the lifetime (RFC 9111 4.2), the windows are "up to" (RFC
	// 5861 3 and 4): they end behind their last nanosecond.
	starts := []time.Duration{0, end, end + max(e.Control.StaleWhileRevalidate, 0) + 1, end + max(e.Control.StaleIfError, 0) + 1}
	if j.Rules.Grace > 0 {
		starts = append(starts, end+j.Rules.Grace+1)
	}
	if a := j.asking; j.Rules.ObeyRequests {
		starts = append(starts, a.MaxAge-e.Age(0)+1, end-max(a.MinFresh, 0)+1, end+max(a.MaxStale, 0)+1)
	}
	slices.Sort(starts)
	for _, from := range slices.Compact(starts) {
		if from < 0 {
			continue
		}
		s := j.at(from)
		last := len(j.Spans) - 1
		if last >= 0 && j.Spans[last].same(s) {
			continue
		}
		if last >= 0 && from-j.Spans[last].From <= 1 { // the last nanosecond of a window of 0
			s.From = j.Spans[last].From
			j.Spans = j.Spans[:last]
		} else if last >= 0 {
			j.Spans[last].Until = from
		}
		j.Spans = append(j.Spans, s)
	}
}

// at is what the same request gets at a time.
func (j *Judgement) at(t time.Duration) Span {
	now, e := sim.Time(t), j.Entry
	s := Span{From: t}
	j.Rules.Judge(now, e, true, &s.Decision)
	j.obey(e, &s.Decision)
	if s.Decision.Verdict == sim.VerdictHit {
		return s
	}
	if e.Validatable() {
		s.Asks = cache.Validators(nil, e)
	}
	if s.Decision.Verdict == sim.VerdictMiss {
		s.Failed, _ = j.Rules.OnError(now, e)
	}
	return s
}

// same reports whether two spans are one.
func (s Span) same(other Span) bool {
	a, b := s.Decision, other.Decision
	return a.Verdict == b.Verdict && a.Why == b.Why && s.Failed.Verdict == other.Failed.Verdict
}

// At returns what the same request gets when the answer is that old.
func (j *Judgement) At(age time.Duration) (Span, bool) {
	if j.Entry == nil {
		return Span{Decision: j.Stored}, true
	}
	if age < j.Entry.Age(0) {
		return Span{}, false
	}
	return j.at(age - j.Entry.Age(0)), true
}

// left finds the fields that are not stored with the answer. Date and Age are:
// typed.
func (j *Judgement) left() {
	if j.Entry == nil {
		return
	}
	c := &j.Entry.Control
	for _, name := range slices.Sorted(maps.Keys(j.Given.Header)) {
		_, kept := j.Entry.Header[name]
		_, goesOn := j.x.Header[name]
		switch {
		case kept || name == "Date" || name == "Age":
		case !goesOn:
			j.Left = append(j.Left, Left{name, whyHop})
		case name == "Content-Range":
			j.Left = append(j.Left, Left{name, whyEachOwn})
		case name == "Surrogate-Control":
			j.Left = append(j.Left, Left{name, whyForThis})
		case slices.Contains(c.NoCacheFields, name):
			j.Left = append(j.Left, Left{name, whyNoCacheOf})
		default:
			j.Left = append(j.Left, Left{name, whyPrivateOf})
		}
	}
}

// preconditions says whether this request's own are answered with a 304.
func (j *Judgement) preconditions() {
	if !cache.HasPreconditions(j.Given.Asked) || j.Stored.Verdict == sim.VerdictBypass {
		return
	}
	current := j.x.Current()
	if j.Entry != nil {
		current = j.Entry.Current()
	}
	unchanged := current.NotModified(j.Given.Asked, j.x.Epoch, 0)
	j.Precon = &unchanged
}

// AgeBy is the field that the age an answer came with is told by, "" when it came
// new.
func (j *Judgement) AgeBy() string {
	_, aged, age := j.x.Typed()
	switch e := j.Entry; {
	case e == nil || e.Age(0) == 0:
		return ""
	case aged && time.Duration(age) == e.Age(0):
		return "Age"
	}
	return "Date"
}

// Lines are a header's, as "NAME: VALUE", in the order of their names.
func Lines(h http.Header) []string {
	var lines []string
	for _, name := range slices.Sorted(maps.Keys(h)) {
		lines = append(lines, name+": "+cmp.Or(strings.Join(h[name], ", "), "(empty)"))
	}
	return lines
}
