// The clock's speed through real processes: what is counted in scenario time.
package scenarios

import (
	"testing"
	"time"
)

// twoTTLs has one object, fresh for 2 s, for 12 s: it is fetched when it is cold,
// and again about every 2 s after the fetch before.
var twoTTLs = site(12*time.Second, 100, `cache-control = "max-age=2"`)

// TestLiveSpeed: at ten times the speed users, TTLs and round trips are as many
// and as long, in the scenario's time.
func TestLiveSpeed(t *testing.T) {
	patient := "5m" // half a minute of the machine's time, which may have other things to do
	run := seeLiveOf(t, twoTTLs, 1200, unwatched, Setting{"speed", 10}, Setting{"clients.0.timeout", patient},
		Setting{"clients.0.limits.connect-timeout", patient}, Setting{"edge.connections.connect-timeout", patient},
		Setting{"edge.parent-timeout", patient})
	if run.Receipt.Speed != 10 {
		t.Errorf("the receipt says speed %v", run.Receipt.Speed)
	}
	// By a wall clock the run lasts 1.2 s, for which one fetch is enough.
	if n := value(t, run, "origin-requests"); n < 2 || n > 6 {
		t.Errorf("%v fetches, want one every 2 s or, where the machine stalls, a little more seldom", n)
	}
	// What an exchange costs on this machine is taken off each way: a little too much
	// of it is some of the machine's microseconds, and ten times as many of the scenario's.
	const aLittle = 10 * 100 * time.Microsecond
	for _, rtt := range run.Receipt.RTTs {
		if rtt.Measured < rtt.Configured-aLittle {
			t.Errorf("%s -> %s: %v, less than the %v that it takes", rtt.From, rtt.To, rtt.Measured, rtt.Configured)
		}
	}
}
