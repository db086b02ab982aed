// Validation: asking whether a stored answer still holds, and being asked.
package cache

import (
	"net/http"
	"strings"
	"time"

	"cdnlab/sim"
)

// Validators returns h with the preconditions that ask about e (RFC 9111
// 4.3.1) in place of the client's own.
func Validators(h http.Header, e *Entry) http.Header {
	c := copyFields(WithoutPreconditions(h))
	if e.ETag != "" {
		c["If-None-Match"] = []string{e.ETag}
	}
	if e.LastModified != "" {
		c["If-Modified-Since"] = []string{e.LastModified}
	}
	return c
}

// Freshen returns the entry that a 304 makes of e: its fields replaced by those
// of the 304, but not those that say how the stored bytes are to be read (RFC 9111
// 3.2, 4.3.4). It is nil when the
// 304 speaks of another representation, and storable says whether the new one
// may still be stored.
func (r *Rules) Freshen(e *Entry, x *Exchange) (fresh *Entry, storable bool) {
	tag := first(x.Header["Etag"])
	if tag != "" && e.ETag != "" && !weakEqual(tag, e.ETag) {
		return nil, false
	}
	merged := e.updated(x.Header)
	stored := *x.Response
	stored.Status, stored.Size, stored.Body, stored.Stamp = e.Status, e.Size, e.Body, e.Stamp
	y := *x
	y.Response, y.Header = &stored, merged
	y.Tags = inherited(y.Tags, e.Tags)
	fresh, _ = r.consider(&y)
	storable = fresh != nil
	if !storable {
		names, _ := ParseVary(merged["Vary"])
		fresh = r.newEntry(&y, r.Control(merged), r.Nominates(names))
	}
	fresh.Key, fresh.parts, fresh.length, fresh.uneven = e.Key, e.parts, e.length, e.uneven
	return fresh, storable
}

// Headed returns the entry that the answer to a HEAD makes of e, as Freshen does; nil
// when e is not what the origin has now: by its validators, or by its length (RFC 9111
// 4.3.5). Only a 200 says anything of a stored answer.
func (r *Rules) Headed(e *Entry, x *Exchange) (fresh *Entry, storable bool) {
	tag, modified := first(x.Header["Etag"]), first(x.Header["Last-Modified"])
	size, length := x.Response.Size, e.Length()
	if tag != "" && tag != e.ETag || modified != "" && modified != e.LastModified ||
		size >= 0 && length >= 0 && size != length || e.Status != http.StatusOK && !e.Partial() {
		return nil, false
	}
	y := *x
	y.Method = http.MethodGet // which it stands for
	return r.Freshen(e, &y)
}

// updated returns the entry's fields as those of a later answer change them.
func (e *Entry) updated(by http.Header) http.Header {
	h := update(e.Header, by)
	if len(e.surrogate) > 0 && !has(h, fieldSurrogate) {
		h[fieldSurrogate] = e.surrogate
	}
	return h
}

// update returns h with the fields of another in the place of its own.
func update(h, by http.Header) http.Header {
	c := copyFields(h)
	for name, lines := range by { // any order will do: it fills a map
		if !ofContent(name) {
			c[name] = lines
		}
	}
	return c
}

// ofContent reports whether a field describes the bytes that are stored, which a 304
// does not change.
func ofContent(name string) bool {
	switch name {
	case "Content-Length", "Content-Encoding", "Content-Range":
		return true
	}
	return false
}

// HasPreconditions reports whether a request wants to know whether what it has
// still holds.
func HasPreconditions(h http.Header) bool {
	return has(h, "If-None-Match") || has(h, "If-Modified-Since")
}

// Current is what a client's precondition is held against.
type Current struct {
	Status   int
	ETag     string
	Modified sim.Time // Last-Modified, or Date without one (RFC 9111 4.3.2)
}

// Current returns what e is now.
func (e *Entry) Current() Current { return Current{e.Status, e.ETag, e.modified} }

// Current returns what an answer that is not stored is.
func (x *Exchange) Current() Current {
	c := Current{x.Response.Status, first(x.Header["Etag"]), x.date()}
	if m, ok := ParseDate(first(x.Header["Last-Modified"]), x.now()); ok {
		c.Modified = x.at(m)
	}
	return c
}

// NotModified decides a client's preconditions (RFC 9110 13.2.2: If-None-Match
// comes before If-Modified-Since).
func (c Current) NotModified(asks http.Header, epoch time.Time, now sim.Time) bool {
	if c.Status != http.StatusOK && c.Status != http.StatusPartialContent { // which comes after them (13.2.2)
		return false
	}
	if lines := asks["If-None-Match"]; len(lines) > 0 {
		return tagListed(lines, c.ETag)
	}
	lines := asks["If-Modified-Since"]
	if len(lines) != 1 {
		return false
	}
	since, ok := ParseDate(lines[0], epoch.Add(time.Duration(now)))
	return ok && sim.Time(since.Sub(epoch)) >= c.Modified
}

// NotModifiedHeader returns the fields of a 304 for the entry (RFC 9110
// 15.4.5), made once.
func (e *Entry) NotModifiedHeader() http.Header {
	if e.notModified == nil {
		e.notModified = NotModifiedFields(e.Header)
	}
	return e.notModified
}

// NotModifiedFields returns those fields of an answer that its 304 carries.
func NotModifiedFields(h http.Header) http.Header {
	c := http.Header{}
	for _, name := range []string{"Cache-Control", "Content-Location", "Etag", "Expires", "Vary", "Set-Cookie"} {
		if lines := h[name]; len(lines) > 0 {
			c[name] = lines
		}
	}
	if len(c["Etag"]) == 0 && len(h["Last-Modified"]) > 0 {
		c["Last-Modified"] = h["Last-Modified"]
	}
	return c
}

// tagListed reports whether tag is in a list of entity-tags, compared weakly
// (RFC 9110 8.8.3.2, 13.1.2). "*" means any.
func tagListed(lines []string, tag string) bool {
	for _, line := range lines {
		for {
			line = strings.TrimLeft(line, ", \t")
			if line == "" {
				break
			}
			if line == "*" {
				return true
			}
			n := tagLen(line)
			if n == 0 {
				break // no list of entity-tags from here on
			}
			if tag != "" && weakEqual(line[:n], tag) {
				return true
			}
			line = line[n:]
		}
	}
	return false
}

// tagLen returns how long the entity-tag at the start of s is, 0 when there is
// none. A tag may hold commas, but no quotes.
func tagLen(s string) int {
	open := strings.TrimPrefix(s, "W/")
	if open == "" || open[0] != '"' {
		return 0
	}
	end := strings.IndexByte(open[1:], '"')
	if end < 0 {
		return 0
	}
	return len(s) - len(open) + end + 2
}

func weakEqual(a, b string) bool {
	return strings.TrimPrefix(a, "W/") == strings.TrimPrefix(b, "W/")
}
