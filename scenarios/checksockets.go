// What connections that users keep cannot be.
package scenarios

import (
	"slices"

	"cdnlab/sim/load"
	"cdnlab/sim/network"
)

// sockets looks at entries that users keep connections for.
func (c *checker) sockets() {
	i := slices.IndexFunc(c.s.Catalog, func(e load.Entry) bool { return e.Socket != nil })
	if i < 0 {
		return
	}
	if c.s.people() {
		c.add("people go along pages: connections that are kept are for a load of requests or users", "", "catalog", i, "websocket")
	}
	const says = "is HTTP/2 or 3, over which no connection switches to WebSocket here (RFC 8441 is not played)"
	for k, g := range c.s.Clients {
		if g.Conns.HTTP != network.HTTP11 {
			c.add(says, "", "clients", k, "limits", "http")
		}
	}
	if c.s.edgeOn() && c.s.Edge.Conns.HTTP != network.HTTP11 {
		c.add(says, "", "edge", "connections", "http")
	}
	if *c.s.Balancer.On && c.s.Balancer.Conns.HTTP != network.HTTP11 {
		c.add(says, "", "balancer", "connections", "http")
	}
}
