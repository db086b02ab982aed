// Browser TTL: what users' caches are told of a lifetime that the operator sets.
package cache

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"cdnlab/sim"
)

// shown is a header as users get it, for one second of an entry's age.
type shown struct {
	age, ttl time.Duration
	header   http.Header
}

// Shown returns the header of an entry as users get it. With a browser TTL it is
// another for each second of the entry's age, and made once in that.
func (r *Rules) Shown(e *Entry, now sim.Time) http.Header {
	if !r.tellsUsers(e.Status) {
		return e.Header
	}
	age := e.Age(now).Truncate(time.Second)
	if s := &e.shown; s.header == nil || s.age != age || s.ttl != r.Override.BrowserTTL {
		e.shown = shown{age, r.Override.BrowserTTL, r.ForUsers(e.Status, e.Header, age)}
	}
	return e.shown.header
}

// tellsUsers reports whether there is a browser TTL for a status, and users to be told.
// As TTL it is for what is there, not for errors.
func (r *Rules) tellsUsers(status int) bool {
	return r.Override != nil && r.Override.BrowserTTL != Absent && !r.Shield && status < 400
}

// ForUsers returns the header of an answer of that age as users get it: with the browser
// TTL in the place of the origin's lifetimes and of what forbids a browser to keep it.
// The age is added to it, as a browser takes Age off what max-age says (RFC 9111 4.2.3).
func (r *Rules) ForUsers(status int, h http.Header, age time.Duration) http.Header {
	if !r.tellsUsers(status) {
		return h
	}
	ttl := r.Override.BrowserTTL
	if ttl > 0 {
		ttl += max(age, 0).Truncate(time.Second)
	}
	control := "max-age=" + strconv.FormatInt(int64(ttl/time.Second), 10)
	for d := range Directives(h["Cache-Control"]) {
		switch strings.ToLower(d.Name) {
		case "max-age", "s-maxage", "no-cache", "no-store":
		default:
			control += ", " + d.Text
		}
	}
	c := copyFields(h)
	delete(c, "Expires")
	c["Cache-Control"] = []string{control}
	return c
}
