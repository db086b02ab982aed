// Matching: which of an operator's rules a request is under.
package cache

import (
	"net/http"
	"strings"
)

// Match is what a request must be like to be under a rule. What is empty says nothing.
type Match struct {
	Path   string // a pattern (Glob) of the path in its normal spelling, without the query
	Host   string // likewise
	Method string
	Cookie string // the name of one that it has; with ! before it, has not
	Header string // likewise, of a field
}

// MaxMatches bounds the rules: each has a bit.
const MaxMatches = 64

// Matches is a set of rules, rule i as bit i.
type Matches uint64

// Matcher finds the rules that requests are under. What it says of one part of a
// request may be remembered for all with that part: a request is under the rules that
// all of its parts are.
type Matcher []Match

func (m Matcher) those(is func(*Match) bool) (all Matches) {
	for i := range m {
		if is(&m[i]) {
			all |= 1 << i
		}
	}
	return all
}

// OfTarget returns the rules that a target is under, whatever else the request is.
func (m Matcher) OfTarget(target string) Matches {
	path, _, _ := strings.Cut(target, "?")
	return m.those(func(x *Match) bool { return x.Path == "" || Glob(x.Path, path) })
}

// OfHost is likewise of a host, as keys have it.
func (m Matcher) OfHost(host string) Matches {
	return m.those(func(x *Match) bool { return x.Host == "" || Glob(strings.ToLower(x.Host), host) })
}

// OfMethod is likewise of a method. HEAD is under what GET is: it is answered from
// what that stored.
func (m Matcher) OfMethod(method string) Matches {
	if method == http.MethodHead {
		method = http.MethodGet
	}
	return m.those(func(x *Match) bool { return x.Method == "" || x.Method == method })
}

// OfHeader is likewise of a header.
func (m Matcher) OfHeader(h http.Header) Matches {
	return m.those(func(x *Match) bool {
		return holds(x.Header, func(name string) bool { return has(h, name) }) &&
			holds(x.Cookie, func(name string) bool { _, has := cookieOf(h, name); return has })
	})
}

// holds reports whether what a name says is so: "" says nothing, !x that x is not.
func holds(name string, is func(string) bool) bool {
	switch bare, not := strings.CutPrefix(name, "!"); {
	case name == "":
		return true
	case not:
		return !is(bare)
	}
	return is(name)
}
