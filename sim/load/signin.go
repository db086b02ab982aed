// Signing in: how a request says who asks.
package load

import (
	"maps"
	"net/http"
	"reflect"
	"strconv"
	"strings"
)

// How users say who they are.
const (
	SignInNone   = "none"
	SignInCookie = "cookie"
	SignInAuth   = "authorization"
)

// SignIns makes the headers of requests that say who asks. They are kept, as users come
// again and headers are told apart by their address. The zero SignIns has none.
type SignIns struct {
	known map[signIn]signedIn
}

// signedIn is a header, and the one that it was made of.
type signedIn struct{ from, header http.Header }

type signIn struct {
	how  string
	user uint64
}

// maxSignIns bounds the headers that are kept; beyond it all are forgotten.
const maxSignIns = 4096

// Header returns the header of a user's request: h, which is shared and not changed, and
// who the user is, as an entry wants it said.
func (s *SignIns) Header(h http.Header, how string, user uint64) http.Header {
	if how == "" || how == SignInNone {
		return h
	}
	key := signIn{how, user}
	if known, ok := s.known[key]; ok && reflect.ValueOf(known.from).Pointer() == reflect.ValueOf(h).Pointer() {
		return known.header
	}
	if s.known == nil || len(s.known) >= maxSignIns {
		s.known = map[signIn]signedIn{}
	}
	c := Signed(h, how, user)
	s.known[key] = signedIn{h, c}
	return c
}

// Signed is a header of one request alone, likewise. One that says it stays.
func Signed(h http.Header, how string, user uint64) http.Header {
	if how == "" || how == SignInNone || SignedIn(h, how) {
		return h
	}
	c := maps.Clone(h) // not its lines, which nobody changes
	who := strconv.FormatUint(user, 10)
	switch how {
	case SignInCookie:
		pair := "user=" + who
		if lines := c["Cookie"]; len(lines) > 0 {
			pair = lines[0] + "; " + pair
		}
		c["Cookie"] = []string{pair}
	case SignInAuth:
		c["Authorization"] = []string{"Bearer " + who}
	}
	return c
}

// SignedIn reports whether a request says who asks, as an entry wants it said.
func SignedIn(h http.Header, how string) bool {
	switch how {
	case SignInCookie:
		for _, line := range h["Cookie"] {
			for pair := range strings.SplitSeq(line, ";") {
				if strings.HasPrefix(strings.TrimLeft(pair, " "), "user=") {
					return true
				}
			}
		}
		return false
	case SignInAuth:
		return len(h["Authorization"]) > 0
	}
	return true
}
