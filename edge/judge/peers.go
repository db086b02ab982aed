// Deviations: what nginx, Varnish, Squid and ATS (Apache Traffic Server) do
// otherwise with such an answer.
//
// A row stands here only with its source: a result of the public suite of HTTP
// caches (cache-tests.fyi, December 2025, by the test's id), the program's own
// documentation of how it comes, or its source. The suite's nginx had
// proxy_cache_revalidate on, and its Varnish no default_ttl and default_grace, so
// what they do as they come is from their documentation.
package judge

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"cdnlab/edge/cache"
	"cdnlab/sim"
)

// Deviation is one thing that another cache does otherwise.
type Deviation struct {
	Who    string `json:"who"`
	Does   string `json:"does"`
	Source string `json:"source"`
}

// Versions are those that the suite tested.
const Versions = "nginx 1.28.0, Varnish 7.7.3, Squid 6.13, ATS 9.2.5"

const (
	nginxDoc   = "nginx.org, ngx_http_proxy_module: "
	nginxCode  = "nginx source, ngx_http_upstream.c"
	varnishDoc = "Varnish's parameters: "
	varnishVCL = "Varnish's builtin.vcl"
	varnishTTL = "Varnish source, cache_rfc2616.c"
	squidConf  = "squid.conf: "
	squidCode  = "Squid source, http.cc"
	atsDoc     = "ATS records.yaml: proxy.config.http."
	suite      = "cache-tests.fyi: "
)

