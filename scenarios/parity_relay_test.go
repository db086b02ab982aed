// Parity of an L4 balancer: a connection is one server's in both worlds, whatever
// becomes of either.
package scenarios

import (
	"testing"
	"time"

	"cdnlab/sim/network"
)

// relayScript opens connections to the origin, uses them again, and has several at
// a time. app-2 is dead from the start, and app-3 dies on the way.
var relayScript = []scripted{
	{1 * time.Millisecond, "GET", "/private", 0},    // cold
	{1003 * time.Millisecond, "GET", "/private", 0}, // warm: the same server
	{1005 * time.Millisecond, "GET", "/me", 0},      // a second connection, not to the dead one
	{2001 * time.Millisecond, "GET", "/app.js", 0},  // 100 KB through the balancer
	{2007 * time.Millisecond, "POST", "/private", 0},
	{3001 * time.Millisecond, "GET", "/x", 100 * time.Millisecond}, // given up: the connection is closed
	{3503 * time.Millisecond, "GET", "/private", 0},
	{4951 * time.Millisecond, "GET", "/private", 0}, // app-3 dies under it, or does not have it
	{4953 * time.Millisecond, "GET", "/me", 0},      // likewise
	{6001 * time.Millisecond, "GET", "/private", 0},
	{6003 * time.Millisecond, "GET", "/me", 0},
	{12001 * time.Millisecond, "GET", "/private", 0}, // all had been idle for too long
}

func TestParityRelay(t *testing.T) {
	for name, c := range map[string]struct{ keep, more string }{ // each is a test of its own
		"parity-relay":       {"", ""},
		"parity-relay-far":   {"", "[[link]]\nfrom = \"balancer\"\nto = \"app-3\"\nrtt = \"30ms\"\n"},
		"parity-relay-tls":   {`, tls = "1.3"`, ""},
		"parity-relay-http2": {`, http = "2"`, "[[link]]\nfrom = \"balancer\"\nto = \"app-3\"\nrtt = \"30ms\"\n"},
	} {
		t.Run(name, func(t *testing.T) {
			bad := badly{script: relayScript, far: network.Plain(40 * time.Millisecond), upload: 50_000,
				lives: []lifeEvent{{5013 * time.Millisecond, "app-3", false}},
				more:  "mode = \"l4\"\n[edge]\nconnections = { keep-alive = \"5s\"" + c.keep + " }\n" + c.more}
			if c.keep == "" {
				holdParity(t, name, bad)
				return
			}
			want := parityVirtual(t, bad, bad.diary()) // only the lab's own front speaks TLS
			golden(t, "testdata/"+name+".golden", []byte(want))
			text := parityLive(t, bad, bad.diary(), false, ownFront)
			compareLines(t, "virtual", stampSeen.ReplaceAllString(want, ""), "live", stampSeen.ReplaceAllString(text, ""))
		})
	}
}
