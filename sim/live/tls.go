// TLS: how the two ends of a connection are set up for it.
package live

import (
	"crypto/tls"
	"crypto/x509"
	"net"
	"sync"

	"cdnlab/sim/network"
)

// The protocols of ALPN (RFC 7301 6).
const (
	protoHTTP1 = "http/1.1"
	protoHTTP2 = "h2"
)

// curves is the one key exchange of the lab's own connections: what is measured is
// round trips, and a post-quantum share would cost the machine five times the work
// and a ClientHello of two packets.
var curves = []tls.CurveID{tls.X25519}

// server returns how a node's listener speaks TLS.
func (id *Identity) server() (*tls.Config, error) {
	key, err := x509.ParsePKCS8PrivateKey(id.Key)
	if err != nil {
		return nil, err
	}
	c := &tls.Config{
		Certificates:     []tls.Certificate{{Certificate: [][]byte{id.Cert}, PrivateKey: key}},
		MinVersion:       tls.VersionTLS12,
		NextProtos:       []string{protoHTTP2, protoHTTP1},
		CurvePreferences: curves,
	}
	c.SetSessionTicketKeys([][32]byte{id.Tickets})
	return c, nil
}

var tlsVersions = map[string]uint16{network.TLS12: tls.VersionTLS12, network.TLS13: tls.VersionTLS13}

// clientTLS returns how a link's next connection speaks TLS, resuming the last
// one's session or not.
func (l *Link) clientTLS(s network.Setup) *tls.Config {
	if l.trust == nil {
		panic("live: a link speaks TLS and trusts nobody")
	}
	if l.ticket == nil {
		l.ticket = &ticket{}
	}
	name, proto, version := l.trust.addr.String(), protoHTTP1, tlsVersions[s.TLS]
	if l.trust.anyone {
		name = l.trust.host
	}
	if l.limits.HTTP == network.HTTP2 {
		proto = protoHTTP2
	}
	return &tls.Config{
		RootCAs: l.trust.roots, ServerName: l.trust.host,
		VerifyConnection: func(c tls.ConnectionState) error { return c.PeerCertificates[0].VerifyHostname(name) },
		MinVersion:       version, MaxVersion: version,
		NextProtos:         []string{proto},
		CurvePreferences:   curves,
		ClientSessionCache: ticketCache{l.ticket, s.Resumed},
	}
}

// ticket is what a link's connections remember of the last handshake. It is safe
// for concurrent use.
type ticket struct {
	mu    sync.Mutex
	state *tls.ClientSessionState
}

// ticketCache is a link's ticket as one connection may use it.
type ticketCache struct {
	*ticket
	resume bool
}

// Get implements tls.ClientSessionCache.
func (c ticketCache) Get(string) (*tls.ClientSessionState, bool) {
	if !c.resume {
		return nil, false
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.state, c.state != nil
}

// Put implements tls.ClientSessionCache.
func (c ticketCache) Put(_ string, state *tls.ClientSessionState) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.state = state
}

// secured is a connection that speaks TLS. It closes as plain ones do: without a
// last word, which might block.
type secured struct {
	*tls.Conn
	raw net.Conn
}

// Close implements net.Conn.
func (c *secured) Close() error { return c.raw.Close() }

// SetLinger is TCP's.
func (c *secured) SetLinger(seconds int) error {
	if t, ok := c.raw.(interface{ SetLinger(seconds int) error }); ok {
		return t.SetLinger(seconds)
	}
	return nil
}
