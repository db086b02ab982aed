// Tests: which zone a request goes to.
package balance

import (
	"fmt"
	"math"
	"net/http"
	"testing"
	"time"

	"cdnlab/origin/health"
	"cdnlab/sim"
)

func TestZoneParts(t *testing.T) {
	for _, x := range []struct {
		says  string
		own   int
		local []float64
		up    []int
		want  []float64
	}{
		{"Envoy's example: 40/40/20 against 25/50/25", 0, []float64{0.4, 0.4, 0.2}, []int{5, 10, 5}, []float64{0.625, 0.25, 0.125}},
		{"its second zone has more than its part", 1, []float64{0.4, 0.4, 0.2}, []int{5, 10, 5}, []float64{0, 1, 0}},
		{"all even", 2, []float64{1. / 3, 1. / 3, 1. / 3}, []int{2, 2, 2}, []float64{0, 0, 1}},
		{"no server here: to those with more than their part", 0, []float64{0.5, 0.5, 0}, []int{0, 4, 4}, []float64{0, 0, 1}},
		{"one balancer: in proportion", 0, []float64{1, 0, 0}, []int{3, 2, 1}, []float64{0.5, 1. / 3, 1. / 6}},
		{"too few: in proportion", 0, []float64{0.5, 0.5, 0}, []int{2, 2, 1}, []float64{0.4, 0.4, 0.2}},
		{"a zone without a server", -1, []float64{0.5, 0.5}, []int{6, 2}, []float64{0.75, 0.25}},
		{"nobody", 0, []float64{0.5, 0.5}, []int{0, 0}, nil},
	} {
		got := ZoneParts(x.own, x.local, x.up, 6)
		if len(got) != len(x.want) {
			t.Errorf("%s: %v, want %v", x.says, got, x.want)
			continue
		}
		for i := range got {
			if math.Abs(got[i]-x.want[i]) > 1e-9 {
				t.Errorf("%s: %v, want %v", x.says, got, x.want)
				break
			}
		}
	}
}

// Whatever is up, parts add up to 1, and nobody who is down gets one. With balancers that
// share the requests as local says, no zone gets more than its servers' share of
// all, unless it is asked by its own alone.
func TestZonePartsAreFair(t *testing.T) {
	dice := sim.Stream(1, "test", "zones")
	for range 2000 {
		n := 1 + dice.IntN(5)
		local, up, total, sum := make([]float64, n), make([]int, n), 0, 0.0
		for i := range n {
			up[i], local[i] = dice.IntN(8), dice.Float64()*float64(dice.IntN(2))
			total, sum = total+up[i], sum+local[i]
		}
		if sum == 0 || total < 6 {
			continue
		}
		gets := make([]float64, n)
		for own := range n {
			local[own] /= sum
		}
		for own := range n {
			parts := ZoneParts(own, local, up, 6)
			all := 0.0
			for i, part := range parts {
				all += part
				gets[i] += part * local[own]
				if part < 0 || up[i] == 0 && part > 0 {
					t.Fatalf("of %d, local %v, up %v: %v", own, local, up, parts)
				}
			}
			if math.Abs(all-1) > 1e-9 {
				t.Fatalf("of %d, local %v, up %v: %v", own, local, up, parts)
			}
		}
		for i := range gets {
			if most := max(float64(up[i])/float64(total), local[i]); gets[i] > most+1e-9 {
				t.Errorf("zone %d of local %v, up %v gets %v", i, local, up, gets)
			}
		}
	}
}

// A pool under every algorithm: its own zone, then when that is down the others; the servers
// that are full or tried are passed by.
func TestPoolOfZones(t *testing.T) {
	for _, algorithm := range Policies.Names() {
		e := sim.NewEngine()
		env := sim.NewEnv(e, "balancer", 1, nil)
		var targets []Target
		got := map[string]int{}
		dead := map[string]bool{}
		for i := range 9 {
			s := Spec{Name: fmt.Sprint("app-", i), Zone: string("abc"[i/3])}
			targets = append(targets, Target{Spec: s, Handler: sim.HandlerFunc(func(req *sim.Request, reply func(*sim.Response)) {
				if req.Path == health.LoadPath { // a policy asks
					reply(sim.Answer(http.StatusNotFound, nil, 0))
					return
				}
				if dead[s.Zone] {
					reply(sim.Fail(sim.Refused))
					return
				}
				got[s.Zone]++
				e.After(time.Millisecond, func() { reply(sim.Answer(http.StatusOK, nil, 0)) })
			})})
		}
		p, err := NewPool(env, PoolConfig{Config: Config{Algorithm: algorithm}, Zones: ZoneConfig{On: true}, MaxFails: new(1), FailTimeout: time.Hour,
			RetryBudget: new(1.0), Retries: new(3), Health: health.Config{Check: health.CheckNone}},
			Around{Zone: "b", Zones: []string{"a", "b", "c"}}, targets...)
		if err != nil {
			t.Fatal(err)
		}
		failed := 0
		ask := func(n int) {
			clear(got)
			for i := range n {
				p.Serve(&sim.Request{ID: uint64(i), Client: uint64(i), Method: "GET", Path: fmt.Sprint("/", i)}, func(r *sim.Response) {
					if r.Status != 200 {
						failed++
					}
				})
				e.Run(e.Now().Add(2 * time.Millisecond))
			}
		}
		if ask(100); got["b"] != 100 || p.count.crossZone.N != 0 {
			t.Errorf("%s: %v, %d cross", algorithm, got, p.count.crossZone.N)
		}
		dead["b"] = true
		ask(200)
		if got["a"]+got["c"] != 200 || min(got["a"], got["c"]) < 60 || failed > 0 || p.count.crossZone.N != 200 {
			t.Errorf("%s: with b lost %v, %d failed, %d cross", algorithm, got, failed, p.count.crossZone.N)
		}
	}
}
