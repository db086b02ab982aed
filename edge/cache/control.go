// Cache-Control of a response, parsed once when it is stored.
package cache

import (
	"net/textproto"
	"strings"
	"time"
)

// Absent is the value of a directive with seconds that was not sent.
const Absent time.Duration = -1

// MaxSeconds is what delta-seconds too large to hold count as (RFC 9111 1.2.2).
const MaxSeconds = (1 << 31) * time.Second

// Control is the response directives of a Cache-Control field (RFC 9111 5.2.2;
// RFC 5861; RFC 8246).
type Control struct {
	NoStore         bool
	NoCache         bool // without a field list: validate each time
	Private         bool // without a field list
	Public          bool
	MustRevalidate  bool
	ProxyRevalidate bool
	MustUnderstand  bool
	Immutable       bool

	NoCacheFields []string // of no-cache="a, b"
	PrivateFields []string // of private="a, b"

	MaxAge               time.Duration // or Absent; so the others
	SMaxAge              time.Duration
	StaleWhileRevalidate time.Duration
	StaleIfError         time.Duration

	// Field is the targeted field that it was read from; "": Cache-Control, beside
	// which Expires counts too.
	Field string
}

// noControl is that of an answer without directives.
func noControl() Control {
	return Control{MaxAge: Absent, SMaxAge: Absent, StaleWhileRevalidate: Absent, StaleIfError: Absent}
}

// ParseControl reads the field lines of Cache-Control. Of a directive that
// comes twice the first counts (RFC 9111 4.2.1); a lifetime that is no
// delta-seconds counts as 0, so that the response is stale (4.2.1). What
// restricts counts even when its argument is nonsense; what permits does not.
func ParseControl(lines []string) Control {
	c := noControl()
	for _, line := range lines {
		for d, rest, ok := scan(line); ok; d, rest, ok = scan(rest) {
			c.restrict(d)
			if !d.bad {
				c.permit(d)
			}
		}
	}
	return c
}

func (c *Control) restrict(d directive) {
	switch {
	case named(d, "no-store"):
		c.NoStore = true
	case named(d, "no-cache"):
		c.NoCacheFields, c.NoCache = fieldForm(d, c.NoCacheFields, c.NoCache)
	case named(d, "private"):
		c.PrivateFields, c.Private = fieldForm(d, c.PrivateFields, c.Private)
	case named(d, "must-revalidate"):
		c.MustRevalidate = true
	case named(d, "proxy-revalidate"):
		c.ProxyRevalidate = true
	case named(d, "max-age"):
		c.MaxAge = lifetime(c.MaxAge, d)
	case named(d, "s-maxage"):
		c.SMaxAge = lifetime(c.SMaxAge, d)
	}
}

func (c *Control) permit(d directive) {
	switch {
	case named(d, "public"):
		c.Public = true
	case named(d, "must-understand"): // it lifts no-store
		c.MustUnderstand = true
	case named(d, "immutable"):
		c.Immutable = true
	case named(d, "stale-while-revalidate"):
		c.StaleWhileRevalidate = window(c.StaleWhileRevalidate, d)
	case named(d, "stale-if-error"):
		c.StaleIfError = window(c.StaleIfError, d)
	}
}

// named compares without regard to case (RFC 9111 5.2).
func named(d directive, name string) bool {
	return len(d.name) == len(name) && strings.EqualFold(d.name, name)
}

// lifetime reads max-age and s-maxage: what is no delta-seconds is 0.
func lifetime(have time.Duration, d directive) time.Duration {
	if have != Absent {
		return have
	}
	if seconds, ok := deltaSeconds(d.value); ok && !d.bad {
		return seconds
	}
	return 0
}

// window reads the RFC 5861 extensions: what is no delta-seconds is ignored.
func window(have time.Duration, d directive) time.Duration {
	if seconds, ok := deltaSeconds(d.value); ok && have == Absent {
		return seconds
	}
	return have
}

// deltaSeconds reads RFC 9111 1.2.2: digits alone, however many.
func deltaSeconds(s string) (time.Duration, bool) {
	if s == "" {
		return 0, false
	}
	var n time.Duration
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = min(n*10+time.Duration(s[i]-'0'), MaxSeconds/time.Second)
	}
	return n * time.Second, true
}

// maxFields bounds the names kept of a field form; with more, the directive
// counts as if it had no list, which is the stricter.
const maxFields = 32

// fieldForm reads no-cache="a, b" and private="a, b" (RFC 9111 5.2.2.4,
// 5.2.2.7). An argument that names no field makes the directive unqualified.
func fieldForm(d directive, have []string, whole bool) ([]string, bool) {
	if !d.has || d.bad {
		return have, true
	}
	found := false
	for name := range strings.SplitSeq(d.value, ",") {
		name = strings.Trim(name, " \t")
		if name == "" {
			continue
		}
		if tokenLen(name) != len(name) || len(have) == maxFields {
			return have, true
		}
		found = true
		have = append(have, textproto.CanonicalMIMEHeaderKey(name))
	}
	return have, whole || !found
}
