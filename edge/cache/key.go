// Keys: under what a stored answer is found.
package cache

import (
	"cmp"
	"strings"

	"github.com/cespare/xxhash/v2"

	"cdnlab/sim"
)

// Key is the primary cache key (RFC 9111 2): the target URI. The method is not
// in it, as a HEAD is answered from what a GET stored. It is a comparable
// struct of strings that exist already, so making one allocates nothing.
type Key struct {
	Scheme, Host, Path string
	Slice              Span // of the content, that alone it is about; Size 0: none
}

// KeyOf returns the key of a request, in the one spelling that its target has.
func KeyOf(req *sim.Request) Key {
	return Key{Scheme: req.Scheme, Host: NormalHost(req.Scheme, req.Host), Path: Normal(req.Path)}
}

// hash returns a number that is the key's own, the same in every run.
func (k Key) hash() uint64 {
	h := xxhash.Sum64String(k.Path) ^ xxhash.Sum64String(k.Host)*3 ^ uint64(len(k.Scheme))<<56
	return h + uint64(k.Slice.From)*0x9e3779b97f4a7c15
}

// Compare orders keys.
func (k Key) Compare(other Key) int {
	return cmp.Or(strings.Compare(k.Host, other.Host), strings.Compare(k.Path, other.Path), strings.Compare(k.Scheme, other.Scheme),
		k.Slice.compare(other.Slice))
}

// String returns the URI.
func (k Key) String() string { return k.Scheme + "://" + k.Host + k.Path }

// KeyAt returns the key of a URI reference (Location, Content-Location) seen
// from k; false when it points to another origin, which nobody may invalidate
// from here (RFC 9111 4.4), or is not worth following.
func (k Key) KeyAt(reference string) (Key, bool) {
	reference, _, _ = strings.Cut(reference, "#")
	if strings.HasPrefix(reference, "/") && !strings.HasPrefix(reference, "//") {
		return Key{Scheme: k.Scheme, Host: k.Host, Path: Normal(reference)}, true
	}
	scheme, rest, found := strings.Cut(reference, "://")
	at := strings.IndexAny(rest, "/?")
	if at < 0 {
		at = len(rest)
	}
	if !found || !strings.EqualFold(scheme, k.Scheme) || NormalHost(k.Scheme, rest[:at]) != k.Host {
		return Key{}, false
	}
	path := rest[at:]
	if path == "" || path[0] == '?' {
		path = "/" + path
	}
	return Key{Scheme: k.Scheme, Host: k.Host, Path: Normal(path)}, true
}
