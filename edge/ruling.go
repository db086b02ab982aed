// Ruling: which rules a request is under, found out once for all that are alike.
package edge

import (
	"net/http"
	"reflect"

	"cdnlab/edge/cache"
	"cdnlab/sim"
)

// ruling remembers what each part of a request says of the rules that it is under, and
// what those come to. The zero ruling is without any.
type ruling struct {
	matcher cache.Matcher

	gets    cache.Matches // under which a GET is
	method  string        // the last other
	others  cache.Matches // under which it is
	header  http.Header   // the last, kept so that its address stays its own
	address uintptr
	fields  cache.Matches // under which it is

	under cache.Matches // the last request was under these
	last  *cache.Rules  // what they come to
	known map[cache.Matches]*cache.Rules
}

// maxRulings bounds what is remembered; beyond it everything is forgotten.
const maxRulings = 1024

func newRuling(rules []Rule) ruling {
	var r ruling
	for i := range rules {
		r.matcher = append(r.matcher, rules[i].match())
	}
	r.gets = r.matcher.OfMethod(http.MethodGet)
	return r
}

// rulesOf returns the rules that hold for a request, and its target as it is spelt.
func (p *PoP) rulesOf(req *sim.Request) *cache.Rules {
	if len(p.ruling.matcher) == 0 {
		return &p.rules
	}
	rules, _ := p.under(req)
	return rules
}

// under is rulesOf, with what is known of the target.
func (p *PoP) under(req *sim.Request) (*cache.Rules, *spelt) {
	t := p.spellings.target(req.Path, p.ruling.matcher)
	p.spellings.turn(req, p.ruling.matcher)
	x := &p.ruling
	all := t.under & p.spellings.under & x.ofMethod(req.Method) & x.ofHeader(req.Header)
	if all != x.under || x.last == nil {
		x.under, x.last = all, p.rulesUnder(all)
	}
	return x.last, t
}

func (x *ruling) ofMethod(method string) cache.Matches {
	switch method {
	case http.MethodGet, http.MethodHead:
		return x.gets
	case x.method:
	default:
		x.method, x.others = method, x.matcher.OfMethod(method)
	}
	return x.others
}

func (x *ruling) ofHeader(h http.Header) cache.Matches {
	if address := reflect.ValueOf(h).Pointer(); address != x.address || x.last == nil {
		x.header, x.address, x.fields = h, address, x.matcher.OfHeader(h)
	}
	return x.fields
}

// rulesUnder returns what rules come to.
func (p *PoP) rulesUnder(all cache.Matches) *cache.Rules {
	if all == 0 {
		return &p.rules
	}
	x := &p.ruling
	if r := x.known[all]; r != nil {
		return r
	}
	if x.known == nil || len(x.known) >= maxRulings {
		x.known = map[cache.Matches]*cache.Rules{}
	}
	r := p.rules
	r.Override = &cache.Override{TTL: cache.Absent, BrowserTTL: cache.Absent, StaleIfError: cache.Absent}
	for i := range p.cfg.Rules {
		if all&(1<<i) != 0 {
			p.cfg.Rules[i].apply(i, &r, r.Override)
		}
	}
	x.known[all] = &r
	return &r
}
