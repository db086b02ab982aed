// Targets: what a request is for, in the one spelling that keys have and the parent
// is asked in.
package edge

import (
	"cdnlab/edge/cache"
	"cdnlab/sim"
)

// spellings remembers how hosts and targets are spelt in keys: most requests are for
// what another was for.
type spellings struct {
	scheme, host string // of the last request
	normal       string // the host as its keys have it
	bad          bool   // it is the host of no URI

	recent []spelt // by the hash of the target
}

type spelt struct{ target, normal string }

// recentTargets is how many are remembered, a power of 2: 16 KiB.
const recentTargets = 512

// keyOf is the key of what a request asks for, before any No-Vary-Search: that of
// cache.KeyOf.
func (p *PoP) keyOf(req *sim.Request) cache.Key {
	s := &p.spellings
	if req.Host != s.host || req.Scheme != s.scheme {
		s.scheme, s.host = req.Scheme, req.Host
		s.normal, s.bad = cache.NormalHost(req.Scheme, req.Host), !cache.ValidHost(req.Host)
	}
	return cache.Key{Scheme: req.Scheme, Host: s.normal, Path: s.target(req.Path)}
}

// target returns a target as keys have it.
func (s *spellings) target(target string) string {
	if s.recent == nil {
		s.recent = make([]spelt, recentTargets)
	}
	at := &s.recent[placeOf(target)]
	if at.target != target {
		at.target, at.normal = target, cache.Normal(target)
	}
	return at.normal
}

// placeOf is where a target stands: by its length and its end, as that is where most
// paths of a site differ.
func placeOf(target string) uint32 {
	h := uint32(len(target))
	for i := max(0, len(target)-6); i < len(target); i++ {
		h = (h ^ uint32(target[i])) * 0x01000193 // FNV-1a
	}
	return (h ^ h>>15) % recentTargets
}

// normalize makes a request that goes to the parent one for what its key says: were it
// another spelling, the answer could be another than who shares the key would get. A
// plain proxy has no keys.
func (p *PoP) normalize(req *sim.Request) {
	if p.caches {
		key := p.keyOf(req)
		req.Host, req.Path = key.Host, key.Path
	}
}
