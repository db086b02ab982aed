// Package golden is the table that both worlds and the kernel are held to: what a
// connection and a transfer cost, by the formulas and as the kernel's own TCP had it
// over a delaying device (Linux 6.18, CUBIC, windows of 10, crypto/tls; three runs
// each). It knows nothing of the model, and only tests import it.
package golden

import (
	"time"

	"cdnlab/sim"
)

const (
	ms   = time.Millisecond
	mbit = sim.Rate(1e6)

	packet = 1500 // bytes of a full segment on the wire
	window = 10   // segments that a new connection sends at first (RFC 6928)
)

// Transfer is a content's way from the request for it to its last byte.
type Transfer struct {
	Name          string
	Bytes         int64
	RTT           time.Duration
	Rate          sim.Rate // 0: without limit
	Plain, Warm   bool     // without TLS; on a connection whose window stands open
	Segments      int64
	Model, Kernel float64 // ms
}

// Transfers are the golden transfers.
var Transfers = []Transfer{
	{"1 MB, no rate, no TLS", 1e6, 150 * ms, 0, true, false, 691, 1050, 1057},
	{"1 MB, 100 Mbit/s", 1e6, 150 * ms, 100 * mbit, false, false, 704, 1058.9, 1061.6},
	{"1 MB, 20 Mbit/s", 1e6, 150 * ms, 20 * mbit, false, false, 704, 1136.4, 1138},
	{"100 KB, 100 Mbit/s", 1e5, 150 * ms, 100 * mbit, false, false, 71, 600.1, 603},
	{"10 KB", 1e4, 150 * ms, 100 * mbit, false, false, 8, 151.0, 151.3},
	{"5 MB, 70 ms", 5e6, 70 * ms, 100 * mbit, false, false, 3518, 836.6, 834},
	{"1 MB, 2 ms", 1e6, 2 * ms, 100 * mbit, false, false, 704, 87.3, 87},
	{"1 MB warm", 1e6, 150 * ms, 100 * mbit, false, true, 704, 234.5, 233.7},
}

// Takes is what the formula says of the transfer.
func (c *Transfer) Takes() time.Duration {
	if c.Warm {
		return c.RTT + time.Duration(c.Segments)*wire(c.Rate)
	}
	return Cold(c.Segments, c.RTT, c.Rate)
}

// Cold is the time from a request to the last byte of its answer on a new
// connection: T = k R + (N - IW (2^(k-1) - 1)) t, with k the first round that has
// room for what is left, or whose segments fill the link for a round trip.
func Cold(segments int64, rtt time.Duration, rate sim.Rate) time.Duration {
	t := wire(rate)
	k, before, room := int64(1), int64(0), int64(window)
	for room < segments-before && time.Duration(room)*t < rtt {
		k, before, room = k+1, before+room, 2*room
	}
	return time.Duration(k)*rtt + time.Duration(segments-before)*t
}

// wire is how long a segment takes to be sent.
func wire(rate sim.Rate) time.Duration {
	if rate == 0 {
		return 0
	}
	return time.Duration(packet * 8 * 1e9 / int64(rate))
}

// The worked example: 1 MB over TLS from Tokyo to New York, 100 Mbit/s, direct and
// by way of an edge nearby.
const (
	Far, Near = 150 * ms, 2 * ms
	Rate      = 100 * mbit
	Size      = sim.Bytes(1e6)
	segments  = 704
)

// Visit is one way to the page of the worked example.
type Visit struct {
	Name        string
	TLS         string
	New         int           // share of requests on a new connection
	Edge        bool          // there is one
	Cache       string        // the page's Cache-Control
	Times       int           // it is asked for one after the other; the last counts
	Header, End time.Duration // by the formulas, since the request
	First, Last float64       // ms: the two as the reference has them
}

// Visits are the rows of the worked example.
var Visits = []Visit{
	{"direct, TLS 1.3, cold", "1.3", 1, false, "no-store", 1, 3 * Far, 2*Far + cold(Far), 450, 1358.9},
	{"direct, TLS 1.2, cold", "1.2", 1, false, "no-store", 1, 4 * Far, 3*Far + cold(Far), 600, 1508.9},
	{"direct, warm, window open", "1.3", 0, false, "no-store", 4, Far, Far + open, 150, 234.5},
	{"edge, hit, cold", "1.3", 1, true, "max-age=60", 2, 3 * Near, 2*Near + cold(Near), 6, 91.3},
	{"edge, hit, warm", "1.3", 0, true, "max-age=60", 5, Near, Near + open, 2, 86.5},
	{"edge, miss, warm pool to the origin, streamed", "1.3", 1, true, "no-store", 4, 3*Near + Far, 2*Near + Far + cold(Near), 156, 241},
	{"edge, miss, cold to the origin", "1.3", 1, true, "no-store", 1, 3*Near + 3*Far, 3*Near + 2*Far + cold(Far), 456, 1365},
}

// open is the wire's time for the page: the window is never what holds it up.
var open = segments * wire(Rate)

func cold(rtt time.Duration) time.Duration { return Cold(segments, rtt, Rate) }
