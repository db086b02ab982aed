// The connections of a way.
package live

import "cdnlab/sim/network"

// ends are the connections of a way, idle or not, and how they end.
type ends struct {
	*network.Ends[*conn]
	list []*conn
}

func (e *ends) add(c *conn) {
	e.list = append(e.list, c)
	c.place = len(e.list)
}

func (e *ends) remove(c *conn) {
	n := len(e.list)
	if c.place == 0 {
		return
	}
	last := e.list[n-1]
	e.list[c.place-1], last.place = last, c.place
	e.list[n-1], c.place = nil, 0
	e.list = e.list[:n-1]
}

// Close closes every connection, those in use too: for the end of a run.
func (l *Link) Close() {
	for _, c := range l.ends.list {
		c.dead = true
		c.tap.open()
		if c.many != nil {
			c.many.open()
		}
		l.node.Later(c.close)
	}
	l.closeCasters()
}
