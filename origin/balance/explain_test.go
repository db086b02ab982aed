// Tests of a pool's words: which server, why another, why none.
package balance

import (
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
