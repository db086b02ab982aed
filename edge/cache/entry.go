// Entry: one stored answer.
package cache

import (
	"net/http"
	"time"

	"cdnlab/sim"
)

// Entry is one stored answer. It never changes once it is stored: a 304 makes
// a new one in its place, as answers on their way may still share the old.
type Entry struct {
	// What every hit looks at comes first: it then lies in as few lines of the
	// processor's cache as can be.
	Status   int
	Header   http.Header   // shared by every answer from this entry
	Size     int64         // of the content in bytes; -1 while it is not known
	Body     sim.Body      // nil: no bytes are kept; answers get a Share of it
	Stamp    sim.Stamp     // of the content, where its bytes do not say it
	Date     sim.Time      // when the origin made it
	Received sim.Time      // when it, or the last 304 for it, came
	Initial  time.Duration // corrected_initial_age (RFC 9111 4.2.3)
	Lifetime time.Duration
	id       uint32
	Control  Control

	Key     Key
	Arrived time.Duration // how old it was when it was Received, without the delay of its coming
	Why     Reason        // where Lifetime comes from

	ETag         string
	LastModified string
	Tags         []string // what it can be purged by, beside its Key

	parts  []part // what is here, when that is not one answer's whole content
	length int64  // of the representation when it is here in part; -1: nobody said
	uneven bool   // its Content-Range and its content do not agree

	took        time.Duration // its fetch, until the header came
	surrogate   []string      // Surrogate-Control, which goes no further
	search      *Search       // what of the query does not count; nil: all does
	by          []nominated
	names       []string // of by
	modified    sim.Time // Last-Modified, or Date without one (RFC 9111 4.3.2)
	notModified http.Header
	shown       shown
	cost        int64
}

func (r *Rules) newEntry(x *Exchange, c Control, names []string) *Entry {
	date := x.date()
	e := &Entry{Status: x.Response.Status, Size: x.Response.Size, Body: x.Response.Body, Stamp: x.Response.Stamp,
		Date: date, Received: x.Received, Control: c, Tags: x.Tags, names: names, by: nominate(names, x.Asked, r.Alike)}
	e.Arrived = max(apparentAge(x.Received, date), x.age())
	e.took = x.Received.Sub(x.Sent)
	e.Initial = max(e.Arrived, x.age()+e.took)
	e.Lifetime, e.Why = r.lifetime(x, &c, date)
	e.Header, e.surrogate = r.kept(x.Header, &c), x.Header[fieldSurrogate]
	e.search = ParseSearch(x.Header[fieldNoVarySearch])
	e.ETag, e.LastModified = first(e.Header["Etag"]), first(e.Header["Last-Modified"])
	e.modified = date
	if m, ok := ParseDate(e.LastModified, x.now()); ok {
		e.modified = x.at(m)
	}
	return e
}

// kept returns the fields that are stored: without those that the field forms
// of no-cache and private name, which must not be used again unvalidated or for
// another user (RFC 9111 5.2.2.4, 5.2.2.7).
func (r *Rules) kept(h http.Header, c *Control) http.Header {
	h = r.Override.Cookieless(h)
	out := without(h, r.Onward(h), c.NoCacheFields)
	if r.Shared {
		out = without(h, out, c.PrivateFields)
	}
	return out
}

// Age is current_age (RFC 9111 4.2.3).
func (e *Entry) Age(now sim.Time) time.Duration { return e.Initial + now.Sub(e.Received) }

// TTL is the freshness left, negative when stale.
func (e *Entry) TTL(now sim.Time) time.Duration { return e.Lifetime - e.Age(now) }

// Selected reports whether the entry is what a request with these fields asks
// for (RFC 9111 4.1).
func (e *Entry) Selected(asks http.Header) bool { return selected(e.by, asks) }

// Vary returns the names of the request fields that the entry was chosen by.
func (e *Entry) Vary() []string { return e.names }

// Validatable reports whether the origin can be asked whether it still holds.
func (e *Entry) Validatable() bool { return e.ETag != "" || e.LastModified != "" }

// useless reports whether the entry could never answer anything.
func (e *Entry) useless() bool {
	return e.Lifetime-e.Arrived <= 0 && !e.Validatable() &&
		e.Control.StaleWhileRevalidate <= 0 && e.Control.StaleIfError <= 0
}
