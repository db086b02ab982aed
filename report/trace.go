// A trace: one request hop by hop, from the steps that the nodes told of it.
package report

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"cdnlab/sim"
)

// TraceSchema is the version of the JSON of traces.
const TraceSchema = 1

// Traces is what `cdnlab request --json` prints: a request, and the same again.
// Times are nanoseconds.
type Traces struct {
	Schema   int      `json:"schema"`
	Scenario string   `json:"scenario"`
	Variant  string   `json:"variant,omitempty"` // none: the scenario as written
	Hash     string   `json:"hash"`              // of the variant
	Seed     uint64   `json:"seed"`
	Notes    []string `json:"notes,omitempty"` // what one should know of the request
	Requests []*Trace `json:"requests"`
}

// Trace is one request in one world.
type Trace struct {
	World  string        `json:"world"`
	Number int           `json:"number"` // 1: the first; 2: the same again …
	Method string        `json:"method"`
	Path   string        `json:"path"`
	Place  string        `json:"place"`           // of its user
	Loaded bool          `json:"loaded"`          // the scenario's load and faults play beside it
	At     time.Duration `json:"at_ns"`           // when it was sent, since the load began, or would have
	Status int           `json:"status"`          // 0: no answer came, and Cause says why
	Cause  string        `json:"cause,omitempty"` // likewise when the content was cut short
	Bytes  int64         `json:"bytes"`
	Took   time.Duration `json:"took_ns"` // until the last byte, as its user measured it
	// Parts are where the time went. In virtual time they add up to Took exactly.
	Parts []Spent     `json:"parts"`
	Steps []TraceStep `json:"steps"`
	// Behind are the steps that the user did not wait for.
	Behind []TraceStep `json:"behind,omitempty"`
	Hops   []*TraceHop `json:"hops"`
}

// Spent is a part of the time: what for, and where. A link is "a -> b".
type Spent struct {
	Where string        `json:"where"`
	Part  sim.Part      `json:"part"`
	Took  time.Duration `json:"took_ns"`
}

// TraceStep is one step.
type TraceStep struct {
	At    time.Duration `json:"at_ns"` // since the request was sent
	Took  time.Duration `json:"took_ns,omitempty"`
	Part  sim.Part      `json:"part,omitempty"` // that Took is of
	Depth int           `json:"depth"`          // hops from the user
	Node  string        `json:"node"`
	Peer  string        `json:"peer,omitempty"` // of a link: the far end
	Kind  sim.StepKind  `json:"kind"`
	Says  string        `json:"says,omitempty"`
	// Late: what it is about had been given up by then.
	Late   bool   `json:"late,omitempty"`
	Status int    `json:"status,omitempty"`
	Cause  string `json:"cause,omitempty"`
	Bytes  int64  `json:"bytes,omitempty"`
	behind bool
}

// TraceHop is one node's ask of another.
type TraceHop struct {
	From    string      `json:"from"`
	To      string      `json:"to"`
	Attempt int         `json:"attempt,omitempty"`
	Behind  bool        `json:"behind,omitempty"`
	Request *TraceAsk   `json:"request,omitempty"` // nil: it did not arrive
	Answer  *TraceAsk   `json:"answer,omitempty"`  // nil: none came
	of      []*TraceHop // what To asked others for it
	depth   int         // of To
	stage   int         // how far it has come, of stages
	givenUp bool        // by From, or by one before
}

// TraceAsk is a message as it arrived, or as it left: a request has Method, Host
// and Path, an answer Status and Bytes.
type TraceAsk struct {
	Method string      `json:"method,omitempty"`
	Host   string      `json:"host,omitempty"`
	Path   string      `json:"path,omitempty"`
	Status int         `json:"status,omitempty"`
	Cause  string      `json:"cause,omitempty"`
	Bytes  int64       `json:"bytes,omitempty"`
	Header http.Header `json:"header"`
}

// Assemble fills in what the steps tell: Steps, Behind, Hops and Parts. The
// headers of the steps are those on the wire; sent is when the request was.
func (t *Trace) Assemble(sent sim.Time, steps []sim.Step) {
	slices.SortStableFunc(steps, func(a, b sim.Step) int { return cmp.Compare(a.At, b.At) })
	user, behind := assembly{trace: t, sent: sent}, assembly{trace: t, sent: sent, behind: true}
	for _, s := range steps {
		if s.Behind {
			behind.take(s)
		} else {
			user.take(s)
		}
	}
	t.Steps, t.Behind, t.Parts = user.steps, behind.steps, user.spent()
}

