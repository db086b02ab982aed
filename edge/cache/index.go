// index: what is known under each key.
package cache

// index finds resources by key. Nearly every request asks for the same site as
// the one before, so sites are told apart first and the last one found is kept:
// a look-up then hashes the path alone. A site is there as long as it has a
// resource: who asks can make up names, and they must not be remembered.
//
// What is hot is found in recent, without a map and its hash over the whole path:
// each place there holds the resource found last of those that share it. A small
// store, of which there are many, has none.
type index struct {
	last   site
	pages  map[string]*resource // of last
	sites  map[site]map[string]*resource
	sliced map[Key]map[Span]*resource // slices, by what they are slices of; nil until there is one
	recent *[1 << recentBits]*resource
}

const recentBits = 11 // 16 KB: half of what a processor's nearest cache holds

// place returns where a path stands in recent: by its end, as that is where most
// paths of a site differ.
func place(path string) uint64 {
	h := uint64(len(path))
	if len(path) >= 8 {
		p := path[len(path)-8:]
		h += uint64(p[0]) | uint64(p[1])<<8 | uint64(p[2])<<16 | uint64(p[3])<<24 |
			uint64(p[4])<<32 | uint64(p[5])<<40 | uint64(p[6])<<48 | uint64(p[7])<<56
	} else {
		for i := range len(path) {
			h = h<<8 | uint64(path[i])
		}
	}
	h *= 0x9e3779b97f4a7c15
	return (h ^ h>>29) * 0x9e3779b97f4a7c15 >> (64 - recentBits)
}

type site struct{ scheme, host string }

// turn makes a key's site the last one; false when there is none.
func (x *index) turn(key Key) bool {
	if key.Host == x.last.host && key.Scheme == x.last.scheme && x.pages != nil {
		return true
	}
	at := site{key.Scheme, key.Host}
	pages := x.sites[at]
	if pages == nil {
		return false
	}
	x.last, x.pages = at, pages
	return true
}

func (x *index) get(key Key) *resource {
	if x.recent == nil {
		if !x.turn(key) {
			return nil
		}
		return x.pages[key.Path]
	}
	recent := &x.recent[place(key.Path)]
	if r := *recent; r != nil && r.key == key {
		return r
	}
	if key.Slice.Size != 0 {
		return x.sliced[key.Whole()][key.Slice]
	}
	if !x.turn(key) {
		return nil
	}
	r := x.pages[key.Path]
	if r != nil {
		*recent = r
	}
	return r
}

func (x *index) set(key Key, r *resource) {
	if key.Slice.Size != 0 {
		x.setSlice(key, r)
		return
	}
	if !x.turn(key) {
		x.last, x.pages = site{key.Scheme, key.Host}, map[string]*resource{}
		x.sites[x.last] = x.pages
	}
	x.pages[key.Path] = r
}

func (x *index) setSlice(key Key, r *resource) {
	whole := key.Whole()
	if x.sliced == nil {
		x.sliced = map[Key]map[Span]*resource{}
	}
	if x.sliced[whole] == nil {
		x.sliced[whole] = map[Span]*resource{}
	}
	x.sliced[whole][key.Slice] = r
}

func (x *index) removeSlice(key Key) {
	whole := key.Whole()
	delete(x.sliced[whole], key.Slice)
	if len(x.sliced[whole]) == 0 {
		delete(x.sliced, whole)
	}
}

func (x *index) remove(key Key) {
	if key.Slice.Size != 0 {
		x.removeSlice(key)
		return
	}
	if !x.turn(key) {
		return
	}
	if x.recent != nil {
		if recent := &x.recent[place(key.Path)]; *recent != nil && (*recent).key == key {
			*recent = nil
		}
	}
	delete(x.pages, key.Path)
	if len(x.pages) == 0 {
		delete(x.sites, x.last)
		x.last, x.pages = site{}, nil
	}
}
