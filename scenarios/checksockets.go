// What connections that users keep cannot be.
package scenarios

import (
	"slices"

	"cdnlab/sim/load"
	"cdnlab/sim/network"
)

// sockets looks at entries that users keep connections for.
func (c *checker) sockets() {
	c.kept("websocket", "is HTTP/2 or 3, over which no connection switches to WebSocket here (RFC 8441 is not played)", func(e load.Entry) bool { return e.Socket != nil })
	if i := c.kept("tcp", "is HTTP/2 or 3, and a connection over which a service speaks no HTTP is its own", func(e load.Entry) bool { return e.TCP != nil }); i >= 0 {
		c.unread("tcp", i)
	}
	if i := slices.IndexFunc(c.s.Catalog, func(e load.Entry) bool { return e.UDP != nil }); i >= 0 {
		c.unread("udp", i)
		if c.s.people() {
			c.add("people go along pages: datagrams are for a load of requests or users", "", "catalog", i, "udp")
		}
	}
}

// kept looks at what the entries with a key that has users keep connections need; it
// returns the first of them, -1 when there is none.
func (c *checker) kept(key, many string, has func(load.Entry) bool) int {
	i := slices.IndexFunc(c.s.Catalog, has)
	if i < 0 {
		return i
	}
	if c.s.people() {
		c.add("people go along pages: connections that are kept are for a load of requests or users", "", "catalog", i, key)
	}
	for k, g := range c.s.Clients {
		if g.Conns.HTTP != network.HTTP11 {
			c.add(many, "", "clients", k, "limits", "http")
		}
	}
	if c.s.edgeOn() && c.s.Edge.Conns.HTTP != network.HTTP11 {
		c.add(many, "", "edge", "connections", "http")
	}
	if *c.s.Balancer.On && !c.s.Balancer.l4() && c.s.Balancer.Conns.HTTP != network.HTTP11 {
		c.add(many, "", "balancer", "connections", "http")
	}
	return i
}

// unread wants nobody on the way who reads HTTP, of an entry that is none.
func (c *checker) unread(key string, i int) {
	if c.s.edgeOn() {
		c.add("is no HTTP, and PoPs read HTTP alone", "leave the PoPs out, or edge.on = false", "catalog", i, key)
	}
	if *c.s.Balancer.On && !c.s.Balancer.l4() {
		c.add("is no HTTP, which is what an L7 balancer reads", `balancer.mode = "l4" passes it on`, "catalog", i, key)
	}
}
