// Channels: connections that messages go over, after an upgrade.
package sim

import (
	"net/http"
	"slices"
)

// Channel is the Body of an answer of 101 (RFC 9110 7.8): from then on the connection
// takes messages, as a Handler takes requests, until it ends. A message is answered
// once, with a failure when the connection ends before. To Abandon a Channel closes
// it.
type Channel interface {
	Body
	Handler
}

// The protocols that the lab's nodes switch to.
const (
	// ProtocolWebSocket is RFC 6455's.
	ProtocolWebSocket = "websocket"
	// ProtocolTCP is a service of its own over TCP, without HTTP: a client that
	// connects says who it is, is let in or not, and then sends messages. A request
	// for it stands for that first word, and is none of HTTP on the wire.
	ProtocolTCP = "tcp"
)

// Switches returns the protocol that a request asks to have its connection switched
// to; "" when it asks for none of ours.
func (r *Request) Switches() string {
	for _, p := range r.Header["Upgrade"] {
		if p == ProtocolWebSocket || p == ProtocolTCP {
			return p
		}
	}
	return ""
}

// Raw reports whether a request is one of a service that speaks no HTTP.
func (r *Request) Raw() bool {
	u := r.Header["Upgrade"]
	return len(u) == 1 && u[0] == ProtocolTCP
}

// Switched is the header of the answer to one that asks for WebSocket, and of the
// request but for its key; SwitchedTCP that of one for a service over TCP.
var (
	Switched    = http.Header{"Connection": {"Upgrade"}, "Upgrade": {ProtocolWebSocket}}
	SwitchedTCP = http.Header{"Connection": {"Upgrade"}, "Upgrade": {ProtocolTCP}}
)

// SwitchedTo returns the header for a protocol.
func SwitchedTo(protocol string) http.Header {
	if protocol == ProtocolTCP {
		return SwitchedTCP
	}
	return Switched
}

// Pending are the messages of a Channel that are not answered yet, in their order.
type Pending struct{ list []*Message }

// Message is one message under way.
type Message struct {
	Request
	reply func(*Response)
	of    *Pending
}

// Add takes in a message; what it returns is the message's to the end.
func (p *Pending) Add(req *Request, reply func(*Response)) *Message {
	m := &Message{*req, reply, p}
	p.list = append(p.list, m)
	return m
}

// Find returns the message of a number; nil when there is none, or no more.
func (p *Pending) Find(id uint64) *Message {
	for _, m := range p.list {
		if m.ID == id {
			return m
		}
	}
	return nil
}

// Answer answers the message, if it is not answered yet.
func (m *Message) Answer(resp *Response) {
	i := slices.Index(m.of.list, m)
	if i < 0 {
		return
	}
	m.of.list = slices.Delete(m.of.list, i, i+1)
	m.reply(resp)
}

// Fail answers all that are left.
func (p *Pending) Fail(c Cause) {
	for len(p.list) > 0 {
		p.list[0].Answer(Fail(c))
	}
}
