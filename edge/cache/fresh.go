// Freshness: how long an answer may be used, and how old it came.
package cache

import (
	"time"

	"cdnlab/sim"
)

// heuristic are the statuses that may be stored and reused without explicit
// freshness (RFC 9110 15.1), but 206: a part is kept only where the origin says for how long.
func heuristic(status int) bool {
	switch status {
	case 200, 203, 204, 300, 301, 308, 404, 405, 410, 414, 501:
		return true
	}
	return false
}

// lifetime returns how long an answer is fresh (RFC 9111 4.2.1): s-maxage, then
// max-age, then Expires, then a heuristic, then the rule's default.
func (r *Rules) lifetime(x *Exchange, c *Control, date sim.Time) (time.Duration, Reason) {
	if ttl, why, ok := r.Override.lifetime(x.Response.Status); ok {
		return ttl, why
	}
	switch {
	case c.Field != "":
		return targetedLifetime(c)
	case r.Shared && c.SMaxAge != Absent:
		return c.SMaxAge, WhySMaxAge
	case c.MaxAge != Absent:
		return c.MaxAge, WhyMaxAge
	case len(x.Header["Expires"]) > 0:
		expires, ok := ParseDate(x.Header["Expires"][0], x.now())
		if !ok {
			return 0, WhyExpires // anything else is already expired (5.3)
		}
		return clamp(x.at(expires).Sub(date)), WhyExpires
	case !heuristic(x.Response.Status) && !c.Public:
		return 0, WhyNoLifetime
	}
	modified, ok := ParseDate(first(x.Header["Last-Modified"]), x.now())
	if d := date.Sub(x.at(modified)); ok && d > 0 && r.HeuristicShare > 0 {
		return min(time.Duration(float64(d)*r.HeuristicShare), r.HeuristicMax), WhyHeuristic
	}
	if r.DefaultTTL > 0 {
		return r.DefaultTTL, WhyDefaultTTL
	}
	return 0, WhyNoLifetime
}

// targetedLifetime is lifetime where a targeted field holds: neither Expires nor a
// heuristic says more than that (RFC 9213 2.2).
func targetedLifetime(c *Control) (time.Duration, Reason) {
	why := WhyCDN
	if c.Field == fieldSurrogate {
		why = WhySurrogate
	}
	switch {
	case c.SMaxAge != Absent:
		return c.SMaxAge, why
	case c.MaxAge != Absent:
		return c.MaxAge, why
	}
	return 0, WhyNoLifetime
}

func clamp(d time.Duration) time.Duration { return min(max(d, 0), MaxSeconds) }

// apparentAge is how old an answer looks by its Date (RFC 9111 4.2.3). Date
// names a whole second and the answer was made somewhere in it, so what counts
// is the second's end: an answer made and fetched within it is not old.
func apparentAge(received, date sim.Time) time.Duration {
	return max(0, received.Sub(date.Add(time.Second)))
}

// explicit reports whether a lifetime was given by the origin, or an operator, so that any
// final status may be stored (RFC 9111 3).
func (why Reason) explicit() bool {
	switch why {
	case WhySMaxAge, WhyMaxAge, WhyExpires, WhyCDN, WhySurrogate, WhyRuleTTL, WhyStatusTTL:
		return true
	}
	return false
}
