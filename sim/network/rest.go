// Rested: what is left of a connection's flows while it carries nothing.
package network

import "cdnlab/sim"

// Rested are the windows of an idle connection that carries one request at a time.
// Most connections are idle most of the time, and there may be millions: this is
// all that is kept of their flows. By the next request everything has been
// acknowledged, and the pause ends CUBIC's epoch.
//
// The zero Rested is that of a new connection.
type Rested struct {
	down, thresh, up uint16 // in sixteenths of a segment
}

// maxWindow has room in 16 bits.
const sixteenths = 16

// Rest folds up the flows of a connection whose exchange has ended.
func (l *Link) Rest(up, down *Flow) Rested {
	r := Rested{}
	l.settle(up, down)
	r.down, r.thresh, r.up = fold(down.window), fold(down.thresh), fold(up.window)
	return r
}

// RestDown is Rest where nothing went up: that flow is as it was before.
func (l *Link) RestDown(before Rested, down *Flow) Rested {
	l.settle(down)
	before.down, before.thresh = fold(down.window), fold(down.thresh)
	return before
}

// settle takes in what has been acknowledged by the next request.
func (l *Link) settle(flows ...*Flow) {
	for _, f := range flows {
		if f.sent > 0 {
			f.acked(l.RTT())
			f.sent = 0
		}
	}
}

func fold(window float32) uint16 { return uint16(window * sixteenths) }

// Up makes f the flow of requests of a connection that has rested since a time; a
// new one has not, and its is that of the Config. Its queues are own, if there are.
func (l *Link) Up(f *Flow, c *Config, r Rested, since sim.Time, own *LastMile) {
	*f = Flow{}
	f.Apart, f.Own, f.window = c.apart(), own, float32(r.up)/sixteenths
	l.rested(f, since)
}

// Down is Up for the flow of answers.
func (l *Link) Down(f *Flow, c *Config, r Rested, since sim.Time, own *LastMile) {
	*f = Flow{}
	f.Apart, f.Own, f.window, f.thresh = c.apart(), own, float32(r.down)/sixteenths, float32(r.thresh)/sixteenths
	l.rested(f, since)
}

func (l *Link) rested(f *Flow, since sim.Time) {
	if f.window > 0 { // one that never sent anything does not rest
		f.next = since.Add(l.OneWay())
	}
}
