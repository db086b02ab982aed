// Tests of a pool's words: which server, why another, why none.
package balance

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cdnlab/sim"
)

// TestPoolExplains plays traced requests against servers that fail in turn.
func TestPoolExplains(t *testing.T) {
	w := newWorld(t)
	var told []string
	w.env.Trace(func(s sim.Step) { told = append(told, string(s.Kind)+": "+s.Says) })
	a, b, c := &server{clock: w.engine}, &server{clock: w.engine, mode: "refused"}, &server{clock: w.engine}
	p := w.pool(noChecks(PoolConfig{Config: Config{Algorithm: "round-robin"}, Retries: new(1), MaxFails: new(2), RetryOn: []int{503}}),
		Target{Spec: Spec{Name: "a"}, Handler: a}, Target{Spec: Spec{Name: "b"}, Handler: b}, Target{Spec: Spec{Name: "c", MaxConnections: 1}, Handler: c})
	ask := func(method string) string {
		told = nil
		p.Serve(&sim.Request{ID: 1, Method: method, Trace: sim.Traced}, func(*sim.Response) {})
		w.engine.Run(w.engine.Now().Add(time.Second))
		return strings.Join(told, "\n")
	}
	for i, step := range []struct {
		do     func()
		method string
		want   string
	}{
		{func() {}, "GET", "server: a by round-robin: its turn, and b's next"},
		{func() {}, "GET", "server: b by round-robin: its turn, and c's next\n" +
			"retry: b failed (refused); retry 1 of 1: c by round-robin: its turn, and a's next"},
		{func() {}, "GET", "server: a by round-robin: its turn, and b's next"},
		{func() { b.mode = "reset" }, "POST", "server: b by round-robin: its turn, and c's next\n" +
			"retry: b failed (reset); no retry: the method is not safe: a second try might do a thing twice (RFC 9110 9.2.2)"},
		{func() {}, "GET", "server: c by round-robin: its turn, and a's next; b is out of rotation for 1 s (requests failed in a row, the last: reset)"},
		{func() { a.mode, c.mode = "503", "503" }, "GET", "server: a by round-robin: its turn, and c's next; b is out of rotation for 2 s (requests failed in a row, the last: reset)\n" +
			"retry: a failed (503); retry 1 of 1: c by round-robin: its turn, and c's next; b is out of rotation for 2 s (requests failed in a row, the last: reset)\n" +
			"retry: c failed (503); no retry: there are no retries left; b is out of rotation for 2 s (requests failed in a row, the last: reset)"},
		{func() { p.Drain("a", true); p.Drain("c", true) }, "GET", "server: no server may take it; a drains, " +
			"b is out of rotation for 3 s (requests failed in a row, the last: reset), c drains"},
	} {
		step.do()
		if got := ask(step.method); got != step.want {
			t.Errorf("%d: got\n%s\nwant\n%s", i, got, step.want)
		}
	}
}

// TestPoolExplainsWaits plays traced requests that are hedged, wait before a retry, stand
// in line, and are turned away.
func TestPoolExplainsWaits(t *testing.T) {
	w := newWorld(t)
	var told []string
	w.env.Trace(func(s sim.Step) { told = append(told, fmt.Sprintf("%v %s: %s", s.At, s.Kind, s.Says)) })
	servers, targets := w.fleet(2)
	p := w.pool(noChecks(PoolConfig{MaxFails: new(0), RetryBackoff: 40 * ms, Hedge: Hedge{After: "50ms", Budget: new(1.0)}, Queue: 1, QueueTimeout: 20 * ms,
		Limits: Limits{Connections: 2}}), targets...)
	ask := func(id uint64) {
		p.Serve(&sim.Request{ID: id, Method: "GET", Trace: sim.Traced}, func(*sim.Response) {})
	}
	expect := func(what string, want ...string) {
		t.Helper()
		w.engine.Advance(w.engine.Now().Add(time.Second))
		if got := strings.Join(told, "\n"); got != strings.Join(want, "\n") {
			t.Errorf("%s: got\n%s\nwant\n%s", what, got, strings.Join(want, "\n"))
		}
		told = nil
	}
	servers[0].delay = 100 * ms
	ask(1)
	expect("hedged", "0s server: a by round-robin: its turn, and b's next",
		"50ms retry: a has not answered for 50 ms: a hedge, whoever answers first: b by round-robin: its turn, and b's next")
	servers[0].mode, servers[0].delay = "reset", 0
	ask(2)
	expect("waits before a retry", "1s server: a by round-robin: its turn, and b's next",
		"1s retry: a failed (reset); retry 1 of 1 after 5.8 ms",
		"1.00578854s retry: retry 1 of 1: b by round-robin: its turn, and b's next")
	servers[0].mode, servers[0].delay, servers[1].delay = "", 45*ms, 10*ms
	for id := uint64(3); id < 7; id++ {
		ask(id)
	}
	expect("stands in line", "2s server: a by round-robin: its turn, and b's next",
		"2s server: b by round-robin: its turn, and a's next",
		"2s server: no server has room: it waits, as number 1",
		"2s server: turned away: no server has room, and 1 wait already",
		"2.01s server: a by round-robin: its turn, and b's next")
	w.quiet(p)
}
