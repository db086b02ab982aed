// Ranges: what an app answers to requests for one.
package origin

import (
	"net/http"
	"testing"

	"cdnlab/sim"
)

func TestCut(t *testing.T) {
	const tag = `"1"`
	for _, test := range []struct {
		name, asks, ifRange string
		status              int
		size                int64
		contentRange        string
		stamped             bool
	}{
		{"none", "", "", 200, 1000, "", true},
		{"first", "bytes=0-99", "", 206, 100, "bytes 0-99/1000", true},
		{"middle", "bytes=100-199", "", 206, 100, "bytes 100-199/1000", false},
		{"open", "bytes=900-", "", 206, 100, "bytes 900-999/1000", false},
		{"last", "bytes=-10", "", 206, 10, "bytes 990-999/1000", false},
		{"beyond", "bytes=1000-", "", 416, 0, "bytes */1000", false},
		{"several", "bytes=0-1,5-6", "", 200, 1000, "", true},
		{"still the same", "bytes=0-99", tag, 206, 100, "bytes 0-99/1000", true},
		{"another by now", "bytes=0-99", `"2"`, 200, 1000, "", true},
		{"a weak tag", "bytes=0-99", `W/"1"`, 200, 1000, "", true},
		{"a date", "bytes=0-99", "Thu, 01 Jan 2026 00:00:00 GMT", 200, 1000, "", true},
	} {
		asks := http.Header{}
		if test.asks != "" {
			asks.Set("Range", test.asks)
		}
		if test.ifRange != "" {
			asks.Set("If-Range", test.ifRange)
		}
		shared := http.Header{"Etag": {tag}}
		resp := sim.Answer(200, shared, 1000)
		resp.Stamp = sim.Stamp{Version: 7}
		cut(resp, asks)
		if got := resp.Header.Get("Content-Range"); resp.Status != test.status || resp.Size != test.size || got != test.contentRange {
			t.Errorf("%s: %d with %d bytes, %q", test.name, resp.Status, resp.Size, got)
		}
		if (resp.Stamp.Version == 7) != test.stamped {
			t.Errorf("%s: stamp %v", test.name, resp.Stamp)
		}
		if len(shared) != 1 {
			t.Errorf("%s: the shared header was changed", test.name)
		}
	}
}
