// The contract between nodes: ask with a Request, answer once with a Response.
package sim

import (
	"net/http"
	"net/netip"
	"time"
)

// SessionCookie is the cookie that carries a user's session: the site sets it,
// and people keep it.
const SessionCookie = "session"

// Handler answers requests: now or later, exactly once each, on every way out,
// a crash included. It may be entered again from within reply, so it changes
// its own state first and calls out last. req and what it points to must not be
// changed by the handler: who changes a thing on the way on clones the Request
// (it is a value) and the Header.
type Handler interface {
	Serve(req *Request, reply func(*Response))
}

// Knocker is a Handler behind a connection that can be opened without asking
// anything, as a check does that only wants to know whether somebody listens. It is
// the kernel that answers: of a process that hangs it says nothing.
type Knocker interface {
	// Knock opens a connection of its own, closes it again and replies once: OK when
	// it stood, or why it did not. Of req the ID, the Attempt and the Scope matter.
	Knock(req *Request, reply func(Cause))
}

// HandlerFunc is a Handler made of a function.
type HandlerFunc func(req *Request, reply func(*Response))

// Serve calls f.
func (f HandlerFunc) Serve(req *Request, reply func(*Response)) { f(req, reply) }

// Request is one request on its way. Whoever makes it owns it until the answer
// has come and its body has ended.
type Request struct {
	ID      uint64 // unique in a run and the same in every variant and world: what Draw is keyed by
	Attempt int    // 0 at first; a node that tries again counts up

	// Who asks. The driver sets these; a live node believes them only together
	// with the run's token.
	Client uint64     // the user
	Conn   uint64     // the user's connection, for what is decided per connection
	Addr   netip.Addr // the user's address, or the zero Addr
	Place  string     // where the user is
	Trace  Trace      // whether what becomes of it is told; likewise
	// Control says that whoever runs the lab asks, and not a user. It ends at the
	// node that is asked: none forwards it.
	Control bool
	Port    uint16 // the user's, of a datagram; 0: unknown

	Method string
	Scheme string // "http" or "https", as the user asked
	Host   string
	Path   string // with the query
	Header http.Header
	Size   int64 // of the body, in bytes; -1 when unknown
	Body   Body  // nil: none, or it has arrived whole

	Scope   *Scope                          // nil: nobody can cancel
	Interim func(status int, h http.Header) // takes 1xx answers; nil drops them
}

// Safe reports whether the method is safe (RFC 9110 9.2.1): asking twice
// changes nothing more than asking once.
func (r *Request) Safe() bool {
	switch r.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		return true
	}
	return false
}

// Response is one answer. It belongs to whoever receives it, so who hands it on
// looks at it no more; its Header does not (it may be shared by many answers) and
// is never changed.
type Response struct {
	Status int // 0 when no HTTP answer came: then Cause says why
	Cause  Cause
	Header http.Header
	Size   int64 // of the content in bytes; -1 when unknown
	Body   Body  // nil: the content has arrived whole, with the header
	// Stamp is what the content says of itself. In a live world it stands in the
	// bytes alone, and only a link whose asker wants no bytes reads it there: it
	// is known when the content has ended.
	Stamp Stamp

	// What differs from answer to answer stands here and not in Header, so that
	// all answers from one stored entry can share one Header. The live adapter
	// writes them (Age, Date, Cache-Status, Via, Server-Timing).
	Date Time // when the origin made the answer
	Aged bool // it comes from a cache: Age is to be sent
	Age  Time // RFC 9111 4.2.3, when Aged
	Via  Hops

	// Late is how much later than its time the request really went out on the
	// link that brings this answer, and Waited how long it had waited there for a
	// connection, the opening of one included; 0 in the virtual world, where nobody
	// asks what the link really took.
	Late, Waited time.Duration

	home *Answers // that it goes back to when it is Done; nil: none
}

// Answer returns an answer with the content already there.
func Answer(status int, header http.Header, size int64) *Response {
	return &Response{Status: status, Header: header, Size: size}
}

// Fail returns the answer that says why there is none.
func Fail(c Cause) *Response {
	if c == OK {
		panic("sim: Fail needs a cause")
	}
	return &Response{Cause: c}
}

// OnEnd calls f when the content has ended: at once when it already has.
func (r *Response) OnEnd(f func(c Cause, n int64)) {
	if r.Body == nil {
		f(r.Cause, max(r.Size, 0))
		return
	}
	r.Body.OnEnd(f)
}

// Failed reports whether a user would call this answer an error: none came, or
// a 5xx.
func (r *Response) Failed() bool { return r.Status == 0 || r.Status >= 500 }
