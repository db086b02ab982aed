// Benchmark of a fresh hit.
package edge

import (
	"fmt"
	"net/http"
	"testing"

	"cdnlab/sim"
)

func hot(tb testing.TB, paths int) (*PoP, []*sim.Request) {
	h := http.Header{"Cache-Control": {"max-age=3600"}, "Vary": {"Accept-Encoding"}}
	parent := sim.HandlerFunc(func(_ *sim.Request, reply func(*sim.Response)) { reply(sim.Answer(200, h, 1000)) })
	env := sim.NewEnv(sim.NewEngine(), "pop", 1, nil)
	env.Trace(func(sim.Step) { tb.Error("a step is told of an untraced request") })
	pop := New(env, Config{}, parent)
	var reqs []*sim.Request
	asks := http.Header{"Accept-Encoding": {"gzip"}, "User-Agent": {"bench"}}
	for i := range paths {
		req := &sim.Request{Method: "GET", Scheme: "https", Host: "example.com", Path: fmt.Sprintf("/page/%d", i), Header: asks}
		pop.Serve(req, func(*sim.Response) {})
		reqs = append(reqs, req)
	}
	return pop, reqs
}

func BenchmarkHit(b *testing.B) {
	pop, reqs := hot(b, 1000)
	hits := 0
	reply := func(r *sim.Response) {
		if r.Aged {
			hits++
		}
	}
	b.ReportAllocs()
	b.ResetTimer()
	for i := range b.N {
		pop.Serve(reqs[i%len(reqs)], reply)
	}
	if hits != b.N {
		b.Fatal("not all were hits")
	}
}

// TestHitAllocatesNothing: its answer is one that came back.
func TestHitAllocatesNothing(t *testing.T) {
	pop, reqs := hot(t, 10)
	var got sim.Response
	reply := func(r *sim.Response) { got = *r; r.Done() }
	if n := testing.AllocsPerRun(100, func() { pop.Serve(reqs[3], reply) }); n != 0 {
		t.Errorf("a fresh hit allocates %v times, want 0", n)
	}
	if got.Status != 200 || got.Size != 1000 || !got.Aged || got.Via.Len() != 1 || got.Via.At(0).Verdict != sim.VerdictHit {
		t.Errorf("answered with %+v", got)
	}
}
