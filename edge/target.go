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
	under        cache.Matches

	recent []spelt // by the hash of the target
}

// spelt is a target, and what is known of it.
type spelt struct {
	target, normal string
	under          cache.Matches

	query *cache.Query // that was last applied to it
	keyed string       // ... which made this
}

// recentTargets is how many are remembered, a power of 2: 32 KiB.
const recentTargets = 512

// keyOf is the key of what a request asks for, before any No-Vary-Search: that of
// cache.KeyOf, with what of the query a rule has in it.
func (p *PoP) keyOf(req *sim.Request) cache.Key {
	s := &p.spellings
	s.turn(req, p.ruling.matcher)
	key := cache.Key{Scheme: req.Scheme, Host: s.normal}
	if len(p.ruling.matcher) == 0 {
		key.Path = s.target(req.Path, nil).normal
		return key
	}
	rules, t := p.under(req)
	key.Path = t.normal
	if o := rules.Override; o != nil && o.Query != nil {
		if t.query != o.Query {
			t.query, t.keyed = o.Query, o.Query.Apply(t.normal)
		}
		key.Path = t.keyed
	}
	return key
}

// turn makes a request's host the last one.
func (s *spellings) turn(req *sim.Request, m cache.Matcher) {
	if req.Host != s.host || req.Scheme != s.scheme {
		s.scheme, s.host = req.Scheme, req.Host
		s.normal, s.bad = cache.NormalHost(req.Scheme, req.Host), !cache.ValidHost(req.Host)
		s.under = m.OfHost(s.normal)
	}
}

// target returns what is known of a target.
func (s *spellings) target(target string, m cache.Matcher) *spelt {
	if s.recent == nil {
		s.recent = make([]spelt, recentTargets)
	}
	at := &s.recent[placeOf(target)]
	if at.target != target {
		*at = spelt{target: target, normal: cache.Normal(target)}
		at.under = m.OfTarget(at.normal)
	}
	return at
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

// rekeyed is the key under which what a purge names is stored, if a rule has less than
// all of its query in it.
func (p *PoP) rekeyed(key cache.Key) cache.Key {
	if len(p.ruling.matcher) == 0 {
		return key
	}
	all := p.ruling.matcher.OfTarget(key.Path) & p.ruling.matcher.OfHost(key.Host) & p.ruling.gets & p.ruling.matcher.OfHeader(nil)
	if o := p.rulesUnder(all).Override; o != nil && o.Query != nil {
		key.Path = o.Query.Apply(key.Path)
	}
	return key
}
