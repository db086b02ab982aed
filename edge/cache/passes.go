// Passing by: requests that are no matter for the cache.
package cache

import (
	"net/http"

	"cdnlab/sim"
)

// Passes decides whether a request goes to the parent without a look into the
// store; FwdNone when it does not. plain says that a request with this very
// header, which never changes, did not.
func Passes(req *sim.Request, plain bool) (sim.Fwd, Reason) {
	switch h := req.Header; {
	case req.Method != http.MethodGet && req.Method != http.MethodHead:
		return sim.FwdMethod, WhyUnsafe
	case req.Body != nil || req.Size > 0:
		// Content in a GET means nothing to the key, but may to the origin:
		// what it answers must not be stored for others.
		return sim.FwdBypass, WhyContent
	case plain:
	case has(h, "Range"):
		return sim.FwdBypass, WhyRange
	case has(h, "Upgrade"):
		return sim.FwdBypass, WhyUpgrade
	case has(h, "If-Match"), has(h, "If-Unmodified-Since"):
		return sim.FwdBypass, WhyPrecondition
	}
	return sim.FwdNone, ""
}
