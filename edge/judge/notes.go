// Notes: what of the headers means nothing here, or not what it seems to.
package judge

import (
	"net/http"
	"reflect"
	"slices"
	"strings"
	"time"

	"cdnlab/edge/cache"
	"cdnlab/sim"
)

// Note is one remark on what was given.
type Note struct {
	About string `json:"about"` // a directive or a field, as it was written
	Says  string `json:"says"`
}

// known are the directives of an answer, and for whom or what those are that may
// change nothing.
var known = map[string]string{
	"no-store": "", "no-cache": "", "max-age": "", "must-revalidate": "",
	"stale-while-revalidate": "", "stale-if-error": "",
	"private":          "every browser's cache is its user's own (RFC 9111 5.2.2.7)",
	"s-maxage":         "it is for shared caches (RFC 9111 5.2.2.10)",
	"proxy-revalidate": "it is for shared caches (RFC 9111 5.2.2.8)",
	"public":           "it only lifts what would forbid storing: Authorization, or a status without a heuristic (RFC 9111 5.2.2.9)",
	"must-understand":  "it only lifts no-store, from a status that the cache understands (RFC 9111 5.2.2.3)",
	"no-transform":     "cdnlab changes no content (RFC 9111 5.2.2.6)",
	"immutable":        "it tells a browser that a reload need not ask while the answer is fresh (RFC 8246 2); a plain request is judged here",
}

// ofRequests are the directives that only a request can give (RFC 9111 5.2.1).
var ofRequests = []string{"max-stale", "min-fresh", "only-if-cached"}

// unread are the fields that say something about caching, but not here.
var unread = []struct{ name, says string }{
	{"Pragma", "means nothing in an answer (RFC 9111 5.4)"},
}

// notes are all remarks.
func (j *Judgement) notes(came time.Time) []Note {
	all := append(j.targeted(), j.directives(came)...)
	h, asked := j.Given.Header, j.Given.Asked
	if line := first(h, "Expires"); line != "" {
		all = append(all, j.expires(line, came)...)
	}
	for _, name := range []string{"Date", "Last-Modified"} {
		line := first(h, name)
		if _, ok := cache.ParseDate(line, came); line != "" && !ok {
			all = append(all, Note{name + ": " + line, "it is no HTTP-date, so it counts as absent (RFC 9110 5.6.7)"})
		}
	}
	for _, f := range unread {
		if line := first(h, f.name); line != "" {
			all = append(all, Note{f.name + ": " + line, f.says})
		}
	}
	for _, name := range []string{"Cache-Control", "Pragma"} {
		if line := first(asked, name); line != "" && !j.Rules.ObeyRequests {
			all = append(all, Note{"the request's " + name + ": " + line,
				"cdnlab's cache does not obey requests, as anybody could make it ask the origin (RFC 9111 5.2.1): with obey-requests it does"})
		}
	}
	for _, name := range cache.Overrides(asked) {
		if j.Rules.Shared {
			all = append(all, Note{"the request's " + name + ": " + first(asked, name),
				"cdnlab's cache does not pass it on: no key has it, and what the origin made of it would go to everybody; with forward-overrides it does"})
		}
	}
	if !j.Rules.Shared && j.Entry != nil {
		all = append(all, j.browsers()...)
	}
	if path := j.Given.Path; path != j.Key.Path {
		all = append(all, Note{path, "it is one with " + j.Key.Path + ", which the origin is asked for (RFC 3986 6.2.2)"})
	}
	if j.Given.Method == http.MethodHead {
		all = append(all, Note{"HEAD", "its answer freshens what is stored of a GET, or ends it (RFC 9111 4.3.5)"})
	}
	switch j.Given.Status {
	case http.StatusNotModified:
		all = append(all, Note{"304", "it says that what is stored still holds, and updates its fields (RFC 9111 4.3.4): judge the answer that it is about"})
	case http.StatusPartialContent:
		all = append(all, Note{"206", "cdnlab's cache answers ranges from this part; with others, and made whole, it is put together if all have one strong validator (RFC 9111 3.3 and 3.4)"})
	}
	return all
}

// browsers remarks on what the standard allows to browsers, too, and they do not do,
// or not always.
func (j *Judgement) browsers() []Note {
	var all []Note
	if j.Entry.Control.StaleWhileRevalidate > 0 {
		all = append(all, Note{"stale-while-revalidate", "browsers do so with what is on a page; the page itself they validate first (Chrome)"})
	}
	if j.Entry.Control.StaleIfError > 0 {
		all = append(all, Note{"stale-if-error", "the standard allows it (RFC 5861 4), but no browser does so, nor do cdnlab's"})
	}
	return all
}

func first(h http.Header, name string) string {
	return strings.Join(h[name][:min(len(h[name]), 1)], "")
}

// expires remarks on an Expires.
func (j *Judgement) expires(line string, came time.Time) []Note {
	without := j.Given
	without.Header = without.Header.Clone()
	delete(without.Header, "Expires")
	about := "Expires: " + line
	if _, ok := cache.ParseDate(line, came); !ok && j.lifetimeBy() == cache.WhyExpires {
		return []Note{{about, "it is no HTTP-date, so it has expired already (RFC 9111 5.3)"}}
	}
	if !j.same(decide(without, j.Rules, came)) {
		return nil
	}
	return []Note{{about, "changes nothing: " + j.instead("Expires")}}
}

// lifetimeBy is where the lifetime comes from, "" when nothing is stored.
func (j *Judgement) lifetimeBy() cache.Reason {
	if j.Entry == nil {
		return ""
	}
	return j.Entry.Why
}

