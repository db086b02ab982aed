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
	for _, f := range [...]*Flow{up, down} {
		if f.sent > 0 {
			f.acked(l.RTT())
			f.sent = 0
		}
	}
	return Rested{down: fold(down.window), thresh: fold(down.thresh), up: fold(up.window)}
}

func fold(window float32) uint16 { return uint16(window * sixteenths) }

// Flows returns the flows of a connection that has rested since a time; a new one
// has not, and its are those of the Config.
func (l *Link) Flows(c *Config, r Rested, since sim.Time) (up, down Flow) {
	up, down = c.flow(), c.flow()
	up.window = float32(r.up) / sixteenths
	down.window, down.thresh = float32(r.down)/sixteenths, float32(r.thresh)/sixteenths
	for _, f := range [...]*Flow{&up, &down} {
		if f.window > 0 { // one that never sent anything does not rest
			f.next = since.Add(l.OneWay())
		}
	}
	return up, down
}
