// Overrides: fields that say that a request is for something else than it says.
package cache

import "net/http"

// overrides are fields by which frameworks take a request for one of another host,
// scheme or path. No key has them, so an answer that depends on one would go to
// everybody: web cache poisoning (Kettle, Practical Web Cache Poisoning, 2018, and
// Web Cache Entanglement, 2020).
var overrides = []string{
	"Forwarded", "X-Forwarded", "X-Forwarded-Host", "X-Forwarded-Server", "X-Forwarded-Port", "X-Forwarded-Proto",
	"X-Forwarded-Protocol", "X-Forwarded-Scheme", "X-Forwarded-Ssl", "X-Forwarded-Prefix", "X-Forwarded-Path", "X-Forwarded-Uri",
	"X-Url-Scheme", "Front-End-Https", "X-Host", "X-Original-Host", "X-Http-Host-Override", "X-Proxy-Url",
	"X-Original-Url", "X-Original-Uri", "X-Rewrite-Url", "X-Rewrite-Uri", "X-Override-Url", "X-Request-Uri", "X-Script-Name",
}

// methodOverrides are those for one of another method (Nguyen, Lo Iacono, Federrath,
// Your Cache Has Fallen, CCS 2019: a GET whose error is stored).
var methodOverrides = []string{"X-Http-Method-Override", "X-Http-Method", "X-Method-Override"}

// WithoutOverrides returns h without the fields that claim another target. Those that
// claim another method stay where the method is one that nothing is answered from
// the cache to: APIs are used so.
func WithoutOverrides(h http.Header, method string) http.Header {
	out := without(h, h, overrides)
	if method == http.MethodGet || method == http.MethodHead {
		out = without(h, out, methodOverrides)
	}
	return out
}

// Overrides returns the names of those fields that a request has.
func Overrides(h http.Header) (names []string) {
	for _, all := range [][]string{overrides, methodOverrides} {
		for _, name := range all {
			if has(h, name) {
				names = append(names, name)
			}
		}
	}
	return names
}

// Overridden reports whether a request claims another method than its own.
func Overridden(h http.Header) bool {
	for _, name := range methodOverrides {
		if has(h, name) {
			return true
		}
	}
	return false
}