// assembly puts the steps of one way in order: the request's own, or that of an
// ask behind its answer.
type assembly struct {
	trace   *Trace
	sent    sim.Time
	behind  bool
	home    string // who began it: the user, or a cache
	steps   []TraceStep
	open    []*TraceHop   // the way to where the request is, the first hop first
	past    []*TraceHop   // those that are over
	parts   []Spent       // in the order of their beginning
	running int           // 1 + the step whose part runs; 0: none does
	access  time.Duration // of that part, how much is the last mile
}

// take takes the next step.
func (a *assembly) take(s sim.Step) {
	if a.home == "" {
		a.home = s.Node
	}
	step := TraceStep{At: s.At.Sub(a.sent), Node: s.Node, Peer: s.Peer, Kind: s.Kind, Says: s.Says,
		behind: a.behind, Status: s.Status, Bytes: max(0, s.Size)}
	if s.Cause != sim.OK {
		step.Cause = s.Cause.String()
	}
	if s.Kind == sim.StepEnter {
		step.Says = s.Method + " " + s.Path
	}
	var where string
	var part sim.Part
	if s.Peer != "" {
		where, part, step.Late, step.Depth = a.link(s)
	} else {
		where, part, step.Late, step.Depth = a.node(s)
	}
	if part != sim.PartNone {
		a.stop(step.At)
		step.Part = part
		a.running, a.access = 1+len(a.steps), 0
		if part == sim.PartTravel {
			a.access = s.Access
		}
		a.parts = append(a.parts, Spent{Where: where, Part: part})
	}
	a.steps = append(a.steps, step)
	if s.Kind == sim.StepEnd && len(a.open) == 0 && s.Node == a.home {
		a.stop(step.At)
	}
}

// stop ends the part that runs.
func (a *assembly) stop(at time.Duration) {
	if a.running == 0 {
		return
	}
	s := &a.steps[a.running-1]
	s.Took = at - s.At
	a.running = 0
	last := &a.parts[len(a.parts)-1]
	last.Took = s.Took
	if own := min(a.access, s.Took); own > 0 {
		last.Part, last.Took = sim.PartAccess, own
		a.parts = append(a.parts, Spent{Where: last.Where, Part: sim.PartTravel, Took: s.Took - own})
	}
}

// here is the node that the request is at.
func (a *assembly) here() string {
	if n := len(a.open); n > 0 {
		return a.open[n-1].To
	}
	return a.home
}

// stages are the steps of a hop in their order: a part that an earlier one would
// begin is over by a later one, whatever two processes' clocks make of it.
var stages = []sim.StepKind{sim.StepAsk, sim.StepConnect, sim.StepTLS, sim.StepOpen, sim.StepReuse, sim.StepHeld, sim.StepLeave, sim.StepReach,
	sim.StepEnter, sim.StepAnswer, sim.StepReturn, sim.StepHeader}

// link takes a link's step: where it happens, which part of the time it begins,
// whether it comes too late to begin one, and how far from the user it is.
func (a *assembly) link(s sim.Step) (where string, part sim.Part, late bool, depth int) {
	where, part = s.Node+" -> "+s.Peer, s.Kind.Begins()
	if s.Kind == sim.StepAsk {
		a.comeBack(s.Node)
		depth, late = len(a.open), s.Node != a.here()
		return where, a.begin(s), late, depth
	}
	depth = slices.IndexFunc(a.open, func(h *TraceHop) bool { return h.is(s) })
	if depth < 0 {
		if hop := last(a.past, func(h *TraceHop) bool { return h.is(s) }); hop != nil {
			return where, sim.PartNone, hop.givenUp, hop.depth - 1
		}
		return where, sim.PartNone, true, 0
	}
	hop := a.open[depth]
	stage := slices.Index(stages, s.Kind)
	if s.Kind == sim.StepReturn && hop.stage < slices.Index(stages, sim.StepLeave) {
		part = sim.PartNone // no connection came about: that is still what the time went for
	}
	if stage < hop.stage {
		part = sim.PartNone
	}
	hop.stage = max(hop.stage, stage)
	if s.Kind != sim.StepHeader {
		return where, part, false, depth
	}
	a.leave(depth)
	if depth == 0 && !a.behind {
		return where, sim.PartTransfer, false, depth
	}
	return s.Node, part, false, depth
}

