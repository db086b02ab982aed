// Tracing in the live world: only who has the run's token can ask for it.
package live

import (
	"fmt"
	"sync"
	"testing"

	"cdnlab/sim"
)

// TestOnlyTheTokenTraces asks both front ends, with the token and without.
func TestOnlyTheTokenTraces(t *testing.T) {
	n := newTestNode(t)
	env := sim.NewEnv(n.Engine(), "app", 1, nil)
	var mu sync.Mutex // protects told
	var told []sim.Step
	env.Trace(func(s sim.Step) {
		mu.Lock()
		defer mu.Unlock()
		told = append(told, s)
	})
	address, _ := serve(t, n, env.Watched(sim.HandlerFunc(func(_ *sim.Request, reply func(*sim.Response)) {
		reply(sim.Answer(200, nil, 0))
	})))
	for _, c := range []struct {
		who  string // behind the header's name
		want string // the kinds told, of both front ends alike
	}{
		{"secret +7 0 1 2 - Tokyo", "[enter false answer false]"},
		{"secret *7 0 1 2 - Tokyo", "[enter true answer true]"},
		{"secret 7 0 1 2 - Tokyo", "[]"},
		{"wrong +7 0 1 2 - Tokyo", "[]"},
		{"+7 0 1 2 - Tokyo", "[]"},
		{"secret ++7 0 1 2 - Tokyo", "[]"},
	} {
		for _, extra := range []string{"", "Connection: keep-alive\r\n"} { // the second is not plain: net/http answers it
			mu.Lock()
			told = nil
			mu.Unlock()
			client := connect(t, address)
			client.send("GET /p HTTP/1.1\r\nHost: a\r\n" + extra + headerClient + ": " + c.who + "\r\n\r\n")
			if r, _ := client.answer("GET"); r.StatusCode != 200 || r.Header.Get(headerClient) != "" {
				t.Errorf("%q: answered %d", c.who, r.StatusCode)
			}
			got := []any{}
			mu.Lock()
			for _, s := range told {
				got = append(got, s.Kind, s.Behind)
				if s.Request != 7 || s.Header.Get(headerClient) != "" {
					t.Errorf("%q: %+v", c.who, s)
				}
			}
			mu.Unlock()
			if fmt.Sprint(got) != c.want {
				t.Errorf("%q with %q: told %v, want %s", c.who, extra, got, c.want)
			}
		}
	}
}

// TestWireHeader: a step's message as it stands on the wire.
func TestWireHeader(t *testing.T) {
	header := map[string][]string{"Etag": {`"1"`}}
	mark := sim.Mark{Node: "pop", Hop: sim.HopCache, Verdict: sim.VerdictHit, TTL: 9}
	for want, step := range map[string]sim.Step{ // any order
		`map[Age:[3] Cache-Status:[pop; hit; ttl=9; detail=hit] Content-Length:[5] Date:[Thu, 01 Jan 2026 00:00:01 GMT] Etag:["1"] Server-Timing:[pop;dur=0;desc="cache"] Via:[1.1 pop]]`: {
			Status: 200, Size: 5, Header: header, Date: 1e9, Aged: true, Age: 3e9, Via: []sim.Mark{mark}},
		`map[Content-Length:[7] Etag:["1"] Host:[a]]`: {Method: "PUT", Host: "a", Size: 7, Header: header},
	} {
		if got := fmt.Sprint(WireHeader(&step)); got != want {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
	if len(header) != 1 {
		t.Errorf("the node's own header was changed: %v", header)
	}
}
