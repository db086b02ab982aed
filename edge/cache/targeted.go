// Targeted fields: what an origin tells CDNs alone.
package cache

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/dunglas/httpsfv"
)

// The fields that are for caches like this one, the first that says something
// before the others, and all of them before Cache-Control and Expires (RFC 9213
// 2.2). Which of the two comes first no document says: the standard does here.
const (
	fieldCDN       = "Cdn-Cache-Control" // RFC 9213 3
	fieldSurrogate = "Surrogate-Control" // W3C Edge Architecture Specification 1.0, 2.3
)

// Control returns the directives that hold for an answer: those of a targeted
// field where it is for this cache, else those of Cache-Control.
func (r *Rules) Control(h http.Header) Control {
	c := r.told(h)
	r.lift(&c)
	return c
}

// told returns the directives as they came.
func (r *Rules) told(h http.Header) Control {
	if r.Shared && r.Targeted {
		if lines := h[fieldCDN]; len(lines) > 0 {
			if c, ok := parseTargeted(lines); ok {
				return c
			}
		}
		if lines := h[fieldSurrogate]; len(lines) > 0 {
			if c, ok := parseSurrogate(lines, r.Name); ok {
				return c
			}
		}
	}
	return ParseControl(h["Cache-Control"])
}

// parseTargeted reads a targeted field (RFC 9213 2.1): a Dictionary (RFC 9651 3.2) of
// the directives of Cache-Control. One that is empty or no Dictionary is as if it
// was not there; a directive of another type than its own is too.
func parseTargeted(lines []string) (Control, bool) {
	d, err := httpsfv.UnmarshalDictionary(lines)
	if err != nil || len(d.Names()) == 0 {
		return Control{}, false
	}
	c := noControl()
	c.Field = fieldCDN
	for _, name := range d.Names() {
		member, _ := d.Get(name)
		item, isItem := member.(httpsfv.Item)
		if !isItem {
			continue
		}
		switch v := item.Value.(type) {
		case bool:
			if v && !hasSeconds(name) {
				c.take(directive{name: name})
			}
		case int64:
			if v >= 0 && hasSeconds(name) {
				c.take(directive{name: name, value: strconv.FormatInt(v, 10), has: true})
			}
		case string:
			if name == "no-cache" || name == "private" {
				c.take(directive{name: name, value: v, has: true})
			}
		}
	}
	return c, true
}

// hasSeconds reports whether a directive's argument is a number of seconds.
func hasSeconds(name string) bool {
	switch name {
	case "max-age", "s-maxage", "stale-while-revalidate", "stale-if-error":
		return true
	}
	return false
}

// take takes in a directive that is in the grammar.
func (c *Control) take(d directive) {
	c.restrict(d)
	c.permit(d)
}

// parseSurrogate reads Surrogate-Control. A directive with targets is for them alone,
// and holds more than one without. max-age may have two parts: how long the answer
// is fresh, and how long beyond that it may be used while it is fetched anew. Without
// max-age and no-store the field says nothing to a cache.
func parseSurrogate(lines []string, self string) (Control, bool) {
	c := noControl()
	c.Field = fieldSurrogate
	var own, said bool // whether max-age was this cache's own; whether there was one
	for _, line := range lines {
		for member, rest := cutMember(line); member != "" || rest != ""; member, rest = cutMember(rest) {
			words := strings.Split(member, ";")
			mine, forAll := false, len(words) == 1
			for _, target := range words[1:] {
				mine = mine || strings.Trim(target, " \t") == self
			}
			if !mine && !forAll {
				continue
			}
			name, value, _ := strings.Cut(strings.Trim(words[0], " \t"), "=")
			switch {
			case strings.EqualFold(name, "no-store"):
				c.NoStore = true
			case strings.EqualFold(name, "max-age") && (mine && !own || !said):
				c.MaxAge, c.StaleWhileRevalidate = surrogateAge(value)
				own, said = mine, true
			}
		}
	}
	return c, c.NoStore || said
}

// surrogateAge reads 600 or 600+60. What is no number is 0, so that the answer is
// stale.
func surrogateAge(value string) (fresh, beyond time.Duration) {
	first, second, extended := strings.Cut(value, "+")
	fresh, _ = deltaSeconds(first)
	beyond = Absent
	if more, ok := deltaSeconds(second); ok && extended {
		beyond = more
	}
	return fresh, beyond
}

// cutMember takes the next member of a list off s; a comma in a quoted string is
// none of its.
func cutMember(s string) (member, rest string) {
	quote := false
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			quote = !quote
		case ',':
			if !quote {
				return s[:i], strings.TrimLeft(s[i+1:], ", \t")
			}
		}
	}
	return s, ""
}

// FieldCapability tells a parent what a cache understands (W3C Edge Architecture
// Specification 1.0, 2.2).
const FieldCapability = "Surrogate-Capability"

// Capability is its member of a cache of that name.
func Capability(name string) string { return name + `="Surrogate/1.0"` }
