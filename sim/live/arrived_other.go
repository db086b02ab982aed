//go:build !linux

// Elsewhere nobody tells when bytes arrived.
package live

import "net"

func clocked(nc net.Conn) net.Conn { return nc }
