// Random queries: nobody gets the answer to another, but where that answer says so.
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

func TestRandomSearches(t *testing.T) {
	fields := []string{`params=("utm")`, `params, except=("q")`, `key-order`, `params`, ``, ``}
	for seed := range uint64(100) {
		r := rand.New(rand.NewPCG(seed, 2))
		e := sim.NewEngine()
		env := sim.NewEnv(e, "pop", seed, nil)
		env.Reuses = true
		fetches, shared := 0, 0
		pop := New(env, Config{HitForMiss: new(time.Duration(0))}, sim.HandlerFunc(func(req *sim.Request, reply func(*sim.Response)) {
			h := http.Header{"Cache-Control": {"max-age=2"}, "X-Path": {req.Path}, "Etag": {`"1"`}}
			if f := fields[r.IntN(len(fields))]; f != "" {
				h["No-Vary-Search"] = []string{f}
			}
			fetches++
			env.After(time.Duration(r.IntN(300))*time.Millisecond, func() { reply(sim.Answer(200, h, 10)) })
		}))
		for range 300 {
			e.At(sim.Time(r.Int64N(int64(10*time.Second))), func() {
				path := fmt.Sprintf("/%c?%s", "ab"[r.IntN(2)], []string{"q=1", "q=2", "q=1&utm=1", "utm=2&q=1", "utm=3", "q=2&utm=1", ""}[r.IntN(7)])
				if r.IntN(50) == 0 {
					pop.Purge(cache.Target{Key: keyAt(path)}, r.IntN(2) == 0)
					return
				}
				pop.Serve(get(path), func(resp *sim.Response) {
					made := resp.Header.Get("X-Path")
					s := cache.ParseSearch(resp.Header["No-Vary-Search"])
					if made != path {
						shared++
					}
					if made != path && (s == nil || s.Canonical(made) != s.Canonical(path)) {
						t.Fatalf("seed %d: %s gets the answer to %s, which says No-Vary-Search: %s", seed, path, made, resp.Header["No-Vary-Search"])
					}
				})
			})
		}
		e.Run(sim.Time(time.Minute))
		if fetches == 0 || shared == 0 {
			t.Fatalf("seed %d: %d fetches, %d answers shared by queries", seed, fetches, shared)
		}
	}
}
