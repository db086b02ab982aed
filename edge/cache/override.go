// Override: what an operator's rules put in the place of what an origin says.
package cache

import (
	"net/http"
	"slices"
	"strings"
	"time"
)

// Override is what the rules that a request matches come to, all in all.
type Override struct {
	Names []string // of those rules, for who explains

	Bypass  bool
	Storing Storing

	TTL       time.Duration // of answers that are no errors; Absent where the origin says it
	StatusTTL []StatusTTL   // of answers by their status, before TTL; the first that covers it

	BrowserTTL   time.Duration // that users' caches are told; Absent: what the origin says
	StaleIfError time.Duration // at the least; Absent: what the origin says

	Query        *Query   // what of the query is in the key; nil: all of it
	Nominated    []string // what else of a request is, as Vary nominates it
	StripCookies bool     // Cookie goes to the origin only as far as it is in the key; Set-Cookie goes nowhere

	Armor   bool // against cache deception: see deceives
	Default *Default
}

// Storing says what of an origin's words against storing counts.
type Storing uint8

// The degrees.
const (
	AsTold     Storing = iota // all of it
	Shared                    // not Set-Cookie and Authorization, which only mean that the answer may be one user's
	Everything                // nothing: not private, no-store or no-cache either
)

// StatusTTL is the lifetime of answers with a status.
type StatusTTL struct {
	From, To int // both included
	TTL      time.Duration
}

// Default is an answer in the place of none.
type Default struct {
	Status int
	Header http.Header
	Text   string
}

// lifetime returns what an override says of an answer's lifetime; false when the
// origin says it. A lifetime of a year is meant for what is there, not for an error or
// for a redirect that is for now.
func (o *Override) lifetime(status int) (time.Duration, Reason, bool) {
	if o == nil {
		return 0, "", false
	}
	for _, s := range o.StatusTTL {
		if s.From <= status && status <= s.To {
			return s.TTL, WhyStatusTTL, true
		}
	}
	if o.TTL != Absent && (status < 400 && heuristic(status) || status == http.StatusPartialContent) {
		return o.TTL, WhyRuleTTL, true
	}
	return 0, "", false
}

// storing is how much of an origin's words against storing counts.
func (r *Rules) storing() Storing {
	if r.Override == nil {
		return AsTold
	}
	return r.Override.Storing
}

// lift takes what the override lifts off the directives of an answer.
func (r *Rules) lift(c *Control) {
	o := r.Override
	if o == nil {
		return
	}
	if o.Storing == Everything {
		c.NoStore, c.Private, c.NoCache, c.MustUnderstand = false, false, false, false
		c.NoCacheFields, c.PrivateFields = nil, nil
	}
	c.StaleIfError = max(c.StaleIfError, o.StaleIfError)
}

// Nominates returns the names that an answer is chosen by: those of its Vary, and
// those that a rule has in the key.
func (r *Rules) Nominates(vary []string) []string {
	if r.Override == nil || len(r.Override.Nominated) == 0 {
		return vary
	}
	all := slices.Clone(vary)
	for _, name := range r.Override.Nominated {
		if !slices.Contains(all, name) {
			all = append(all, name)
		}
	}
	return all
}

// cookieMark begins the name by which a single cookie is nominated; it can be in no
// field's name.
const cookieMark = "Cookie:"

// CookieName is the name by which a single cookie is nominated.
func CookieName(cookie string) string { return cookieMark + cookie }

// nominatedValue returns the lines of a nominated field, or the value of a nominated cookie.
func nominatedValue(h http.Header, name string) []string {
	cookie, single := strings.CutPrefix(name, cookieMark)
	if !single {
		return h[name]
	}
	if value, has := cookieOf(h, cookie); has {
		return []string{value}
	}
	return nil
}

// cookieOf finds a cookie (RFC 6265 4.2.1).
func cookieOf(h http.Header, name string) (value string, has bool) {
	for _, line := range h["Cookie"] {
		for pair := range strings.SplitSeq(line, ";") {
			if n, v, _ := strings.Cut(strings.TrimLeft(pair, " \t"), "="); n == name {
				return v, true
			}
		}
	}
	return "", false
}

// KeyedCookies returns h with those cookies alone that are in the key, if the override
// strips the others.
func (o *Override) KeyedCookies(h http.Header) http.Header {
	if o == nil || !o.StripCookies || !has(h, "Cookie") {
		return h
	}
	var kept []string
	for _, name := range o.Nominated {
		if cookie, single := strings.CutPrefix(name, cookieMark); single {
			if value, has := cookieOf(h, cookie); has {
				kept = append(kept, cookie+"="+value)
			}
		}
	}
	out := without(h, h, []string{"Cookie"})
	if len(kept) > 0 {
		out["Cookie"] = []string{strings.Join(kept, "; ")}
	}
	return out
}

// Cookieless returns an answer's header without Set-Cookie, if the override strips cookies.
func (o *Override) Cookieless(h http.Header) http.Header {
	if o == nil || !o.StripCookies {
		return h
	}
	return without(h, h, []string{"Set-Cookie"})
}
