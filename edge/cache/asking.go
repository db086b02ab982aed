// Asking: the Cache-Control of requests, for a cache that obeys it.
package cache

import (
	"net/http"
	"time"

	"cdnlab/sim"
)

// Asking is what a request's directives ask of a cache (RFC 9111 5.2.1). ParseAsking of
// no header asks for nothing; the zero Asking does not: a max-age of 0 wants a validation.
type Asking struct {
	NoCache      bool // not without validation
	NoStore      bool
	OnlyIfCached bool

	MaxAge   time.Duration // or Absent; so the others
	MaxStale time.Duration // MaxSeconds without an argument: however stale
	MinFresh time.Duration
}

// noAsking is that of a request without directives.
func noAsking() Asking { return Asking{MaxAge: Absent, MaxStale: Absent, MinFresh: Absent} }

// ParseAsking reads the Cache-Control of a request; without one Pragma: no-cache is
// no-cache (RFC 9111 5.4). What asks for more care counts even when its argument is
// nonsense, what asks for less does not.
func ParseAsking(h http.Header) Asking {
	a := noAsking()
	lines, all := h["Cache-Control"], true
	if len(lines) == 0 {
		lines, all = h["Pragma"], false // which knows no-cache alone
	}
	for _, line := range lines {
		for d, rest, ok := scan(line); ok; d, rest, ok = scan(rest) {
			switch {
			case named(d, "no-cache"):
				a.NoCache = true
			case all:
				a.read(d)
			}
		}
	}
	return a
}

func (a *Asking) read(d directive) {
	switch {
	case named(d, "no-store"):
		a.NoStore = true
	case named(d, "only-if-cached"):
		a.OnlyIfCached = true
	case named(d, "max-age"):
		a.MaxAge = lifetime(a.MaxAge, d)
	case named(d, "min-fresh"):
		a.MinFresh = window(a.MinFresh, d)
	case named(d, "max-stale") && !d.has && !d.bad:
		a.MaxStale = MaxSeconds
	case named(d, "max-stale"):
		a.MaxStale = window(a.MaxStale, d)
	}
}

// Obey changes what Judge decided of e into what the request may get. What it asks for
// and cannot have from the store is fetched by itself: who asked before it did not ask
// for that.
func (r *Rules) Obey(a *Asking, e *Entry, d *Decision) {
	if d.Verdict.FromStore() {
		a.refuse(d)
	} else if d.Fwd == sim.FwdStale && a.MaxStale != Absent && !a.tooOld(d) && !a.NoCache &&
		-d.TTL <= a.MaxStale && r.forbidsStale(e) == "" {
		d.Verdict, d.Why, d.Alone = sim.VerdictStale, WhyMaxStale, false
	}
	switch {
	case d.Verdict.FromStore():
	case a.OnlyIfCached:
		d.Why = WhyOnlyIfCached
	case a.NoStore:
		d.Verdict, d.Why = sim.VerdictBypass, WhyAskedNoStore
	}
}

// refuse makes a miss of an answer from the store that the request does not want.
func (a *Asking) refuse(d *Decision) {
	why := Reason("")
	switch {
	case a.NoCache:
		why = WhyAskedNoCache
	case a.tooOld(d):
		why = WhyAskedMaxAge
	case a.MinFresh != Absent && d.TTL < a.MinFresh:
		why = WhyMinFresh
	case d.TTL <= 0 && a.MaxStale != Absent && -d.TTL > a.MaxStale:
		why = WhyTooStale
	case d.TTL <= 0 && a.MaxStale == Absent && a.MaxAge != Absent:
		why = WhyAskedMaxAge // who names an age wants nothing stale either
	default:
		return
	}
	d.Fwd = sim.FwdStale
	if d.TTL > 0 {
		d.Fwd = sim.FwdRequest
	}
	d.Verdict, d.Why, d.Refresh, d.Alone = sim.VerdictMiss, why, false, true
}

// tooOld reports whether an answer is older than max-age allows. 0 allows none: it is
// how people ask for a validation.
func (a *Asking) tooOld(d *Decision) bool {
	return a.MaxAge == 0 || a.MaxAge != Absent && d.Age > a.MaxAge
}
