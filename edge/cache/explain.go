// Explanations: decisions in words, with the numbers behind them and the rule.
package cache

import (
	"fmt"
	"strings"
	"time"

	"cdnlab/sim"
)

// Rule is the section, or the scenario's own rule, that a reason stands on:
// "RFC 9111 4.2".
func (why Reason) Rule() string {
	rule, _, _ := strings.Cut(string(why), ": ")
	return rule
}

// Words is the reason without its rule: "fresh".
func (why Reason) Words() string {
	_, words, _ := strings.Cut(string(why), ": ")
	return words
}

// String is the words, and the rule in brackets.
func (why Reason) String() string { return why.Words() + " (" + why.Rule() + ")" }

// Explain says what Judge, Passes or OnError decided, and why. e is the entry
// that it is about, nil when there is none.
func (d Decision) Explain(e *Entry) string {
	says := d.Verdict.String() + ": " + d.Why.Words()
	if e != nil && d.Verdict != sim.VerdictBypass {
		says += ", " + d.age(e)
	}
	says += " (" + d.Why.Rule()
	if d.Fwd != sim.FwdNone && d.Verdict != sim.VerdictStale {
		says += ", fwd=" + d.Fwd.String()
	}
	return says + ")"
}

// age compares an entry's age with its lifetime.
func (d Decision) age(e *Entry) string {
	sign := ">="
	if d.TTL > 0 {
		sign = "<"
	}
	says := fmt.Sprintf("age %s %s %s %s", seconds(d.Age), sign, e.Why.Words(), seconds(e.Lifetime))
	if e.Why == WhyNoLifetime || e.Why == WhyPurged {
		says = fmt.Sprintf("age %s, %s", seconds(d.Age), e.Why.Words())
	}
	if d.Why == WhyStaleBehind {
		says += fmt.Sprintf(": stale for %s of the %s that it allows", seconds(-d.TTL), seconds(e.Control.StaleWhileRevalidate))
	}
	if d.Why == WhyGrace {
		says += fmt.Sprintf(": stale for %s", seconds(-d.TTL))
	}
	if d.Why == WhyStaleError {
		says += fmt.Sprintf(": stale for %s of the %s that it allows", seconds(-d.TTL), seconds(e.Control.StaleIfError))
	}
	return says
}

// Kept says for how long a stored entry is fresh, and by what.
func (e *Entry) Kept() string {
	stored := "stored"
	if e.Partial() {
		stored = "stored in part"
	}
	switch {
	case e.Control.NoCache:
		return stored + ", but validated each time: no-cache (RFC 9111 3 and 5.2.2.4)"
	case e.Lifetime <= 0:
		return stored + ", but stale from the start: " + e.Why.String()
	}
	return fmt.Sprintf("%s: fresh for %s by %s (RFC 9111 3 and %s)", stored, seconds(e.Lifetime), e.Why.Words(),
		strings.TrimPrefix(e.Why.Rule(), "RFC 9111 "))
}

// seconds prints a time as directives have it, whole seconds but for the ages
// that are none.
func seconds(d time.Duration) string { return sim.Briefly(d.Round(time.Millisecond)) }
