// A judgement as text and as JSON.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"time"

	"cdnlab/edge/cache"
	"cdnlab/edge/judge"
	"cdnlab/sim"
)

// view is a judgement to be shown.
type view struct {
	*judge.Judgement
	came time.Time
	age  time.Duration
	at   *judge.Span // at that age
}

// judgeWidth is where a judgement's lines fold.
const judgeWidth = 108

func (v *view) text() string {
	var b strings.Builder
	v.head(&b)
	v.result(&b)
	who := "the same request"
	if v.Entry != nil && v.Given.Method == http.MethodPost {
		who = "a GET"
	}
	fmt.Fprintf(&b, "\nWhat %s gets, counted from when this answer came\n\n", who)
	for _, s := range v.Spans {
		paragraph(&b, fmt.Sprintf("  %-20s %-8s", span(s), s.Decision.Verdict), spanWords(s), judgeWidth)
	}
	if v.at != nil {
		lead := "At age " + whole(v.age)
		if v.Entry != nil {
			lead += fmt.Sprintf(", %s after it came", whole(v.at.From))
		}
		fmt.Fprintf(&b, "\n%s\n\n", lead)
		paragraph(&b, "  ", v.moment(), judgeWidth)
	}
	v.remarks(&b)
	return b.String()
}

// head is what was given.
func (v *view) head(b *strings.Builder) {
	g, kind := v.Given, "a shared cache"
	if !v.Rules.Shared {
		kind = "a browser's cache"
	}
	fmt.Fprintf(b, "%s %s, answered %d, in %s\n", g.Method, v.Given.URI(), g.Status, kind)
	fmt.Fprintf(b, "came %s", v.came.Format(http.TimeFormat))
	if g.Before > 0 {
		fmt.Fprintf(b, ", the last of %d answers in the input", g.Before+1)
	}
	fmt.Fprint(b, "\n\n")
}

// result is what becomes of the answer.
func (v *view) result(b *strings.Builder) {
	say := func(what, words string) { paragraph(b, fmt.Sprintf("%-10s", what), words, judgeWidth) }
	e := v.Entry
	if e == nil {
		say("stored", "no: "+v.Why.String())
	} else {
		say("stored", "yes: "+v.Why.String())
		say("key", v.Key.String())
		if v.Key.String() != v.Given.URI() {
			say("", "which stands for all URLs that No-Vary-Search says are the same")
		}
		for _, name := range e.Vary() {
			say("", "and "+v.varied(name)+" (Vary, RFC 9111 4.1)")
		}
		say("fresh for", v.fresh())
		say("came", v.arrived())
	}
	for _, left := range v.Left {
		say("without", left.Name+": "+left.Why.String())
	}
	for _, key := range v.Forget {
		say("forgets", key.String()+": the request may have changed it (RFC 9111 4.4)")
	}
	if v.Precon != nil {
		says := "the client's copy does not hold: it gets all of it (RFC 9110 13.2.2)"
		if *v.Precon {
			says = "the client's copy still holds: it gets a 304 (RFC 9110 13.2.2)"
		}
		say("condition", says)
	}
}

// varied is a request's field of Vary.
func (v *view) varied(name string) string {
	if lines := v.Given.Asked[name]; len(lines) > 0 {
		return name + ": " + strings.Join(lines, ", ")
	}
	return "no " + name
}

func (v *view) fresh() string {
	e := v.Entry
	if e.Why == cache.WhyNoLifetime {
		return "0 s: " + e.Why.String()
	}
	says := fmt.Sprintf("%s by %s", whole(e.Lifetime), e.Why)
	if v.Spans[0].Decision.Verdict == sim.VerdictHit {
		says += ", until " + v.came.Add(e.TTL(0)).Format(http.TimeFormat)
	}
	return says
}

func (v *view) arrived() string {
	if by := v.AgeBy(); by != "" {
		return fmt.Sprintf("%s old by %s (RFC 9111 4.2.3)", whole(v.Entry.Age(0)), by)
	}
	return "new (RFC 9111 4.2.3)"
}

// span is when: "from 0 s to 60 s".
func span(s judge.Span) string {
	if s.Until == 0 {
		if s.From == 0 {
			return "always"
		}
		return "from " + whole(s.From)
	}
	return whole(s.From) + " to " + whole(s.Until)
}

// whole is a time without the nanosecond behind a window's end.
func whole(d time.Duration) string {
	if d = d.Truncate(time.Millisecond); d == 0 {
		return "0 s"
	}
	return sim.Briefly(d)
}

// spanWords say what happens and why.
func spanWords(s judge.Span) string {
	d := s.Decision
	switch d.Verdict {
	case sim.VerdictHit:
		return "from the store: " + d.Why.String()
	case sim.VerdictStale:
		return "from the store at once, and behind it the cache " + asks(s) + ": " + d.Why.String()
	case sim.VerdictBypass:
		return "passes the cache by: " + d.Why.String()
	}
	says := "the cache " + asks(s) + ": " + d.Why.String()
	if s.Failed.Verdict == sim.VerdictStale {
		says += "; if that fails, from the store: " + s.Failed.Why.String()
	}
	return says
}

// asks says what a fetch asks.
func asks(s judge.Span) string {
	if s.Asks == nil {
		return "fetches it whole"
	}
	return "asks whether it still holds (" + strings.Join(judge.Lines(s.Asks), "; ") + ")"
}

