// Tests: what is told of sessions says which store has them, and why one has not.
package origin

import (
	"net/http"
	"strings"
	"testing"

	"cdnlab/sim"
)

func TestSessionsExplained(t *testing.T) {
	for store, want := range map[string][3]string{ // each is a test of its own: any order will do
		StoreCookie:   {"in the cookie itself", "known, with 1 in its cart", "not signed by this site"},
		StoreMemory:   {"in the memory of app-1 alone", "known, with 1 in its cart", "not in the memory of app-1: another server made it"},
		StoreDatabase: {"in the database", "known, with 1 in its cart", "the database does not have the session"},
	} {
		t.Run(store, func(t *testing.T) {
			s := newShop(t, SessionsConfig{Store: store})
			var told []sim.Step
			s.apps[0].env.Trace(func(step sim.Step) {
				if step.Kind == sim.StepSession {
					told = append(told, step)
				}
			})
			ask := func(path, cookie string) *sim.Response {
				s.id++
				req := &sim.Request{ID: s.id, Trace: sim.Traced, Method: http.MethodPost, Path: path}
				if cookie != "" {
					req.Header = http.Header{"Cookie": {cookie}}
				}
				g := s.world.ask(s.apps[0], req)
				s.quiet()
				return g.resp
			}
			cookie, _, _ := strings.Cut(ask("/login", "").Header.Get("Set-Cookie"), ";")
			ask("/cart", cookie)
			ask("/cart", "session=00000000000000000000000000000000")
			ask("/cart", "")
			if len(told) != 4 {
				t.Fatalf("%d steps, want 4: %+v", len(told), told)
			}
			for i, says := range append(want[:], `no cookie "session"; a POST to /login makes one`) {
				if !strings.Contains(told[i].Says, says) {
					t.Errorf("step %d says %q, want %q", i, told[i].Says, says)
				}
			}
		})
	}
}
