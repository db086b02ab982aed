// Rules: what the operator of the CDN says for some of the requests, whatever the
// origin says.
package edge

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"cdnlab/edge/cache"
)

// Rule is one rule. All rules that a request matches hold for it; where several give
// the same key, the last of them does, so what is special stands behind what is
// general (as Cloudflare's cache rules).
type Rule struct {
	Name string `toml:"name" jsonschema:"description=what explanations call it; if not given its number"`

	Path   string `toml:"path" jsonschema:"description=for which paths\\, without the query: * stands for any letters\\, / too\\, as in *.js or /api/*; if not given for all"`
	Host   string `toml:"host" jsonschema:"description=for which hosts\\, as in *.example.com; if not given for all"`
	Method string `toml:"method" jsonschema:"description=for which method; GET is for HEAD too; if not given for all"`
	Cookie string `toml:"cookie" jsonschema:"description=for requests with a cookie of that name; with ! before it for those without"`
	Header string `toml:"header" jsonschema:"description=for requests with a header field of that name; with ! before it for those without"`

	Cache string `toml:"cache" jsonschema:"enum=origin,enum=bypass,enum=shared,enum=everything,default=origin,description=what is stored: what the origin allows; nothing; what it allows\\, and answers with Set-Cookie or to Authorization; everything\\, private and no-store too\\, so that one user's page may go to another"`

	TTL        *time.Duration           `toml:"ttl" jsonschema:"description=lifetime in the PoP of answers that are no errors\\, whatever the origin says of theirs"`
	StatusTTL  map[string]time.Duration `toml:"status-ttl" jsonschema:"description=lifetime in the PoP of answers by their status\\, as in { 404 = \"10s\"\\, 5xx = \"1s\" }"`
	BrowserTTL *time.Duration           `toml:"browser-ttl" jsonschema:"description=lifetime that browsers are told\\, of what is stored; if not given what the origin says"`

	Grace        *time.Duration `toml:"grace" jsonschema:"description=as edge.grace"`
	StaleIfError *time.Duration `toml:"stale-if-error" jsonschema:"description=how long past its lifetime a copy is served when the origin fails\\, unless its own directives forbid it; an origin that says more has it"`

	Query        string   `toml:"query" jsonschema:"enum=all,enum=none,enum=sorted,default=all,description=what of the query is in the key\\, and goes to the origin: all of it; nothing; all\\, sorted by names"`
	QueryOnly    []string `toml:"query-only" jsonschema:"description=of the query only parameters of these names; * stands for any letters"`
	QueryWithout []string `toml:"query-without" jsonschema:"description=of the query all but parameters of these names\\, as in [\"utm_*\"]"`
	KeyCookies   []string `toml:"key-cookies" jsonschema:"description=cookies whose values are in the key: who has another gets another copy"`
	KeyHeaders   []string `toml:"key-headers" jsonschema:"description=request header fields whose values are in the key\\, as if the answer's Vary named them"`
	Cookies      string   `toml:"cookies" jsonschema:"enum=forward,enum=strip,default=forward,description=strip: of Cookie only key-cookies go to the origin\\, and Set-Cookie goes nowhere"`

	DeceptionArmor *bool `toml:"deception-armor" jsonschema:"default=false,description=nothing is stored whose Content-Type is not what its path ends in: /account/x.css with a page is nobody's style sheet"`

	DefaultStatus int    `toml:"default-status" jsonschema:"minimum=0,maximum=599,default=503,description=status of default-text"`
	DefaultText   string `toml:"default-text" jsonschema:"description=what users get when the origin fails and nothing stale may be served: a page\\, of default-type; if not given the origin's own error\\, or an empty 502\\, 503 or 504"`
	DefaultType   string `toml:"default-type" jsonschema:"default=text/html; charset=utf-8,description=Content-Type of default-text"`
}

// The values of Cache, Query and Cookies.
const (
	ruleOrigin     = "origin"
	ruleBypass     = "bypass"
	ruleShared     = "shared"
	ruleEverything = "everything"
	queryAll       = "all"
	queryNone      = "none"
	querySorted    = "sorted"
	cookiesForward = "forward"
	cookiesStrip   = "strip"
)

// maxDefaultText bounds a page, which is kept in memory and sent at once.
const maxDefaultText = 64 << 10

func checkRules(rules []Rule) (bad []error) {
	if len(rules) > cache.MaxMatches {
		bad = append(bad, fmt.Errorf("rule: at most %d, not %d", cache.MaxMatches, len(rules)))
	}
	for i := range rules {
		for _, err := range rules[i].check() {
			bad = append(bad, fmt.Errorf("rule.%d.%w", i, err))
		}
	}
	return bad
}

