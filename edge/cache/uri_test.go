// Tests of spellings: all that mean the same have one, and nothing else shares it.
package cache

import (
	"strings"
	"testing"
)

func TestNormal(t *testing.T) {
	for target, want := range map[string]string{ // any order will do
		"/":                      "/",
		"/a/b?c=1":               "/a/b?c=1",
		"/%7Euser/%61%2D%5f%2e":  "/~user/a-_.",            // RFC 3986 6.2.2.2: unreserved characters
		"/%7euser":               "/~user",                 //
		"/a%2fb%3f%c3%a9":        "/a%2Fb%3F%C3%A9",        // 6.2.2.1: digits in upper case; a reserved character stays
		"/a%2Fb":                 "/a%2Fb",                 //
		"/100%":                  "/100%",                  // no escape
		"/%zz%4":                 "/%zz%4",                 //
		"/%2561":                 "/%2561",                 // decoded once, never twice
		"/a/./b/../c":            "/a/c",                   // 5.2.4
		"/a/b/c/./../../g":       "/a/g",                   // its example
		"/../../g":               "/g",                     // 5.4.2: no higher than the root
		"/a/..":                  "/",                      //
		"/a/b/..":                "/a/",                    //
		"/a/.":                   "/a/",                    //
		"/.":                     "/",                      //
		"/a/%2e%2e/b":            "/b",                     // a dot is a dot, escaped or not
		"/a/.%2E/b":              "/b",                     //
		"/a/..%2fb":              "/a/..%2Fb",              // an escaped slash is no separator
		"/a/...":                 "/a/...",                 //
		"/.well-known/x":         "/.well-known/x",         //
		"/a//b":                  "/a//b",                  // an empty segment is one
		"/a//../b":               "/a/b",                   //
		"/a?x=/../%2e&y=%7e%2F":  "/a?x=/../.&y=~%2F",      // in a query dots are no segments
		"/a#b?c":                 "/a",                     // no server is told of a fragment
		"/a?b#c":                 "/a?b",                   //
		"/a?":                    "/a?",                    // an empty query is not none
		"*":                      "*",                      //
		"":                       "",                       //
		"http://example.com/%61": "http://example.com/%61", // a proxy's form: not for caches
	} {
		if got := Normal(target); got != want {
			t.Errorf("%q: %q, want %q", target, got, want)
		}
		if again := Normal(want); again != want {
			t.Errorf("%q is spelt another way again: %q", want, again)
		}
	}
	plain := "/assets/app.3f2a.js?v=1"
	if n := testing.AllocsPerRun(100, func() { plain = Normal(plain) }); n != 0 {
		t.Error("what is so spelt costs", n, "allocations")
	}
}

func FuzzNormal(f *testing.F) {
	for _, s := range []string{"/a/%2e%2E/../b?c#d", "/%%%2", "/./.././x", "/a%2F..%5c", "/?%3f"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, target string) {
		once := Normal(target)
		if twice := Normal(once); twice != once {
			t.Errorf("%q: %q, then %q", target, once, twice)
		}
		path, _, _ := strings.Cut(once, "?")
		if strings.HasPrefix(target, "/") && (!strings.HasPrefix(once, "/") || strings.Contains(path+"/", "/../") || strings.Contains(once, "#")) {
			t.Errorf("%q: %q", target, once)
		}
	})
}

func TestNormalHost(t *testing.T) {
	for _, test := range []struct{ scheme, host, want string }{
		{"https", "Example.COM", "example.com"},
		{"https", "example.com:443", "example.com"},
		{"http", "example.com:443", "example.com:443"},
		{"http", "example.com:80", "example.com"},
		{"https", "example.com:8443", "example.com:8443"},
		{"https", "example.com:", "example.com"},
		{"https", "[2001:DB8::1]:443", "[2001:db8::1]"},
		{"https", "example.com.", "example.com."}, // another name to DNS
	} {
		if got := NormalHost(test.scheme, test.host); got != test.want {
			t.Errorf("%s %s: %s, want %s", test.scheme, test.host, got, test.want)
		}
	}
}

func TestValidHost(t *testing.T) {
	for _, host := range []string{"a", "example.com", "example.com:8080", "example.com:", "127.0.0.1:1", "[::1]", "[::1]:80", "x_y.z", "a%41"} {
		if !ValidHost(host) {
			t.Error(host, "is one")
		}
	}
	for _, host := range []string{"", ":80", "a@b", "a/b", "a?b", "a#b", "a b", "a:b", "a:1:2", "::1", "[::1", "a]", "a\\b", "a\x00", "ä.de", "a:80@b"} {
		if ValidHost(host) {
			t.Error(host, "is none")
		}
	}
}
