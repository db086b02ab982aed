// How content changes: the keys `changes` and `personal` of an entry.
package load

import (
	"math/bits"
	"net/http"
	"strings"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/check"
)

// law says when an object's content is replaced by its next version.
type law struct {
	kind  lawKind
	every time.Duration // of every and random
	luck  sim.Luck      // of random
}

type lawKind uint8

const (
	never    lawKind = iota
	every            // once in each span of that length, always at the same moment of it
	random           // once in each span, at a moment by chance
	atDeploy         // when the site is deployed anew
)

// The words of the key.
const (
	wordNever    = "never"
	wordEvery    = "every"
	wordRandom   = "random"
	wordAtDeploy = "at deploy"
)

// Limits of a span: versions of a week are then counted in 32 bits, and what
// changes less than once a year does not change.
const (
	minChange = time.Millisecond
	maxChange = 365 * 24 * time.Hour
)

// passed returns how many spans have ended with a change, and the one under way if it has
// had its own, for an object at a time after the law's begin.
func (l *law) passed(seed uint64, number int32, since sim.Time) uint32 {
	n := uint32(since / sim.Time(l.every))
	if since >= l.change(seed, number, n) {
		n++
	}
	return n
}

// change returns when, counted from the law's begin, an object changes in the n-th span
// from 0.
func (l *law) change(seed uint64, number int32, n uint32) sim.Time {
	span := uint64(l.every)
	start := sim.Time(n) * sim.Time(span)
	if l.kind == random {
		roll := sim.Draw(seed, l.luck, uint64(number)<<32|uint64(n), 0)
		return start + part(roll.Uint64(), span)
	}
	// Multiples of the golden ratio, modulo 1, lie spread for however many
	// objects: the hottest, whose numbers are neighbours, do not change together.
	// Object 1 changes at the end of each span: after 10 s, 20 s, 30 s.
	at := part(uint64(number-1)*0x9e3779b97f4a7c15, span)
	if at == 0 {
		at = sim.Time(span)
	}
	return start + at
}

// part returns the part of a span that x is of 2^64.
func part(x, span uint64) sim.Time {
	hi, _ := bits.Mul64(x, span)
	return sim.Time(hi)
}

// newLaw returns the law of an entry that was found right.
func newLaw(e Entry) law {
	l, _ := parseLaw(e.Changes)
	l.luck = sim.NewLuck("change of " + e.Path)
	return l
}

// parseLaw reads the key's value; false when it is none.
func parseLaw(text string) (law, bool) {
	word, span, spans := strings.Cut(text, " ")
	switch {
	case text == "" || text == wordNever:
		return law{}, true
	case text == wordAtDeploy:
		return law{kind: atDeploy}, true
	case !spans:
		return law{}, false
	}
	d, err := time.ParseDuration(strings.TrimSpace(span))
	if err != nil {
		return law{}, false
	}
	switch word {
	case wordEvery:
		return law{kind: every, every: d}, true
	case wordRandom:
		return law{kind: random, every: d}, true
	}
	return law{}, false
}

// stamped reports whether the entry's contents must say what they are.
func (e Entry) stamped() bool {
	return e.Personal || e.Changes != "" && e.Changes != wordNever
}

// checkChanges wants a law, and room in the content to say which version it is.
func (e Entry) checkChanges(l *check.List) {
	law, ok := parseLaw(e.Changes)
	switch {
	case !ok:
		l.Add("changes", "must be never, at deploy, or every or random with a time, as in \"every 10s\", not %q%s", e.Changes, meant(e.Changes))
		return
	case law.kind == every || law.kind == random:
		l.Duration("changes", law.every, minChange, maxChange)
	}
	e.checkHash(l, law)
	if !e.stamped() {
		return
	}
	key := "changes"
	if e.Personal {
		key = "personal"
	}
	switch size := e.withDefaults().Size; {
	case bodiless(e.Status):
		l.Add(key, "means nothing to answers with status %d: they have no content", e.Status)
	case e.Method == http.MethodHead:
		l.Add(key, "means nothing to the method HEAD: its answers have no content")
	case *size >= 0 && *size < sim.Bytes(sim.StampBytes):
		l.Add("size", "must be at least %v, not %v, so that the content can say which version it is and whose", sim.Bytes(sim.StampBytes), *size)
	}
}

// checkHash wants names to change with a build of the site or never: whoever made
// the page that names them must have known them.
func (e Entry) checkHash(l *check.List, law law) {
	switch {
	case !e.hashed() && e.KeepOld != nil && !*e.KeepOld:
		l.Add("keep-old", "means something only to a path with {hash}: else a new version has the old one's name")
	case e.hashed() && law.kind != never && law.kind != atDeploy:
		l.Add("changes", "must be \"at deploy\" or never, not %q, where the name has a {hash}: a build of the site makes it", e.Changes)
	}
}

// meant offers the law that a mistyped one means.
func meant(text string) string {
	word, span, spans := strings.Cut(text, " ")
	switch near := sim.Nearest(word, []string{wordNever, wordEvery, wordRandom}); {
	case near == wordNever && !spans:
		return "; did you mean \"never\"?"
	case near != "" && spans:
		if d, err := time.ParseDuration(strings.TrimSpace(span)); err == nil {
			return "; did you mean \"" + near + " " + d.String() + "\"?"
		}
	}
	if sim.Nearest(text, []string{wordAtDeploy, "deploy"}) != "" {
		return "; did you mean \"at deploy\"?"
	}
	return ""
}
