// The listener's side of TLS: what a connection speaks is seen by its first byte.
package live

import (
	"context"
	"crypto/tls"
	"time"
)

// tlsHandshake is the first byte of a TLS connection, a handshake record's type
// (RFC 8446 5.1); no method of HTTP begins with it.
const tlsHandshake = 0x16

// secure shakes hands with a client and serves it.
func (f *Front) secure(nc *readConn) {
	tc := tls.Server(nc, f.tls)
	_ = nc.SetDeadline(time.Now().Add(f.http.ReadHeaderTimeout))
	if err := tc.Handshake(); err != nil {
		f.leave(nc.Conn)
		nc.Close()
		return
	}
	_ = nc.SetDeadline(time.Time{})
	if tc.ConnectionState().NegotiatedProtocol != protoHTTP2 {
		f.visit(&secured{tc, nc})
		f.leave(nc.Conn)
		return
	}
	f.leave(nc.Conn)
	if !f.many.give(tc) {
		nc.Close()
	}
}

// isSecure reports whether a request came over TLS by way of a Front.
func isSecure(ctx context.Context) bool {
	g := guardOf(ctx)
	if g == nil {
		return false
	}
	read, ok := g.Conn.(*readConn)
	if !ok {
		return false
	}
	_, ok = read.Conn.(*secured)
	return ok
}
