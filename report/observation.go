// One request as its user saw it.
package report

import (
	"time"

	"cdnlab/sim"
)

// Observation is all that the recorder is told of one request. The strings are
// names that many requests share.
type Observation struct {
	Intended  sim.Time // when the load shape said that it should be sent
	Sent      sim.Time // when it was
	FirstByte sim.Time // when the answer's header came; not after End
	End       sim.Time // when its content had come, or it failed

	Client uint64 // the user
	Group  string // of clients
	Place  string // where the user is
	Server string // that made the answer; "" when none is known
	PoP    string // that gave the answer; "" when it did not pass one

	Status  int // 0 when no answer came
	Cause   sim.Cause
	Verdict sim.Verdict // of the PoP nearest the user
	Fwd     sim.Fwd     // why it turned to its parent; FwdNone when it did not
	Bytes   int64       // of content that came
	Left    bool        // the user left in the middle of it, as they meant to: no error, and no whole answer
	Browser sim.Verdict // of the user's own cache; VerdictNone when they have none

	Queue      time.Duration // waited at the server before the work began
	ServerTook time.Duration // from arrival at the server to the answer's header
	Retried    bool          // another server was tried on the way

	// Of an answer that says what its content is (sim.Stamp):
	Changing  bool          // there are versions of the content
	Staleness time.Duration // for how long its version had been replaced when the user asked; 0 when it was current
	Personal  bool          // it was made for one user
	WrongUser bool          // ... and that is not the one who asked
}

// Failed reports whether the user would call this an error: no answer, an
// answer that broke off, or a 5xx.
func (o *Observation) Failed() bool {
	return o.Status == 0 || o.Status >= 500 || o.Cause != sim.OK
}
