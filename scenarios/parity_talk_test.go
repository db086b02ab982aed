// Parity of connections that switch to messages: through a PoP and a balancer of
// either kind, and cut by whoever may cut them.
package scenarios

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// methodTalk stands in a script for a connection that is switched: four messages go
// over it, one in every 300 ms, and after a second and a half it is closed.
const methodTalk = "TALK"

// methodRaw stands for the same over TCP alone.
const methodRaw = "RAW"

func (d *diary) talk(i int, e *sim.Engine, after func(time.Duration, func()), link sim.Handler, req *sim.Request) {
	req.Header = sim.Switched
	if req.Method == methodRaw {
		req.Header = sim.SwitchedTCP
	}
	req.Method = http.MethodGet
	begun := e.Now()
	link.Serve(req, func(resp *sim.Response) {
		header := e.Now().Sub(begun)
		channel, ok := resp.Body.(sim.Channel)
		if !ok {
			resp.OnEnd(func(c sim.Cause, n int64) { d.write(i, resp, header, e.Now().Sub(begun), c, n) })
			return
		}
		var said strings.Builder
		for k := range 4 {
			after(time.Duration(1+300*k)*time.Millisecond, func() {
				sent := e.Now()
				channel.Serve(&sim.Request{ID: uint64(1000*(i+1) + k), Client: req.Client, Method: req.Method, Scheme: req.Scheme, Host: req.Host, Path: req.Path, Header: userHeader},
					func(r *sim.Response) {
						fmt.Fprintf(&said, " [message %d: %d %v after %v]", k, r.Status, r.Cause, e.Now().Sub(sent))
					})
			})
		}
		after(1500*time.Millisecond, func() { channel.Abandon(sim.Cancelled) })
		channel.OnEnd(func(c sim.Cause, n int64) {
			d.write(i, resp, header, e.Now().Sub(begun), c, n)
			after(0, func() { // those that fail with it are told after it
				d.mu.Lock()
				defer d.mu.Unlock()
				d.lines[i] += said.String()
			})
		})
	})
}

var talkScript = []scripted{
	{1 * time.Millisecond, methodTalk, "/chat", 0},
	{407 * time.Millisecond, methodTalk, "/chat", 0},
	{811 * time.Millisecond, methodTalk, "/page", 0}, // that does not switch
	{1013 * time.Millisecond, "GET", "/chat", 0},     // nor does it unasked
	{4003 * time.Millisecond, methodTalk, "/chat", 0},
	{4407 * time.Millisecond, methodTalk, "/chat", 0}, // one of these two is app-3's, which dies
	{6001 * time.Millisecond, methodTalk, "/chat", 0},
	{9001 * time.Millisecond, methodTalk, "/chat", 0}, // the path is cut, and heals
	{12001 * time.Millisecond, "GET", "/page", 0},
}

func TestParityTalks(t *testing.T) {
	for name, mode := range map[string]string{"parity-talk": "l7", "parity-talk-l4": "l4"} { // each is a test of its own
		t.Run(name, func(t *testing.T) {
			holdParity(t, name, badly{script: talkScript, far: network.Plain(40 * time.Millisecond),
				lives:  []lifeEvent{{5013 * time.Millisecond, "app-3", false}},
				events: span("tokyo-pop", 9500*time.Millisecond, 9900*time.Millisecond, network.Change{CutOut: true, CutBack: true}),
				more:   "mode = \"" + mode + "\"\n[[catalog]]\npath = \"/chat\"\nsize = \"200B\"\nwebsocket = {}\n"})
		})
	}
}

// TestParityRaw: a service that speaks no HTTP, behind an L4 balancer. It knows no
// net/http.
func TestParityRaw(t *testing.T) {
	holdParity(t, "parity-raw", badly{entry: "balancer", fronts: []string{"front"}, near: network.Plain(40 * time.Millisecond),
		script: []scripted{
			{1 * time.Millisecond, methodRaw, "/game", 0},
			{407 * time.Millisecond, methodRaw, "/game", 0},
			{811 * time.Millisecond, methodRaw, "/page", 0},  // that is none of its paths
			{1013 * time.Millisecond, methodRaw, "/game", 0}, // over the same connection
			{4003 * time.Millisecond, methodRaw, "/game", 0},
			{4407 * time.Millisecond, methodRaw, "/game", 0}, // one of these two is app-3's, which dies
			{6001 * time.Millisecond, methodRaw, "/game", 0},
			{9001 * time.Millisecond, methodRaw, "/game", 0}, // the path is cut, and heals
		},
		lives:  []lifeEvent{{5013 * time.Millisecond, "app-3", false}},
		events: span("users", 9500*time.Millisecond, 9900*time.Millisecond, network.Change{CutOut: true, CutBack: true}),
		more:   "mode = \"l4\"\n[[catalog]]\npath = \"/game\"\nsize = \"200B\"\ntcp = {}\n[edge]\non = false\n"})
}
