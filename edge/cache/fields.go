// Header fields that end at this hop, and those an answer carries typed.
package cache

import (
	"net/http"
	"net/textproto"
	"strings"
)

// hopFields are for one connection only (RFC 9110 7.6.1; RFC 9111 3.1), beside
// what Connection names.
var hopFields = []string{"Connection", "Keep-Alive", "Proxy-Connection", "Te", "Transfer-Encoding", "Upgrade",
	"Proxy-Authenticate", "Proxy-Authentication-Info", "Proxy-Authorization", "Trailer"}

// notOnward are fields that a cache does not hand on as they came: Age and Date
// travel as fields of sim.Response, and Surrogate-Control was for this cache.
var notOnward = []string{"Age", "Date", fieldSurrogate}

// notToCaches are those of a shield, whose answers go to caches of the same CDN:
// Surrogate-Control is for them too (W3C Edge Architecture Specification 1.0, 2.3).
var notToCaches = notOnward[:2]

// preconditions are what a cache answers itself (RFC 9111 4.3.2).
var preconditions = []string{"If-None-Match", "If-Modified-Since"}

// Forwardable returns h without the fields that end at this hop. It is h
// itself when there is none: a Header is never changed.
func Forwardable(h http.Header) http.Header {
	out := without(h, h, hopFields)
	for _, line := range h["Connection"] {
		for name := range strings.SplitSeq(line, ",") {
			out = without(h, out, []string{textproto.CanonicalMIMEHeaderKey(strings.Trim(name, " \t"))})
		}
	}
	return out
}

// Onward returns a forwardable header as it is handed on.
func (r *Rules) Onward(h http.Header) http.Header {
	h = r.Override.Cookieless(h)
	if r.Shield {
		return without(h, h, notToCaches)
	}
	return without(h, h, notOnward)
}

// WithoutPreconditions returns h without If-None-Match and If-Modified-Since.
func WithoutPreconditions(h http.Header) http.Header { return without(h, h, preconditions) }

// without deletes names from h, which is original or already a copy of it, and
// copies only when there is something to delete.
func without(original, h http.Header, names []string) http.Header {
	copied := len(h) != len(original)
	for _, name := range names {
		if _, there := h[name]; !there {
			continue
		}
		if !copied {
			h, copied = copyFields(h), true
		}
		delete(h, name)
	}
	return h
}

// copyFields copies the map but not the lines, which nobody changes.
func copyFields(h http.Header) http.Header {
	c := make(http.Header, len(h)+2)
	for name, lines := range h { // any order will do: it fills a map
		c[name] = lines
	}
	return c
}

// HeaderBytes is the size of a header as HTTP/1.1 writes it.
func HeaderBytes(h http.Header) int64 {
	n := 0
	for name, lines := range h { // any order will do: it is a sum
		for _, line := range lines {
			n += len(name) + len(": \r\n") + len(line)
		}
	}
	return int64(n)
}
