// Tests: how users keep connections, and come back.
package load

import (
	"testing"
	"time"

	"cdnlab/sim"
)

func TestSocketWait(t *testing.T) {
	const ms = time.Millisecond
	zero := time.Duration(0)
	for _, c := range []struct {
		s    Socket
		want []time.Duration // after so many failures
	}{
		{Socket{Jitter: JitterNone}, []time.Duration{1000 * ms, 2000 * ms, 4000 * ms}},
		{Socket{Jitter: JitterNone, BackoffMax: 3 * time.Second}, []time.Duration{1000 * ms, 2000 * ms, 3000 * ms, 3000 * ms}},
		{Socket{Jitter: JitterNone, Backoff: &zero}, []time.Duration{0, 200 * ms, 400 * ms}},
	} {
		s := c.s.withDefaults()
		for failed, want := range c.want {
			var roll sim.Roll
			if got := s.Wait(failed, &roll); got != want {
				t.Errorf("%+v: %v after %d failures, not %v", c.s, got, failed, want)
			}
		}
	}
	full := (&Socket{}).withDefaults()
	var sum time.Duration
	const n = 1000
	for i := range n {
		roll := sim.Draw(1, sim.NewLuck("wait"), uint64(i), 0)
		wait := full.Wait(2, &roll)
		if wait < 0 || wait >= 4*time.Second {
			t.Fatalf("a wait of %v, of up to 4 s", wait)
		}
		sum += wait
	}
	if mean := sum / n; mean < 1900*ms || mean > 2100*ms { // 2 s, and 1.15 s / sqrt(1000) of chance
		t.Errorf("the mean of waits up to 4 s is %v", mean)
	}
}

func TestSocketMistakes(t *testing.T) {
	long, status := 2*time.Hour, 204
	bad := CheckCatalog([]Entry{{Path: "/chat", Method: "POST", Status: status, Leave: 0.5, Database: true,
		Socket: &Socket{Every: time.Microsecond, Backoff: &long, Jitter: "some"}}})
	var keys []string
	for _, p := range bad {
		keys = append(keys, p.Key)
	}
	want := []string{"websocket.every", "websocket.backoff", "websocket.jitter", "method", "status", "leave", "database"}
	found := 0
	for _, k := range keys {
		if found < len(want) && k == want[found] {
			found++
		}
	}
	if found != len(want) {
		t.Errorf("mistakes at %v, not at %v", keys, want)
	}
	if bad := CheckCatalog([]Entry{{Path: "/chat", Socket: &Socket{}}}); len(bad) > 0 {
		t.Errorf("what is right is wrong: %+v", bad)
	}
}

func TestTCPMistakes(t *testing.T) {
	bad := CheckCatalog([]Entry{{Path: "/game", Socket: &Socket{}, TCP: &Socket{Every: time.Microsecond}}})
	if len(bad) != 2 || bad[0].Key != "tcp.every" || bad[1].Key != "tcp" {
		t.Errorf("mistakes %+v", bad)
	}
	c := NewCatalog([]Entry{{Path: "/game", TCP: &Socket{}}, {Path: "/chat", Socket: &Socket{}}, {Path: "/"}})
	for i, want := range []string{"tcp", "websocket", ""} {
		if got := c.Socket(Object{int32(i), 1}).Protocol(); got != want {
			t.Errorf("entry %d keeps connections by %q, want %q", i, got, want)
		}
	}
}
