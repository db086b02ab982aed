// Buffer: a content's bytes, filled by one goroutine, read by many.
package live

import (
	"io"
	"sync"

	"cdnlab/sim"
)

const (
	chunkSize = 32 << 10
	// window is how far a fill may run ahead of its slowest reader when nobody
	// keeps the content: the socket's own buffers hold the rest back. What is still
	// on its way no reader holds up; the path's own window bounds that.
	window = 1 << 20
)

// Buffer holds a content as a chain of chunks. A reader holds the chunk that it
// is at and a keeper the first, so what nobody will read any more is freed
// without being counted. Bytes are readable from their due time on: the link's
// travel. It is safe for concurrent use.
type Buffer struct {
	node *Node // whose clock says what is due

	mu      sync.Mutex // protects what follows
	more    sync.Cond  // something was written, read or given up
	last    *chunk
	written int64
	ended   bool
	cause   sim.Cause
	endDue  sim.Time
	readers map[*reader]struct{}
	kept    int  // handles that may still ask for the first byte
	passing bool // it waits for who will read it, who holds a handle, as for any reader
	gone    bool // nobody wants any more
}

type chunk struct {
	data []byte
	due  sim.Time
	next *chunk
}

func newBuffer(n *Node) *Buffer {
	b := &Buffer{node: n, last: &chunk{}}
	b.more.L = &b.mu
	return b
}

// write appends data, which the Buffer then owns, readable at due. It waits
// while the slowest reader is too far behind, and reports false when nobody
// wants any more.
func (b *Buffer) write(data []byte, due sim.Time) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	for b.full() {
		b.more.Wait()
	}
	if b.gone {
		return false
	}
	c := &chunk{}
	b.last.data, b.last.due, b.last.next = data, due, c
	b.last = c
	b.written += int64(len(data))
	if b.kept == 0 || b.passing {
		b.node.passes(b.written - b.slowest())
	}
	b.more.Broadcast()
	return true
}

// full reports whether what is written must wait until more of it has been read.
func (b *Buffer) full() bool {
	switch {
	case b.gone:
		return false
	case b.kept > 0:
		return b.passing && b.written > window
	}
	return len(b.readers) > 0 && b.written-b.slowest() > window
}

// slowest is how far the slowest reader has come who could read more.
func (b *Buffer) slowest() int64 {
	least := b.written
	if b.kept > 0 {
		least = 0
	}
	for r := range b.readers { // the least is the least in any order
		if !r.early {
			least = min(least, r.read)
		}
	}
	return least
}

// end tells that nothing more comes, to be seen at due.
func (b *Buffer) end(c sim.Cause, due sim.Time) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.ended, b.cause, b.endDue = true, c, due
	b.more.Broadcast()
}

// handle makes the Body by which one receiver knows the content.
func (b *Buffer) handle(first *chunk, end *sim.Transfer) *content {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.kept++
	return &content{buffer: b, first: first, end: end}
}

// content is a sim.Body with bytes behind it.
type content struct {
	buffer *Buffer
	first  *chunk
	end    *sim.Transfer // under the node's mutex, as all that decisions see

	// Under the node's mutex: the one handle for all who share it, once it is
	// settled; nil before. Its own data is all of it.
	settled *content
	data    []byte
}

var _ sim.Worded = (*content)(nil)

func (c *content) Size() int64                            { return c.end.Size() }
func (c *content) OnEnd(f func(cause sim.Cause, n int64)) { c.end.OnEnd(f) }

// Words implements sim.Worded.
func (c *content) Words(limit int) string {
	c.buffer.mu.Lock()
	defer c.buffer.mu.Unlock()
	var words []byte
	for k := c.first; k != nil && len(words) < limit; k = k.next {
		words = append(words, k.data[:min(len(k.data), limit-len(words))]...)
	}
	return string(words)
}

// OnAlone is sim.Transfer's.
func (c *content) OnAlone(f func()) { c.end.OnAlone(f) }

// Share implements sim.Body.
func (c *content) Share() sim.Body {
	if all := c.settle(); all != nil {
		return all
	}
	c.end.Share()
	return c.buffer.handle(c.first, c.end)
}

