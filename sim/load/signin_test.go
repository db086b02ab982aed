// Tests of signing in: who says who they are, and who does not.
package load

import (
	"net/http"
	"testing"
)

func TestSignIn(t *testing.T) {
	shared := http.Header{"Accept": {"*/*"}, "Cookie": {"a=b"}}
	var s SignIns
	for _, how := range []string{"", SignInNone} {
		if h := s.Header(shared, how, 7); len(h) != 2 || !SignedIn(h, how) {
			t.Error(how, h)
		}
	}
	c, a := s.Header(shared, SignInCookie, 7), s.Header(shared, SignInAuth, 7)
	if c.Get("Cookie") != "a=b; user=7" || a.Get("Authorization") != "Bearer 7" || shared.Get("Cookie") != "a=b" || len(shared) != 2 {
		t.Error(c, a, shared)
	}
	if !SignedIn(c, SignInCookie) || SignedIn(c, SignInAuth) || !SignedIn(a, SignInAuth) || SignedIn(shared, SignInCookie) {
		t.Error("who is signed in")
	}
	if n := testing.AllocsPerRun(100, func() { s.Header(shared, SignInCookie, 7) }); n != 0 {
		t.Error("who comes again costs", n, "allocations")
	}
	if h := Signed(http.Header{"Cookie": {"user=9"}}, SignInCookie, 7); h.Get("Cookie") != "user=9" {
		t.Error("who says it is taken at their word:", h)
	}
	for user := range uint64(2 * maxSignIns) {
		s.Header(shared, SignInAuth, user)
	}
	if len(s.known) > maxSignIns {
		t.Error(len(s.known), "are kept")
	}
}
