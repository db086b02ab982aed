// Settled: a small content that has come whole, and one handle for all who share it.
package live

import (
	"bytes"

	"cdnlab/sim"
)

// settle returns the one handle of a content that is there whole, nil while it
// is not or when it is not small. Those who share it need no place of their own
// in it, so a hit costs no memory. Its claim is never given up: the bytes are
// freed when nobody holds the handle.
func (c *content) settle() *content {
	if c.settled != nil || !c.end.Ended() {
		return c.settled
	}
	b := c.buffer
	b.mu.Lock()
	defer b.mu.Unlock()
	if c.first == nil || !b.ended || b.cause != sim.OK || b.written > atOnce || b.endDue > b.node.wall.Now() {
		return nil
	}
	data := joined(c.first)
	if cap(data) > 2*len(data) {
		data = bytes.Clone(data) // what is kept for long does not keep the room of a larger one
	}
	last := &chunk{}
	all := &content{buffer: b, first: &chunk{data: data, next: last}, end: c.end, data: data}
	if len(data) == 0 {
		all.first = last
	}
	all.settled = all
	b.kept++
	c.settled, c.first = all, all.first // what was in pieces is not kept beside
	return all
}

// forAll reports whether the handle is the one of all.
func (c *content) forAll() bool { return c.settled == c }

// joined returns the bytes of a chain that has ended: those of the one chunk, or
// of all in one piece.
func joined(first *chunk) []byte {
	var data []byte
	for k := first; k.next != nil; k = k.next {
		if data == nil {
			data = k.data
			continue
		}
		data = append(data[:len(data):len(data)], k.data...)
	}
	return data
}
