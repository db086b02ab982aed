// Setup: what opening a connection costs.
package network

import (
	"fmt"
	"time"

	"cdnlab/sim"
)

// Setup is how a connection is opened.
type Setup struct {
	TLS     string // "", TLS12 or TLS13
	Resumed bool   // the two have met before: the session is resumed
	QUIC    bool   // TLS 1.3 within the transport's own handshake (RFC 9001)
	Early   bool   // of QUIC: a resumed connection takes the request along (0-RTT)
}

// The versions of TLS, as a scenario names them.
const (
	TLS12 = "1.2"
	TLS13 = "1.3"
)

// The versions of HTTP, as a scenario names them.
const (
	HTTP11 = "1.1"
	HTTP2  = "2"
	HTTP3  = "3"
)

// Rounds returns how many round trips pass before the first request can leave:
// one for TCP, one more for TLS 1.3 (RFC 8446 2), two for TLS 1.2 (RFC 5246 7.3),
// one when that is resumed; QUIC has one in all (RFC 9000 7), and with early data
// none.
func (s Setup) Rounds() int {
	switch {
	case s.QUIC && s.Early && s.Resumed:
		return 0
	case s.QUIC || s.TLS == "":
		return 1
	case s.TLS == TLS12 && !s.Resumed:
		return 3
	}
	return 2
}

// Handshake is how long it takes beyond the first packet's round trip.
func (l *Link) Handshake(s Setup) time.Duration {
	return time.Duration(max(0, s.Rounds()-1)) * l.RTT()
}

// says tells what the set-up costs on a path with a round-trip time, but for TLS over
// TCP.
func (s Setup) says(rtt time.Duration) string {
	resumed := ""
	if s.Resumed {
		resumed = " resumed"
	}
	n := s.Rounds()
	switch {
	case n == 0:
		return "QUIC 0-RTT: the request goes along"
	case s.QUIC:
		return fmt.Sprintf("QUIC%s takes 1 RTT with its TLS 1.3 (%s)", resumed, sim.Briefly(rtt))
	}
	return fmt.Sprintf("TCP takes 1 RTT (%s)", sim.Briefly(rtt))
}

// shakes tells what TLS adds to TCP's handshake.
func (s Setup) shakes(rtt time.Duration) string {
	n, first := s.Rounds()-1, "a full handshake: the two have not met, or keep no sessions"
	if s.Resumed {
		first = "the session of an earlier connection is resumed"
	}
	return fmt.Sprintf("%s: TLS %s takes %d RTT (%s)", first, s.TLS, n, sim.Briefly(time.Duration(n)*rtt))
}