// moment is what one request gets, with the numbers behind it.
func (v *view) moment() string {
	says := v.at.Decision.Explain(v.Entry)
	if v.at.Decision.Verdict == sim.VerdictMiss {
		says += "; the cache " + asks(*v.at)
		if v.at.Failed.Verdict == sim.VerdictStale {
			says += "; if that fails, " + v.at.Failed.Explain(v.Entry)
		}
	}
	return says
}

// aboutWidth is how wide the column of what a note is about may be.
const aboutWidth = 27

// remarks are what means nothing, and what others do.
func (v *view) remarks(b *strings.Builder) {
	if len(v.Notes) > 0 {
		fmt.Fprintf(b, "\nWhat means nothing here, or not what it seems\n\n")
	}
	for _, n := range v.Notes {
		about := n.About
		if len(about) > aboutWidth {
			fmt.Fprintln(b, "  "+about)
			about = ""
		}
		paragraph(b, fmt.Sprintf("  %-*s ", aboutWidth, about), n.Says, judgeWidth)
	}
	if len(v.Others) > 0 {
		fmt.Fprintf(b, "\nWhat others do otherwise, as they come (tested: %s)\n\n", judge.Versions)
	}
	who := ""
	for _, o := range v.Others {
		if o.Who == who {
			o.Who = ""
		} else {
			who = o.Who
		}
		paragraph(b, fmt.Sprintf("  %-9s", o.Who), o.Does+" ["+o.Source+"]", judgeWidth)
	}
}

// judged is a judgement in JSON, schema 1. Times are in ns, from when the answer
// came.
type judged struct {
	Schema    int               `json:"schema"`
	Cache     string            `json:"cache"` // shared or private
	Request   string            `json:"request"`
	Vary      map[string]string `json:"vary,omitempty"` // request fields that are a part of the key
	Status    int               `json:"status"`
	Received  time.Time         `json:"received"`
	Stored    bool              `json:"stored"`
	Why       string            `json:"why"`
	Rule      string            `json:"rule"`
	Key       string            `json:"key"`
	FreshFor  *time.Duration    `json:"fresh_for_ns,omitempty"`
	FreshBy   string            `json:"fresh_by,omitempty"`
	CameAged  *time.Duration    `json:"came_aged_ns,omitempty"`
	AgedBy    string            `json:"aged_by,omitempty"`
	Spans     []judgedSpan      `json:"spans"`
	At        *judgedSpan       `json:"at,omitempty"`
	LeftOut   map[string]string `json:"left_out,omitempty"`
	Forgets   []string          `json:"forgets,omitempty"`
	Unchanged *bool             `json:"precondition,omitempty"` // true: the client gets a 304
	Notes     []judge.Note      `json:"notes"`
	Others    []judge.Deviation `json:"others"`
}

type judgedSpan struct {
	From    time.Duration  `json:"from_ns"`
	Until   *time.Duration `json:"until_ns,omitempty"` // none: for good
	Verdict string         `json:"verdict"`
	Why     string         `json:"why"`
	Rule    string         `json:"rule"`
	Asks    []string       `json:"asks,omitempty"`
	Failed  string         `json:"if_that_fails,omitempty"`
}

func spanJSON(s judge.Span) judgedSpan {
	// An end is the first nanosecond that is no more in it: to a reader, the last.
	from, until := s.From.Truncate(time.Microsecond), s.Until.Truncate(time.Microsecond)
	j := judgedSpan{From: from, Verdict: s.Decision.Verdict.String(), Why: s.Decision.Why.Words(),
		Rule: s.Decision.Why.Rule(), Asks: judge.Lines(s.Asks)}
	if s.Until > 0 {
		j.Until = &until
	}
	if s.Failed.Verdict == sim.VerdictStale {
		j.Failed = s.Failed.Why.String()
	}
	return j
}

func (v *view) json() judged {
	out := judged{Schema: 1, Cache: "shared", Request: v.Given.Method + " " + v.Given.URI(), Status: v.Given.Status,
		Received: v.came.Truncate(time.Second), Stored: v.Entry != nil, Why: v.Why.Words(), Rule: v.Why.Rule(),
		Key: v.Key.String(), Unchanged: v.Precon, Notes: append([]judge.Note{}, v.Notes...), Others: append([]judge.Deviation{}, v.Others...), LeftOut: map[string]string{}}
	if !v.Rules.Shared {
		out.Cache = "private"
	}
	if e := v.Entry; e != nil {
		age := e.Age(0)
		out.FreshFor, out.FreshBy, out.CameAged, out.AgedBy = &e.Lifetime, e.Why.String(), &age, v.AgeBy()
		out.Vary = map[string]string{}
		for _, name := range e.Vary() {
			out.Vary[name] = strings.Join(v.Given.Asked[name], ", ")
		}
	}
	for _, s := range v.Spans {
		out.Spans = append(out.Spans, spanJSON(s))
	}
	if v.at != nil {
		at := spanJSON(*v.at)
		out.At = &at
	}
	for _, left := range v.Left {
		out.LeftOut[left.Name] = left.Why.String()
	}
	for _, key := range v.Forget {
		out.Forgets = append(out.Forgets, key.String())
	}
	return out
}

func (j *judging) printJSON(v *view) error {
	var text bytes.Buffer
	encoder := json.NewEncoder(&text)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	if err := encoder.Encode(v.json()); err != nil {
		return broken(err)
	}
	return j.print(text.Bytes())
}
