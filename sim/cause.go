// Why an exchange failed.
package sim

// Cause says why a request got no answer, or an answer no end. The zero Cause
// is success. A Cause is about the exchange, not the status: a 503 that
// arrives is an answer like any other.
type Cause uint8

// The causes.
const (
	OK          Cause = iota
	Refused           // nobody listens there: the connection was refused
	Reset             // the far end died and the connection was reset
	TimedOut          // the asker's time limit passed
	Cancelled         // the asker went away or no longer wants it
	Unreachable       // no path: the connection attempt ran into its time limit
	Overload          // a limit was reached: queue, connections, flights
	NoServer          // a pool had no server left to try
	Truncated         // the body ended before its length
	Malformed         // what came was no HTTP, or broke a limit
	numCauses
)

// Injected stands on marks alone: an HTTP fault of the scenario made this
// answer, or marred it. No exchange fails of it, so Causes leaves it out.
const Injected = numCauses

var causeNames = [Injected + 1]string{"ok", "refused", "reset", "timed-out", "cancelled",
	"unreachable", "overload", "no-server", "truncated", "malformed", "injected"}

// String returns the cause's name as it stands in results and headers.
func (c Cause) String() string {
	if int(c) >= len(causeNames) {
		return "unknown"
	}
	return causeNames[c]
}

var causeSays = [numCauses]string{"", "nobody listens there: the connection is refused",
	"the far end died: the connection is reset", "the time limit passed first", "the asker no longer wants it",
	"no path: the connection attempt ran out of time", "a limit is reached: queue, connections or flights",
	"the pool has no server left to try", "the content ended before its length", "what came is no HTTP, or breaks a limit"}

// Says is the cause in words, for one who wonders what happened.
func (c Cause) Says() string {
	if c >= numCauses {
		return c.String()
	}
	return causeSays[c]
}

// CauseOf returns the Cause of a name; false when there is none.
func CauseOf(name string) (Cause, bool) {
	for i, n := range causeNames {
		if n == name {
			return Cause(i), true
		}
	}
	return OK, false
}

// Causes returns every cause that an exchange can fail of.
func Causes() []Cause {
	all := make([]Cause, 0, numCauses-1)
	for c := OK + 1; c < numCauses; c++ {
		all = append(all, c)
	}
	return all
}
