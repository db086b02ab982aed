// Header sets that many answers share, and the conditions of RFC 9110 13.
package origin

import (
	"net/http"
	"reflect"
	"strings"

	"cdnlab/sim"
)

// noStore goes with answers about the server's own state: no cache may keep
// them (RFC 9111 5.2.2.5). It is never changed.
var noStore = http.Header{"Cache-Control": {"no-store"}, "Content-Type": {"text/plain; charset=utf-8"}}

// HealthPath is where servers say how they are. With pathReady behind it is the same:
// whether the server can do its work; with pathLive whether its process lives.
const (
	HealthPath = "/health"
	pathLive   = "/live"
	pathReady  = "/ready"
)

// isHealth reports whether a path, with its query, asks for health.
func isHealth(path string) bool {
	rest, ok := strings.CutPrefix(path, HealthPath)
	if !ok {
		return false
	}
	rest, _, _ = strings.Cut(rest, "?")
	return rest == "" || rest == pathLive || rest == pathReady
}

// isLive reports whether a path that asks for health asks no more than whether the process lives.
func isLive(path string) bool { return strings.HasPrefix(path, HealthPath+pathLive) }

// notModified reports whether the asker's copy is still good: If-None-Match by
// weak comparison (RFC 9110 13.1.2), and only without one If-Modified-Since
// (13.1.3).
func notModified(asked, have http.Header) bool {
	if tags := asked["If-None-Match"]; len(tags) > 0 {
		etag := have["Etag"]
		return len(etag) > 0 && anyTag(tags, etag[0])
	}
	since, modified := asked["If-Modified-Since"], have["Last-Modified"]
	if len(since) == 0 || len(modified) == 0 {
		return false
	}
	s, err := http.ParseTime(since[0])
	m, err2 := http.ParseTime(modified[0])
	return err == nil && err2 == nil && !m.After(s)
}

func anyTag(tags []string, etag string) bool {
	want := strings.TrimPrefix(etag, "W/")
	for _, line := range tags {
		for tag := range strings.SplitSeq(line, ",") {
			tag = strings.TrimSpace(tag)
			if tag == "*" || strings.TrimPrefix(tag, "W/") == want {
				return true
			}
		}
	}
	return false
}

// headerSet remembers headers that lack something. Headers are immutable and shared
// by many requests or answers, so most are among the last few; who is not is looked at
// once more. The nil header lacks everything.
type headerSet [16]struct {
	address uintptr
	header  http.Header // holds the address: nobody else gets it
}

// slotOf spreads the addresses of headers: maps lie 48 bytes apart or more.
func slotOf(address uintptr) uintptr { return address >> 5 % 16 }

// has reports whether h itself, not only one like it, was put in and not driven out
// since.
func (s *headerSet) has(h http.Header) bool {
	a := addressOf(h)
	return s[slotOf(a)].address == a
}

func (s *headerSet) put(h http.Header) {
	a := addressOf(h)
	last := &s[slotOf(a)]
	last.address, last.header = a, h
}

// addressOf is what tells a header from all others like it, for as long as it is held;
// 0 is that of none.
func addressOf(h http.Header) uintptr { return reflect.ValueOf(h).Pointer() }

// isPlain reports whether a request is a GET or HEAD for the whole of a page, as it
// is for everyone: most are, and share few headers.
func (a *App) isPlain(req *sim.Request) bool {
	if req.Method != http.MethodGet && req.Method != http.MethodHead {
		return false
	}
	if a.plain.has(req.Header) {
		return true
	}
	for _, name := range []string{"Cookie", "If-Modified-Since", "If-None-Match", "Range", "Upgrade"} {
		if len(req.Header[name]) > 0 {
			return false
		}
	}
	a.plain.put(req.Header)
	return true
}

// same reports whether two headers are one.
func same(a, b http.Header) bool { return addressOf(a) == addressOf(b) }
