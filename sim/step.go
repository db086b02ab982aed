// Steps: what is told of a request that is looked at closely.
package sim

import (
	"net/http"
	"time"
)

// Trace says whether what becomes of a request is told step by step. Only the
// driver of a run can ask for it.
type Trace uint8

// The traces.
const (
	Untraced     Trace = iota
	Traced             // every node on its way tells what it does with it, and why
	TracedBehind       // likewise, for an ask on its behalf that its user does not wait for
)

// Traced reports whether steps of the request are to be told. Ask before a step
// is put into words: what nobody asked for costs one test.
func (r *Request) Traced() bool { return r.Trace != Untraced }

// Step is one thing that became of a traced request: where, when and why.
type Step struct {
	At      Time     `json:"at"`
	Request uint64   `json:"request"`
	Attempt int      `json:"attempt,omitempty"`
	Behind  bool     `json:"behind,omitempty"` // its user does not wait for this
	Node    string   `json:"node"`             // who tells it
	Peer    string   `json:"peer,omitempty"`   // of a link: the far end
	Kind    StepKind `json:"kind"`
	Says    string   `json:"says,omitempty"` // the decision and its reason, in words

	// Access is how much of the travel that begins here is the user's last mile.
	Access time.Duration `json:"access,omitempty"`

	// What came to a node (StepEnter), and what it answered (StepAnswer); an
	// answer's arrival has Status, Cause and Size too.
	Method string      `json:"method,omitempty"`
	Host   string      `json:"host,omitempty"`
	Path   string      `json:"path,omitempty"`
	Header http.Header `json:"header,omitempty"`
	Status int         `json:"status,omitempty"`
	Cause  Cause       `json:"cause,omitempty"`
	Size   int64       `json:"size,omitempty"`
	Date   Time        `json:"date,omitempty"`
	Aged   bool        `json:"aged,omitempty"`
	Age    Time        `json:"age,omitempty"`
	Via    []Mark      `json:"via,omitempty"`
}

// StepKind says what a step is. Worlds and nodes use the constants below.
type StepKind string

// What links tell, the asker's end of them, in this order.
const (
	StepAsk     StepKind = "ask"     // a request wants a connection
	StepReuse   StepKind = "reuse"   // it takes an open one
	StepConnect StepKind = "connect" // ... or opens one
	StepTLS     StepKind = "tls"     // ... of which the TCP part stands: the TLS handshake begins
	StepOpen    StepKind = "open"    // ... which stands
	StepLeave   StepKind = "leave"   // the request sets out
	StepHeld    StepKind = "held"    // ... but the link is cut
	StepReach   StepKind = "reach"   // it is at the far end's door
	StepReturn  StepKind = "return"  // the answer, or the word that there is none, sets out
	StepHeader  StepKind = "header"  // ... and is here: the header, of an answer
	StepEnd     StepKind = "end"     // ... with the last byte
)

// What worlds tell of nodes.
const (
	StepEnter  StepKind = "enter"  // the node takes the request
	StepAnswer StepKind = "answer" // the node answers
)

// What nodes decide.
const (
	StepSteer   StepKind = "steer"  // which PoP
	StepWay     StepKind = "way"    // which of several balancers
	StepCache   StepKind = "cache"  // what the cache makes of the request
	StepFlight  StepKind = "fetch"  // who asks upstream, and how
	StepJoin    StepKind = "join"   // another's fetch is waited for
	StepStore   StepKind = "store"  // whether the answer is kept
	StepGive    StepKind = "give"   // what is made of it for the client
	StepRoute   StepKind = "route"  // which pool
	StepServer  StepKind = "server" // of the pool
	StepRetry   StepKind = "retry"
	StepQueue   StepKind = "queue"   // waits for a worker
	StepService StepKind = "service" // a worker is at it
	StepSession StepKind = "session" // who the app takes the user for
	StepContent StepKind = "content" // what the app has under the path
	StepFault   StepKind = "fault"   // what an HTTP fault does to the answer
	StepVersion StepKind = "version" // which one the user got, and whether it is the site's present one
	StepMore    StepKind = "more"    // there were too many to tell
)

// Part is a part of a request's time. The parts of a request, each from the step
// that begins it to the next that begins one, add up to its whole time.
type Part string

// The parts.
const (
	PartNone     Part = ""
	PartWait     Part = "wait"     // for a connection
	PartConnect  Part = "connect"  // the connection's handshake: TCP's, or QUIC's with its TLS
	PartTLS      Part = "tls"      // TLS's own handshake, over TCP
	PartAccess   Part = "access"   // the last mile of the header's way, and back
	PartTravel   Part = "travel"   // the rest of its way
	PartHandover Part = "handover" // between the network and the node: in virtual time its cores', or a hang
	PartQueue    Part = "queue"    // for a worker
	PartService  Part = "service"  // a worker's
	PartJoined   Part = "joined"   // waiting for another's fetch
	PartFault    Part = "fault"    // held back by an HTTP fault
	PartWork     Part = "work"     // anything else in a node
	PartTransfer Part = "transfer" // the content, from the header's arrival to the last byte
)

// Begins returns the part of the time that a step of that kind begins, PartNone
// when it takes no time itself.
func (k StepKind) Begins() Part {
	switch k {
	case StepAsk:
		return PartWait
	case StepConnect:
		return PartConnect
	case StepTLS:
		return PartTLS
	case StepLeave, StepHeld, StepReturn:
		return PartTravel
	case StepOpen, StepReuse, StepReach, StepAnswer:
		return PartHandover
	case StepEnter, StepHeader:
		return PartWork
	case StepQueue:
		return PartQueue
	case StepService:
		return PartService
	case StepJoin:
		return PartJoined
	case StepFault:
		return PartFault
	}
	return PartNone
}
