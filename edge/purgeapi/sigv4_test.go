// Tests: signatures of AWS's own test suite, and what they are worth here.
package purgeapi

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// The test suite that AWS publishes for Signature Version 4: get-vanilla,
// post-vanilla and post-x-www-form-urlencoded.
func TestSignatureSuite(t *testing.T) {
	const secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
	at := time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC)
	for _, c := range []struct{ method, kind, content, fields, value string }{
		{"GET", "", "", "host;x-amz-date", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
		{"POST", "", "", "host;x-amz-date", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
		{"POST", "application/x-www-form-urlencoded", "Param1=value1", "content-type;host;x-amz-date",
			"ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
	} {
		h := http.Header{"X-Amz-Date": {"20150830T123600Z"}, "Authorization": {sigAlgorithm +
			" Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=" + c.fields + ", Signature=" + c.value}}
		if c.kind != "" {
			h.Set("Content-Type", c.kind)
		}
		s := signed(h)
		if s == nil || !s.by(secret, c.method, "example.amazonaws.com", "/", h, []byte(c.content), at.Add(sigSkew)) {
			t.Errorf("%s %s: not taken for what it is", c.method, c.kind)
			continue
		}
		for what, taken := range map[string]bool{ // any order will do
			"another secret":  s.by(secret+"x", c.method, "example.amazonaws.com", "/", h, []byte(c.content), at),
			"another method":  s.by(secret, "PUT", "example.amazonaws.com", "/", h, []byte(c.content), at),
			"another host":    s.by(secret, c.method, "example.com", "/", h, []byte(c.content), at),
			"another path":    s.by(secret, c.method, "example.amazonaws.com", "/a", h, []byte(c.content), at),
			"another content": s.by(secret, c.method, "example.amazonaws.com", "/", h, []byte(c.content+"x"), at),
			"too late":        s.by(secret, c.method, "example.amazonaws.com", "/", h, []byte(c.content), at.Add(sigSkew+time.Second)),
			"too early":       s.by(secret, c.method, "example.amazonaws.com", "/", h, []byte(c.content), at.Add(-sigSkew-time.Second)),
		} {
			if taken {
				t.Errorf("%s %s: taken by %s", c.method, c.kind, what)
			}
		}
	}
}

// A signature opens the calls of CloudFront alone, and must cover the host and the
// date.
func TestSigned(t *testing.T) {
	right := sigAlgorithm + " Credential=K/20150830/us-east-1/cloudfront/aws4_request, SignedHeaders=host;x-amz-date, Signature=00"
	for _, c := range []struct {
		target, authorization string
		wanted                bool
	}{
		{dist, right, true},
		{dist, strings.ReplaceAll(right, ", ", ","), true},
		{dist + "?a=b", right, false},
		{zone, right, false},
		{"/service/S/purge_all", right, false},
		{dist, strings.Replace(right, "host;", "", 1), false},
		{dist, strings.Replace(right, ";x-amz-date", "", 1), false},
		{dist, strings.Replace(right, "20150830", "20150831", 1), false},
		{dist, strings.Replace(right, "/aws4_request", "", 1), false},
		{dist, strings.Replace(right, "Credential=K/20150830/us-east-1/cloudfront/aws4_request", "Credential=", 1), false},
		{dist, strings.Replace(right, "host", strings.Repeat("a;", maxSigned)+"host", 1), false},
		{dist, sigAlgorithm, false},
		{dist, "", false},
	} {
		h := http.Header{"X-Amz-Date": {"20150830T123600Z"}, "Authorization": {c.authorization}}
		call := newAPI(t).Find("POST", "a", c.target, h)
		if call.Wanted() != c.wanted {
			t.Errorf("%s with %s: wanted %v", c.target, c.authorization, call.Wanted())
		}
		if _, no := call.Read([]byte(invalidation(1, "/*")), true, time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC)); no == nil || no.Status != 403 && no.Status != 401 {
			t.Errorf("%s with %s is allowed", c.target, c.authorization)
		}
	}
}

func FuzzSigned(f *testing.F) {
	f.Add(sigAlgorithm+" Credential=K/20150830/r/s/aws4_request, SignedHeaders=host;x-amz-date, Signature=0", "20150830T123600Z")
	f.Fuzz(func(t *testing.T, authorization, date string) {
		h := http.Header{"Authorization": {authorization}, "X-Amz-Date": {date}}
		if s := signed(h); s != nil && s.by("another secret", "POST", "a", "/", h, nil, time.Date(2015, 8, 30, 12, 36, 0, 0, time.UTC)) {
			t.Error("signed by nobody")
		}
	})
}
