// Parity where connections speak TLS and HTTP/2: handshakes, resumption, and many
// requests at a time on one connection.
package scenarios

import (
	"strings"
	"testing"
	"time"

	"cdnlab/sim/network"
)

// secureScript opens connections, shares them and opens them anew: what is idle
// for 5 s is closed. What waits for one handshake arrives at one moment, in any
// order, as a server of HTTP/2 serves each request by itself: such requests do not
// meet behind the PoP.
var secureScript = []scripted{
	{1 * time.Millisecond, "GET", "/page", 0},                     // a handshake on each link
	{2 * time.Millisecond, "GET", "/x", 2 * time.Millisecond},     // given up in the middle of one
	{1003 * time.Millisecond, "GET", "/page", 0},                  // warm
	{1004 * time.Millisecond, "GET", "/private", 0},               // several at once
	{1005 * time.Millisecond, "GET", "/logo", 0},                  // likewise
	{1006 * time.Millisecond, "HEAD", "/expires", 0},              // likewise
	{1007 * time.Millisecond, "POST", "/private", 0},              // likewise
	{1009 * time.Millisecond, "GET", "/missing", 0},               // likewise
	{1010 * time.Millisecond, "GET", "/empty", 0},                 // likewise
	{1050 * time.Millisecond, "GET", "/y", 40 * time.Millisecond}, // given up on its way
	{1106 * time.Millisecond, "GET", "/me", 0},
	{2003 * time.Millisecond, "GET", "/app.js", 0},  // 100 KB, flight by flight
	{2050300 * time.Microsecond, "GET", "/news", 0}, // as much beside it: over one window, or two
	{6000 * time.Millisecond, "GET", "/app.js", 0},  // from the PoP
	{6000300 * time.Microsecond, "GET", "/logo", 0}, // between the flights of that
	{6000700 * time.Microsecond, "GET", "/app.js", 0},
	{15000 * time.Millisecond, "GET", "/page", 0}, // secureAgain: cold, and the session is resumed
	{15001 * time.Millisecond, "GET", "/logo", 0}, // beside it, or its turn on that one
	{15002 * time.Millisecond, "GET", "/logo", 0}, // likewise
}

// secureAgain is the first request after the pause.
const secureAgain = 16

func TestParitySecure(t *testing.T) {
	no := false
	const rtts = 152 * time.Millisecond // one on either link
	plain := headers(parityVirtual(t, secure(network.Config{}, ""), newDiary(secureScript)))
	for name, c := range map[string]struct { // each is a test of its own
		users        network.Config
		edge         string
		first, again int // round trips beyond TCP's, for the first request and for that after the pause (0: it went to another server)
	}{
		"tls 1.2":        {network.Config{TLS: "1.2"}, `tls = "1.2"`, 2, 1},
		"tls 1.3":        {network.Config{TLS: "1.3"}, `tls = "1.3"`, 1, 1},
		"not resumed":    {network.Config{TLS: "1.2", Resumption: &no}, `tls = "1.2", resumption = false`, 2, 2},
		"http/2":         {network.Config{HTTP: "2"}, `http = "2"`, 1, 0},
		"http/2 tls 1.2": {network.Config{HTTP: "2", TLS: "1.2"}, `http = "2", tls = "1.2"`, 2, 0},
	} {
		t.Run(name, func(t *testing.T) {
			bad := secure(c.users, ", "+c.edge)
			want := parityVirtual(t, bad, bad.diary())
			if n := strings.Count(want, " bytes, "); n != len(secureScript) {
				t.Errorf("%d answers to %d requests:\n%s", n, len(secureScript), want)
			}
			took := headers(want)
			for i, rounds := range map[int]int{0: c.first, secureAgain: c.again} { // any order
				if more := took[i] - plain[i]; rounds > 0 && more != time.Duration(rounds)*rtts {
					t.Errorf("request %d takes %v more than without TLS, want %d round trips", i, more, rounds)
				}
			}
			text := parityLive(t, bad, bad.diary(), false, ownFront)
			compareLines(t, "virtual", stampSeen.ReplaceAllString(want, ""), "live", stampSeen.ReplaceAllString(text, ""))
		})
	}
}

// secure is the script with connections of a kind: the users', and what the
// scenario says of the PoP's.
func secure(users network.Config, edge string) badly {
	users.Idle = 5 * time.Second
	return badly{users: users, script: secureScript, more: `
[[catalog]]
path = "/logo"
size = "2KB"
cache-control = "max-age=86400"
[edge]
connections = { keep-alive = "5s"` + edge + " }\n"}
}

// headers returns after what time each answer's header was there.
func headers(diary string) (all []time.Duration) {
	for line := range strings.Lines(diary) {
		_, text, _ := strings.Cut(line, "header after ")
		text, _, _ = strings.Cut(text, ",")
		d, _ := time.ParseDuration(text) // 0 is no time that a test would want
		all = append(all, d)
	}
	return all
}
