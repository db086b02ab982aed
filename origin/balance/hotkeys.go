// Hot keys: which requests are so many that one server is not enough for them.
package balance

import (
	"math/bits"
	"time"

	"cdnlab/sim"
)

const (
	// MaxHotCopies bounds the servers that share what is hot.
	MaxHotCopies = 16
	// A sketch has rows of so many counters: it says no more than 0.27 % of a window's
	// requests too many (e/width), but in a row of four bad luck in each (e^-4) once in
	// 55 times, and then it makes a copy too many.
	sketchRows  = 4
	sketchWidth = 1024
	// leastHot is how many requests a key must have had in a window: of a few requests
	// each is a large share.
	leastHot = 10
)

// hotKeys finds keys that make more than a share of all requests. A key is hot
// during a window when in the one before it had more than that share, and 10
// requests at the least. Windows follow each other, the first from time 0 on; after
// one in which nothing came nothing is hot.
//
// The counts are those of a count-min sketch (Cormode and Muthukrishnan, 2005),
// updated conservatively (Estan and Varghese, 2002): bounded, whatever is asked
// for, and the same for the same requests.
type hotKeys struct {
	share  float64
	copies int
	window time.Duration

	number    int64 // of the window
	now, then sketch
}

// sketch are the counts of one window.
type sketch struct {
	total  int64
	counts [sketchRows][sketchWidth]uint32
}

func newHotKeys(cfg Hashing) *hotKeys {
	return &hotKeys{share: cfg.HotShare, copies: cfg.HotCopies, window: cfg.HotWindow}
}

// turn begins the window of a time, if that is not the present one.
func (h *hotKeys) turnTo(now sim.Time) {
	number := int64(now) / int64(h.window)
	if number == h.number {
		return
	}
	if number == h.number+1 {
		h.then = h.now
	} else {
		h.then = sketch{}
	}
	h.now, h.number = sketch{}, number
}

// count counts a request.
func (h *hotKeys) count(now sim.Time, key uint64) {
	h.turnTo(now)
	h.now.add(key)
}

// is reports whether a key is hot.
func (h *hotKeys) is(now sim.Time, key uint64) bool {
	h.turnTo(now)
	n := h.then.of(key)
	return n >= leastHot && float64(n) > h.share*float64(h.then.total)
}

// add counts a key: of its counters only those that say the least grow.
func (s *sketch) add(key uint64) {
	s.total++
	least := s.of(key) + 1
	for row := range s.counts {
		c := &s.counts[row][cell(key, row)]
		*c = max(*c, least)
	}
}

// of is the count of a key, or a little more.
func (s *sketch) of(key uint64) uint32 {
	least := s.counts[0][cell(key, 0)]
	for row := 1; row < sketchRows; row++ {
		least = min(least, s.counts[row][cell(key, row)])
	}
	return least
}

// cell is a key's counter in a row: the key is a hash, of which each row takes
// other bits.
func cell(key uint64, row int) uint64 {
	return bits.RotateLeft64(key, 16*row) % sketchWidth
}
