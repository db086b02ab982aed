// Judge: what a request is answered with, and why.
package cache

import (
	"net/http"
	"time"

	"cdnlab/sim"
)

// Decision is what Judge says.
type Decision struct {
	Verdict sim.Verdict // VerdictHit, VerdictStale: from the entry; VerdictMiss: ask upstream
	Fwd     sim.Fwd     // why upstream is asked; FwdNone when it is not
	Why     Reason
	Age     time.Duration // of the entry
	TTL     time.Duration // freshness left, negative when stale
	Refresh bool          // with VerdictStale: ask upstream behind the answer
	Alone   bool          // with VerdictMiss: the answer will not be fit to share, so wait for nobody's
}

// Judge says what to do with a GET or HEAD with the entry that was found for it; nil with
// known when the URI has entries but none for these fields.
//
// The decision is written where it is wanted: to return it would copy it twice, and
// every hit pays for that.
func (r *Rules) Judge(now sim.Time, e *Entry, known bool, d *Decision) {
	*d = Decision{}
	switch {
	case e == nil && known:
		d.Verdict, d.Fwd, d.Why = sim.VerdictMiss, sim.FwdVaryMiss, WhyVaryMismatch
		return
	case e == nil:
		d.Verdict, d.Fwd, d.Why = sim.VerdictMiss, sim.FwdURIMiss, WhyNotStored
		return
	}
	d.Verdict, d.Why, d.Age, d.TTL = sim.VerdictHit, WhyFresh, e.Age(now), e.TTL(now)
	if d.TTL > 0 && !e.Control.NoCache {
		return // fresh: freshness_lifetime > current_age (RFC 9111 4.2)
	}
	d.Why = r.forbidsStale(e)
	if d.Why == "" && -d.TTL <= e.Control.StaleWhileRevalidate {
		d.Verdict, d.Fwd, d.Refresh, d.Why = sim.VerdictStale, sim.FwdStale, true, WhyStaleBehind
		return
	}
	if g := r.grace(e); d.Why == "" && g > 0 && -d.TTL <= g {
		d.Verdict, d.Fwd, d.Refresh, d.Why = sim.VerdictStale, sim.FwdStale, true, WhyGrace
		return
	}
	if d.Why == "" {
		d.Why = WhyStale
	}
	d.Verdict, d.Fwd = sim.VerdictMiss, sim.FwdStale
	d.Alone = e.Control.NoCache || e.Lifetime <= 0
}

// grace is how long past its lifetime an entry is used by the operator's choice, which
// is theirs where the origin forbids nothing (RFC 9111 4.2.4). What came without a
// lifetime has none that could be lengthened.
func (r *Rules) grace(e *Entry) time.Duration {
	if e.Lifetime <= 0 {
		return 0
	}
	return r.Grace
}

// OnError decides whether a stale entry may answer when upstream failed
// (RFC 5861 4).
func (r *Rules) OnError(now sim.Time, e *Entry) (Decision, bool) {
	d := Decision{Verdict: sim.VerdictStale, Fwd: sim.FwdStale, Why: WhyStaleError, Age: e.Age(now), TTL: e.TTL(now)}
	if why := r.forbidsStale(e); why != "" {
		return Decision{Why: why}, false
	}
	if e.Control.StaleIfError == Absent || -d.TTL > e.Control.StaleIfError {
		return Decision{Why: WhyStale}, false
	}
	return d, true
}

// IsError reports whether stale-if-error covers a status (RFC 5861 4).
func IsError(status int) bool {
	switch status {
	case http.StatusInternalServerError, http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return true
	}
	return false
}

// forbidsStale returns the directive that forbids using an entry once stale
// (RFC 9111 4.2.4), "" when there is none.
func (r *Rules) forbidsStale(e *Entry) Reason {
	c := &e.Control
	switch {
	case c.NoCache:
		return WhyNoCache
	case c.MustRevalidate:
		return WhyMustRevalid
	case r.Shared && c.ProxyRevalidate:
		return WhyProxyRevalid
	case r.Shared && c.SMaxAge != Absent:
		return WhySMaxAgeStale
	}
	return ""
}

// Joins decides whether an answer may serve a request that waited for it (RFC
// 9111 4: it must be allowed to be reused). Who waited had asked before the
// answer was made, so the time of its coming does not count against it: else
// an origin slower than the lifetime it gives would get every waiter at once.
func (r *Rules) Joins(e *Entry, asks http.Header) (Reason, bool) {
	switch {
	case !e.Selected(asks):
		return WhyVaryMismatch, false
	case e.Control.NoCache:
		return WhyNoCache, false
	case e.Lifetime-e.Arrived <= 0:
		return WhyStale, false
	}
	return WhyFresh, true
}
