// What can be wrong with a catalog.
package load

import (
	"net/http"
	"slices"
	"strings"

	"cdnlab/sim/check"
)

// CheckCatalog returns everything that is wrong with a catalog.
func CheckCatalog(entries []Entry) []Problem {
	if len(entries) > maxEntries {
		return []Problem{{Item: maxEntries, Key: "catalog", Says: "has more than 1000 entries; number objects alike with {n}"}}
	}
	var all check.List
	paths, objects, share := index{}, 0, 0.0
	for i, e := range entries {
		var l check.List
		e.check(&l)
		e = e.withDefaults()
		if other := paths.add(newPattern(e.Path), i); other >= 0 {
			l.Add("path", "%q is that of entry %d already", e.Path, other+1)
		}
		share += *e.Share
		if n := e.Objects; n > 0 && n <= MaxObjects {
			objects += n
			if objects > MaxObjects && objects-n <= MaxObjects {
				l.Add("objects", "make the catalog larger than the limit of %d objects", MaxObjects)
			}
		}
		for _, p := range l.Problems {
			p.Item = i
			all.Problems = append(all.Problems, p)
		}
	}
	if share == 0 {
		all.Add("share", "is 0 for everything: nobody would ask for anything")
	}
	checkHidden(entries, &paths, &all)
	return all.Problems
}

// checkHidden looks for single pages that are a member of a family too.
func checkHidden(entries []Entry, paths *index, all *check.List) {
	families := index{numbered: paths.numbered}
	fits := func(entry int32, number int) bool { return number <= entries[entry].withDefaults().numbers() }
	for i, e := range entries {
		if o, found := families.find(e.Path, fits); found {
			all.Add("path", "%q is also number %d of entry %d", e.Path, o.Number, o.Entry+1)
			all.Problems[len(all.Problems)-1].Item = i
		}
	}
}

func (e Entry) check(l *check.List) {
	e.checkPath(l)
	e.checkSocket(l)
	e.checkDatagram(l)
	l.OneOf("sign-in", e.SignIn, SignInNone, SignInCookie, SignInAuth)
	l.Number("objects", float64(e.Objects), 0, MaxObjects)
	if e.Share != nil {
		l.Number("share", *e.Share, 0, maxShare)
	}
	e.checkPopularity(l)
	e.checkHabits(l)
	e.checkAppears(l)
	e.checkSize(l)
	e.checkChanges(l)
	e.checkAnswer(l)
	e.checkHeaders(l)
}

func (e Entry) checkPath(l *check.List) {
	switch p := newPattern(e.Path); {
	case !strings.HasPrefix(e.Path, "/"):
		l.Add("path", "must begin with /, not %q", e.Path)
	case len(e.Path) > maxPath-maxDigits:
		l.Add("path", "has %d bytes; the limit is %d", len(e.Path), maxPath-maxDigits)
	case strings.ContainsFunc(e.Path, func(r rune) bool { return r <= ' ' || r > '~' || r == '#' }):
		l.Add("path", "%q has letters that a path on the wire cannot have; write them with %%", e.Path)
	case p.numbered && e.Objects <= 1 && e.Popularity != popularityOnce:
		l.Add("objects", "are needed to number the path %q", e.Path)
	case !p.numbered && e.Objects > 1:
		l.Add("path", "needs a place for the number of each of the %d objects: {n}", e.Objects)
	case strings.ContainsAny(strings.Replace(p.prefix+p.suffix, hashMark, "", 1), "{}"):
		l.Add("path", "may have {n} once, {hash} once and no other braces, unlike %q", e.Path)
	case p.numbered && (isDigit(p.prefix[len(p.prefix)-1]) || p.suffix != "" && isDigit(p.suffix[0])):
		l.Add("path", "must have no digit beside {n}: where would the number end in %q?", e.Path)
	}
}

func (e Entry) checkAnswer(l *check.List) {
	if e.Status != 0 && (e.Status < 200 || e.Status > 599) {
		l.Add("status", "must be a final status, 200 to 599, not %d", e.Status)
	}
	l.OneOf("method", e.Method, "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
	if limit := 100 * 365 * 24.0; e.Expires.Hours() > limit || e.Expires.Hours() < -limit {
		l.Add("expires", "must be within a hundred years of the answer, unlike %v", e.Expires)
	}
}

// framing are the headers that whoever writes the answer sets.
var framing = []string{"Content-Length", "Transfer-Encoding", "Connection", "Date", "Trailer", "Upgrade", "Keep-Alive"}

func (e Entry) checkHeaders(l *check.List) {
	if len(e.Headers) > maxHeaders {
		l.Add("headers", "are %d; the limit is %d", len(e.Headers), maxHeaders)
	}
	names := make([]string, 0, len(e.Headers))
	for name := range e.Headers { // any order: sorted below
		names = append(names, name)
	}
	slices.Sort(names)
	seen := map[string]string{}
	for _, name := range names {
		canonical := http.CanonicalHeaderKey(name)
		other, twice := seen[canonical]
		seen[canonical] = name
		switch {
		case !isToken(name):
			l.Add("headers", "%q is not the name of a header", name)
		case twice:
			l.Add("headers", "%q and %q are the same header", other, name)
		case slices.Contains(framing, canonical):
			l.Add("headers", "%s is written by whoever sends the answer", canonical)
		case canonical == "Cache-Control" && e.CacheControl != "":
			l.Add("headers", "Cache-Control is given by the key cache-control already")
		case canonical == "Expires" && e.Expires != 0:
			l.Add("headers", "Expires is given by the key expires already")
		}
		checkValue(l, "headers", e.Headers[name])
	}
	checkValue(l, "cache-control", e.CacheControl)
}

// checkValue wants a field value that cannot break the answer's header (RFC
// 9110 5.5).
func checkValue(l *check.List, key, value string) {
	bad := func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f }
	if strings.ContainsFunc(value, bad) || strings.TrimSpace(value) != value {
		l.Add(key, "%q cannot stand in a header: no line breaks, no space around it", value)
	}
}

// isToken is RFC 9110 5.6.2.
func isToken(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool {
		return r <= ' ' || r > '~' || strings.ContainsRune(`"(),/:;<=>?@[\]{}`, r)
	})
}
