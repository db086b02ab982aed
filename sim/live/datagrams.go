// Datagrams: a node's socket for UDP.
package live

import (
	"bytes"
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"
	"syscall"

	"cdnlab/sim"
)

// maxPacket is what one read takes: a datagram and a PROXY header, and a byte by which
// a longer one is known.
const maxPacket = sim.MaxDatagram + proxyHead + 36 + 1

// Datagrams hands a node the datagrams that come, and sends its answers. It listens
// where the driver says, on loopback or in a network of the run's own, so that nobody
// outside can have it answer to somebody else.
type Datagrams struct {
	node   *Node
	to     sim.Receiver
	relays bool // they are passed on unread
	token  []byte
	passed Passed

	mu     sync.Mutex // protects what follows
	conn   net.PacketConn
	closed bool
}

// NewDatagrams returns what takes datagrams for a node. token is the run's, as of a
// Server, and p how they come that another passes on.
func NewDatagrams(n *Node, to sim.Receiver, token string, p Passed) *Datagrams {
	_, relays := to.(sim.Relay)
	return &Datagrams{node: n, to: to, relays: relays, token: []byte(token), passed: p}
}

// ListenDatagrams opens the socket of an address.
func ListenDatagrams(address string) (net.PacketConn, error) { return net.ListenPacket("udp", address) }

// Serve takes datagrams until Close.
func (d *Datagrams) Serve(conn net.PacketConn) error {
	d.mu.Lock()
	d.conn = conn
	closed := d.closed
	d.mu.Unlock()
	if closed {
		conn.Close()
		return net.ErrClosed
	}
	room := make([]byte, maxPacket)
	for {
		n, addr, err := conn.ReadFrom(room)
		if n == 0 && err != nil {
			if errors.Is(err, syscall.ECONNREFUSED) { // whom it has answered is gone
				continue
			}
			return err
		}
		if n < maxPacket {
			d.take(slices.Clone(room[:n]), addr)
		}
	}
}

// Close ends it.
func (d *Datagrams) Close() error {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.closed = true
	if d.conn == nil {
		return nil
	}
	return d.conn.Close()
}

// take hands a datagram to the node. What is none of the lab's is dropped.
func (d *Datagrams) take(text []byte, to net.Addr) {
	var from netip.AddrPort
	if at, ok := to.(interface{ AddrPort() netip.AddrPort }); ok {
		from = at.AddrPort()
	}
	from = netip.AddrPortFrom(from.Addr().Unmap(), from.Port())
	text, source, ok := d.passed.of(text, from)
	if !ok || len(text) > sim.MaxDatagram {
		return
	}
	req := &sim.Request{}
	switch {
	case d.relays:
		n := packetNumber(packetQuery, text)
		req.ID, req.Attempt, req.Size, req.Body = n.id, n.attempt, int64(len(text)), &packet{text: text}
		req.Addr, req.Port = source.Addr(), source.Port()
	case !readQuery(text, d.token, req):
		return
	default:
		if !req.Addr.IsValid() || d.passed.By.IsValid() {
			req.Addr = d.passed.sees(source.Addr())
		}
		req.Port = source.Port()
	}
	asked := sim.Request{ID: req.ID, Attempt: req.Attempt}
	d.node.Do(func() {
		d.to.Receive(req, func(resp *sim.Response) {
			answer := textOf(resp.Body)
			if answer == nil {
				answer = appendReply(&asked, resp)
			}
			d.node.Later(func() { _, _ = d.conn.WriteTo(answer, to) }) // what is lost is lost
		})
	})
}

// of takes what a balancer says in front of a datagram off it, as take does of a
// connection.
func (p *Passed) of(text []byte, from netip.AddrPort) (rest []byte, source netip.AddrPort, ok bool) {
	by := ManyAddresses && from.Addr() == p.By || !ManyAddresses
	if !p.Reveals || !by {
		return text, from, true
	}
	r := bytes.NewReader(text)
	said, err := readProxy(r)
	if err != nil {
		return nil, from, false
	}
	if said.IsValid() {
		from = said
	}
	return text[len(text)-r.Len():], from, true
}
