// Random crashes, hangs, leaving users and drains over a pool; then quiet.
package balance

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"cdnlab/origin/health"
	"cdnlab/sim"
)

func TestPoolSurvivesAnything(t *testing.T) {
	eachPolicy(t, func(t *testing.T, cfg Config) {
		for seed := range uint64(6) {
			riot(t, cfg, seed)
		}
	})
}

func riot(t *testing.T, cfg Config, seed uint64) {
	dice := rand.New(rand.NewPCG(seed, 2))
	w := newWorld(t)
	servers, targets := w.fleet(2 + dice.IntN(6))
	for i := range targets {
		targets[i].MaxConnections = dice.IntN(6)
		targets[i].Place = string(rune('a' + dice.IntN(3)))
		targets[i].Weight = dice.IntN(4)
	}
	pool := PoolConfig{Config: cfg, Retries: new(dice.IntN(4)), RetryOn: []int{503}, MaxFails: new(dice.IntN(4)),
		PerTryTimeout: time.Duration(1+dice.IntN(100)) * ms, FailTimeout: time.Duration(1+dice.IntN(500)) * ms}
	pool.Health.Interval = time.Duration(10+dice.IntN(200)) * ms
	if rare := rand.New(rand.NewPCG(seed, 3)); rare.IntN(2) == 0 { // what is off unless asked for
		pool.Panic, pool.SpillOver = rare.Float64(), 1.4*float64(rare.IntN(2))
		pool.SlowStart.Window = time.Duration(rare.IntN(1000)) * ms
		pool.Outlier = health.OutlierConfig{Detect: health.Detections(), Interval: 200 * ms, Volume: 5, Servers: 2, Ejection: 300 * ms}
		pool.DrainTimeout = time.Duration(rare.IntN(50)) * ms
		pool.FailureRatio, pool.FailureMinimum, pool.TrialRequests = rare.Float64(), 5, 1+rare.IntN(3)
		pool.Breaker = Breaker{Ratio: float64(rare.IntN(2)) / 2, Minimum: 5, OpenFor: 50 * ms, Trials: 1 + rare.IntN(3)}
		pool.RetryBackoff = time.Duration(rare.IntN(20)) * ms
		pool.Hedge.After = []string{"", "p50", "10ms"}[rare.IntN(3)]
		pool.Queue, pool.QueueTimeout = rare.IntN(20), time.Duration(1+rare.IntN(50))*ms
		pool.Limits = Limits{Connections: rare.IntN(12), Requests: 10 * rare.IntN(3), Retries: rare.IntN(3)}
		pool.Sticky = StickyConfig{By: StickyBys()[rare.IntN(4)], WhenDown: []string{WhenDownRepick, WhenDownFail}[rare.IntN(2)], Limit: 1 + rare.IntN(20)}
		for i := range targets {
			targets[i].Priority = rare.IntN(3)
		}
	}
	p := w.pool(pool, targets...)
	var asks []*got
	for i := range 1500 {
		w.engine.Advance(w.engine.Now().Add(time.Duration(dice.IntN(4000)) * time.Microsecond))
		upset(dice, p, servers)
		asks = append(asks, w.askAtRandom(dice, p, uint64(i)))
		p.withinLimits(t)
	}
	for _, s := range servers {
		s.mode, s.delay, s.body, s.cut = "", ms, 0, false // everything heals
	}
	w.engine.Advance(w.engine.Now().Add(time.Minute))
	for i, g := range asks {
		if g.resp == nil || !g.ended {
			t.Fatalf("seed %d: request %d: %v, ended %v", seed, i, g, g.ended)
		}
	}
	for i := range p.members {
		if !p.members[i].machine.Up() {
			t.Errorf("seed %d: server %d is still down by its checks", seed, i)
		}
	}
	w.quiet(p)
}

// upset changes something now and then.
func upset(dice *rand.Rand, p *Pool, servers []*server) {
	s := servers[dice.IntN(len(servers))]
	switch dice.IntN(30) {
	case 0:
		s.mode = []string{"refused", "reset", "hang", "503", "404", "overload", "malformed"}[dice.IntN(7)]
	case 1, 2:
		s.mode = ""
	case 3:
		s.delay = time.Duration(dice.IntN(60)) * ms
	case 4:
		s.body = time.Duration(dice.IntN(60)) * ms
	case 5:
		s.cut = !s.cut
	case 6:
		p.Drain(string(rune('a'+dice.IntN(len(servers)))), dice.IntN(3) == 0)
	}
}

func (w *world) askAtRandom(dice *rand.Rand, p *Pool, id uint64) *got {
	var scope *sim.Scope
	if dice.IntN(4) == 0 {
		scope = &sim.Scope{}
		w.engine.After(time.Duration(dice.IntN(80))*ms, func() { scope.Cancel(sim.Cancelled) })
	}
	g := &got{}
	req := &sim.Request{ID: id, Client: id % 50, Addr: netip.AddrFrom4([4]byte{192, 0, 2, byte(id % 50)}), Place: string(rune('a' + dice.IntN(3))), Method: "GET", Scope: scope}
	if dice.IntN(5) == 0 {
		req.Method = "POST"
	}
	req.Header = http.Header{"X-Session": {fmt.Sprint(id % 30)}, "Cookie": {w.cookies[id%30]}}
	p.Serve(req, func(resp *sim.Response) {
		if g.resp != nil {
			w.t.Fatalf("request %d answered twice: %v then %v", id, g, resp)
		}
		g.resp, g.at = resp, w.engine.Now()
		if set := resp.Header.Get("Set-Cookie"); set != "" {
			w.cookies[id%30], _, _ = strings.Cut(set, ";")
		}
		if n := resp.Via.Last(sim.HopBalancer); n == nil {
			w.t.Fatal(fmt.Sprint("no mark on the answer of ", id))
		}
		resp.OnEnd(func(c sim.Cause, _ int64) { g.ended, g.end = true, c })
	})
	return g
}

// withinLimits checks what holds at any time: nobody has more than they may, and all
// that is open is somewhere.
func (p *Pool) withinLimits(t *testing.T) {
	t.Helper()
	active := 0
	for _, m := range p.members {
		s := m.server
		active += s.active
		if s.MaxConnections > 0 && s.active > s.MaxConnections {
			t.Fatalf("%s has %d requests, its limit is %d", s.Name, s.active, s.MaxConnections)
		}
	}
	l := p.cfg.Limits
	switch {
	case active != p.trying:
		t.Fatalf("%d requests at the servers, the pool has %d", active, p.trying)
	case l.Connections > 0 && p.trying > l.Connections, l.Retries > 0 && p.retrying > l.Retries, l.Requests > 0 && p.open > l.Requests:
		t.Fatalf("%d under way, %d of them retries, %d open; limits %+v", p.trying, p.retrying, p.open, l)
	case p.line.n > p.cfg.Queue || p.line.n > p.open:
		t.Fatalf("%d wait; %d may, and %d are open", p.line.n, p.cfg.Queue, p.open)
	}
}
