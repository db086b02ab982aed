// Tracer: how the steps of a traced request get out of a node.
package sim

// MaxSteps bounds what one node, or one place's users, tell of a request: a link
// that is cut and healed for ever must not fill the memory.
const MaxSteps = 500

// Tracer takes the steps that one node tells. A nil Tracer drops them.
type Tracer struct {
	clock Clock
	node  string
	sink  func(Step)

	request uint64 // whose steps are being counted
	told    int
}

// NewTracer returns a Tracer for a node; sink takes the steps.
func NewTracer(clock Clock, node string, sink func(Step)) *Tracer {
	return &Tracer{clock: clock, node: node, sink: sink}
}

// Tell tells a step of a traced request: who tells it, and of whom, is filled in,
// and the time if it has none.
func (t *Tracer) Tell(req *Request, s Step) {
	if t == nil || t.sink == nil || !req.Traced() {
		return
	}
	if t.request != req.ID {
		t.request, t.told = req.ID, 0
	}
	t.told++
	switch {
	case t.told > MaxSteps:
		return
	case t.told == MaxSteps:
		s = Step{Kind: StepMore}
	}
	if s.At == 0 {
		s.At = t.clock.Now()
	}
	s.Request, s.Attempt, s.Behind, s.Node = req.ID, req.Attempt, req.Trace == TracedBehind, t.node
	t.sink(s)
}

// Trace makes the node tell the steps of traced requests to sink.
func (e *Env) Trace(sink func(Step)) { e.tracer = NewTracer(e.Clock, e.Node, sink) }

// Tracer returns where the node's steps go: its links tell theirs there too.
func (e *Env) Tracer() *Tracer { return e.tracer }

// Explain tells a decision on a traced request, in words.
func (e *Env) Explain(req *Request, kind StepKind, says string) {
	e.tracer.Tell(req, Step{Kind: kind, Says: says})
}

// Watched returns h as a world runs it: what comes and what is answered is told
// of traced requests. The others go straight through.
func (e *Env) Watched(h Handler) Handler {
	return HandlerFunc(func(req *Request, reply func(*Response)) {
		if !req.Traced() {
			h.Serve(req, reply)
			return
		}
		e.Watch(h, req, reply)
	})
}

// Watch has h serve a traced request and tells of both ends.
func (e *Env) Watch(h Handler, req *Request, reply func(*Response)) {
	e.tracer.Tell(req, Step{Kind: StepEnter, Method: req.Method, Host: req.Host, Path: req.Path, Header: req.Header, Size: req.Size})
	asked := Request{ID: req.ID, Attempt: req.Attempt, Trace: req.Trace} // req is its owner's again once it is answered
	h.Serve(req, func(resp *Response) {
		e.tracer.Tell(&asked, answered(resp))
		reply(resp)
	})
}

// answered is the step of an answer.
func answered(resp *Response) Step {
	s := Step{Kind: StepAnswer, Status: resp.Status, Cause: resp.Cause, Size: resp.Size, Header: resp.Header,
		Date: resp.Date, Aged: resp.Aged, Age: resp.Age}
	for i := range resp.Via.Len() {
		s.Via = append(s.Via, *resp.Via.At(i))
	}
	return s
}
