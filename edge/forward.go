// What the parent is told that the client did not say.
package edge

import (
	"net/http"
	"net/netip"
	"reflect"
	"slices"
	"strings"

	"cdnlab/edge/cache"
	"cdnlab/sim"
)

// parentHeaders remembers what was made of a client's header. Headers are
// immutable and most requests share one, so its address is the key; from keeps
// that address its own.
type parentHeaders map[parentKey]struct{ from, to http.Header }

type parentKey struct {
	header  uintptr
	addr    netip.Addr
	changes bool            // its method is one that the cache only passes on
	strips  *cache.Override // that strips its cookies
}

// maxParentHeaders bounds what is remembered; beyond it everything is
// forgotten.
const maxParentHeaders = 1024

// parentHeader returns the header for the parent.
func (p *PoP) parentHeader(req *sim.Request, rules *cache.Rules) http.Header {
	key := parentKey{reflect.ValueOf(req.Header).Pointer(), req.Addr, !cached(req.Method), nil}
	if o := rules.Override; o != nil && o.StripCookies {
		key.strips = o
	}
	if known, ok := p.parents[key]; ok {
		return known.to
	}
	if p.parents == nil || len(p.parents) >= maxParentHeaders {
		p.parents = parentHeaders{}
	}
	to := p.makeParentHeader(req, key.strips)
	p.parents[key] = struct{ from, to http.Header }{req.Header, to}
	return to
}

// cached reports whether a method is one that answers come from the cache to.
func cached(method string) bool { return method == http.MethodGet || method == http.MethodHead }

// makeParentHeader makes the header: without the fields that end here, with Via
// (RFC 9110 7.6.3), CDN-Loop (RFC 8586) and the client's address.
func (p *PoP) makeParentHeader(req *sim.Request, strips *cache.Override) http.Header {
	from := cache.Forwardable(req.Header)
	from = strips.KeyedCookies(from)
	if p.caches && !p.cfg.ForwardOverrides {
		from = cache.WithoutOverrides(from, req.Method)
	}
	h := make(http.Header, len(from)+5)
	for name, lines := range from { // any order will do: it fills a map
		h[name] = lines
	}
	if p.caches && p.rules.Alike == cache.Reduced {
		reduceEncodings(h)
	}
	appendTo(h, "Via", p.via)
	appendTo(h, cache.FieldLoop, p.loop)
	if addr := req.Addr; addr.IsValid() && !forwardedFor(h, addr.String()) {
		appendTo(h, "X-Forwarded-For", []string{addr.String()})
	}
	if p.caches && p.rules.Targeted {
		appendTo(h, cache.FieldCapability, p.capability)
	}
	if upgrades(req.Header) {
		h["Connection"], h["Upgrade"] = []string{"Upgrade"}, req.Header["Upgrade"]
	}
	return h
}

// reduceEncodings has the parent asked for the one coding by which answers are told
// apart: in another, which only some take, one must not be kept for all. Who takes
// none says so: a request without the field takes any (RFC 9110 12.5.3).
func reduceEncodings(h http.Header) {
	coding := cache.Coding(h[cache.FieldAcceptEncoding])
	if coding == "" {
		coding = "identity"
	}
	h[cache.FieldAcceptEncoding] = []string{coding}
}

// forwardedFor reports whether X-Forwarded-For ends in an address already. All
// nodes know the user's and none that of the hop before, so behind a PoP a shield
// would write the user's a second time.
func forwardedFor(h http.Header, addr string) bool {
	lines := h["X-Forwarded-For"]
	return len(lines) > 0 && (lines[len(lines)-1] == addr || strings.HasSuffix(lines[len(lines)-1], ", "+addr))
}

// appendTo appends a member to a list field, in a slice of its own unless it is the
// only one.
func appendTo(h http.Header, name string, member []string) {
	if lines := h[name]; len(lines) > 0 {
		h[name] = []string{strings.Join(lines, ", ") + ", " + member[0]}
		return
	}
	h[name] = member
}

// upgrades reports whether a client wants another protocol (RFC 9110 7.8). It
// is the one hop-by-hop wish that the PoP passes on.
func upgrades(h http.Header) bool {
	return len(h["Upgrade"]) > 0 && slices.ContainsFunc(h["Connection"], func(line string) bool {
		return strings.Contains(strings.ToLower(line), "upgrade")
	})
}
