// Links of those who share a way, and what they are told of cookies.
package live

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// TestOwnLinks: each has connections of its own, which Forget closes.
func TestOwnLinks(t *testing.T) {
	n := newTestNode(t)
	address, _ := serve(t, n, echo(n))
	a := newAsker(t, 0, network.Config{}, Dialer("", address))
	shared := a.link
	var own []*Link
	n.Do(func() { own = []*Link{shared.Own().(*Link), shared.Own().(*Link)} })
	for i, l := range []*Link{own[0], own[1], own[0], shared, own[1]} {
		a.link = l
		if got := a.get("/x"); got.status != 200 {
			t.Errorf("request %d: %+v", i, got)
		}
	}
	for i, l := range []*Link{own[0], own[1], shared} {
		a.link = l
		a.wantDials(1)
		if got := a.open(); got != 1 {
			t.Errorf("link %d has %d connections", i, got)
		}
	}
	n.Do(own[0].Forget)
	for i, want := range []int{0, 1} {
		if a.link = own[i]; a.open() != want {
			t.Errorf("link %d has %d connections, want %d", i, a.open(), want)
		}
	}
	n.Do(own[1].Forget)
}

// TestCookiesOfWhoReadsNothing: the driver reads no bodies and few headers, but
// every Set-Cookie and Retry-After, whether the answer has all come or not.
func TestCookiesOfWhoReadsNothing(t *testing.T) {
	n := newTestNode(t)
	address, _ := serve(t, n, sim.HandlerFunc(func(req *sim.Request, reply func(*sim.Response)) {
		h := http.Header{"Etag": {`"1"`}}
		if req.Path == "/later" {
			h["Retry-After"] = []string{"2"}
		} else if req.Path != "/none" {
			h["Set-Cookie"] = []string{"session=" + req.Path[1:] + "; Path=/; HttpOnly", "lang=en"}
		}
		reply(sim.Answer(200, h, 2000))
	}))
	link := NewLink(n, LinkConfig{Path: network.NewLink(1, "client", "server", network.Plain(0)), Token: "secret", Dial: Dialer("", address), Discard: true})
	t.Cleanup(func() { n.Do(link.Forget) })
	for path, want := range map[string][]string{ // any order
		"/none": nil, "/later": {"2"}, "/a": {"session=a; Path=/; HttpOnly", "lang=en"}, "/b": {"session=b; Path=/; HttpOnly", "lang=en"},
	} {
		got := make(chan []string, 1)
		n.Do(func() {
			link.Serve(&sim.Request{Method: "GET", Host: "shop", Path: path}, func(resp *sim.Response) {
				resp.OnEnd(func(sim.Cause, int64) { got <- slices.Concat(resp.Header["Set-Cookie"], resp.Header["Retry-After"]) })
			})
		})
		select {
		case cookies := <-got:
			if !slices.Equal(cookies, want) {
				t.Errorf("%s: %q, want %q", path, cookies, want)
			}
		case <-time.After(10 * time.Second):
			t.Fatalf("%s: no answer", path)
		}
	}
}
