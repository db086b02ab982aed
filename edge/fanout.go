// Fanout: in which order the caches of a CDN are told of a purge.
package edge

import "slices"

// Fanout decides which caches to tell of a purge when. A cache is told when those
// that it fetches through have forgotten, or it would fetch the old answer from there
// again: Fastly, where no order is promised, has its users purge twice for that
// ("Encountering race conditions" in its best practices of purging). Where a parent
// cannot be told, those behind it do not wait for it: they are told at once what is
// old, and once more when their parent has heard, for what they had of it meanwhile.
//
// Who asks says what came of each telling. A Fanout is for one purge.
type Fanout struct {
	caches []string
	waits  map[string][]string // by cache: the parents of which nothing is known yet
	behind map[string][]string // by parent
}

// NewFanout returns the order among caches. parents gives those of them that a cache
// fetches through, be it only while another is down.
func NewFanout(caches []string, parents func(string) []string) *Fanout {
	f := &Fanout{caches: caches, waits: map[string][]string{}, behind: map[string][]string{}}
	for _, name := range caches {
		for _, parent := range parents(name) {
			f.waits[name] = append(f.waits[name], parent)
			f.behind[parent] = append(f.behind[parent], name)
		}
	}
	return f
}

// First returns whom to tell at once.
func (f *Fanout) First() (tell []string) {
	for _, name := range f.caches {
		if len(f.waits[name]) == 0 {
			tell = append(tell, name)
		}
	}
	return tell
}

// Heard returns whom to tell now that a cache has forgotten.
func (f *Fanout) Heard(cache string) (tell []string) {
	for _, name := range f.behind[cache] {
		f.know(name, cache)
		if len(f.waits[name]) == 0 {
			tell = append(tell, name)
		}
	}
	return tell
}

// Failed returns whom to tell now that a cache could not be told, which it will be
// again.
func (f *Fanout) Failed(cache string) (tell []string) {
	for _, name := range f.behind[cache] {
		if f.know(name, cache) && len(f.waits[name]) == 0 {
			tell = append(tell, name)
		}
	}
	return tell
}

// know notes that something is known of a parent, and reports whether that is new.
func (f *Fanout) know(cache, parent string) bool {
	at := slices.Index(f.waits[cache], parent)
	if at >= 0 {
		f.waits[cache] = slices.Delete(f.waits[cache], at, at+1)
	}
	return at >= 0
}
