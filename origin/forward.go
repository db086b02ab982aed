// Headers on their way through a proxy: who asks, and nothing hop-by-hop.
package origin

import (
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"cdnlab/sim"
)

// forwardedMost bounds the rewritten headers that are kept.
const forwardedMost = 4096

// forwarder rewrites request headers. Headers are immutable and shared by all
// requests of a client class, so a rewritten one is shared as well: it is kept
// by who asks and which header they sent.
type forwarder struct {
	trusted []netip.Prefix
	kept    map[forwardKey]forwarded
	recent  [16]recently // of those kept, as a look into the map takes longer
}

type recently struct {
	key forwardKey
	to  http.Header // nil: none
}

type forwardKey struct {
	header uintptr // identity of the header; forwarded holds it, so nobody else gets its address
	addr   netip.Addr
	scheme string
}

type forwarded struct{ from, to http.Header }

func newForwarder(trusted []netip.Prefix) forwarder {
	return forwarder{trusted: trusted, kept: map[forwardKey]forwarded{}}
}

// forward returns the header to send on for req.
func (f *forwarder) forward(req *sim.Request) http.Header {
	key := forwardKey{addressOf(req.Header), req.Addr, req.Scheme}
	last := &f.recent[(slotOf(key.header)+uintptr(req.Addr.As16()[15]))%16]
	if last.to != nil && last.key == key {
		return last.to
	}
	to := f.find(key, req)
	*last = recently{key, to}
	return to
}

func (f *forwarder) find(key forwardKey, req *sim.Request) http.Header {
	if kept, ok := f.kept[key]; ok {
		return kept.to
	}
	to := f.build(req)
	if len(f.kept) >= forwardedMost {
		clear(f.kept)
		f.recent = [16]recently{}
	}
	f.kept[key] = forwarded{req.Header, to}
	return to
}

// build makes the header: hop-by-hop fields dropped, X-Forwarded-For appended
// to or started, X-Forwarded-Proto, X-Real-IP.
func (f *forwarder) build(req *sim.Request) http.Header {
	h := make(http.Header, len(req.Header)+3)
	listed := connectionOptions(req.Header)
	upgrade := slices.Contains(listed, "Upgrade") && len(req.Header["Upgrade"]) > 0
	for name, values := range req.Header { // any order will do: it goes into a map
		if !hopByHop(name, listed) {
			h[name] = values
		}
	}
	if upgrade { // RFC 9110 7.8: the upstream is asked to switch as well
		h["Connection"], h["Upgrade"] = []string{"Upgrade"}, req.Header["Upgrade"]
	}
	believed := f.trusts(req.Addr)
	if !believed || len(h["X-Forwarded-Proto"]) == 0 {
		h["X-Forwarded-Proto"] = []string{req.Scheme}
	}
	chain, real := f.chain(req, believed)
	setOrDelete(h, "X-Forwarded-For", strings.Join(chain, ", "))
	setOrDelete(h, "X-Real-Ip", real)
	return h
}

// chain returns the addresses of X-Forwarded-For, and the user's: the last one
// that is no trusted hop (nginx's real_ip_recursive).
func (f *forwarder) chain(req *sim.Request, believed bool) (chain []string, user string) {
	if believed {
		for _, line := range req.Header["X-Forwarded-For"] {
			for addr := range strings.SplitSeq(line, ",") {
				chain = append(chain, strings.TrimSpace(addr))
			}
		}
	}
	if req.Addr.IsValid() {
		chain = append(chain, req.Addr.Unmap().String())
	}
	for _, text := range slices.Backward(chain) {
		user = text
		if addr, err := netip.ParseAddr(text); err != nil || !f.trusts(addr) {
			break
		}
	}
	return chain, user
}

func (f *forwarder) trusts(addr netip.Addr) bool {
	return slices.ContainsFunc(f.trusted, func(p netip.Prefix) bool { return p.Contains(addr.Unmap()) })
}

func setOrDelete(h http.Header, name, value string) {
	if value == "" {
		delete(h, name)
		return
	}
	h[name] = []string{value}
}

// perHop are the fields that end at a hop whether Connection lists them or not
// (RFC 9110 7.6.1, and 11.7 for those of a proxy's own authentication).
var perHop = []string{"Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization",
	"Proxy-Connection", "Te", "Transfer-Encoding", "Upgrade"}

// hopByHop reports whether a field ends here: listed are the options of the
// message's Connection field.
func hopByHop(name string, listed []string) bool {
	return slices.Contains(perHop, name) || slices.Contains(listed, name)
}

// connectionOptions returns the field names that Connection lists.
func connectionOptions(h http.Header) (names []string) {
	for _, line := range h["Connection"] {
		for name := range strings.SplitSeq(line, ",") {
			names = append(names, http.CanonicalHeaderKey(strings.TrimSpace(name)))
		}
	}
	return names
}

// endToEnd returns an answer's header without its hop-by-hop fields.
func (p *Proxy) endToEnd(h http.Header) http.Header {
	if p.clean.has(h) {
		return h
	}
	to := endToEnd(h)
	if same(to, h) {
		p.clean.put(h)
	}
	return to
}

// endToEnd returns h without its hop-by-hop fields: h itself when it has none.
func endToEnd(h http.Header) http.Header {
	if !slices.ContainsFunc(perHop, func(name string) bool { return len(h[name]) > 0 }) {
		return h
	}
	listed := connectionOptions(h)
	kept := make(http.Header, len(h))
	for name, values := range h { // any order will do: it goes into a map
		if !hopByHop(name, listed) {
			kept[name] = values
		}
	}
	return kept
}
