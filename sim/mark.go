// Marks: what each hop did with a request, left on the answer.
package sim

import "time"

// Mark is what one hop says of one answer. A live world sends marks as
// Cache-Status (RFC 9211) and Server-Timing.
type Mark struct {
	Node string // whose mark this is
	Hop  Hop

	// A cache says:
	Verdict   Verdict
	Fwd       Fwd    // why it asked upstream; FwdNone on a hit
	Detail    Detail // why, where the verdict and Fwd do not say it
	FwdStatus uint16 // what upstream answered; 0 when it was not asked or failed
	Stored    bool   // the answer was stored
	Collapsed bool   // it joined another's fetch
	TTL       int32  // freshness left in seconds, negative when stale; sent with hits and stored answers

	// Everyone may say (here as it leaves no gap: marks are copied a lot):
	Cause Cause // what went wrong here, even when the user saw no error

	// A pool says:
	Tries uint8  // how many servers it tried, 1 at the least
	Peer  string // the server it chose; of a cache that tells it, the key (RFC 9211 2.7)

	// Everyone may say:
	Queue time.Duration // waited here before the work began
	Took  time.Duration // from arrival here to the answer's header
}

// Hop says what kind of node left a mark.
type Hop uint8

// The hops.
const (
	HopNone Hop = iota
	HopCache
	HopBalancer
	HopProxy
	HopApp
	HopDatabase
	HopBrowser // the user's own: it says what a cache says
	HopStore   // of sessions
)

// Verdict is what a cache made of a request.
type Verdict uint8

// The verdicts. The first three are answers from the store and count as hits.
const (
	VerdictNone        Verdict = iota
	VerdictHit                 // fresh, from the store
	VerdictStale               // stale, from the store, because a rule allowed it
	VerdictRevalidated         // from the store, after the origin said 304
	VerdictMiss                // fetched for this request
	VerdictJoined              // shares the fetch of another's miss
	VerdictBypass              // not a matter for the cache: method, rule, private
	numVerdicts
)

var verdictNames = [numVerdicts]string{"", "hit", "stale", "revalidated", "miss", "joined", "bypass"}

// String returns the verdict's name as it stands in results.
func (v Verdict) String() string { return verdictNames[v] }

// VerdictOf returns the verdict of a name; VerdictNone when there is none.
func VerdictOf(name string) Verdict {
	for i, n := range verdictNames {
		if n == name {
			return Verdict(i)
		}
	}
	return VerdictNone
}

// FromStore reports whether the verdict counts as a hit.
func (v Verdict) FromStore() bool { return v >= VerdictHit && v <= VerdictRevalidated }

// Fwd is why a cache forwarded a request (RFC 9211 2.2).
type Fwd uint8

// The reasons of RFC 9211 2.2.
const (
	FwdNone     Fwd = iota
	FwdBypass       // configured not to handle this request
	FwdMethod       // the method's semantics require it
	FwdURIMiss      // nothing stored under this URI
	FwdVaryMiss     // nothing stored for these header fields
	FwdMiss         // nothing to use, reason not told apart
	FwdRequest      // stored and fresh, but the request's directives forbid it
	FwdStale        // stored, but stale
	FwdPartial      // stored only in part
	numFwd
)

var fwdNames = [numFwd]string{"", "bypass", "method", "uri-miss", "vary-miss", "miss", "request", "stale", "partial"}

// String returns the reason's token in RFC 9211.
func (f Fwd) String() string { return fwdNames[f] }

// Fwds lists the reasons that a cache may have.
func Fwds() []Fwd {
	all := make([]Fwd, 0, numFwd-1)
	for f := FwdNone + 1; f < numFwd; f++ {
		all = append(all, f)
	}
	return all
}

// FwdOf returns the reason of a token; FwdNone when there is none.
func FwdOf(token string) Fwd {
	for i, n := range fwdNames {
		if n == token {
			return Fwd(i)
		}
	}
	return FwdNone
}

// MaxHops bounds the marks of an answer: those of a PoP's balancer,
// PoP, the pool of its parents, shield, balancer, proxy, app and database, and two
// to spare.
const MaxHops = 10

// inline is how many marks an answer holds in itself: those of a miss behind a
// balancer and a proxy. A hit has one. The rest is allocated when it comes.
const inline = 4

// Hops are the marks of an answer, the one nearest the origin first. A copy of
// it may grow on its own.
type Hops struct {
	n     uint8
	first [inline]Mark
	rest  []Mark
}

// Add appends a mark; the oldest are kept when there are too many.
func (h *Hops) Add(m Mark) { *h.Next() = m }

// Next appends a mark that is still to be filled in, and is lost when there are too
// many.
func (h *Hops) Next() *Mark {
	i := h.n
	switch {
	case i == MaxHops:
		return &Mark{}
	case i < inline:
		h.n++
		h.first[i] = Mark{}
		return &h.first[i]
	case h.rest == nil:
		h.rest = make([]Mark, 1, 3)
	default:
		h.rest = append(h.rest[:len(h.rest):len(h.rest)], Mark{}) // never into what a copy also sees
	}
	h.n++
	return &h.rest[i-inline]
}

// Len returns how many marks there are.
func (h *Hops) Len() int { return int(h.n) }

// At returns mark i. It points into h.
func (h *Hops) At(i int) *Mark {
	if i < inline {
		return &h.first[i]
	}
	return &h.rest[i-inline]
}

// Last returns the mark of the last hop of that kind (the one nearest the
// user), or nil.
func (h *Hops) Last(hop Hop) *Mark {
	for i := h.Len() - 1; i >= 0; i-- {
		if m := h.At(i); m.Hop == hop {
			return m
		}
	}
	return nil
}

// Reset drops all marks.
func (h *Hops) Reset() { h.n, h.rest = 0, nil }
