// Tests of explanations: every decision has its words, its numbers and its rule.
package cache

import (
	"strings"
	"testing"
	"time"

	"cdnlab/sim"
)

func TestExplainDecision(t *testing.T) {
	rules := SharedRules()
	for _, test := range []struct {
		answer string
		at     int // s after it came, when it was 1 s old
		want   string
	}{
		{"Cache-Control: max-age=300", 3, "hit: fresh, age 4 s < max-age 300 s (RFC 9111 4.2)"},
		{"Cache-Control: max-age=300, s-maxage=10", 3, "hit: fresh, age 4 s < s-maxage 10 s (RFC 9111 4.2)"},
		{"Cache-Control: max-age=300", 400, "miss: stale, and nothing allows it, age 401 s >= max-age 300 s (RFC 9111 4.2.4, fwd=stale)"},
		{"Cache-Control: max-age=2, must-revalidate", 9, "miss: stale, and must-revalidate forbids it, age 10 s >= max-age 2 s (RFC 9111 5.2.2.2, fwd=stale)"},
		{"Cache-Control: max-age=2, stale-while-revalidate=30", 9, "stale: stale-while-revalidate, age 10 s >= max-age 2 s: stale for 8 s of the 30 s that it allows (RFC 5861 3)"},
		{"Cache-Control: no-cache | Etag: \"1\"", 3, "miss: no-cache is validated each time, age 4 s, no lifetime given (RFC 9111 5.2.2.4, fwd=stale)"},
	} {
		x := came(200, test.answer, "")
		e, why := rules.Consider(x)
		if e == nil {
			t.Fatalf("%s: %s", test.answer, why)
		}
		d := judged(&rules, sim.Time(100+test.at)*sim.Time(time.Second), e, true)
		if got := d.Explain(e); got != test.want {
			t.Errorf("%s: %q, want %q", test.answer, got, test.want)
		}
	}
	fwd, why := Passes(&sim.Request{Method: "PUT"}, false, "pop")
	for want, d := range map[string]Decision{ // any order
		"miss: nothing stored for this URI (RFC 9111 4, fwd=uri-miss)":               judged(&rules, 0, nil, false),
		"miss: nothing stored for these header fields (RFC 9111 4.1, fwd=vary-miss)": judged(&rules, 0, nil, true),
		"bypass: the method is written through (RFC 9111 4, fwd=method)":             {Verdict: sim.VerdictBypass, Fwd: fwd, Why: why},
	} {
		if got := d.Explain(nil); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func TestExplainError(t *testing.T) {
	rules := SharedRules()
	e, _ := rules.Consider(came(200, "Cache-Control: max-age=2, stale-if-error=60", ""))
	d, ok := rules.OnError(sim.Time(110*time.Second), e)
	if want := "stale: stale-if-error, age 11 s >= max-age 2 s: stale for 9 s of the 60 s that it allows (RFC 5861 4)"; !ok || d.Explain(e) != want {
		t.Errorf("%v %q, want %q", ok, d.Explain(e), want)
	}
}

func TestExplainKept(t *testing.T) {
	rules := SharedRules()
	for answer, want := range map[string]string{ // any order
		"Cache-Control: max-age=300":                           "stored: fresh for 300 s by max-age (RFC 9111 3 and 5.2.2.1)",
		"Cache-Control: no-cache | Etag: \"1\"":                "stored, but validated each time: no-cache (RFC 9111 3 and 5.2.2.4)",
		"Cache-Control: max-age=0 | Etag: \"1\"":               "stored, but stale from the start: max-age (RFC 9111 5.2.2.1)",
		"Last-Modified: Wed, 31 Dec 2025 23:00:00 GMT":         "stored: fresh for 370 s by a tenth of Date - Last-Modified (RFC 9111 3 and 4.2.2)",
		"Expires: " + date(160) + " | Date: " + date(100) + "": "stored: fresh for 60 s by Expires - Date (RFC 9111 3 and 5.3)",
	} {
		e, why := rules.Consider(came(200, answer, ""))
		if e == nil {
			t.Fatalf("%s: %s", answer, why)
		}
		if got := e.Kept(); got != want {
			t.Errorf("%s: %q, want %q", answer, got, want)
		}
	}
}

// Every reason has a rule and words: the sentence is made of both.
func TestReasons(t *testing.T) {
	for _, why := range []Reason{WhyMethod, WhyStatus, WhyMustUnderst, WhyNoStore, WhyPrivate, WhyAuthorization, WhySetCookie,
		WhyVaryStar, WhyNoFreshness, WhyUseless, WhyTooLarge, WhyStorable, WhySMaxAge, WhyMaxAge, WhyExpires, WhyCDN, WhySurrogate, WhyHeuristic,
		WhyDefaultTTL, WhyNoLifetime, WhyFresh, WhyNotStored, WhyVaryMismatch, WhyNoCache, WhyStale, WhyMustRevalid, WhyProxyRevalid,
		WhySMaxAgeStale, WhyStaleBehind, WhyStaleError, WhyEarly, WhyOff, WhyLoop, WhyUnsafe, WhyRange, WhyContent, WhyUpgrade, WhyPrecondition} {
		known := strings.HasPrefix(why.Rule(), "RFC ") || strings.HasPrefix(why.Rule(), "Edge Architecture ") || why.Rule() == "rule" || why.Rule() == "limit"
		if !known || why.Words() == "" || why.String() != why.Words()+" ("+why.Rule()+")" {
			t.Errorf("%q: rule %q, words %q", string(why), why.Rule(), why.Words())
		}
	}
}
