// RAM over a disk: two caches that are one.
package replay

import (
	"fmt"
	"math"
	"slices"
	"strings"

	"cdnlab/edge/cache"
)

// Fill says when an object is written to the disk.
type Fill string

// The fills.
const (
	// FillInsert writes what was fetched, and RAM holds what is on the disk, too: Apache
	// Traffic Server's RAM cache, Squid's memory over its disk, a page cache under nginx.
	// The disk's index stands in memory, so that its policy sees the uses in RAM.
	FillInsert Fill = "insert"
	// FillEvict writes what leaves RAM, unless it is on the disk still: what comes back
	// to RAM stays on the disk. CacheLib's hybrid cache, and ZFS's L2ARC.
	FillEvict Fill = "evict"
	// FillExclusive writes what leaves RAM, and what comes back leaves the disk: T. M.
	// Wong, J. Wilkes, My Cache or Yours? (USENIX ATC 2002).
	FillExclusive Fill = "exclusive"
)

// Fills lists them, the default first.
func Fills() []string {
	return []string{string(FillInsert), string(FillEvict), string(FillExclusive)}
}

// Promote says when an object that is on the disk comes into RAM.
type Promote string

// The promotions.
const (
	// PromoteHit: when it is asked for.
	PromoteHit Promote = "hit"
	// PromoteSecondHit: when it is asked for the second time since it is there: Apache
	// Traffic Server's ram_cache.use_seen_filter.
	PromoteSecondHit Promote = "second-hit"
	// PromoteFetch: at once when it was fetched, and when it is asked for: Squid's
	// memory_cache_mode always, and a page cache. Of FillInsert; with the others what was
	// fetched is in RAM anyway.
	PromoteFetch Promote = "fetch"
	// PromoteNever: RAM holds only what was fetched, Squid's memory_cache_mode network.
	// Not of FillInsert: RAM would stay empty.
	PromoteNever Promote = "never"
)

// Promotes lists them, the default first.
func Promotes() []string {
	return []string{string(PromoteHit), string(PromoteSecondHit), string(PromoteFetch), string(PromoteNever)}
}

// CheckLayers returns what is wrong with the two together.
func CheckLayers(fill Fill, promote Promote) error {
	switch {
	case !slices.Contains(Fills(), string(fill)):
		return fmt.Errorf("replay: unknown fill %q; known: %s", fill, strings.Join(Fills(), ", "))
	case !slices.Contains(Promotes(), string(promote)):
		return fmt.Errorf("replay: unknown promotion %q; known: %s", promote, strings.Join(Promotes(), ", "))
	case fill == FillInsert && promote == PromoteNever:
		return fmt.Errorf("with what was fetched written to the disk and nothing promoted RAM would stay empty: fill %s or %s, or promote %s or %s",
			FillEvict, FillExclusive, PromoteHit, PromoteFetch)
	case fill != FillInsert && promote == PromoteFetch:
		return fmt.Errorf("with fill %s what was fetched is in RAM anyway: promote %s", fill, PromoteHit)
	}
	return nil
}

// Layers is a cache in RAM over one on a disk. What one of them does not take (too
// large, not admitted, the one that leaves first) is offered to the other where the disk
// holds what RAM does not; with FillInsert RAM holds nothing that is not on the disk, and
// what the disk does not take is not kept. Not safe for concurrent use.
type Layers struct {
	RAM, Disk *Cache
	fill      Fill
	promote   Promote
	asked     map[uint64]struct{} // once, since they are on the disk
	until     map[uint64]float64  // when what is held is stale; nil, or not there: never
	admission cache.Admission     // of the disk; nil: all is written that is to be
	counting  cache.Counting      // the admission, if it is one
	onDisk    int                 // objects

	Expired int64 // requests for what was there, but stale
	Refused int64 // objects that the disk's admission policy kept out
	Writes  int64 // objects written to the disk
	Written int64 // and their bytes, in the unit of sizes, without what a device writes beyond them
}

// Guard has an admission policy stand before the disk, of layers that are empty. It is
// asked at each write, of what was fetched or has left RAM, and told of each use of what is
// on the disk. So with FillEvict second-request lets in what has left RAM before, which
// is CacheLib's reject-first.
func (l *Layers) Guard(admission cache.NewAdmission) {
	l.admission = admission(l.Disk.setup(&l.onDisk))
	l.counting, _ = l.admission.(cache.Counting)
}

// NewLayers joins two empty caches, which are its own from then on.
func NewLayers(ram, disk *Cache, fill Fill, promote Promote) (*Layers, error) {
	if err := CheckLayers(fill, promote); err != nil {
		return nil, err
	}
	l := &Layers{RAM: ram, Disk: disk, fill: fill, promote: promote}
	if promote == PromoteSecondHit {
		l.asked = map[uint64]struct{}{}
	}
	disk.left = l.leftDisk
	if fill != FillInsert {
		ram.left = l.leftRAM
	}
	return l, nil
}

// Layer is where an object was found.
type Layer uint8