// comeBack gives up the hops beyond a node that the request has passed when that
// asks somebody else: it waits for them no more.
func (a *assembly) comeBack(node string) {
	for i := len(a.open) - 2; i >= 0; i-- {
		if a.open[i].To == node {
			a.open[i+1].givenUp = true
			a.leave(i + 1)
			return
		}
	}
}

// leave takes the request back to the asker of a hop: those beyond that hop are
// given up.
func (a *assembly) leave(depth int) {
	for _, h := range a.open[depth+1:] {
		h.givenUp = true
	}
	a.past = append(a.past, a.open[depth:]...)
	a.open = a.open[:depth]
}

// begin opens a hop; one of a node that the request is no longer at begins no
// part.
func (a *assembly) begin(s sim.Step) sim.Part {
	hop := &TraceHop{From: s.Node, To: s.Peer, Attempt: s.Attempt, Behind: a.behind}
	a.trace.Hops = append(a.trace.Hops, hop)
	if s.Node != a.here() {
		hop.givenUp, hop.depth = true, 1
		if from := a.hopTo(s); from != nil {
			hop.depth = from.depth + 1
		}
		a.past = append(a.past, hop)
		return sim.PartNone
	}
	if n := len(a.open); n > 0 {
		a.open[n-1].of = append(a.open[n-1].of, hop)
	}
	a.open = append(a.open, hop)
	hop.depth = len(a.open)
	return s.Kind.Begins()
}

func (h *TraceHop) is(s sim.Step) bool {
	return h.From == s.Node && h.To == s.Peer && h.Attempt == s.Attempt
}

// node takes a node's own step.
func (a *assembly) node(s sim.Step) (where string, part sim.Part, late bool, depth int) {
	hop := a.hopTo(s)
	if hop == nil {
		return s.Node, sim.PartNone, s.Node != a.home, 0
	}
	hop.note(s)
	if s.Node != a.here() {
		return s.Node, sim.PartNone, !slices.Contains(a.open, hop), hop.depth
	}
	where, part = s.Node, s.Kind.Begins()
	if stage := slices.Index(stages, s.Kind); stage >= hop.stage {
		hop.stage = stage
	} else if stage >= 0 {
		part = sim.PartNone
	}
	if s.Kind == sim.StepAnswer {
		where = hop.From + " -> " + hop.To
	}
	return where, part, false, hop.depth
}

// note keeps what came, and what was answered.
func (h *TraceHop) note(s sim.Step) {
	switch s.Kind {
	case sim.StepEnter:
		h.Request = &TraceAsk{Method: s.Method, Host: s.Host, Path: s.Path, Bytes: max(0, s.Size), Header: s.Header}
	case sim.StepAnswer:
		h.Answer = &TraceAsk{Status: s.Status, Bytes: max(0, s.Size), Header: s.Header}
		if s.Cause != sim.OK {
			h.Answer.Cause = s.Cause.String()
		}
	}
}

// hopTo is the hop by which a node has got the request that it speaks of.
func (a *assembly) hopTo(s sim.Step) *TraceHop {
	return last(slices.Concat(a.past, a.open), func(h *TraceHop) bool { return h.To == s.Node && h.Attempt == s.Attempt })
}

func last(hops []*TraceHop, is func(*TraceHop) bool) *TraceHop {
	for _, h := range slices.Backward(hops) {
		if is(h) {
			return h
		}
	}
	return nil
}

// spent sums up the parts, in the order of their first beginning.
func (a *assembly) spent() []Spent {
	var all []Spent
	for _, p := range a.parts {
		i := slices.IndexFunc(all, func(o Spent) bool { return o.Where == p.Where && o.Part == p.Part })
		if i < 0 {
			all = append(all, p)
		} else {
			all[i].Took += p.Took
		}
	}
	return slices.DeleteFunc(all, func(s Spent) bool { return s.Took == 0 })
}
