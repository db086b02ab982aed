// roundTrips: what the links to clients really took.
package scenarios

import (
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"cdnlab/sim"
)

// roundTrips measures each group's round-trip time: from the actual send, over a
// connection that stands, to the first byte, less what the first node says it took.
// Of people only requests count that came to a connection that carried no other.
type roundTrips struct {
	by map[*crowd]*hdrhistogram.Histogram // in ns
}

func newRoundTrips() *roundTrips { return &roundTrips{map[*crowd]*hdrhistogram.Histogram{}} }

// of returns what was measured of a group; nil when nothing was, or nobody measures.
func (r *roundTrips) of(c *crowd) *hdrhistogram.Histogram {
	if r == nil {
		return nil
	}
	return r.by[c]
}

func (r *roundTrips) observe(c *crowd, first time.Duration, resp *sim.Response) {
	m := r.by[c]
	if m == nil {
		m = hdrhistogram.New(1000, int64(time.Minute), 4) // three digits are 131 µs at 150 ms, four are 16
		r.by[c] = m
	}
	d := first - resp.Waited - nearest(&resp.Via)
	_ = m.RecordValue(max(0, min(int64(d), int64(time.Minute)))) // in range, so it cannot fail
}

// nearest is what the first node says that an answer took it.
func nearest(via *sim.Hops) time.Duration {
	for i := via.Len() - 1; i >= 0; i-- {
		if m := via.At(i); m.Hop != sim.HopBrowser {
			return m.Took
		}
	}
	return 0
}
