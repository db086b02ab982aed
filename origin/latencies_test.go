// What a server says of how long one more request would take.
package origin

import (
	"testing"
	"time"

	"cdnlab/origin/health"
	"cdnlab/sim"
)

func TestLatencies(t *testing.T) {
	var l latencies
	if got := l.at(3); got != 0 {
		t.Errorf("of nothing: %v", got)
	}
	l.add(5, 50*ms)
	if got := l.at(0); got != 50*ms {
		t.Errorf("of one: %v", got)
	}
	for i := range 300 { // a request that finds n takes (n+1) x 10 ms, give or take one
		found := i % 10
		l.add(found, time.Duration(10*(found+1)+i%3-1)*ms)
	}
	for found, want := range map[int]time.Duration{0: 10 * ms, 4: 50 * ms, 9: 100 * ms, 50: 100 * ms} { // any order will do
		if got := l.at(found); got < want-ms || got > want+ms {
			t.Errorf("with %d there: %v, want %v", found, got, want)
		}
	}
	for range seenAnswers { // the past is forgotten
		l.add(4, 7*ms)
	}
	if got := l.at(9); got != 7*ms {
		t.Errorf("after as many others: %v", got)
	}
}

// An app says what it has to do without a worker, and remembers from the first question on.
func TestAppSaysItsLoad(t *testing.T) {
	w := newWorld(t)
	a := must[*App](t)(NewApp(w.env("app"), steady(AppConfig{Workers: 1}), pages{}, nil, nil))
	load := func() health.Load {
		g := w.ask(a, &sim.Request{Method: "GET", Path: health.LoadPath})
		if g.resp == nil {
			t.Fatal("it is not answered at once")
		}
		l, ok := health.ReadLoad(g.resp.Header)
		if !ok {
			t.Fatalf("header %v", g.resp.Header)
		}
		return l
	}
	if got := load(); got != (health.Load{}) {
		t.Errorf("idle and new: %+v", got)
	}
	for range 3 { // one after the other, 100 ms each
		w.ask(a, &sim.Request{Path: "/page"})
	}
	if got := load(); got != (health.Load{InFlight: 3}) {
		t.Errorf("three there: %+v", got)
	}
	w.quiet()
	if got := load(); got != (health.Load{InFlight: 0, Latency: 200 * ms}) { // the median of 100, 200 and 300
		t.Errorf("afterwards: %+v", got)
	}
}