// deviations are all that are known; where says with what headers they matter.
var deviations = []struct {
	who, does, source string
	where             func(*facts) bool
}{
	// Under which key.
	{"nginx", "stores this spelling of the path by itself: its key has the target as it was sent", nginxDoc + "proxy_cache_key", (*facts).spelt},
	{"Varnish", "stores this spelling of the path by itself: its key has the target as it was sent", varnishVCL, (*facts).spelt},
	{"nginx", "passes the field on that claims another target, which no key of its has", nginxDoc + "proxy_pass_request_headers", (*facts).claims},
	{"Varnish", "passes the field on that claims another target, which no key of its has", varnishVCL, (*facts).claims},

	// Stored or not.
	{"nginx", "stores it and gives it to everybody", suite + "other-authorization", (*facts).onlyTheirs},
	{"ATS", "stores it and gives it to everybody", suite + "other-authorization", (*facts).onlyTheirs},
	{"Varnish", "passes requests with Authorization by, whatever the answer allows", varnishVCL, func(f *facts) bool { return f.stored() && f.asks("Authorization") }},
	{"Varnish", "passes requests with a Cookie by", varnishVCL, func(f *facts) bool { return f.stored() && f.asks("Cookie") }},
	{"Squid", "stores it, and leaves Set-Cookie out of what it gives to others", suite + "other-set-cookie, headers-store-Set-Cookie", (*facts).withCookie},
	{"ATS", "stores it, and leaves Set-Cookie out of what it gives to others", suite + "other-set-cookie, headers-store-Set-Cookie", (*facts).withCookie},
	{"nginx", "stores it and answers from it: it knows * only alone", suite + "vary-syntax-foo-star", (*facts).starInAList},
	{"Varnish", "stores it and answers from it: it knows * only alone", suite + "vary-syntax-foo-star", (*facts).starInAList},
	{"all four", "take the same languages in another order for another variant", suite + "vary-normalise-lang-order", func(f *facts) bool { return f.stored() && slices.Contains(f.j.Entry.Vary(), "Accept-Language") }},
	{"nginx", "does not store it: a Vary of more than 128 characters", nginxCode, func(f *facts) bool { return f.stored() && len(f.all("Vary")) > 128 }},
	{"nginx", "does not store no-cache or max-age=0, so there is nothing to validate", nginxCode, (*facts).validatedEachTime},
	{"Varnish", "does not store no-cache, so there is nothing to validate", varnishVCL, func(f *facts) bool { return f.stored() && f.c.NoCache }},
	{"nginx", "takes no-cache=\"...\" and private=\"...\" for the whole answer, and does not store it", nginxCode, (*facts).fieldForm},
	{"Varnish", "takes no-cache=\"...\" and private=\"...\" for the whole answer, and does not store it", varnishVCL, (*facts).fieldForm},
	{"Squid", "takes no-cache=\"...\" and private=\"...\" for the whole answer, and does not store it", squidCode, (*facts).fieldForm},
	{"ATS", "does not answer from it: it takes no-cache=\"...\" for the whole answer", suite + "headers-omit-headers-listed-in-Cache-Control-no-cache", (*facts).noCacheOf},
	{"all four", "do not store it: must-understand does not lift no-store there", suite + "status-200-must-understand", func(f *facts) bool { return f.stored() && f.c.NoStore }},
	{"Varnish", "does not store this status, whatever its lifetime", varnishTTL, func(f *facts) bool { return f.stored() && !slices.Contains(varnishStatuses, f.g.Status) }},
	{"Squid", "does not store this status, whatever its lifetime", suite + "status-404-fresh and its like", func(f *facts) bool { return f.stored() && slices.Contains(squidRefuses, f.g.Status) }},

	// For how long.
	{"nginx", "stores nothing without max-age, s-maxage, Expires or X-Accel-Expires, unless proxy_cache_valid gives a lifetime", nginxDoc + "proxy_cache_valid", (*facts).storedWithoutLifetime},
	{"ATS", "stores nothing without max-age, s-maxage or Expires", atsDoc + "cache.required_headers = 2", (*facts).storedWithoutLifetime},
	{"Varnish", "has it fresh for 120 s, whatever Last-Modified says", varnishDoc + "default_ttl", (*facts).defaultTTL},
	{"Squid", "has it fresh for a fifth of Date - Last-Modified, up to 3 days; not at all with a ? in the URL", squidConf + "refresh_pattern", func(f *facts) bool {
		return f.why() == cache.WhyHeuristic && !slices.Contains(squidRefuses, f.g.Status)
	}},
	{"nginx", "does not count the Age it came with", suite + "freshness-max-age-age", func(f *facts) bool { return f.byMaxAge() && f.j.AgeBy() == "Age" }},
	{"nginx", "does not see by Date how old it came", suite + "freshness-max-age-date", func(f *facts) bool { return f.byMaxAge() && f.j.AgeBy() == "Date" }},
	{"Varnish", "does not see by Date how old it came", suite + "freshness-max-age-date", func(f *facts) bool { return f.byMaxAge() && f.j.AgeBy() == "Date" }},
	{"nginx", "does not read a quoted max-age, and does not store it", nginxCode, (*facts).quoted},
	{"Varnish", "does not read a quoted max-age: it counts as 0", varnishTTL, (*facts).quoted},
	{"Squid", "does not read a quoted max-age", suite + "freshness-max-age-quoted", (*facts).quoted},
	{"Squid", "does not answer from it: max-age of 2^31 or more", suite + "freshness-max-age-max-plus-1", func(f *facts) bool { return f.byMaxAge() && f.j.Entry.Lifetime >= cache.MaxSeconds }},
	{"all four", "do not read CDN-Cache-Control: they go by Cache-Control and Expires", suite + "cdn-max-age-short-cc-max-age, cdn-no-store-cc-fresh", func(f *facts) bool { return f.field == "Cdn-Cache-Control" }},
	{"nginx", "goes by X-Accel-Expires before Cache-Control and Expires", nginxDoc + "proxy_cache_valid", func(f *facts) bool { return f.gives("X-Accel-Expires") }},
	{"Varnish", "with Surrogate-Control does not look for no-cache, no-store and private in Cache-Control", varnishVCL, func(f *facts) bool { return f.gives("Surrogate-Control") }},
	{"Squid", "does not store what Surrogate-Control: no-store forbids", squidCode, func(f *facts) bool {
		return f.stored() && strings.Contains(strings.ToLower(f.all("Surrogate-Control")), "no-store")
	}},
	{"ATS", "obeys Pragma: no-cache in an answer", suite + "pragma-response-no-cache", func(f *facts) bool {
		return f.stored() && strings.Contains(strings.ToLower(f.all("Pragma")), "no-cache")
	}},

	// Stale.
	{"nginx", "makes the first request wait for the fetch, unless proxy_cache_background_update is on; who comes meanwhile gets it stale", nginxDoc + "proxy_cache_background_update", (*facts).staleWhile},
	{"Squid", "knows no stale-while-revalidate: the request waits", suite + "stale-while-revalidate", (*facts).staleWhile},
	{"ATS", "knows stale-while-revalidate by its plugin stale_response only: the request waits", suite + "stale-while-revalidate", (*facts).staleWhile},
	{"Varnish", "serves it stale for 10 s more while it fetches", varnishDoc + "default_grace", func(f *facts) bool { return f.fresh() && f.c.StaleWhileRevalidate == cache.Absent }},
	{"Varnish", "knows no stale-if-error: the error passes on", suite + "stale-sie-503", func(f *facts) bool { return f.stored() && f.c.StaleIfError > 0 && f.forbids() == cache.WhyStale }},
	{"nginx", "takes stale-while-revalidate for a stale-if-error too", nginxCode, func(f *facts) bool { return f.staleWhile() && f.c.StaleIfError == cache.Absent }},
	{"nginx", "serves it stale all the same where stale-while-revalidate, stale-if-error or proxy_cache_use_stale allows it: nothing there forbids it", nginxCode, (*facts).staleForbidden},
	{"Squid", "serves it stale for up to a week when the origin fails", squidConf + "max_stale; " + suite + "stale-503", func(f *facts) bool {
		return f.staleNowhere() && !f.fieldForm() && !slices.Contains(squidRefuses, f.g.Status)
	}},
	{"ATS", "serves it stale for up to a week when the origin fails", atsDoc + "negative_revalidating_enabled, cache.max_stale_age; " + suite + "stale-503", func(f *facts) bool { return f.staleNowhere() && !f.storedWithoutLifetime() }},

	// Asking again, and answering.
	{"nginx", "fetches it whole, unless proxy_cache_revalidate is on; after a 304 it keeps the old fields", nginxDoc + "proxy_cache_revalidate; " + suite + "304-etag-update-response-Cache-Control", func(f *facts) bool { return f.nginxAnswers() && f.j.Entry.Validatable() }},
	{"Varnish", "fetches it whole: it keeps nothing to validate beyond its grace", varnishDoc + "default_keep", func(f *facts) bool { return f.fresh() && !f.fieldForm() && f.j.Entry.Validatable() }},
	{"Squid", "does not ask with a weak ETag", suite + "conditional-etag-weak-generate-weak", (*facts).weakOnly},
	{"ATS", "does not ask with a weak ETag", suite + "conditional-etag-weak-generate-weak", (*facts).weakOnly},
	{"nginx", "sends no Age with what it answers from its cache", suite + "other-age-gen", (*facts).nginxAnswers},
	{"nginx", "hands on the fields that Connection names", suite + "headers-omit-headers-listed-in-Connection", (*facts).connectionNames},
	{"ATS", "hands on the fields that Connection names", suite + "headers-omit-headers-listed-in-Connection", (*facts).connectionNames},
	{"Squid", "obeys no-cache, max-age, max-stale, min-fresh and only-if-cached of requests", suite + "ccreq-*", (*facts).demands},
	{"ATS", "obeys max-stale, min-fresh and only-if-cached of requests, but not no-cache and max-age", suite + "ccreq-*; " + atsDoc + "cache.ignore_client_no_cache, cache.ignore_client_cc_max_age", (*facts).demands},
	{"nginx", "forgets nothing when a resource is changed through it", suite + "invalidate-POST", (*facts).changed},
	{"Varnish", "forgets nothing when a resource is changed through it", suite + "invalidate-POST", (*facts).changed},
	{"ATS", "does not forget what Location and Content-Location name", suite + "invalidate-POST-location, invalidate-POST-cl", func(f *facts) bool { return len(f.j.Forget) > 1 }},
}

