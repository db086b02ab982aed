// Dates of HTTP, strictly: RFC 9110 5.6.7 and nothing else.
package cache

import (
	"strings"
	"time"
)

// ParseDate reads an HTTP-date: IMF-fixdate, or one of the two obsolete forms.
// http.ParseTime takes more (one-digit hours, double spaces), and to a cache an
// Expires that is not a date means already expired (RFC 9111 5.3). Letter case
// does not count (4.2). now is needed for the two-digit years of RFC 850.
func ParseDate(s string, now time.Time) (time.Time, bool) {
	switch {
	case len(s) == len("Sun, 06 Nov 1994 08:49:37 GMT") && s[3] == ',':
		return imfFixdate(s)
	case len(s) == len("Sun Nov  6 08:49:37 1994") && s[3] == ' ':
		return asctime(s)
	}
	return rfc850(s, now)
}

// dateText is a scan over a date's fixed columns; bad once anything is wrong.
type dateText struct {
	s   string
	bad bool
}

func imfFixdate(s string) (time.Time, bool) {
	d := dateText{s: s}
	d.word(s[0:3], shortDays)
	d.is(3, ", ")
	day, month, year := d.number(5, 2), d.word(s[8:11], months), d.number(12, 4)
	d.is(7, " ")
	d.is(11, " ")
	d.is(16, " ")
	d.is(25, " GMT")
	return d.date(year, month, day, 17)
}

func asctime(s string) (time.Time, bool) {
	d := dateText{s: s}
	d.word(s[0:3], shortDays)
	d.is(3, " ")
	month := d.word(s[4:7], months)
	d.is(7, " ")
	d.is(10, " ")
	d.is(19, " ")
	var day int
	if s[8] == ' ' {
		day = d.number(9, 1)
	} else {
		day = d.number(8, 2)
	}
	return d.date(d.number(20, 4), month, day, 11)
}

func rfc850(s string, now time.Time) (time.Time, bool) {
	comma := strings.IndexByte(s, ',')
	if comma < 0 || len(s) != comma+len(", 06-Nov-94 08:49:37 GMT") {
		return time.Time{}, false
	}
	weekday := dateText{s: s}
	weekday.word(s[:comma], longDays)
	d := dateText{s: s[comma:], bad: weekday.bad}
	d.is(0, ", ")
	d.is(4, "-")
	d.is(8, "-")
	d.is(11, " ")
	d.is(20, " GMT")
	day, month, short := d.number(2, 2), d.word(d.s[5:8], months), d.number(9, 2)
	year := now.Year()/100*100 + short
	t, ok := d.date(year, month, day, 12)
	if !ok {
		return d.date(year-100, month, day, 12) // 29 February may be right there
	}
	if t.After(now.AddDate(50, 0, 0)) {
		// More than 50 years ahead means the last such year (RFC 9110 5.6.7).
		return d.date(year-100, month, day, 12)
	}
	return t, true
}

var (
	shortDays = []string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"}
	longDays  = []string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"}
	months    = []string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}
)

// is demands text at column i.
func (d *dateText) is(i int, text string) {
	d.bad = d.bad || !strings.EqualFold(d.s[i:i+len(text)], text)
}

// word returns the place of w in the list, counted from 1.
func (d *dateText) word(w string, list []string) int {
	for i, name := range list {
		if len(w) == len(name) && strings.EqualFold(w, name) {
			return i + 1
		}
	}
	d.bad = true
	return 0
}

func (d *dateText) number(i, digits int) int {
	n := 0
	for _, c := range []byte(d.s[i : i+digits]) {
		if c < '0' || c > '9' {
			d.bad = true
			return 0
		}
		n = n*10 + int(c-'0')
	}
	return n
}

// date puts the parts together; the time of day stands at column i. A day that
// its month does not have is no date; second 60 is a leap second.
func (d *dateText) date(year, month, day, i int) (time.Time, bool) {
	h, m, s := d.number(i, 2), d.number(i+3, 2), d.number(i+6, 2)
	d.is(i+2, ":")
	d.is(i+5, ":")
	if d.bad || h > 23 || m > 59 || s > 60 {
		return time.Time{}, false
	}
	t := time.Date(year, time.Month(month), day, h, m, s, 0, time.UTC)
	midnight := time.Date(year, time.Month(month), day, 0, 0, 0, 0, time.UTC)
	return t, midnight.Day() == day
}
