// Tests: what servers say of their load, and how it is asked for.
package health

import (
	"net/http"
	"testing"
	"time"

	"cdnlab/sim"
)

func TestLoadHeader(t *testing.T) {
	for _, n := range []int{0, 1, 4096} {
		if got, ok := ReadLoad(LoadHeader(Load{InFlight: n})); !ok || got != (Load{InFlight: n}) {
			t.Errorf("%d is read as %d, %v", n, got, ok)
		}
	}
	for line, want := range map[string]int{ // any order; -1: it says nothing
		"":                                 -1,
		"TEXT":                             -1,
		"TEXT cpu_utilization=0.3":         -1,
		"TEXT named_metrics.in_flight=":    -1,
		"TEXT named_metrics.in_flight=-1":  -1,
		"TEXT named_metrics.in_flight=1e3": -1,
		"TEXT cpu_utilization=0.3, named_metrics.in_flight=7": 7,
	} {
		got, ok := ReadLoad(http.Header{loadField: {line}})
		if ok != (want >= 0) || ok && got.InFlight != want {
			t.Errorf("%q: %v, %v", line, got, ok)
		}
	}
}

// The latency is in seconds, and nothing that is none is believed.
func TestLoadLatency(t *testing.T) {
	for _, took := range []time.Duration{0, 1, time.Microsecond, 12345678, time.Hour} {
		if got, ok := ReadLoad(LoadHeader(Load{3, took})); !ok || got != (Load{3, took}) {
			t.Errorf("%v is read as %v, %v", took, got, ok)
		}
	}
	for _, text := range []string{"", "-1", "NaN", "Inf", "1e300", "soon"} {
		got, ok := ReadLoad(http.Header{loadField: {"TEXT named_metrics.latency=" + text + ", named_metrics.in_flight=7"}})
		if !ok || got != (Load{InFlight: 7}) {
			t.Errorf("%q is read as %v, %v", text, got, ok)
		}
	}
}

// Every interval from a phase within the first; what fails or is late tells nothing, and
// the next comes all the same.
func TestReports(t *testing.T) {
	e := sim.NewEngine()
	env := sim.NewEnv(e, "balancer", 1, nil)
	asked, cancelled := []sim.Time{}, 0
	var told []int
	server := sim.HandlerFunc(func(req *sim.Request, reply func(*sim.Response)) {
		if req.Path != LoadPath {
			t.Errorf("asked for %s", req.Path)
		}
		n := len(asked)
		asked = append(asked, e.Now())
		switch n {
		case 1:
			reply(sim.Fail(sim.Refused))
		case 2: // never
			req.Scope.OnCancel(func(c sim.Cause) { cancelled++; reply(sim.Fail(c)) })
		case 3:
			reply(sim.Answer(http.StatusOK, nil, 0))
		default:
			e.After(10*time.Millisecond, func() { reply(sim.Answer(http.StatusOK, LoadHeader(Load{InFlight: 10 + n}), 0)) })
		}
	})
	r := NewReports(env, time.Second, "app-1", server, func(n int) { told = append(told, n) })
	e.Run(sim.Time(4 * time.Second))
	e.Run(asked[3].Add(time.Second + 5*time.Millisecond))
	if len(asked) != 5 || asked[0] >= sim.Time(time.Second) {
		t.Fatalf("asked at %v", asked)
	}
	for i := range asked[1:] {
		if gap := asked[i+1].Sub(asked[i]); gap != time.Second {
			t.Errorf("%v after the one before", gap)
		}
	}
	r.Stop()
	e.Run(sim.Time(10 * time.Second))
	if len(told) != 1 || told[0] != 10 || cancelled != 1 || len(asked) != 5 {
		t.Errorf("told %v, %d cancelled, asked %d times", told, cancelled, len(asked))
	}
}
