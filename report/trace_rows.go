// Which steps of a trace are shown, and how they read.
package report

import (
	"fmt"
	"time"

	"cdnlab/sim"
)

// pair is a step in two traces: where it stands in each, -1 when it does not. Of
// one trace alone the second is never looked at.
type pair struct{ one, two int }

// rowOf is the line of a step; false when there is nothing to see: what took no time
// in either world and decided nothing.
func rowOf(steps []TraceStep, i int, other time.Duration) (traceRow, bool) {
	s := &steps[i]
	var before *TraceStep
	if i > 0 {
		before = &steps[i-1]
	}
	r := traceRow{at: s.At, took: s.Took, other: other, depth: s.Depth, label: label(s.Kind), says: s.Says, bad: s.Cause != ""}
	takes := r.took != 0 || r.other != 0
	if s.Peer != "" {
		return r, r.link(s, before) && !s.Late || takes
	}
	switch s.Kind {
	case sim.StepEnter:
		r.heading, r.label = true, s.Node
	case sim.StepAnswer:
		r.label, r.says, r.bad = "answers", s.answer(), s.Status == 0 || s.Status >= 500
	case sim.StepMore:
		r.label, r.says = "…", "more than are told"
	}
	return r, true
}

// label is how a kind of step reads.
func label(k sim.StepKind) string {
	switch k {
	case sim.StepSteer:
		return "which PoP"
	case sim.StepWay:
		return "which balancer"
	case sim.StepTLS:
		return "TLS"
	case sim.StepServer:
		return "which server"
	case sim.StepGive:
		return "gives"
	}
	return string(k)
}

// link makes the line of a link's step, and reports whether there is something to
// see even if it took no time.
func (r *traceRow) link(s, before *TraceStep) bool {
	switch s.Kind {
	case sim.StepAsk:
		r.label, r.says = "wait", "for a connection to "+s.Peer+": as many as may be open are in use"
		return false
	case sim.StepReuse:
		r.label = "connection"
	case sim.StepLeave:
		r.label, r.says = "travel", joined("to "+s.Peer, s.Says)
		return s.Says != ""
	case sim.StepReach:
		r.label, r.says = "handover", "until "+s.Peer+" takes it"
		return false
	case sim.StepReturn:
		r.label, r.says = "travel", joined("back to "+back(s), s.Says)
		return s.Says != ""
	case sim.StepHeader:
		return r.header(s, before)
	case sim.StepEnd:
		r.label = "cut short"
		if s.Cause == "" {
			r.label, r.says = "done", joined(content(s.Bytes), s.Says)
		}
		return !s.inner() && !told(before, s)
	case sim.StepOpen:
		r.label, r.says = "handover", "until the request is on its way"
		return false
	}
	return true
}

// header makes the line of a header's arrival, of which only what follows, or a
// failure, is worth one.
func (r *traceRow) header(s, before *TraceStep) bool {
	r.label, r.says = string(s.Part), s.Says
	switch {
	case s.Cause != "" && !told(before, s):
		r.label = "gives up"
		if s.Cause != sim.TimedOut.String() && s.Cause != sim.Cancelled.String() {
			r.label = "failed"
		}
		return true
	case s.Part == sim.PartTransfer:
		r.says = "the content, behind the header"
	case s.Part == sim.PartWork:
		r.says = s.Node + " goes on"
	}
	return false
}

// inner reports whether a step is the good end of a content between nodes.
func (s *TraceStep) inner() bool {
	return s.Kind == sim.StepEnd && s.Cause == "" && (s.Depth > 0 || s.behind)
}

// told reports whether the step before has told the same failure.
func told(before, s *TraceStep) bool {
	return before != nil && s.Cause != "" && before.Cause == s.Cause
}

// answer is what a node answered.
func (s *TraceStep) answer() string {
	if s.Status == 0 {
		return "nothing: " + s.Cause
	}
	return fmt.Sprintf("%d, %s", s.Status, content(s.Bytes))
}

// content is how much of it there is.
func content(bytes int64) string {
	if bytes == 0 {
		return "no content"
	}
	return formatBytes(float64(bytes))
}

// back is where an answer goes.
func back(s *TraceStep) string {
	if s.Depth == 0 && !s.behind {
		return "the user"
	}
	return s.Node
}

func joined(a, b string) string {
	if b == "" {
		return a
	}
	return a + "; " + b
}

// bothParts lists the time of each part in both worlds, where it is not 0 in both.
func bothParts(virtual, live *Trace) (rows []twice) {
	find := func(s Spent) *twice {
		for i := range rows {
			if rows[i].Where == s.Where && rows[i].Part == s.Part {
				return &rows[i]
			}
		}
		rows = append(rows, twice{Where: s.Where, Part: s.Part})
		return &rows[len(rows)-1]
	}
	for _, s := range live.Parts { // the longer list: its order is that of the way
		find(s).live = s.Took
	}
	for _, s := range virtual.Parts {
		find(s).virtual = s.Took
	}
	return rows
}

// twice is a part of the time in both worlds.
type twice struct {
	Where         string
	Part          sim.Part
	virtual, live time.Duration
}
