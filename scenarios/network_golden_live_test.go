// The worked example in the live world: to 1 µs of the formulas in a bubble, whose
// time is exact, and by real processes within 1 ms or 1 %, as make netcheck has it.
package scenarios

import (
	"os"
	"testing"
	"testing/synctest"
	"time"

	"cdnlab/report"
	"cdnlab/sim"
	"cdnlab/sim/live"
	rows "cdnlab/sim/network/golden"
)

// TestGoldenExampleInBubble plays the rows through the adapters of the live world,
// over in-memory pipes.
func TestGoldenExampleInBubble(t *testing.T) {
	for _, c := range rows.Visits {
		for _, discard := range []bool{false, true} {
			x, err := Load("worked.toml", []byte(workedText(c)))
			if err != nil {
				t.Fatal(err)
			}
			top, err := NewTopology(x.Base)
			if err != nil {
				t.Fatal(err)
			}
			header, end := visitInBubble(t, top, c, discard)
			if (header-c.Header).Abs() > time.Microsecond || (end-c.End).Abs() > time.Microsecond {
				t.Errorf("%s, discarded: %v: header and last byte after %v and %v, want %v and %v", c.Name, discard, header, end, c.Header, c.End)
			}
		}
	}
}

// visitInBubble has a user ask for the page as often as the row says, and returns
// when the last answer's header and last byte came.
func visitInBubble(t *testing.T, top *Topology, c rows.Visit, discard bool) (header, end time.Duration) {
	synctest.Test(t, func(t *testing.T) {
		wall, _ := live.StartWall()
		b := &bubble{d: newDiary(nil), discard: discard, top: top, wall: wall, signs: must(live.NewAuthority(siteHost, time.Now())), listeners: map[string]*memory{}, running: map[string]server{}, front: ownFront}
		for _, n := range top.Nodes {
			b.listeners[n.Name] = newMemory()
		}
		for i := range top.Nodes {
			b.start(&top.Nodes[i])
		}
		driver, ended := live.NewTimerNode(wall), make(chan struct{})
		b.nodes = append(b.nodes, driver)
		driver.Do(func() {
			e, g, to := driver.Engine(), top.Groups[0], top.Nodes[len(top.Nodes)-1].Name // the PoP, or the origin's first
			link := b.dial(driver, sim.NewTracer(e, "users", nil), "users", to, top.ClientPath(g.Clients, to), g.Conns).(*live.Link)
			var ask func(left int)
			ask = func(left int) {
				if left == 0 {
					close(ended)
					return
				}
				if c.New > 0 {
					link.Forget()
				}
				begun := e.Now()
				req := &sim.Request{Method: "GET", Scheme: "https", Host: siteHost, Path: "/", Header: userHeader, Scope: &sim.Scope{}}
				link.Serve(req, func(resp *sim.Response) {
					header = e.Now().Sub(begun)
					resp.OnEnd(func(_ sim.Cause, n int64) {
						end = e.Now().Sub(begun)
						if resp.Status != 200 || n != int64(rows.Size) {
							t.Errorf("%s: answered %d with %d bytes", c.Name, resp.Status, n)
						}
						e.After(0, func() { ask(left - 1) }) // when the connection is free
					})
				})
			}
			ask(c.Times)
		})
		<-ended
		synctest.Wait()
		b.close()
	})
	return header, end
}

func TestGoldenExample(t *testing.T) {
	if os.Getenv("CDNLAB_NETCHECK") == "" {
		t.Skip("a check of real times: make netcheck")
	}
	if err := live.Supported(); err != nil {
		t.Skip(err)
	}
	command, err := live.Self()
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range rows.Visits {
		want := []time.Duration{c.Header, c.End}
		got, tried, held := rows.Hold(want, func() []time.Duration {
			header, end := playWorked(t, c, Options{Worlds: []string{report.Live}, Command: command})
			return []time.Duration{header, end}
		})
		t.Logf("%-46s %v, want %v, round %d", c.Name, got, want, tried)
		if !held {
			t.Errorf("%s: header and last byte after %v, want %v within 1 ms or 1 %%", c.Name, got, want)
		}
	}
}
