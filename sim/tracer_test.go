// Tests of tracing: who is traced, what is told, and how much at the most.
package sim

import (
	"testing"
	"time"
)

func TestTracer(t *testing.T) {
	e := NewEngine()
	e.Run(Time(3 * time.Second))
	var told []Step
	env := NewEnv(e, "pop", 1, nil)
	env.Trace(func(s Step) { told = append(told, s) })
	env.Explain(&Request{ID: 1}, StepCache, "nobody asked")
	env.Explain(&Request{ID: 7, Attempt: 2, Trace: Traced}, StepCache, "miss")
	env.Explain(&Request{ID: 7, Trace: TracedBehind}, StepStore, "stored")
	env.Tracer().Tell(&Request{ID: 7, Trace: Traced}, Step{At: 5, Kind: StepReturn, Peer: "app"})
	want := []Step{
		{At: Time(3 * time.Second), Request: 7, Attempt: 2, Node: "pop", Kind: StepCache, Says: "miss"},
		{At: Time(3 * time.Second), Request: 7, Behind: true, Node: "pop", Kind: StepStore, Says: "stored"},
		{At: 5, Request: 7, Node: "pop", Peer: "app", Kind: StepReturn},
	}
	if len(told) != len(want) {
		t.Fatalf("%d steps: %+v", len(told), told)
	}
	for i, w := range want {
		g := told[i]
		if g.At != w.At || g.Request != w.Request || g.Attempt != w.Attempt || g.Behind != w.Behind || g.Node != w.Node ||
			g.Peer != w.Peer || g.Kind != w.Kind || g.Says != w.Says {
			t.Errorf("step %d is %+v, want %+v", i, g, w)
		}
	}
	NewEnv(e, "deaf", 1, nil).Explain(&Request{Trace: Traced}, StepCache, "to nobody")
}

// TestTracerIsBounded: of each request so many steps, the last of which says that
// there were more.
func TestTracerIsBounded(t *testing.T) {
	var told []Step
	tracer := NewTracer(NewEngine(), "link", func(s Step) { told = append(told, s) })
	for id := range uint64(2) {
		for range MaxSteps + 100 {
			tracer.Tell(&Request{ID: id, Trace: Traced}, Step{Kind: StepHeld})
		}
	}
	if len(told) != 2*MaxSteps || told[MaxSteps-1].Kind != StepMore || told[MaxSteps].Kind != StepHeld {
		t.Errorf("%d steps are told of two requests, want %d of each", len(told), MaxSteps)
	}
}

// TestWatched: of a traced request what came and what was answered is told; the
// others go straight through, at no cost.
func TestWatched(t *testing.T) {
	var told []Step
	env := NewEnv(NewEngine(), "app", 1, nil)
	env.Trace(func(s Step) { told = append(told, s) })
	answer := Answer(200, nil, 5)
	answer.Via.Add(Mark{Node: "app", Hop: HopApp})
	h := env.Watched(HandlerFunc(func(_ *Request, reply func(*Response)) { reply(answer) }))
	answers := 0
	reply := func(*Response) { answers++ }
	plain := &Request{Method: "GET", Path: "/"}
	if n := testing.AllocsPerRun(100, func() { h.Serve(plain, reply) }); n != 0 || len(told) != 0 {
		t.Errorf("an untraced request allocates %v times and tells %d steps", n, len(told))
	}
	before := answers
	h.Serve(&Request{Method: "GET", Path: "/x", Host: "a", Trace: Traced}, reply)
	if answers != before+1 || len(told) != 2 || told[0].Kind != StepEnter || told[0].Path != "/x" || told[0].Host != "a" ||
		told[1].Kind != StepAnswer || told[1].Status != 200 || told[1].Size != 5 || len(told[1].Via) != 1 {
		t.Errorf("%d answers, steps %+v", answers-before, told)
	}
}

func TestBriefly(t *testing.T) {
	for d, want := range map[time.Duration]string{ // any order
		0: "0 ms", 90 * time.Nanosecond: "0.1 µs", 80 * time.Microsecond: "80 µs", 1234 * time.Microsecond: "1.2 ms", 75 * time.Millisecond: "75 ms",
		149911 * time.Microsecond: "150 ms", 2 * time.Second: "2 s", 2345 * time.Millisecond: "2.3 s", 3 * time.Minute: "180 s",
		-1500 * time.Millisecond: "-1.5 s",
	} {
		if got := Briefly(d); got != want {
			t.Errorf("%v is %q, want %q", d, got, want)
		}
	}
}
