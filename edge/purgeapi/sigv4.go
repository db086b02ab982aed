// AWS Signature Version 4: how callers of CloudFront show that they have the token,
// as secret access key, without sending it
// (docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html).
package purgeapi

import (
	"crypto/hmac"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/hex"
	"net/http"
	"slices"
	"strings"
	"time"
)

const (
	sigAlgorithm = "AWS4-HMAC-SHA256"
	sigEnd       = "aws4_request"
	sigTime      = "20060102T150405Z"
	// sigSkew is how far a caller's clock may be off; AWS's services take as much. It
	// bounds how long a call that somebody saw can be sent again.
	sigSkew = 15 * time.Minute
	// maxSigned bounds the fields that one signature may cover.
	maxSigned = 64
)

// signature is what Authorization says of one.
type signature struct {
	scope  []string // date, region, service, aws4_request
	fields []string // names, in lower case and order
	value  string   // in hexadecimal
	at     string   // X-Amz-Date
}

// signed reads a request's signature; nil when it has none that can be right.
func signed(h http.Header) *signature {
	if len(h["Authorization"]) != 1 || len(h["X-Amz-Date"]) != 1 {
		return nil
	}
	rest, found := strings.CutPrefix(h["Authorization"][0], sigAlgorithm+" ")
	if !found {
		return nil
	}
	s := &signature{at: h["X-Amz-Date"][0]}
	for part := range strings.SplitSeq(rest, ",") {
		switch name, value, _ := strings.Cut(strings.TrimSpace(part), "="); name {
		case "Credential":
			s.scope = strings.Split(value, "/")[1:] // behind the access key's name, which is all the same
		case "SignedHeaders":
			s.fields = strings.Split(value, ";")
		case "Signature":
			s.value = value
		}
	}
	if len(s.scope) != 4 || s.scope[3] != sigEnd || !strings.HasPrefix(s.at, s.scope[0]) || len(s.fields) > maxSigned ||
		!slices.Contains(s.fields, "host") || !slices.Contains(s.fields, "x-amz-date") {
		return nil
	}
	return s
}

// by reports whether a secret made the signature, just now. path must be such that
// URI-encoding changes nothing of it, and have no query.
func (s *signature) by(secret, method, host, path string, h http.Header, content []byte, now time.Time) bool {
	at, err := time.Parse(sigTime, s.at)
	if err != nil || now.Sub(at).Abs() > sigSkew {
		return false
	}
	key := []byte("AWS4" + secret)
	for _, part := range s.scope {
		key = mac(key, part)
	}
	want := mac(key, strings.Join([]string{sigAlgorithm, s.at, strings.Join(s.scope, "/"), sum(s.canonical(method, host, path, h, content))}, "\n"))
	return subtle.ConstantTimeCompare([]byte(hex.EncodeToString(want)), []byte(s.value)) == 1
}

// canonical writes a request as its signature covers it.
func (s *signature) canonical(method, host, path string, h http.Header, content []byte) string {
	var b strings.Builder
	b.WriteString(method + "\n" + path + "\n\n")
	for _, name := range s.fields {
		values := []string{host}
		if name != "host" {
			values = slices.Clone(h[http.CanonicalHeaderKey(name)])
		}
		for i, v := range values {
			values[i] = strings.Join(strings.Fields(v), " ")
		}
		b.WriteString(name + ":" + strings.Join(values, ",") + "\n")
	}
	b.WriteString("\n" + strings.Join(s.fields, ";") + "\n" + sum(string(content)))
	return b.String()
}

func mac(key []byte, text string) []byte {
	m := hmac.New(sha256.New, key)
	m.Write([]byte(text))
	return m.Sum(nil)
}

func sum(text string) string {
	all := sha256.Sum256([]byte(text))
	return hex.EncodeToString(all[:])
}
