// Ranges: an answer with a part of its content (RFC 9110 14).
package origin

import (
	"net/http"
	"strings"

	"cdnlab/sim"
	"cdnlab/sim/byterange"
)

// cut makes an answer of the whole one of the range that its request is for, if that
// is for one: a server of files does, and whoever asks could not know that a page
// which is made anew each time is still what an earlier part was of.
func cut(resp *sim.Response, asks http.Header) {
	r, ok := byterange.Parse(asks["Range"])
	if !ok || resp.Size == 0 || !rangeCounts(asks["If-Range"], resp.Header) {
		return
	}
	s, satisfiable := r.Of(resp.Size)
	if !satisfiable {
		resp.Header = http.Header{"Content-Range": {byterange.Unsatisfied(resp.Size)}}
		resp.Status, resp.Size, resp.Stamp = http.StatusRequestedRangeNotSatisfiable, 0, sim.Stamp{}
		return
	}
	h := make(http.Header, len(resp.Header)+1)
	for name, lines := range resp.Header { // any order will do: it fills a map
		h[name] = lines
	}
	h["Content-Range"] = []string{byterange.ContentRange(s, resp.Size)}
	resp.Status, resp.Header = http.StatusPartialContent, h
	resp.Size, resp.Stamp = s.Size, resp.Stamp.In(s.From, s.Size)
}

// rangeCounts reports whether what the asker has a part of is still the same:
// If-Range, by strong comparison (RFC 9110 13.1.5). The lab's apps send no
// Last-Modified of their own; one that a scenario gives may have changed within its
// second and is no strong validator.
func rangeCounts(ifRange []string, have http.Header) bool {
	if len(ifRange) == 0 {
		return true
	}
	tag := have["Etag"]
	return len(ifRange) == 1 && len(tag) > 0 && ifRange[0] == tag[0] && !strings.HasPrefix(tag[0], "W/")
}
