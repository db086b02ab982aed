// Purges racing fills: whatever happens on the way, no cache answers with what is old
// once all have heard.
package edge

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"cdnlab/edge/cache"
	"cdnlab/sim"
)

// racers are PoPs behind a shield and one without, links of random delays, and an
// origin whose content gets a new version with each purge.
type racers struct {
	t       *testing.T
	seed    uint64
	rand    *rand.Rand
	e       *sim.Engine
	pops    map[string]*PoP
	names   []string
	version uint32
	swept   map[string]uint32 // by cache: the version since which all that it had is gone
	header  http.Header
	open    int
}

func newRacers(t *testing.T, seed uint64) *racers {
	r := &racers{t: t, seed: seed, rand: rand.New(rand.NewPCG(seed, 7)), e: sim.NewEngine(), pops: map[string]*PoP{}, version: 1, swept: map[string]uint32{}}
	r.header = http.Header{"Cache-Control": {"max-age=1000"}, "Surrogate-Key": {"all"}}
	if r.rand.IntN(3) == 0 {
		r.header["Cache-Control"] = []string{"max-age=1000, stale-while-revalidate=1000"}
	}
	if r.rand.IntN(2) == 0 {
		r.header["Vary"] = []string{"Accept-Encoding"}
	}
	cfg := Config{WaitLimit: time.Duration(r.rand.IntN(2)) * 200 * time.Millisecond, ParentTimeout: 2 * time.Second}
	shield := Config{KeepTags: true, WaitLimit: cfg.WaitLimit, ParentTimeout: cfg.ParentTimeout}
	r.add("shield", NewShield(sim.NewEnv(r.e, "shield", seed, nil), shield, r.link(sim.HandlerFunc(r.origin))))
	for i := range 3 {
		name := fmt.Sprintf("pop-%d", i)
		r.add(name, New(sim.NewEnv(r.e, name, seed, nil), cfg, r.link(r.pops["shield"])))
	}
	r.add("alone", New(sim.NewEnv(r.e, "alone", seed, nil), cfg, r.link(sim.HandlerFunc(r.origin))))
	return r
}

func (r *racers) add(name string, p *PoP) {
	r.pops[name], r.names = p, append(r.names, name)
}

func (r *racers) after(most time.Duration, f func()) {
	r.e.After(time.Duration(1+r.rand.Int64N(int64(most))), f)
}

// link delays each request and each answer by a time of its own: over many
// connections they overtake each other.
func (r *racers) link(to sim.Handler) sim.Handler {
	return sim.HandlerFunc(func(req *sim.Request, reply func(*sim.Response)) {
		sent := *req
		r.after(300*time.Millisecond, func() {
			to.Serve(&sent, func(resp *sim.Response) { r.after(300*time.Millisecond, func() { reply(resp) }) })
		})
	})
}

// origin answers with the version that there is when the request comes, at once or
// after some time, with a body that takes another.
func (r *racers) origin(req *sim.Request, reply func(*sim.Response)) {
	h := r.header.Clone()
	tag := fmt.Sprintf(`"%d"`, r.version)
	h["Etag"] = []string{tag}
	resp := sim.Answer(200, h, 100)
	if req.Header.Get("If-None-Match") == tag {
		resp = sim.Answer(304, h, 0)
	}
	resp.Stamp = sim.Stamp{Version: r.version}
	r.after(300*time.Millisecond, func() {
		if resp.Status == 200 && r.rand.IntN(2) == 0 {
			body := &sim.Transfer{Length: resp.Size}
			resp.Body = body
			r.after(500*time.Millisecond, func() { body.End(sim.OK, body.Length) })
		}
		reply(resp)
	})
}

