// The warm-up: every object asked for at every PoP before the load begins.
package scenarios

import (
	"fmt"

	"cdnlab/sim"
	"cdnlab/sim/load"
)

const (
	// warmAtOnce is how many requests a warm-up has under way at a PoP.
	warmAtOnce = 16
	// maxWarm bounds the objects asked for: the hottest of each catalog entry.
	maxWarm = 100_000
	// warmID keeps the warm-up's requests apart from the users', and who makes them
	// from every user.
	warmID = 1 << 63
)

// warmup asks by real requests, so that both worlds store what they would store
// of a user's.
type warmup struct {
	d     *driver
	paths []load.Object
	left  int // PoPs not yet warm
	then  func()
}

func newWarmup(d *driver, then func()) *warmup {
	w := &warmup{d: d, left: len(d.targets), then: then}
	entries := d.t.Scenario.Catalog
	each := max(1, maxWarm/len(entries))
	for i, e := range entries {
		for n := 1; n <= min(max(1, e.Objects), each); n++ {
			w.paths = append(w.paths, load.Object{Entry: int32(i), Number: int32(n)})
		}
	}
	return w
}

func (w *warmup) run() {
	for i, name := range w.d.targets {
		p := &warmPoP{w: w, index: i}
		place := w.d.t.Node(name).Place
		p.link = w.d.w.dial(fmt.Sprintf("warm-up of %s", name), name, Peer{Name: name}, w.d.t.Node(name).Addr)
		p.place = place
		p.step()
	}
}

// warmPoP is one PoP's warm-up.
type warmPoP struct {
	w          *warmup
	index      int
	link       sim.Handler
	place      string
	next, open int
}

func (p *warmPoP) step() {
	for p.open < warmAtOnce && p.next < len(p.w.paths) {
		o := p.w.paths[p.next]
		p.next++
		p.open++
		content := p.w.d.content
		req := &sim.Request{
			ID: warmID | uint64(p.index)<<40 | uint64(p.next), Client: warmID, Method: content.Method(o), Scheme: "http", Host: siteHost,
			Path: content.Path(o), Header: userHeader, Place: p.place, Addr: p.w.d.t.Node(p.w.d.targets[p.index]).Addr,
		}
		p.link.Serve(req, func(resp *sim.Response) {
			resp.OnEnd(func(sim.Cause, int64) { p.ended() })
		})
	}
}

func (p *warmPoP) ended() {
	p.open--
	if p.next < len(p.w.paths) {
		p.step()
		return
	}
	if p.open == 0 {
		p.w.left--
		if p.w.left == 0 {
			p.w.then()
		}
	}
}
