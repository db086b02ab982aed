// Heads of answers from a cache, written once a second and entry.
package live

import (
	"bytes"
	"net/http"
	"reflect"
	"sync"
	"unsafe"

	"cdnlab/sim"
)

// headsLimit bounds what is remembered: the hot part of a site. An entry is
// some 500 bytes.
const headsLimit = 4096

// answerHeads remembers, for each header, the last head that was written of an
// answer with it. A header is immutable once handed on, so the map itself is
// the key. It is safe for concurrent use.
type answerHeads struct {
	mu    sync.Mutex
	known map[unsafe.Pointer]*answerHead
}

type answerHead struct {
	of   http.Header // keeps the map alive, and its address its own
	look look
	text []byte
}

// look is all that a head tells beside its header.
type look struct {
	status int
	size   int64
	date   sim.Time
	aged   bool
	age    int64 // whole seconds, as they are sent
	marks  int
	mark   sim.Mark
}

// lookOf returns the look of an answer that others may share: one from a cache
// nearby, or with no mark at all. What came further differs each time.
func lookOf(r *sim.Response) (look, bool) {
	l := look{status: r.Status, size: r.Size, date: r.Date, aged: r.Aged, age: ageSeconds(r), marks: r.Via.Len()}
	switch {
	case l.marks == 0:
		return l, true
	case l.marks > 1 || !r.Aged:
		return l, false
	}
	l.mark = *r.Via.At(0)
	return l, true
}

// of returns the head that was kept, nil when it was another.
func (a *answerHeads) of(h http.Header, l *look) []byte {
	a.mu.Lock()
	defer a.mu.Unlock()
	if known := a.known[address(h)]; known != nil && known.look == *l {
		return known.text
	}
	return nil
}

// keep remembers a head in the place of the header's last one.
func (a *answerHeads) keep(h http.Header, l *look, text []byte) {
	a.mu.Lock()
	defer a.mu.Unlock()
	if a.known == nil {
		a.known = map[unsafe.Pointer]*answerHead{}
	}
	if len(a.known) >= headsLimit && a.known[address(h)] == nil {
		for other := range a.known { // any may go
			delete(a.known, other)
			break
		}
	}
	a.known[address(h)] = &answerHead{h, *l, bytes.Clone(text)}
}

func address(h http.Header) unsafe.Pointer { return reflect.ValueOf(h).UnsafePointer() }
