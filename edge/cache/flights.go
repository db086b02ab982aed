// Flights: who waits for whose fetch. One fetch per key in flight.
package cache

import (
	"net/http"
	"slices"
)

// Flights holds the fetches whose answers others may share (RFC 9111 4,
// "collapsed requests"). W is whatever waits, F what the owner knows of a fetch.
//
// A flight is open from its start until it lands: before the answer's header
// requests Join it and wait; from then on, if the answer may be shared, it is
// filling (Entry is set) and requests take their share at once.
type Flights[W, F any] struct {
	MaxFlights int // flights at a time
	MaxWaiters int // who wait for one flight
	Alike      Likeness

	byKey map[Key]*Flight[W, F]
	n     int
	spare []*Flight[W, F]
}

// Flight is one fetch.
type Flight[W, F any] struct {
	Key   Key
	Asked http.Header // of the request that leads
	Entry *Entry      // set while the flight is filling
	Fetch F

	vary    []string // the names its key is known to vary by
	waiters []*W     // nil where one left
	waiting int
	state   flightState
	next    *Flight[W, F] // another variant of the same key
	room    [1]*W         // for the one who waits for most
}

type flightState uint8

const (
	detached flightState = iota // nobody else can find it
	open                        // in the map
)

// Open starts a flight that others can find. vary are the names that answers
// under the key are known to vary by. It is nil when there are too many.
func (f *Flights[W, F]) Open(key Key, asked http.Header, vary []string) *Flight[W, F] {
	if f.n >= f.MaxFlights {
		return nil
	}
	if f.byKey == nil {
		f.byKey = map[Key]*Flight[W, F]{}
	}
	fl := f.flight()
	fl.Key, fl.Asked, fl.vary, fl.state, fl.next = key, asked, vary, open, f.byKey[key]
	f.byKey[key] = fl
	f.n++
	return fl
}

// Detached returns a flight that nobody can find, for a fetch that will not be
// shared.
func (f *Flights[W, F]) Detached(key Key, asked http.Header) *Flight[W, F] {
	fl := f.flight()
	fl.Key, fl.Asked = key, asked
	return fl
}

// flight returns an empty flight: a used one if there is one.
func (f *Flights[W, F]) flight() *Flight[W, F] {
	var fl *Flight[W, F]
	if n := len(f.spare); n > 0 {
		fl = f.spare[n-1]
		f.spare = f.spare[:n-1]
	} else {
		fl = &Flight[W, F]{}
	}
	fl.waiters = fl.room[:0]
	return fl
}

// Reuse takes back a flight that has landed and whose waiters were woken. Nobody
// may know of it any more.
func (f *Flights[W, F]) Reuse(fl *Flight[W, F]) {
	if fl.state != detached || fl.waiting > 0 {
		panic("cache: a flight is used again while it is under way")
	}
	*fl = Flight[W, F]{}
	f.spare = append(f.spare, fl)
}

// Find returns the flight whose answer a request may hope to share, nil when
// there is none. usable judges one that is filling.
func (f *Flights[W, F]) Find(key Key, asks http.Header, vary []string, usable func(*Entry) bool) *Flight[W, F] {
	for fl := f.byKey[key]; fl != nil; fl = fl.next {
		if fl.Entry != nil {
			if fl.Entry.Selected(asks) && usable(fl.Entry) {
				return fl
			}
			continue
		}
		if f.Alike.sameFields(fl.vary, fl.Asked, asks) && f.Alike.sameFields(vary, fl.Asked, asks) {
			return fl
		}
	}
	return nil
}

// Vary returns the names that an answer now filling under key was chosen by:
// the store does not know them yet.
func (f *Flights[W, F]) Vary(key Key) []string {
	for fl := f.byKey[key]; fl != nil; fl = fl.next {
		if fl.Entry != nil {
			return fl.Entry.names
		}
	}
	return nil
}

// Fill says that the header has come and may be shared: who asks from now on
// need not wait.
func (fl *Flight[W, F]) Fill(e *Entry) { fl.Entry = e }

// Join makes w wait and returns its seat; false when too many wait.
func (f *Flights[W, F]) Join(fl *Flight[W, F], w *W) (seat int, ok bool) {
	if fl.waiting >= f.MaxWaiters {
		return 0, false
	}
	fl.waiters = append(fl.waiters, w)
	fl.waiting++
	return len(fl.waiters) - 1, true
}

// Leave gives a seat back and returns how many wait on.
func (fl *Flight[W, F]) Leave(seat int) int {
	if seat < len(fl.waiters) && fl.waiters[seat] != nil {
		fl.waiters[seat] = nil
		fl.waiting--
	}
	return fl.waiting
}

// Waiting returns how many wait.
func (fl *Flight[W, F]) Waiting() int { return fl.waiting }

// Wake empties the seats and returns who sat there, in the order they came,
// with nil for who left.
func (fl *Flight[W, F]) Wake() []*W {
	w := fl.waiters
	fl.waiters, fl.waiting = nil, 0
	return w
}

// Move has a flight be found under another key from now on.
func (f *Flights[W, F]) Move(fl *Flight[W, F], key Key) {
	if fl.state == detached {
		fl.Key = key
		return
	}
	f.Land(fl)
	fl.Key, fl.state, fl.next = key, open, f.byKey[key]
	f.byKey[key] = fl
	f.n++
}

// Land takes a flight out of the map, before anyone is woken: who asks from
// then on does not find it. Landing twice does nothing.
func (f *Flights[W, F]) Land(fl *Flight[W, F]) {
	if fl.state == detached {
		return
	}
	fl.state = detached
	f.n--
	at := f.byKey[fl.Key]
	if at == fl {
		if fl.next == nil {
			delete(f.byKey, fl.Key)
		} else {
			f.byKey[fl.Key] = fl.next
		}
	} else {
		for at.next != fl {
			at = at.next
		}
		at.next = fl.next
	}
	fl.next = nil
}

// LandAll takes every flight of a key out of the map and calls f with each: a
// purge must not find its answer stored a moment later.
func (f *Flights[W, F]) LandAll(key Key, with func(*Flight[W, F])) {
	for fl := f.byKey[key]; fl != nil; fl = f.byKey[key] {
		f.Land(fl)
		with(fl)
	}
}

// LandThose is LandAll for every flight that is one of those, in the order of the
// keys, so that every run does it alike.
func (f *Flights[W, F]) LandThose(those func(*Flight[W, F]) bool, with func(*Flight[W, F])) {
	var all []*Flight[W, F]
	for _, fl := range f.byKey { // in any order: sorted below
		for ; fl != nil; fl = fl.next {
			if those(fl) {
				all = append(all, fl)
			}
		}
	}
	slices.SortStableFunc(all, func(a, b *Flight[W, F]) int { return a.Key.Compare(b.Key) })
	for _, fl := range all {
		if fl.state == open && those(fl) { // with may have ended another
			f.Land(fl)
			with(fl)
		}
	}
}

// Len returns how many flights are open.
func (f *Flights[W, F]) Len() int { return f.n }