// whos is the order in which they are named.
var whos = []string{"all four", "nginx", "Varnish", "Squid", "ATS"}

// varnishStatuses are those that Varnish stores.
var varnishStatuses = []int{200, 203, 204, 300, 301, 302, 304, 307, 404, 410, 414}

// squidRefuses are those that the suite saw Squid not store.
var squidRefuses = []int{204, 299, 303, 400, 404, 499, 500, 502, 503, 504, 599}

// others are the deviations that matter with what was given. None of the four
// reads targeted fields as this cache does, so the rows look at what it would make of
// the answer without them.
func (j *Judgement) others(came time.Time) []Deviation {
	f := &facts{j: j, g: j.Given, field: j.field()}
	if f.field != "" {
		rules := j.Rules
		rules.Targeted = false
		f.j = decide(j.Given, rules, came)
	}
	f.c = f.j.control
	if j.Given.Method != http.MethodGet && len(j.Forget) == 0 {
		return nil // nothing of it is stored anywhere
	}
	var all []Deviation
	for _, d := range deviations {
		if d.where(f) {
			all = append(all, Deviation{d.who, d.does, d.source})
		}
	}
	slices.SortStableFunc(all, func(a, b Deviation) int { return slices.Index(whos, a.Who) - slices.Index(whos, b.Who) })
	return all
}

// facts are what the rows ask about.
type facts struct {
	j     *Judgement // by Cache-Control and Expires
	g     Given
	c     cache.Control
	field string // the targeted field that holds for this cache
}

