// Datagrams: what goes by UDP, where nobody is told what becomes of what they send.
package sim

// ProtocolUDP is a service that answers datagrams.
const ProtocolUDP = "udp"

// MaxDatagram bounds the content of a datagram in bytes: Ethernet's 1500 less the
// heads of IPv4 and UDP (RFC 791, RFC 768), so that none is ever cut into fragments.
const MaxDatagram = 1500 - 20 - 8

// Caster is a Handler by which datagrams can be sent, too: a link.
type Caster interface {
	Handler
	// Cast sends a datagram: of d its number, who asks (address and port above all),
	// path and size count, and d is the caller's again at once. When an answer
	// arrives, back is called with it. It may be lost either way, or answered by
	// nobody: then nothing happens, and how long to wait is the caller's matter.
	Cast(d *Request, back func(*Response))
}

// Receiver is a node that takes datagrams.
type Receiver interface {
	// Receive takes a datagram that has come; d is its own. back sends an answer to
	// where it came from, once, now or later, or never. An answer's size is that of
	// its datagram.
	Receive(d *Request, back func(*Response))
}