// ask asks a PoP. What is asked of it after it was told for the last time, and its
// parent before it, is not old.
func (r *racers) ask() {
	name := r.names[1+r.rand.IntN(len(r.names)-1)]
	least := r.swept[name]
	req := &sim.Request{Method: "GET", Scheme: "https", Host: "example.com", Path: fmt.Sprintf("/%d", r.rand.IntN(3)),
		Header: http.Header{"Accept-Encoding": {[]string{"gzip", "br"}[r.rand.IntN(2)]}}, Scope: &sim.Scope{}}
	r.open++
	r.pops[name].Serve(req, func(resp *sim.Response) {
		r.open--
		old := resp.Status == 200 && resp.Stamp.Version < least
		stale := false
		for i := range resp.Via.Len() {
			stale = stale || resp.Via.At(i).Verdict == sim.VerdictStale
		}
		if old && !stale {
			r.t.Errorf("seed %d, %v: %s answers with version %d, and forgot all before %d: %+v", r.seed, r.e.Now(), name, resp.Stamp.Version, least, resp.Via)
		}
	})
}

// purge deploys a version and purges what was before, as the site would.
func (r *racers) purge() {
	r.version++
	version := r.version
	targets := [][]cache.Target{{{Prefix: true}}, {{Tag: "all"}}, {{Key: cache.Key{Host: "example.com", Path: "/"}, Prefix: true}},
		{{Key: keyAt("/0")}, {Key: keyAt("/1")}, {Key: keyAt("/2")}}}[r.rand.IntN(4)]
	for i := range targets {
		if targets[i].Scheme != "" {
			targets[i].Scheme, targets[i].Host = "https", "example.com"
		}
	}
	x := NewPurging(targets, r.rand.IntN(3) == 0)
	order := NewFanout(r.names, func(name string) []string {
		if name == "shield" || name == "alone" {
			return nil
		}
		return []string{"shield"}
	})
	heard := map[string]bool{} // the shield has
	var tell func(names []string)
	send := func(name string) {
		after := heard["shield"] || name == "alone" || name == "shield"
		req := &sim.Request{Method: MethodPurge, Scheme: "https", Host: "example.com", Path: "/", Control: true, Header: x.Fields()}
		lost := r.rand.IntN(3) == 0
		r.after(300*time.Millisecond, func() {
			if lost && r.rand.IntN(2) == 0 { // it never came
				r.after(300*time.Millisecond, func() { tell(order.Failed(name)); r.after(time.Second, func() { tell([]string{name}) }) })
				return
			}
			r.pops[name].Serve(req, func(resp *sim.Response) {
				if resp.Status != 200 {
					r.t.Errorf("status %d", resp.Status)
				}
				r.after(300*time.Millisecond, func() {
					if lost { // it came, and nobody knows
						tell(order.Failed(name))
						r.after(time.Second, func() { tell([]string{name}) })
						return
					}
					if heard[name] = true; after {
						r.swept[name] = max(r.swept[name], version)
					}
					tell(order.Heard(name))
				})
			})
		})
	}
	tell = func(names []string) {
		for _, name := range names {
			send(name)
		}
	}
	tell(order.First())
}

// TestPurgeRacesFills: random questions, deploys and purges, hard and soft, by URL,
// prefix, tag and everything, over links of random delays that lose purges and their
// answers: what a cache had forgotten never comes back, at a PoP or from a shield.
func TestPurgeRacesFills(t *testing.T) {
	for seed := range uint64(300) {
		r := newRacers(t, seed)
		const length = 30 * time.Second
		for range 800 {
			r.e.At(sim.Time(r.rand.Int64N(int64(length))), r.ask)
		}
		for range 1 + r.rand.IntN(8) {
			r.e.At(sim.Time(r.rand.Int64N(int64(length))), r.purge)
		}
		r.e.Run(sim.Time(time.Minute))
		for _, name := range r.names { // when all is quiet everybody has been told in time
			r.swept[name] = r.version
		}
		for range 30 {
			r.ask()
		}
		r.e.Run(sim.Time(2 * time.Minute))
		if r.open != 0 {
			t.Errorf("seed %d: %d without an answer", seed, r.open)
		}
		if t.Failed() {
			return
		}
	}
}
