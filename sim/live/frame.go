// Frames of WebSocket (RFC 6455 5.2): what messages are on the wire.
package live

import (
	"bufio"
	"crypto/sha1"
	"encoding/base64"
	"encoding/binary"
	"errors"
	"io"
)

// The opcodes that are told apart.
const (
	frameBinary = 0x2
	frameClose  = 0x8
	framePing   = 0x9
	framePong   = 0xa
)

// maxFrame bounds a frame's payload in bytes; maxControl is the RFC's bound of those
// with other opcodes (5.5).
const (
	maxFrame   = 1 << 20
	maxControl = 125
)

var errFrame = errors.New("live: no frame of WebSocket, or one too long")

// frame is one frame. Fragments are taken for messages: the lab's own ends send none.
type frame struct {
	op   byte
	data []byte
}

// appendFrame writes a frame. Clients mask what they send (5.3): with zeros, which is
// a mask, and leaves the payload as it is.
func appendFrame(b []byte, op byte, payload []byte, masked bool) []byte {
	b = append(b, 0x80|op)
	mask, n := byte(0), len(payload)
	if masked {
		mask = 0x80
	}
	switch {
	case n <= 125:
		b = append(b, mask|byte(n))
	case n < 1<<16:
		b = binary.BigEndian.AppendUint16(append(b, mask|126), uint16(n))
	default:
		b = binary.BigEndian.AppendUint64(append(b, mask|127), uint64(n))
	}
	if masked {
		b = append(b, 0, 0, 0, 0)
	}
	return append(b, payload...)
}

// readFrame reads a frame, whose payload is the caller's.
func readFrame(r *bufio.Reader) (f frame, err error) {
	var head [2]byte
	if _, err := io.ReadFull(r, head[:]); err != nil {
		return f, err
	}
	f.op = head[0] & 0xf
	n, err := frameSize(r, head[1]&0x7f)
	if err != nil || n > maxFrame || f.op >= frameClose && n > maxControl {
		return f, errors.Join(err, errFrame)
	}
	var mask [4]byte
	if head[1]&0x80 != 0 {
		if _, err := io.ReadFull(r, mask[:]); err != nil {
			return f, err
		}
	}
	f.data = make([]byte, n)
	if _, err := io.ReadFull(r, f.data); err != nil {
		return f, err
	}
	for i := range f.data {
		f.data[i] ^= mask[i&3]
	}
	return f, nil
}

func frameSize(r *bufio.Reader, short byte) (uint64, error) {
	var long [8]byte
	switch short {
	case 126:
		_, err := io.ReadFull(r, long[6:])
		return binary.BigEndian.Uint64(long[:]), err
	case 127:
		_, err := io.ReadFull(r, long[:])
		return binary.BigEndian.Uint64(long[:]), err
	}
	return uint64(short), nil
}

// acceptKey is the answer to a handshake's key (4.2.2).
func acceptKey(key string) string {
	sum := sha1.Sum([]byte(key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"))
	return base64.StdEncoding.EncodeToString(sum[:])
}
