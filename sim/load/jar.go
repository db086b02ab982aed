// Jar: the cookies that one person has of the site.
package load

import (
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"cdnlab/sim"
)

// Jar keeps cookies as RFC 6265 5.3 has a browser keep them, for one site whose
// cookies go with every request: Path and Domain say nothing here, and without
// TLS neither does Secure. The zero Jar is empty.
type Jar struct{ cookies []cookie }

type cookie struct {
	name, value string
	until       sim.Time // Never: as long as the browser is open
}

// Limits of a jar: the least that RFC 6265 6.1 wants of a browser. What was set
// first goes first.
const (
	maxCookies     = 50
	maxCookieBytes = 4096 // name and value
)

// Take takes in the Set-Cookie fields of an answer.
func (j *Jar) Take(fields []string, now sim.Time) {
	for _, field := range fields {
		if c, ok := readCookie(field, now); ok {
			j.set(c, now)
		}
	}
}

// set stores a cookie in the place of one of its name; one whose time is over
// only removes that.
func (j *Jar) set(c cookie, now sim.Time) {
	i := slices.IndexFunc(j.cookies, func(k cookie) bool { return k.name == c.name })
	switch {
	case c.until <= now && i >= 0:
		j.cookies = slices.Delete(j.cookies, i, i+1)
	case c.until <= now:
	case i >= 0:
		j.cookies[i] = c
	default:
		if len(j.cookies) >= maxCookies {
			j.cookies = slices.Delete(j.cookies, 0, 1)
		}
		j.cookies = append(slices.Grow(j.cookies, 1), c)
	}
}

// Get returns the value of a cookie; "" when there is none.
func (j *Jar) Get(name string, now sim.Time) string {
	for _, c := range j.cookies {
		if c.name == name && c.until > now {
			return c.value
		}
	}
	return ""
}

// Drop forgets a cookie.
func (j *Jar) Drop(name string) {
	j.cookies = slices.DeleteFunc(j.cookies, func(c cookie) bool { return c.name == name })
}

// Text is the jar as a Cookie field (RFC 6265 5.4); "" when it is empty.
func (j *Jar) Text(now sim.Time) string {
	var text strings.Builder
	for _, c := range j.cookies {
		if c.until <= now {
			continue
		}
		if text.Len() > 0 {
			text.WriteString("; ")
		}
		text.WriteString(c.name)
		text.WriteByte('=')
		text.WriteString(c.value)
	}
	return text.String()
}

// readCookie reads a Set-Cookie field (RFC 6265 5.2); false: it says nothing.
// Name and value are copies: the field may be large, and a person stays long.
func readCookie(field string, now sim.Time) (c cookie, ok bool) {
	pair, attributes, _ := strings.Cut(field, ";")
	name, value, found := strings.Cut(pair, "=")
	name, value = strings.TrimSpace(name), strings.TrimSpace(value)
	if !found || name == "" || len(name)+len(value) > maxCookieBytes || strings.ContainsFunc(pair, isControl) {
		return c, false
	}
	c = cookie{shared(name), strings.Clone(value), sim.Never}
	aged := false
	for part := range strings.SplitSeq(attributes, ";") {
		key, value, _ := strings.Cut(part, "=")
		key, value = strings.TrimSpace(key), strings.TrimSpace(value)
		switch {
		case strings.EqualFold(key, "Max-Age"): // goes before Expires (5.3 step 3)
			if until, ok := maxAge(value, now); ok {
				c.until, aged = until, true
			}
		case strings.EqualFold(key, "Expires") && !aged:
			if date, err := http.ParseTime(value); err == nil {
				c.until = sim.Time(date.Sub(sim.Epoch))
			}
		}
	}
	return c, true
}

func isControl(r rune) bool { return r < ' ' || r == 0x7f }

// shared is a name that need not be kept once for each person.
func shared(name string) string {
	if name == sim.SessionCookie {
		return sim.SessionCookie
	}
	return strings.Clone(name)
}

// maxAge reads the seconds of a Max-Age (RFC 6265 5.2.2); false: they are no
// number.
func maxAge(text string, now sim.Time) (sim.Time, bool) {
	digits := strings.TrimPrefix(text, "-")
	if digits == "" || strings.ContainsFunc(digits, func(r rune) bool { return r < '0' || r > '9' }) {
		return 0, false
	}
	seconds, err := strconv.ParseInt(text, 10, 64)
	switch {
	case text[0] == '-' || err == nil && seconds == 0:
		return 0, true
	case err != nil || seconds > int64(sim.Never)/int64(time.Second):
		return sim.Never, true
	}
	return now.Add(time.Duration(seconds) * time.Second), true
}