func (f *facts) stored() bool           { return f.j.Entry != nil }
func (f *facts) why() cache.Reason      { return f.j.lifetimeBy() }
func (f *facts) asks(name string) bool  { return len(f.g.Asked[name]) > 0 }
func (f *facts) gives(name string) bool { return len(f.g.Header[name]) > 0 }
func (f *facts) all(name string) string { return strings.Join(f.g.Header[name], ", ") }
func (f *facts) fresh() bool            { return f.j.Spans[0].Decision.Verdict == sim.VerdictHit }
func (f *facts) onlyTheirs() bool       { return f.j.Why == cache.WhyAuthorization && f.lives() }
func (f *facts) withCookie() bool       { return f.j.Why == cache.WhySetCookie && f.lives() }
func (f *facts) changed() bool          { return len(f.j.Forget) > 0 }
func (f *facts) demands() bool          { return f.stored() && f.asks("Cache-Control") }
func (f *facts) noCacheOf() bool        { return f.stored() && !f.c.NoCache && len(f.c.NoCacheFields) > 0 }

// nginxAnswers reports whether nginx has the answer fresh too.
func (f *facts) nginxAnswers() bool { return f.fresh() && !f.storedWithoutLifetime() && !f.fieldForm() }

// lives reports whether an answer gives itself a lifetime.
func (f *facts) lives() bool { return f.c.MaxAge > 0 || f.c.SMaxAge > 0 || f.gives("Expires") }

func (f *facts) spelt() bool  { return f.stored() && f.g.Path != f.j.Key.Path }
func (f *facts) claims() bool { return f.stored() && len(cache.Overrides(f.g.Asked)) > 0 }

func (f *facts) starInAList() bool {
	return f.j.Why == cache.WhyVaryStar && strings.Contains(f.all("Vary"), "*") && strings.Trim(f.all("Vary"), " \t") != "*" && f.lives()
}

// validatedEachTime reports whether an answer is stored for its validators alone.
func (f *facts) validatedEachTime() bool {
	return f.stored() && (f.c.NoCache || f.byMaxAge() && f.j.Entry.Lifetime == 0)
}

func (f *facts) fieldForm() bool {
	return f.stored() && !f.c.NoCache && !f.c.Private && len(f.c.NoCacheFields)+len(f.c.PrivateFields) > 0
}

func (f *facts) storedWithoutLifetime() bool {
	return f.stored() && !f.c.NoCache && f.why() != cache.WhySMaxAge && f.why() != cache.WhyMaxAge && f.why() != cache.WhyExpires
}

// defaultTTL reports whether Varnish gives an answer the lifetime of answers
// without one.
func (f *facts) defaultTTL() bool {
	kept := f.storedWithoutLifetime() || f.j.Why == cache.WhyUseless && f.c.MaxAge == cache.Absent && f.c.SMaxAge == cache.Absent && !f.gives("Expires")
	return kept && slices.Contains(varnishStatuses, f.g.Status) && f.g.Status != 302 && f.g.Status != 307
}

func (f *facts) byMaxAge() bool { return f.why() == cache.WhySMaxAge || f.why() == cache.WhyMaxAge }

// quoted reports whether the lifetime stands in quotes.
func (f *facts) quoted() bool {
	for d := range cache.Directives(f.g.Header["Cache-Control"]) {
		name, argument, _ := strings.Cut(strings.ToLower(d.Text), "=")
		if (name == "max-age" || name == "s-maxage") && strings.HasPrefix(argument, `"`) {
			return f.byMaxAge() && f.j.Entry.Lifetime > 0
		}
	}
	return false
}

// forbids is what keeps the answer from being used stale, WhyStale when nothing
// does but that nothing allows it.
func (f *facts) forbids() cache.Reason {
	if d, ok := f.j.Rules.OnError(sim.Time(f.j.Entry.TTL(0)+max(f.c.StaleIfError, 0)+1), f.j.Entry); !ok {
		return d.Why
	}
	return ""
}

func (f *facts) staleWhile() bool {
	return f.stored() && f.c.StaleWhileRevalidate > 0 && f.forbids() == cache.WhyStale
}

func (f *facts) staleForbidden() bool {
	return f.stored() && !f.c.NoCache && f.forbids() != cache.WhyStale
}

// staleNowhere reports whether nothing is said about stale answers.
func (f *facts) staleNowhere() bool {
	return f.fresh() && f.c.StaleIfError == cache.Absent && f.forbids() == cache.WhyStale
}

func (f *facts) weakOnly() bool {
	return f.stored() && strings.HasPrefix(f.j.Entry.ETag, "W/") && f.j.Entry.LastModified == ""
}

// connectionNames reports whether Connection takes a field with it that would be
// stored without.
func (f *facts) connectionNames() bool {
	if !f.stored() {
		return false
	}
	without := f.g.Header.Clone()
	delete(without, "Connection")
	return len(cache.Forwardable(without)) > len(f.j.x.Header)
}
