// packet: what datagrams carry. A query has its number, who asks, as elsewhere in a
// field, and the path that the service has in the scenario; an answer has the number
// and what the hops say of themselves. Both are filled up with zeros to their size.
package live

import (
	"bytes"
	"crypto/subtle"
	"encoding/binary"
	"strings"

	"cdnlab/sim"
)

// The first byte of a datagram.
const (
	packetQuery  = 'Q'
	packetAnswer = 'A'
)

// packetHead is the first byte, the attempt and the number.
const packetHead = 1 + 1 + 8

// packet is a datagram that is passed on unread: the Body of what stands for it.
type packet struct {
	sim.Transfer
	text []byte
}

// textOf returns the bytes of a datagram that is passed on; nil of another.
func textOf(b sim.Body) []byte {
	if p, ok := b.(*packet); ok {
		return p.text
	}
	return nil
}

func appendPacketHead(b []byte, kind byte, r *sim.Request) []byte {
	return binary.BigEndian.AppendUint64(append(b, kind, byte(r.Attempt)), r.ID)
}

// packetNumber returns what a datagram is known by: so much is read of those too that
// are passed on, by the link, whose dice it is for. The zero number is a stranger's.
func packetNumber(kind byte, text []byte) (n castNumber) {
	if len(text) >= packetHead && text[0] == kind {
		n = castNumber{binary.BigEndian.Uint64(text[2:]), int(text[1])}
	}
	return n
}

// fill makes a text as long as it is said to be, if it has not more to say.
func fill(b []byte, size int64) []byte {
	if more := min(size, sim.MaxDatagram) - int64(len(b)); more > 0 {
		b = append(b, make([]byte, more)...)
	}
	return b
}

func appendQuery(token string, r *sim.Request) []byte {
	b := appendClient(appendPacketHead(nil, packetQuery, r), token, r)
	b = append(append(append(b, '\n'), r.Path...), '\n')
	return fill(b, r.Size)
}

// readQuery reads a query; false when it is none. Who has the run's token is believed
// about who asks.
func readQuery(text, token []byte, r *sim.Request) bool {
	who, rest, found := bytes.Cut(text[min(packetHead, len(text)):], []byte("\n"))
	path, _, whole := bytes.Cut(rest, []byte("\n"))
	if !found || !whole || text[0] != packetQuery || !bytes.HasPrefix(path, []byte("/")) || bytes.ContainsFunc(path, func(c rune) bool { return c <= ' ' || c > '~' }) {
		return false
	}
	says, more, _ := strings.Cut(string(who), " ")
	if len(token) > 0 && subtle.ConstantTimeCompare([]byte(says), token) == 1 {
		_ = readClient(more, r) // what is wrong changes nothing
	}
	r.Path, r.Size, r.Header = string(path), int64(len(text)), plainHeader
	return true
}

func appendReply(r *sim.Request, resp *sim.Response) []byte {
	b := appendPacketHead(nil, packetAnswer, r)
	for i := range resp.Via.Len() {
		if i > 0 {
			b = append(b, ", "...)
		}
		b = appendTiming(b, resp.Via.At(i))
	}
	return fill(append(b, '\n'), resp.Size)
}

// readReply reads an answer that has a number.
func readReply(text []byte) *sim.Response {
	resp := sim.Answer(200, nil, int64(len(text)))
	timing, _, _ := bytes.Cut(text[packetHead:], []byte("\n"))
	readTimings(string(timing), &resp.Via)
	return resp
}