// Abandon implements sim.Body.
func (c *content) Abandon(cause sim.Cause) {
	if c.forAll() {
		return
	}
	c.release()
	c.end.Abandon(cause)
}

// release gives up the claim on the first byte.
func (c *content) release() {
	b := c.buffer
	b.mu.Lock()
	defer b.mu.Unlock()
	if c.first == nil {
		return
	}
	c.first = nil
	b.kept--
	b.gone = b.gone || b.kept == 0 && len(b.readers) == 0
	b.more.Broadcast()
}

// open returns the one reader of this handle.
func (c *content) open() *reader {
	b := c.buffer
	b.mu.Lock()
	defer b.mu.Unlock()
	r := &reader{buffer: b, at: c.first}
	if c.forAll() {
		return r
	}
	if b.readers == nil {
		b.readers = map[*reader]struct{}{}
	}
	b.readers[r] = struct{}{}
	c.first = nil
	b.kept--
	return r
}

// whole returns the content when it has come whole, is due, and has no more
// than limit bytes; it is then taken as by open. ours says that this was the
// last claim: the bytes may be used again.
func (c *content) whole(limit int64) (data []byte, ours, ok bool) {
	if c.forAll() {
		return c.data, false, int64(len(c.data)) <= limit
	}
	b := c.buffer
	b.mu.Lock()
	defer b.mu.Unlock()
	if !b.ended || b.cause != sim.OK || b.written > limit || b.endDue > b.node.wall.Now() {
		return nil, false, false
	}
	data = joined(c.first)
	c.first = nil
	b.kept--
	return data, b.kept == 0 && len(b.readers) == 0, true
}

// spareBytes are the bytes of small contents that nobody has a claim on any
// more: most of what a proxy would otherwise allocate.
var spareBytes = sync.Pool{New: func() any { return new([atOnce]byte) }}

// newBytes returns room for n bytes, not cleared.
func newBytes(n int64) []byte {
	if n > atOnce || n < 1<<10 {
		return make([]byte, n)
	}
	return spareBytes.Get().(*[atOnce]byte)[:n]
}

// freeBytes takes back what newBytes gave.
func freeBytes(p []byte) {
	if cap(p) == atOnce {
		spareBytes.Put((*[atOnce]byte)(p[:atOnce]))
	}
}

// reader reads a Buffer from its first byte.
type reader struct {
	buffer *Buffer
	at     *chunk
	read   int64
	early  bool // it waits for what is on its way
}

// next returns the next chunk, waiting for it and for its due time: io.EOF at
// the end, io.ErrUnexpectedEOF when the content was cut short. idle, when not
// nil, is called before a wait.
func (r *reader) next(idle func()) (data []byte, err error) {
	b := r.buffer
	b.mu.Lock()
	if idle != nil && r.at.next == nil && !b.ended {
		b.mu.Unlock()
		idle()
		b.mu.Lock()
	}
	for r.at.next == nil && !b.ended {
		b.more.Wait()
	}
	due := r.at.due
	if r.at.next == nil {
		due, err = b.endDue, io.EOF
		if b.cause != sim.OK {
			err = io.ErrUnexpectedEOF
		}
	} else {
		data = r.at.data
		r.at = r.at.next
		r.read += int64(len(data))
		b.more.Broadcast()
	}
	b.mu.Unlock()
	if due > b.node.wall.Now() {
		if idle != nil {
			idle()
		}
		r.await(due)
	}
	return data, err
}

// await waits for what is on its way.
func (r *reader) await(due sim.Time) {
	r.setEarly(true)
	r.buffer.node.sleepUntil(due)
	r.setEarly(false)
}

func (r *reader) setEarly(early bool) {
	b := r.buffer
	b.mu.Lock()
	defer b.mu.Unlock()
	r.early = early
	b.more.Broadcast()
}

// close gives the reader up.
func (r *reader) close() {
	b := r.buffer
	b.mu.Lock()
	defer b.mu.Unlock()
	delete(b.readers, r)
	b.gone = b.gone || b.kept == 0 && len(b.readers) == 0
	b.more.Broadcast()
}
