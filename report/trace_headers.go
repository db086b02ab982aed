// The headers of a trace: what each hop was asked and answered, and what changed.
package report

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
)

const (
	fieldKept    = "  "
	fieldAdded   = "+ "
	fieldGone    = "- "
	fieldChanged = "~ "
)

// headers prints the headers of each message: of the first all, then what a node
// added, took away or changed.
func (p *tracePrinter) headers(t *Trace) {
	if len(t.Hops) == 0 { // nothing went out: the user's own cache answered
		return
	}
	p.say("\nheaders on the wire (+ added, - taken away, ~ changed):\n")
	for _, h := range t.Hops {
		if !t.asked(h) && (!h.givenUp || h.Behind) {
			p.hop(h, nil, "the user")
		}
	}
}

// asked reports whether a hop is part of another's.
func (t *Trace) asked(h *TraceHop) bool {
	return slices.ContainsFunc(t.Hops, func(o *TraceHop) bool { return slices.Contains(o.of, h) })
}

// hop prints a hop's request, those that its node made for it, and its answer.
// came is what its asker had been asked, nil when nothing.
func (p *tracePrinter) hop(h *TraceHop, came *TraceAsk, from string) {
	if h.Behind && came == nil {
		from = h.From + ", behind the answer,"
	}
	switch {
	case h.Request == nil, h.forgotten():
		p.say("  %s asks %s, in vain\n", from, h.To)
	case came == nil && !h.Behind && p.seen != nil && len(h.Request.changes(p.seen)) == 0: // the same again is asked the same
	default:
		if came == nil && !h.Behind {
			p.seen = h.Request
		}
		p.message(fmt.Sprintf("%s asks %s", from, h.To), h.Request, came, h.Request.Method+" "+h.Request.Path)
	}
	var answer *TraceAsk
	for _, inner := range h.of {
		if h.forgotten() {
			break // what came of it nobody saw
		}
		p.hop(inner, h.Request, inner.From)
		if inner.Answer != nil && related(inner.Request, h.Request) {
			answer = inner.Answer
		}
	}
	if h.Answer != nil && h.Answer.Status != 0 && !h.forgotten() {
		p.message(h.To+" answers", h.Answer, answer, fmt.Sprint(h.Answer.Status, " ", http.StatusText(h.Answer.Status)))
	}
}

// related reports whether a request was made of another: a query to a database is
// a message of its own.
func related(m, came *TraceAsk) bool {
	if m == nil || came == nil {
		return false
	}
	for name := range m.Header { // any order will do: one is enough
		if came.Header[name] != nil {
			return true
		}
	}
	return false
}

// forgotten reports whether nobody saw what came of a hop. Behind an answer a cache
// may refresh what it has given already: it waits for that though its own asker does
// not.
func (h *TraceHop) forgotten() bool { return h.givenUp && (!h.Behind || h.Answer == nil) }

// changes are the fields that a message has otherwise than another.
func (m *TraceAsk) changes(from *TraceAsk) []fieldChange { return compareFields(m.Header, from) }

// message prints a message's fields; against what it was made of, nil when it is
// the first.
func (p *tracePrinter) message(who string, m, against *TraceAsk, line string) {
	p.say("  %s: %s\n", who, line)
	if m.Method != "" && !related(m, against) {
		against = nil
	}
	changes := compareFields(m.Header, against)
	if len(changes) == 0 {
		p.say("      %s\n", map[bool]string{true: "no fields", false: "as it came"}[against == nil])
	}
	for _, c := range changes {
		mark := c.mark
		if p.o.Color && mark != fieldKept {
			mark = colored(p.o, mark != fieldGone, mark)
		}
		p.wrap("    "+mark, strings.Repeat(" ", 8), c.text)
	}
}

// fieldChange is a line about one field.
type fieldChange struct{ mark, text string }

// compareFields lists the fields of a header, or how they differ from another's,
// by name. Of a list that has grown only what is new is shown.
func compareFields(h http.Header, against *TraceAsk) []fieldChange {
	var before http.Header
	if against != nil {
		before = against.Header
	}
	var names []string
	for _, of := range []http.Header{h, before} {
		for name := range of { // any order will do: they are sorted below
			if !slices.Contains(names, name) {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	var all []fieldChange
	for _, name := range names {
		is, was := strings.Join(h[name], ", "), strings.Join(before[name], ", ")
		added, grown := strings.CutPrefix(is, was+", ")
		switch {
		case against == nil:
			all = append(all, fieldChange{fieldKept, name + ": " + is})
		case h[name] == nil:
			all = append(all, fieldChange{fieldGone, name + ": " + was})
		case before[name] == nil:
			all = append(all, fieldChange{fieldAdded, name + ": " + is})
		case grown:
			all = append(all, fieldChange{fieldAdded, name + ": … " + added})
		case is != was:
			all = append(all, fieldChange{fieldChanged, name + ": " + is})
		}
	}
	return all
}
