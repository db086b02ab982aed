// PROXY protocol v2: who has connected, told in front of a connection that is
// passed on (HAProxy, proxy-protocol.txt, 2.2).
package live

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"net"
	"net/netip"
	"time"
)

// proxySignature begins a header; no request begins so.
var proxySignature = []byte("\r\n\r\n\x00\r\nQUIT\n")

// The bytes after the signature: version and command, family and transport.
const (
	proxyLocal = 0x20 // the balancer's own, a health check
	proxyProxy = 0x21
	proxyTCP4  = 0x11
	proxyTCP6  = 0x21
	proxyUDP4  = 0x12
	proxyUDP6  = 0x22

	proxyHead = 16
	proxyMost = 2048 // bytes of addresses and TLVs: as much as anybody sends, and HAProxy takes no more than a buffer
)

// proxyPatience is how long a header may take, in real time: it is the first thing
// that is sent, in one piece.
const proxyPatience = 5 * time.Second

// appendProxy writes the header of a connection from one address to another. Of the
// zero address it is one of the balancer's own.
func appendProxy(b []byte, from, to netip.AddrPort) []byte {
	return appendProxyOf(proxyTCP, b, from, to)
}

// The transports of a header: what the families' bytes end with.
const (
	proxyTCP = proxyTCP4 & 0xf
	proxyUDP = proxyUDP4 & 0xf
)

// appendProxyOf writes the header of a transport.
func appendProxyOf(transport byte, b []byte, from, to netip.AddrPort) []byte {
	b = append(b, proxySignature...)
	src, dst := from.Addr().Unmap(), to.Addr().Unmap()
	switch {
	case !src.IsValid() || src.Is4() != dst.Is4():
		return append(b, proxyLocal, 0, 0, 0)
	case src.Is4():
		b = append(b, proxyProxy, proxyTCP4&0xf0|transport, 0, 12)
	default:
		b = append(b, proxyProxy, proxyTCP6&0xf0|transport, 0, 36)
	}
	b = append(append(b, src.AsSlice()...), dst.AsSlice()...)
	return binary.BigEndian.AppendUint16(binary.BigEndian.AppendUint16(b, from.Port()), to.Port())
}

var errProxy = errors.New("live: no PROXY protocol header where one must be")

// readProxy takes the header off a connection, and no byte more. The zero address
// says that the connection is the balancer's own.
func readProxy(r io.Reader) (from netip.AddrPort, err error) {
	var head [proxyHead]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return from, err
	}
	size := int(binary.BigEndian.Uint16(head[14:]))
	if !bytes.HasPrefix(head[:], proxySignature) || head[12]>>4 != 2 || size > proxyMost {
		return from, errProxy
	}
	rest := make([]byte, size)
	if _, err := io.ReadFull(r, rest); err != nil {
		return from, err
	}
	switch head[12] {
	case proxyLocal:
		return from, nil
	case proxyProxy:
	default:
		return from, errProxy
	}
	length := map[byte]int{proxyTCP4: 4, proxyTCP6: 16, proxyUDP4: 4, proxyUDP6: 16}[head[13]]
	if length == 0 { // of another family, or unknown: as if it said nothing
		return from, nil
	}
	if size < 2*length+4 {
		return from, errProxy
	}
	addr, _ := netip.AddrFromSlice(rest[:length])
	return netip.AddrPortFrom(addr, binary.BigEndian.Uint16(rest[2*length:])), nil
}

// revealed is a connection from whom its header says.
type revealed struct {
	net.Conn
	from net.Addr
}

// RemoteAddr implements net.Conn.
func (r *revealed) RemoteAddr() net.Addr { return r.from }

// SetLinger is TCP's.
func (r *revealed) SetLinger(seconds int) error {
	if t, ok := r.Conn.(interface{ SetLinger(seconds int) error }); ok {
		return t.SetLinger(seconds)
	}
	return nil
}

// Passed is how connections come that an L4 balancer passes on.
type Passed struct {
	By      netip.Addr `json:"by"`      // the balancer's address; the zero Addr: there is none
	As      netip.Addr `json:"as"`      // what the scenario calls that
	Reveals bool       `json:"reveals"` // it says in front of each who has connected
}

// take takes what a balancer says in front of a connection. Only the balancer is
// believed, and it must say it.
func (p *Passed) take(nc net.Conn) (net.Conn, error) {
	by := ManyAddresses && peerAddr(nc) == p.By || !ManyAddresses
	if !p.Reveals || !by {
		return nc, nil
	}
	_ = nc.SetReadDeadline(time.Now().Add(proxyPatience))
	from, err := readProxy(nc)
	if err != nil {
		return nil, err
	}
	_ = nc.SetReadDeadline(time.Time{})
	if !from.IsValid() {
		return nc, nil
	}
	return reveal(nc, net.TCPAddrFromAddrPort(from)), nil
}

// sees is what the scenario calls an address.
func (p *Passed) sees(from netip.Addr) netip.Addr {
	if p.By.IsValid() && from == p.By {
		return p.As
	}
	return from
}
