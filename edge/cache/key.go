// Keys: under what a stored answer is found.
package cache

import (
	"cmp"
	"strings"

	"cdnlab/sim"
)

// Key is the primary cache key (RFC 9111 2): the target URI. The method is not
// in it, as a HEAD is answered from what a GET stored. It is a comparable
// struct of strings that exist already, so making one allocates nothing.
type Key struct{ Scheme, Host, Path string }

// KeyOf returns the key of a request. A host is the same in every letter case
// (RFC 9110 4.2.3).
func KeyOf(req *sim.Request) Key {
	return Key{req.Scheme, strings.ToLower(req.Host), req.Path}
}

// Compare orders keys.
func (k Key) Compare(other Key) int {
	return cmp.Or(strings.Compare(k.Host, other.Host), strings.Compare(k.Path, other.Path), strings.Compare(k.Scheme, other.Scheme))
}

// String returns the URI.
func (k Key) String() string { return k.Scheme + "://" + k.Host + k.Path }

// KeyAt returns the key of a URI reference (Location, Content-Location) seen
// from k; false when it points to another origin, which nobody may invalidate
// from here (RFC 9111 4.4), or is not worth following.
func (k Key) KeyAt(reference string) (Key, bool) {
	reference, _, _ = strings.Cut(reference, "#")
	if strings.HasPrefix(reference, "/") && !strings.HasPrefix(reference, "//") {
		return Key{k.Scheme, k.Host, reference}, true
	}
	origin := k.Scheme + "://" + k.Host
	if len(reference) < len(origin) || !strings.EqualFold(reference[:len(origin)], origin) {
		return Key{}, false
	}
	path := reference[len(origin):]
	if path == "" {
		path = "/"
	}
	return Key{k.Scheme, k.Host, path}, path[0] == '/'
}
