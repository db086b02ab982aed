// Tests of keys outside a PoP: they are those inside.
package edge

import (
	"net/http"
	"testing"

	"cdnlab/sim"
)

func TestKeyerHasThePoPsKeys(t *testing.T) {
	cfg := Config{Rules: []Rule{{Path: "/search*", Query: queryNone}, {Path: "/item/*", QueryWithout: []string{"utm_*"}}, {Path: "*", Header: "X-Test", Query: queryNone}}}
	pop := New(sim.NewEnv(sim.NewEngine(), "pop", 1, nil), cfg, nil)
	k := NewKeyer(cfg)
	ask := func(path string, h http.Header) *sim.Request {
		return &sim.Request{Method: http.MethodGet, Scheme: "https", Host: "WWW.Example.com", Path: path, Header: h}
	}
	for _, c := range []struct {
		a, b *sim.Request
		same bool
	}{
		{ask("/search?q=1", nil), ask("/search?q=2", nil), true},
		{ask("/item/1?utm_source=x", nil), ask("/item/1", nil), true},
		{ask("/item/1?id=1", nil), ask("/item/1?id=2", nil), false},
		{ask("/%7euser", nil), ask("/~user", nil), true},
		{ask("/a?b=1", http.Header{"X-Test": {"1"}}), ask("/a?b=2", http.Header{"X-Test": {"1"}}), true},
		{ask("/a?b=1", nil), ask("/a?b=2", nil), false},
	} {
		for _, req := range []*sim.Request{c.a, c.b} {
			if got, want := k.Key(req), pop.keyOf(req); got != want {
				t.Errorf("%s: %v, the PoP has %v", req.Path, got, want)
			}
		}
		if same := k.Key(c.a) == k.Key(c.b); same != c.same {
			t.Errorf("%s and %s: one key is %v", c.a.Path, c.b.Path, same)
		}
	}
	k.Change(Config{})
	if k.Key(ask("/search?q=1", nil)) == k.Key(ask("/search?q=2", nil)) {
		t.Error("a rule that is gone still holds")
	}
}