// check returns what is wrong with a rule, each with its key.
func (r *Rule) check() (bad []error) {
	add := func(key, says string, args ...any) { bad = append(bad, fmt.Errorf(key+": "+says, args...)) }
	word := func(key, v string, known ...string) {
		if v != "" && !slices.Contains(known, v) {
			add(key, "unknown %q; known: %s", v, strings.Join(known, ", "))
		}
	}
	word("cache", r.Cache, ruleOrigin, ruleBypass, ruleShared, ruleEverything)
	word("query", r.Query, queryAll, queryNone, querySorted)
	word("cookies", r.Cookies, cookiesForward, cookiesStrip)
	for _, d := range []struct {
		key string
		ttl *time.Duration
	}{{"ttl", r.TTL}, {"browser-ttl", r.BrowserTTL}, {"grace", r.Grace}, {"stale-if-error", r.StaleIfError}} {
		if d.ttl != nil && *d.ttl < 0 {
			add(d.key, "must not be negative")
		}
	}
	if r.Path != "" && r.Path[0] != '/' && r.Path[0] != '*' {
		add("path", "%q matches no path: begin it with / or *", r.Path)
	}
	if strings.Contains(r.Path, "?") {
		add("path", "%q matches no path: the query is no part of it; see query-only", r.Path)
	}
	for _, name := range sortedNames(r.StatusTTL) {
		if _, _, err := statuses(name); err != nil {
			add("status-ttl", "%v", err)
		} else if r.StatusTTL[name] < 0 {
			add("status-ttl", "%s: must not be negative", name)
		}
	}
	if r.Query == queryNone && len(r.QueryOnly)+len(r.QueryWithout) > 0 {
		add("query", "none leaves nothing for query-only and query-without")
	}
	if len(r.DefaultText) > maxDefaultText {
		add("default-text", "at most %d bytes, not %d", maxDefaultText, len(r.DefaultText))
	}
	if r.DefaultText == "" && (r.DefaultStatus != 0 || r.DefaultType != "") {
		add("default-text", "is missing: default-status and default-type are about it")
	}
	if s := r.DefaultStatus; s != 0 && (s < 200 || s > 599 || s == 204 || s == 304) {
		add("default-status", "%d is no status of a page", s)
	}
	return bad
}

func sortedNames(m map[string]time.Duration) []string {
	names := make([]string, 0, len(m))
	for name := range m { // in any order: sorted below
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// statuses reads 404 and 5xx.
func statuses(name string) (from, to int, err error) {
	if len(name) == 3 && name[1:] == "xx" && name[0] >= '2' && name[0] <= '5' {
		from = int(name[0]-'0') * 100
		return from, from + 99, nil
	}
	n, err := strconv.Atoi(name)
	if err != nil || n < 200 || n > 599 || n == http.StatusNotModified {
		return 0, 0, errors.New(strconv.Quote(name) + " is no status; write 404 or 5xx")
	}
	return n, n, nil
}

// match is the rule's conditions.
func (r *Rule) match() cache.Match {
	return cache.Match{Path: r.Path, Host: r.Host, Method: r.Method, Cookie: r.Cookie, Header: negated(r.Header)}
}

// negated is a field's name as headers have it, behind the ! that it may have.
func negated(name string) string {
	if bare, not := strings.CutPrefix(name, "!"); not {
		return "!" + http.CanonicalHeaderKey(bare)
	}
	return http.CanonicalHeaderKey(name)
}

// apply lays the rule over what those before it said.
func (r *Rule) apply(number int, rules *cache.Rules, o *cache.Override) {
	name := r.Name
	if name == "" {
		name = "edge.rule." + strconv.Itoa(number)
	}
	o.Names = append(o.Names, name)
	if r.Cache != "" {
		o.Bypass = r.Cache == ruleBypass
		o.Storing = map[string]cache.Storing{ruleShared: cache.Shared, ruleEverything: cache.Everything}[r.Cache]
	}
	set(&o.TTL, r.TTL)
	set(&o.BrowserTTL, r.BrowserTTL)
	set(&o.StaleIfError, r.StaleIfError)
	set(&rules.Grace, r.Grace)
	if r.StatusTTL != nil {
		o.StatusTTL = r.statusTTL()
	}
	if r.Query != "" || len(r.QueryOnly)+len(r.QueryWithout) > 0 {
		o.Query = r.query()
	}
	if r.KeyCookies != nil || r.KeyHeaders != nil {
		o.Nominated = r.nominated()
	}
	if r.Cookies != "" {
		o.StripCookies = r.Cookies == cookiesStrip
	}
	if r.DeceptionArmor != nil {
		o.Armor = *r.DeceptionArmor
	}
	if r.DefaultText != "" {
		o.Default = r.page()
	}
}

func set(field *time.Duration, value *time.Duration) {
	if value != nil {
		*field = *value
	}
}

// statusTTL are the lifetimes by status, single ones before ranges.
func (r *Rule) statusTTL() (all []cache.StatusTTL) {
	for _, name := range sortedNames(r.StatusTTL) {
		from, to, _ := statuses(name)
		all = append(all, cache.StatusTTL{From: from, To: to, TTL: r.StatusTTL[name]})
	}
	slices.SortStableFunc(all, func(a, b cache.StatusTTL) int { return (a.To - a.From) - (b.To - b.From) })
	return all
}

// query is what of the query is in the key; nil when it is all, as it comes.
func (r *Rule) query() *cache.Query {
	q := &cache.Query{None: r.Query == queryNone, Sorted: r.Query == querySorted, Only: r.QueryOnly, Without: r.QueryWithout}
	if !q.None && !q.Sorted && len(q.Only)+len(q.Without) == 0 {
		return nil
	}
	return q
}

func (r *Rule) nominated() (names []string) {
	for _, c := range r.KeyCookies {
		names = append(names, cache.CookieName(c))
	}
	for _, h := range r.KeyHeaders {
		names = append(names, http.CanonicalHeaderKey(h))
	}
	return names
}

// page is what is served by default. It is an error page unless the rule says
// otherwise, and no cache is to keep it.
func (r *Rule) page() *cache.Default {
	d := &cache.Default{Status: http.StatusServiceUnavailable, Text: r.DefaultText,
		Header: http.Header{"Content-Type": {"text/html; charset=utf-8"}, "Cache-Control": {"no-store"}}}
	if r.DefaultStatus != 0 {
		d.Status = r.DefaultStatus
	}
	if r.DefaultType != "" {
		d.Header["Content-Type"] = []string{r.DefaultType}
	}
	return d
}