// The layers.
const (
	InNone Layer = iota
	InRAM
	InDisk
)

// Fresh uses an object that is there and not stale at a time, in seconds, and says where
// it is, and when it will be stale.
func (l *Layers) Fresh(id uint64, at float64) (until float64, layer Layer) {
	if until = l.staleAt(id); at >= until {
		l.Expired++
		return 0, InNone
	}
	if _, held := l.RAM.Find(id); held {
		if l.fill == FillInsert {
			l.find(id)
		}
		return until, InRAM
	}
	if stored, held := l.find(id); held {
		l.used(id, stored)
		return until, InDisk
	}
	return 0, InNone
}

// Fetched takes in an object that was fetched as it was not fresh, stale from a time on.
// What is stale it takes the place of: in RAM, and with FillInsert on the disk, too, which
// is written. Otherwise what is stale on the disk is taken out.
func (l *Layers) Fetched(id uint64, size int64, until float64) {
	_, stale := l.until[id]
	if !math.IsInf(until, 1) {
		if l.until == nil {
			l.until = map[uint64]float64{}
		}
		l.until[id] = until
	}
	if !stale || !l.renew(id, size) {
		l.take(id, size)
	}
	l.forget(id)
}

// forget forgets when something is stale, unless it is held.
func (l *Layers) forget(id uint64) {
	if l.until != nil && !l.RAM.Has(id) && !l.Disk.Has(id) {
		delete(l.until, id)
	}
}

// staleAt is when something is stale.
func (l *Layers) staleAt(id uint64) float64 {
	if until, known := l.until[id]; known {
		return until
	}
	return math.Inf(1)
}

// take takes in what was fetched.
func (l *Layers) take(id uint64, size int64) {
	if l.fill != FillInsert {
		l.keep(id, size)
	} else if l.write(id, size); l.promote == PromoteFetch && l.Disk.Has(id) {
		l.RAM.Put(id, size, l.staleAt(id))
	}
}

// renew puts an object in the place of a stale one, if it can be; if not, the stale one
// is there no more.
func (l *Layers) renew(id uint64, size int64) bool {
	inRAM, onDisk := l.RAM.SizeOf(id), l.Disk.SizeOf(id)
	if inRAM != 0 && inRAM != size {
		l.RAM.Remove(id)
	}
	if onDisk != 0 && (onDisk != size || l.fill != FillInsert) {
		l.removeFromDisk(id)
	}
	until := l.staleAt(id)
	inMemory := l.RAM.Renew(id, until)
	if l.fill != FillInsert {
		return inMemory
	}
	if !l.Disk.Renew(id, until) {
		return false
	}
	if l.counting != nil {
		l.counting.Asked(id)
	}
	l.Writes++
	l.Written += size
	return true
}

// find uses what is on the disk.
func (l *Layers) find(id uint64) (size int64, held bool) {
	size, held = l.Disk.Find(id)
	if held && l.counting != nil {
		l.counting.Asked(id)
	}
	return size, held
}

// used brings what was found on the disk into RAM, if it is to come.
func (l *Layers) used(id uint64, size int64) {
	switch l.promote {
	case PromoteNever:
		return
	case PromoteSecondHit:
		if _, again := l.asked[id]; !again {
			l.asked[id] = struct{}{}
			return
		}
		delete(l.asked, id)
	}
	switch {
	case l.fill == FillExclusive && size <= l.RAM.capacity:
		l.removeFromDisk(id) // first: it makes the place for who leaves RAM
		l.keep(id, size)
	case l.fill == FillEvict || l.Disk.Has(id): // a use can make a policy drop others
		l.RAM.Put(id, size, l.staleAt(id))
	}
}

// removeFromDisk takes out what is on the disk.
func (l *Layers) removeFromDisk(id uint64) {
	l.Disk.Remove(id)
	l.onDisk--
	delete(l.asked, id)
}

// keep takes an object into RAM, or else to the disk.
func (l *Layers) keep(id uint64, size int64) {
	if !l.RAM.Put(id, size, l.staleAt(id)) {
		l.write(id, size)
		l.forget(id)
	}
}

// write takes an object to the disk, unless it is there.
func (l *Layers) write(id uint64, size int64) {
	if l.fill == FillEvict && l.Disk.Has(id) || size > l.Disk.capacity {
		return
	}
	if l.admission != nil && l.admission.Admit(cache.Newcomer{Key: id, Size: size, Cost: size}) != "" {
		l.Refused++
		return
	}
	if l.Disk.Put(id, size, l.staleAt(id)) {
		l.onDisk++
		l.Writes++
		l.Written += size
	}
}

// leftDisk is told of what leaves the disk.
func (l *Layers) leftDisk(id uint64, _ int64) {
	l.onDisk--
	delete(l.asked, id)
	if l.fill == FillInsert {
		l.RAM.Remove(id)
	}
	l.forget(id)
}

// leftRAM is told of what leaves RAM, where that is written to the disk.
func (l *Layers) leftRAM(id uint64, size int64) {
	l.write(id, size)
	l.forget(id)
}
