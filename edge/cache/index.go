// index: what is known under each key.
package cache

// index finds resources by key. Nearly every request asks for the same site as
// the one before, so sites are told apart first and the last one found is kept:
// a look-up then hashes the path alone. A site is there as long as it has a
// resource: who asks can make up names, and they must not be remembered.
type index struct {
	last  site
	pages map[string]*resource // of last
	sites map[site]map[string]*resource
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
	if !x.turn(key) {
		return nil
	}
	return x.pages[key.Path]
}

func (x *index) set(key Key, r *resource) {
	if !x.turn(key) {
		x.last, x.pages = site{key.Scheme, key.Host}, map[string]*resource{}
		x.sites[x.last] = x.pages
	}
	x.pages[key.Path] = r
}

func (x *index) remove(key Key) {
	if !x.turn(key) {
		return
	}
	delete(x.pages, key.Path)
	if len(x.pages) == 0 {
		delete(x.sites, x.last)
		x.last, x.pages = site{}, nil
	}
}
