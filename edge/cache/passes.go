// Passing by: requests that are no matter for the cache.
package cache

import (
	"net/http"
	"strings"

	"cdnlab/sim"
)

// Passes decides whether a request goes to the parent without a look into the
// store; FwdNone when it does not. plain says that a request with this very
// header, which never changes, did not. A WhyLoop goes nowhere: it has been through
// the cache of the name self before.
func Passes(req *sim.Request, plain bool, self string) (sim.Fwd, Reason) {
	switch h := req.Header; {
	case !plain && looped(h, self):
		return sim.FwdBypass, WhyLoop
	case req.Method != http.MethodGet && req.Method != http.MethodHead:
		return sim.FwdMethod, WhyUnsafe
	case req.Body != nil || req.Size > 0:
		// Content in a GET means nothing to the key, but may to the origin:
		// what it answers must not be stored for others.
		return sim.FwdBypass, WhyContent
	case plain:
	case has(h, "Upgrade"):
		return sim.FwdBypass, WhyUpgrade
	case has(h, "If-Match"), has(h, "If-Unmodified-Since"):
		return sim.FwdBypass, WhyPrecondition
	}
	return sim.FwdNone, ""
}

// FieldLoop names the CDNs that a request has been through (RFC 8586 2).
const FieldLoop = "Cdn-Loop"

// looped reports whether a request has been through the cache of a name. The id of a
// member may have parameters behind it.
func looped(h http.Header, self string) bool {
	m := members{lines: h[FieldLoop]}
	for member, more := m.next(); more; member, more = m.next() {
		id, _, _ := strings.Cut(member, ";")
		if strings.EqualFold(strings.TrimRight(id, " \t"), self) {
			return true
		}
	}
	return false
}
