// Hashing: what a request is about, as a point on a ring.
package balance

import (
	"encoding/binary"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/cespare/xxhash/v2"

	"cdnlab/sim"
)

// HashURI returns the hash of a URI, of which all three parts count: xxHash64, as in
// Envoy and gRPC. It allocates nothing.
func HashURI(scheme, host, path string) uint64 {
	var room [hashRoom]byte
	if n := putSite(room[:], scheme, host); n > 0 && len(path) <= len(room)-n {
		n += copy(room[n:], path)
		return xxhash.Sum64(room[:n])
	}
	var d xxhash.Digest
	d.Reset()
	_, _ = d.WriteString(scheme) // it never fails
	_, _ = d.WriteString(between)
	_, _ = d.WriteString(host)
	_, _ = d.WriteString(path)
	return d.Sum64()
}

const (
	between  = "://"
	hashRoom = 128 // for most URIs: hashed in one piece they take half the time
)

// putSite writes what a URI begins with, and returns its length; 0: there is no room.
func putSite(room []byte, scheme, host string) int {
	if len(scheme)+len(between)+len(host) > len(room) {
		return 0
	}
	n := copy(room, scheme)
	n += copy(room[n:], between)
	return n + copy(room[n:], host)
}

// uris hashes requests where Tools have no hash: their URIs, whose host is the same in
// every letter case (RFC 9110 4.2.3). Most are for the site of the one before, so what
// those begin with is there already.
type uris struct {
	scheme, host string // of the last request
	site         int    // bytes of room that those take; 0: it has none for them
	room         [hashRoom]byte
}

func (u *uris) hash(req *sim.Request) uint64 {
	if req.Host != u.host || req.Scheme != u.scheme {
		u.scheme, u.host = req.Scheme, req.Host
		u.site = putSite(u.room[:], req.Scheme, strings.ToLower(req.Host))
	}
	if n := u.site; n > 0 && len(req.Path) <= len(u.room)-n {
		n += copy(u.room[n:], req.Path)
		return xxhash.Sum64(u.room[:n])
	}
	return HashURI(req.Scheme, strings.ToLower(req.Host), req.Path)
}

// clientOf is the hash of a user.
func clientOf(req *sim.Request) uint64 { return mixed(req.Client) }

// addressOf is the hash of a user's whole address; of one without, of the user.
func addressOf(req *sim.Request) uint64 {
	if !req.Addr.IsValid() {
		return clientOf(req)
	}
	b := req.Addr.As16()
	return mixed(binary.BigEndian.Uint64(b[:8])*0x9e3779b97f4a7c15 ^ binary.BigEndian.Uint64(b[8:]))
}

// flowOf is the hash of the source of a datagram: of a 5-tuple, protocol and
// destination are the same for all that come to one service.
func flowOf(req *sim.Request) uint64 {
	return mixed(addressOf(req) + uint64(req.Port)*0x9e3779b97f4a7c15)
}

// mixed spreads a number over all 64 bits (the finalizer of splitmix64).
func mixed(x uint64) uint64 {
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
}

// What hashing policies may go by.
const (
	HashByURI     = "uri"
	HashByClient  = "client"
	HashByAddress = "address"
	HashByFlow    = "flow"
)

// HashBys lists them.
func HashBys() []string { return []string{HashByURI, HashByClient, HashByAddress, HashByFlow} }

// keyBy returns what a hashing policy goes by: what its node gave it, else what the
// configuration says.
func (t Tools) keyBy(by string) func(*sim.Request) uint64 {
	switch {
	case t.Key != nil:
		return t.Key
	case by == HashByClient:
		return clientOf
	case by == HashByAddress:
		return addressOf
	case by == HashByFlow:
		return flowOf
	}
	return new(uris).hash
}

// Hashing are the options of policies that hash what is asked for, or who asks.
type Hashing struct {
	HashBy    string        `toml:"hash-by" json:"hash-by" jsonschema:"enum=uri,enum=client,enum=address,enum=flow,default=uri,description=of ring-hash\\, bounded-load\\, maglev and rendezvous in a balancer: what they hash; client is the user\\, so that one stays with a server; flow is address and port of who sends a datagram (what differs in the 5-tuples of a service)\\, and of a connection the address; a PoP's own servers always go by the cache's key"`
	Factor    float64       `toml:"balance-factor" json:"balance-factor" jsonschema:"default=1.25,minimum=1,maximum=100,description=of bounded loads: how many times the mean in flight a server may have"`
	HotShare  float64       `toml:"hot-share" json:"hot-share,omitempty" jsonschema:"default=0,minimum=0,maximum=1,description=of consistent hashing: what makes more than that share of the requests of a hot-window goes to hot-copies servers in the next one; 0 is nothing"`
	HotCopies int           `toml:"hot-copies" json:"hot-copies" jsonschema:"default=2,minimum=1,maximum=16,description=how many servers share in turn what is hot"`
	HotWindow time.Duration `toml:"hot-window" json:"hot-window" jsonschema:"default=1s,minimum=10ms,description=how long requests are counted to find what is hot"`
}

// WithDefaults fills in what was not given. HashBy the URI: what caches and shards need. Factor 1.25: the tighter end of what
// HAProxy's manual calls reasonable, 1.25 to 2. HotShare none: no balancer does that
// unasked. HotCopies 2 and HotWindow 1 s: a copy more halves the load at the cost of
// one fetch, and a flash crowd lasts longer than a second.
func (h Hashing) WithDefaults() Hashing {
	if h.HashBy == "" {
		h.HashBy = HashByURI
	}
	if h.Factor == 0 {
		h.Factor = 1.25
	}
	if h.HotCopies == 0 {
		h.HotCopies = 2
	}
	if h.HotWindow == 0 {
		h.HotWindow = time.Second
	}
	return h
}

func (c Hashing) check() error {
	switch {
	case !slices.Contains(HashBys(), c.HashBy):
		return fmt.Errorf("balance: unknown hash-by %q; known: %v", c.HashBy, HashBys())
	case !(c.Factor >= 1): // nor no number
		return fmt.Errorf("balance: balance-factor %g must be at least 1", c.Factor)
	case !(c.HotShare >= 0 && c.HotShare <= 1):
		return fmt.Errorf("balance: hot-share %g is not in 0..1", c.HotShare)
	case c.HotCopies < 1 || c.HotCopies > MaxHotCopies:
		return fmt.Errorf("balance: hot-copies %d is not in 1..%d", c.HotCopies, MaxHotCopies)
	case c.HotWindow < 10*time.Millisecond:
		return fmt.Errorf("balance: hot-window %v is shorter than 10ms", c.HotWindow)
	}
	return nil
}