// targeted remarks on the fields that are for CDNs alone.
func (j *Judgement) targeted() []Note {
	var all []Note
	holds := j.field()
	for _, name := range []string{"Cdn-Cache-Control", "Surrogate-Control"} {
		line := first(j.Given.Header, name)
		says := "says nothing to this cache (Edge Architecture 2.3)"
		switch {
		case line == "" || name == holds:
			continue
		case !j.Rules.Shared:
			says = "for CDNs: a browser does not read it"
		case holds != "":
			says = "changes nothing: " + j.before()
		case name == "Cdn-Cache-Control":
			says = "no Dictionary of directives, so it counts as absent (RFC 9213 2.1)"
		}
		all = append(all, Note{name + ": " + line, says})
	}
	for d := range cache.Directives(j.Given.Header["Cdn-Cache-Control"]) {
		if _, isKnown := known[d.Name]; !isKnown && holds == "Cdn-Cache-Control" {
			all = append(all, Note{holds + ": " + d.Text, unknown(d.Name)})
		}
	}
	return all
}

// field is the targeted field that holds, "" when Cache-Control does.
func (j *Judgement) field() string { return j.control.Field }

// before says that the targeted field that holds goes before another.
func (j *Judgement) before() string {
	if j.field() == "Surrogate-Control" {
		return j.field() + " goes before it (Edge Architecture 2.3)"
	}
	return j.field() + " goes before it (RFC 9213 2.2)"
}

// directives remarks on each member of Cache-Control: whether it is one, and
// whether the deciders would decide otherwise without it.
func (j *Judgement) directives(came time.Time) []Note {
	if lines := j.Given.Header["Cache-Control"]; j.field() != "" {
		if len(lines) == 0 {
			return nil
		}
		return []Note{{"Cache-Control: " + strings.Join(lines, ", "), "changes nothing: " + j.before()}}
	}
	var all []Note
	list := slices.Collect(cache.Directives(j.Given.Header["Cache-Control"]))
	seen := map[string]bool{}
	for i, d := range list {
		name := strings.ToLower(d.Name)
		says := j.malformed(d, name)
		if says == "" && !j.changes(list, i, came) {
			says = j.idle(name, seen[name])
		}
		if says != "" {
			all = append(all, Note{d.Text, says})
		}
		seen[name] = true
	}
	return all
}

// malformed says what is wrong with a directive itself, "" when nothing is.
func (j *Judgement) malformed(d cache.Directive, name string) string {
	_, isKnown := known[name]
	_, counts := d.Seconds()
	switch {
	case slices.Contains(ofRequests, name):
		return "a directive of requests (RFC 9111 5.2.1): means nothing in an answer"
	case !isKnown:
		return unknown(name)
	case (name == "max-age" || name == "s-maxage") && !counts:
		return "no whole number of seconds stands behind it, so it counts as 0 (RFC 9111 4.2.1)"
	case strings.HasPrefix(name, "stale-") && !counts:
		return "no whole number of seconds stands behind it, so it is ignored (RFC 5861)"
	case d.Bad:
		return "more than a directive: is a comma missing?"
	}
	return ""
}

// unknown says what may have been meant.
func unknown(name string) string {
	var names []string
	for k := range known { // any order will do: Nearest sorts
		names = append(names, k)
	}
	if near := sim.Nearest(name, names); near != "" {
		return "no directive, and ignored (RFC 9111 5.2.3): did you mean " + near + "?"
	}
	return "no directive that cdnlab knows: ignored (RFC 9111 5.2.3)"
}

// changes reports whether the deciders decide otherwise without directive i.
func (j *Judgement) changes(list []cache.Directive, i int, came time.Time) bool {
	var others []string
	for k, d := range list {
		if k != i {
			others = append(others, d.Text)
		}
	}
	without := j.Given
	without.Header = without.Header.Clone()
	without.Header["Cache-Control"] = []string{strings.Join(others, ", ")}
	return !j.same(decide(without, j.Rules, came))
}

// same reports whether two judgements come to the same.
func (j *Judgement) same(other *Judgement) bool {
	a, b := j.Entry, other.Entry
	if j.Why != other.Why || (a == nil) != (b == nil) || !reflect.DeepEqual(j.Left, other.Left) {
		return false
	}
	if a != nil && (a.Lifetime != b.Lifetime || a.Why != b.Why) {
		return false
	}
	return slices.EqualFunc(j.Spans, other.Spans, func(s, o Span) bool {
		return s.same(o) && s.From == o.From
	})
}

// idle says why a directive changes nothing.
func (j *Judgement) idle(name string, again bool) string {
	shared := j.Rules.Shared
	says := known[name]
	switch {
	case again:
		return "changes nothing: of a directive that comes twice the first counts (RFC 9111 4.2.1)"
	case name == "no-transform", name == "immutable", !shared && (name == "private" || name == "s-maxage" || name == "proxy-revalidate"):
	case j.Entry == nil, says == "":
		says = j.instead(name)
	}
	return "changes nothing: " + says
}

// instead says what else decides, where a directive or Expires does not.
func (j *Judgement) instead(name string) string {
	e := j.Entry
	if j.field() != "" {
		return j.before()
	}
	if e == nil {
		return "it is not stored anyway, " + j.Why.String()
	}
	if name == "max-age" || name == "Expires" {
		return e.Why.Words() + " goes before it (RFC 9111 4.2.1)"
	}
	if strings.HasPrefix(name, "stale-") {
		if d, ok := j.Rules.OnError(sim.Time(e.TTL(0)), e); !ok && d.Why != cache.WhyStale {
			return "it is never used stale: " + strings.TrimPrefix(d.Why.String(), "stale, and ")
		}
	}
	return "what else is there decides the same"
}
