// Parity of paths: contents by flights on every kind of path, uploads, and faults
// of the two ways at any time.
package scenarios

import (
	"testing"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// pathScript asks for contents of one segment and of many windows, cold and warm,
// and sends one of several windows. The times are odd, so that nothing happens at
// one moment.
var pathScript = []scripted{
	{1 * time.Millisecond, "GET", "/page", 0},
	{3001 * time.Millisecond, "GET", "/large", 0}, // a streamed miss of many windows
	{9003 * time.Millisecond, "GET", "/large", 0}, // a hit, warm
	{11007 * time.Millisecond, "POST", "/private", 0},
	{14011 * time.Millisecond, "GET", "/app.js", 0},
	{14013 * time.Millisecond, "GET", "/news", 0}, // beside it
	{17017 * time.Millisecond, "HEAD", "/large", 0},
	{18019 * time.Millisecond, "GET", "/private", 0},
	{19023 * time.Millisecond, "GET", "/large", 300 * time.Millisecond},
	{20029 * time.Millisecond, "GET", "/me", 0},
}

const largeContent = `
[[catalog]]
path = "/large"
size = "1MB"
cache-control = "public, max-age=3600"
`

// mbit returns a leg of a round-trip time and a rate.
func mbit(rtt time.Duration, mbit int) network.Leg {
	return network.Leg{RTT: rtt, Rate: sim.Rate(mbit) * 1e6}
}

// span makes a change last.
func span(from string, begin, end time.Duration, c network.Change) []pathEvent {
	return []pathEvent{{begin, from, c}, {end, from, network.Change{}}}
}

func TestParityOfPaths(t *testing.T) {
	const ms = time.Millisecond
	rough := mbit(100*ms, 20)
	rough.Jitter, rough.JitterShape, rough.Correlation, rough.Queue = 3*ms, "pareto", 0.5, 60_000
	bursts := mbit(40*ms, 50)
	bursts.Loss, bursts.Burst = 0.01, 4
	cut := network.Change{CutOut: true, CutBack: true}
	for name, bad := range map[string]badly{ // each is a test of its own
		"quiet":      {},
		"rated":      {near: network.Spec{Leg: mbit(10*ms, 100)}, far: network.Spec{Leg: mbit(150*ms, 100)}},
		"rough":      {near: network.Spec{Leg: rough}, far: network.Spec{Leg: rough}},
		"bursts":     {near: network.Spec{Leg: bursts}, far: network.Spec{Leg: bursts}},
		"last-mile":  {near: network.Spec{Leg: mbit(10*ms, 1000), Access: &network.Access{Name: "3g", Leg: mbit(60*ms, 4)}}},
		"throttle":   {events: append(span("users", 3100*ms, 4500*ms, network.Change{Rate: 2e6}), span("tokyo-pop", 3200*ms, 9000*ms, network.Change{Rate: 5e6})...)},
		"cut":        {events: append(span("tokyo-pop", 3333*ms, 3555*ms, cut), span("users", 9012*ms, 9500*ms, cut)...)},
		"cut-out":    {events: append(span("tokyo-pop", 3003*ms, 3655*ms, network.Change{CutOut: true}), span("users", 14011*ms, 14500*ms, network.Change{CutOut: true})...)},
		"cut-back":   {events: append(span("tokyo-pop", 3003*ms, 3655*ms, network.Change{CutBack: true}), span("users", 14011*ms, 14500*ms, network.Change{CutBack: true})...)},
		"blackhole":  {events: span("tokyo-pop", 0, 2105*ms, network.Change{Blackhole: true})},
		"reset":      {events: append(span("tokyo-pop", 18090*ms, 18505*ms, network.Change{Reset: true}), span("users", 14014*ms, 14100*ms, network.Change{Reset: true})...)},
		"slow-close": {events: span("users", 0, 39*time.Second, network.Change{SlowClose: 200 * ms})},
	} {
		t.Run(name, func(t *testing.T) {
			bad.script, bad.more, bad.upload = pathScript, largeContent, 60_000
			holdParity(t, "parity-path-"+name, bad)
		})
	}
}
