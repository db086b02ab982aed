// words: how messages stand on a connection, which is one of WebSocket or of no
// protocol of the web.
package live

import (
	"bufio"
	"encoding/binary"
	"io"
)

// words is the framing of a connection's messages.
type words uint8

const (
	webSocket words = iota // RFC 6455
	rawTCP                 // a length of four bytes, and so many
)

// read reads the next frame. One without bytes is a raw connection's end in good
// order.
func (w words) read(r *bufio.Reader) (frame, error) {
	if w == webSocket {
		return readFrame(r)
	}
	data, err := readRaw(r, maxFrame)
	if err == nil && len(data) == 0 {
		return frame{op: frameClose}, nil
	}
	return frame{frameBinary, data}, err
}

// bye returns what ends a connection in good order.
func (w words) bye() []byte {
	if w == webSocket {
		return appendFrame(nil, frameClose, nil, false)
	}
	return appendRaw(nil, nil)
}

// A message of the lab's begins with its number, which its answer repeats; behind that
// the answer has whether it is one (0) or a failure (1).
const messageHead = 9

// message returns a message's number, 0 of a stranger's, and whether it says that it
// is a failure.
func (f *frame) message() (id uint64, failed bool) {
	if len(f.data) < messageHead {
		return 0, false
	}
	return binary.BigEndian.Uint64(f.data), f.data[8] == 1
}

// message writes a message or its answer, of so many bytes if they have room for its
// number. Of WebSocket a client masks what it sends.
func (w words) message(id uint64, failed bool, size int64, client bool) []byte {
	payload := make([]byte, max(messageHead, min(size, maxFrame)))
	binary.BigEndian.PutUint64(payload, id)
	if failed {
		payload[8] = 1
	}
	if w == webSocket {
		return appendFrame(nil, frameBinary, payload, client)
	}
	return appendRaw(nil, payload)
}

// appendRaw writes bytes behind their number.
func appendRaw(b, payload []byte) []byte {
	return append(binary.BigEndian.AppendUint32(b, uint32(len(payload))), payload...)
}

// readRaw reads bytes behind their number, no more than most of them.
func readRaw(r *bufio.Reader, most uint32) ([]byte, error) {
	var head [4]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return nil, err
	}
	n := binary.BigEndian.Uint32(head[:])
	if n > most {
		return nil, errFrame
	}
	data := make([]byte, n)
	_, err := io.ReadFull(r, data)
	return data, err
}
