// Package purgeapi reads the calls with which people purge a CDN, and answers them,
// in the shapes of Cloudflare, Fastly and CloudFront: a script needs another host
// and token, and no other change.
//
// It decides only; it neither listens nor purges. Nothing here is safe for
// concurrent use.
package purgeapi

import (
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"

	"cdnlab/edge"
)

// LeastToken is how long a token must be: with fewer letters it can be guessed.
const LeastToken = 8

// API is what one token may call.
type API struct {
	secret string
	token  [sha256.Size]byte // its hash
	calls  uint64            // answered so far
}

// New returns an API for a token.
func New(token string) (*API, error) {
	if len(token) < LeastToken || strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, fmt.Errorf("the token needs %d or more letters, and no blanks: it stands in a header", LeastToken)
	}
	return &API{secret: token, token: sha256.Sum256([]byte(token))}, nil
}

// Answer is what a caller gets.
type Answer struct {
	Status  int
	Header  http.Header
	Content []byte
}

// Call is a request that is a call of the API.
type Call struct {
	api       *API
	shape     shape
	allowed   bool
	signature *signature // instead of the token; nil: none
	host      string
	header    http.Header
}

// shape is one provider's way to ask for one thing.
type shape interface {
	// read makes a purge of a call. Its error is a refusal, or stands for one.
	read(c *Call, content []byte) (edge.Purging, error)
	// done answers a call that has been done, or is under way. n numbers it.
	done(n uint64, at time.Time, o Outcome) Answer
	// refuse answers one that cannot be.
	refuse(refusal) Answer
}

// refusal is what is wrong with a call. code is the provider's own for it.
type refusal struct {
	status int
	code   string
	says   string
}

func (r refusal) Error() string { return r.says }

// Find returns the call that a request is by its head; nil when it is none of the
// API's. target is as on the wire.
func (a *API) Find(method, host, target string, h http.Header) *Call {
	path, _, _ := strings.Cut(target, "?")
	s := shapeOf(method, path, target)
	if s == nil {
		return nil
	}
	c := &Call{api: a, shape: s, allowed: a.knows(h), host: host, header: h}
	if _, may := s.(*cloudFront); may && !c.allowed && path == target {
		c.signature = signed(h)
	}
	return c
}

func shapeOf(method, path, target string) shape {
	if method == edge.MethodPurge {
		return fastlyURL{target}
	}
	if method != http.MethodPost {
		if s, is := findCloudflare(path, target).(cloudflare); is && method != http.MethodGet && method != http.MethodHead {
			return cloudflareOther{s, method}
		}
		return nil
	}
	for _, find := range []func(path, target string) shape{findCloudflare, findFastly, findCloudFront} {
		if s := find(path, target); s != nil {
			return s
		}
	}
	return nil
}

// knows reports whether a request has the token: as Authorization: Bearer (RFC 6750
// 2.1), or in Fastly's own field. Hashes are compared, so that the time that takes
// tells nothing of the token, nor of how long it is.
func (a *API) knows(h http.Header) bool {
	ok := 0
	for _, given := range h["Fastly-Key"] {
		ok |= a.is(given)
	}
	for _, line := range h["Authorization"] {
		if scheme, given, _ := strings.Cut(line, " "); strings.EqualFold(scheme, "Bearer") {
			ok |= a.is(strings.TrimLeft(given, " "))
		}
	}
	return ok == 1
}

func (a *API) is(given string) int {
	sum := sha256.Sum256([]byte(given))
	return subtle.ConstantTimeCompare(sum[:], a.token[:])
}

// Wanted reports whether the content is to be read: the caller has the token, or has
// signed the content. Else Read answers without.
func (c *Call) Wanted() bool { return c.allowed || c.signature != nil }

// Read makes a purge of a call with its content; whole is false when that was too
// large. An answer that is not nil is what the caller gets instead.
func (c *Call) Read(content []byte, whole bool, now time.Time) (edge.Purging, *Answer) {
	var x edge.Purging
	var err error
	if s, is := c.shape.(*cloudFront); is && whole && c.signature != nil {
		c.allowed = c.signature.by(c.api.secret, http.MethodPost, c.host, s.path, c.header, content, now)
	}
	switch {
	case !c.allowed:
		err = refusal{status: http.StatusForbidden}
	case !whole:
		err = refusal{http.StatusRequestEntityTooLarge, "", "The content is larger than a call may be"}
	default:
		x, err = c.shape.read(c, content)
	}
	if err == nil {
		return x, nil
	}
	var r refusal
	if !errors.As(err, &r) {
		r = refusal{status: http.StatusBadRequest, says: err.Error()}
	}
	no := c.shape.refuse(r)
	return edge.Purging{}, &no
}

// Outcome is what a purge of a whole CDN has come to. The zero Outcome is that of a
// PoP alone.
type Outcome struct {
	Caches int           // PoPs and shields that there are
	Heard  int           // those that have forgotten
	Missed int           // those that could not be reached, and nobody tries any more
	Took   time.Duration // from the call to the last that said it had
	Last   string        // its name
}

// waits reports whether somebody has still to hear of it.
func (o Outcome) waits() bool { return o.Heard+o.Missed < o.Caches }

// OutcomeField tells of an Outcome in the answer to a call: a dictionary (RFC 9651
// 3.2), as none of the shapes has room for it.
const OutcomeField = "Cdnlab-Purge"

func (o Outcome) String() string {
	text := fmt.Sprintf("caches=%d, heard=%d, missed=%d", o.Caches, o.Heard, o.Missed)
	if o.Last != "" {
		text += fmt.Sprintf(", took=%.3f, last=%q", o.Took.Seconds(), o.Last)
	}
	return text
}

// Done answers a call whose purge is done, or under way.
func (c *Call) Done(at time.Time, o Outcome) Answer {
	c.api.calls++
	a := c.shape.done(c.api.calls, at.UTC(), o)
	if o != (Outcome{}) {
		a.Header.Set(OutcomeField, o.String())
	}
	return a
}

// Busy answers a call that cannot be done now, with a status that says so: 429 or
// 503.
func (c *Call) Busy(status int, says string, again time.Duration) Answer {
	a := c.shape.refuse(refusal{status: status, says: says})
	a.Header.Set("Retry-After", strconv.Itoa(int(max(again, time.Second)/time.Second)))
	return a
}

// soft reports whether the caller wants what is purged marked stale. The field is
// Fastly's, but means the same in every shape.
func (c *Call) soft() bool { return len(c.header[edge.SoftPurge]) > 0 }
