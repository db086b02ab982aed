//go:build !linux

// Elsewhere connections are Go's.
package live

import "net"

func fast(c net.Conn) net.Conn { return c }

// reveal makes a connection one from an address.
func reveal(c net.Conn, from net.Addr) net.Conn { return &revealed{c, from} }
