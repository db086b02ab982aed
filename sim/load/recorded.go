// Recorded: the content that a trace asks for, in place of numbered objects.
package load

import (
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"cdnlab/sim"
	"cdnlab/sim/check"
)

// MaxRecorded bounds the objects of the part of a trace that is played. They are
// kept, in every app's process too, at some 150 bytes each.
const MaxRecorded = 2_000_000

// Recorded are the objects of a trace, numbered from 1 in the order in which they
// were first asked for. It is filled by one who has it alone, and does not change
// then.
type Recorded struct {
	paths   []string
	sizes   []int64
	numbers map[string]int32 // by path
}

// NewRecorded returns one without objects.
func NewRecorded() *Recorded { return &Recorded{numbers: map[string]int32{}} }

// Len returns how many objects there are.
func (r *Recorded) Len() int { return len(r.paths) }

// Add enters an object by what the trace calls it, and returns its number. One
// that is there already keeps its number and its first size. False: there are
// MaxRecorded others.
func (r *Recorded) Add(name string, size int64) (number int32, ok bool) {
	path := pathOf(name)
	if number, known := r.numbers[path]; known {
		return number, true
	}
	if len(r.paths) == MaxRecorded {
		return 0, false
	}
	r.paths, r.sizes = append(r.paths, path), append(r.sizes, min(size, maxSize))
	number = int32(len(r.paths))
	r.numbers[path] = number
	return number, true
}

// Sum writes all of them to a checksum.
func (r *Recorded) Sum(to io.Writer) {
	for i, path := range r.paths {
		fmt.Fprintln(to, r.sizes[i], path)
	}
}

// Has reports whether an object is at a path that is covered.
func (r *Recorded) Has(covered func(path string) bool) bool {
	return slices.ContainsFunc(r.paths, covered)
}

// pathOf makes a path, with its query, of what a trace calls an object: a path, a
// URL, a number or a name. What may not stand in a request's line is written with
// %, and of what is longer than a path may be its hash is the end.
func pathOf(name string) string {
	if _, rest, found := strings.Cut(name, "://"); found {
		_, rest, _ = strings.Cut(rest, "/")
		name = "/" + rest
	}
	name, _, _ = strings.Cut(name, "#")
	var b strings.Builder
	if !strings.HasPrefix(name, "/") {
		b.WriteByte('/')
	}
	for i := range len(name) {
		if c := name[i]; c <= ' ' || c > '~' {
			fmt.Fprintf(&b, "%%%02X", c)
		} else {
			b.WriteByte(c)
		}
	}
	if b.Len() <= maxPath {
		return b.String()
	}
	hash := fmt.Sprintf("-%016x", uint64(sim.NewLuck(name)))
	return strings.Clone(b.String()[:maxPath-len(hash)]) + hash
}

// covers reports whether an entry's path, in which a * stands for anything, is that
// of an object.
func covers(pattern, path string) bool {
	before, after, any := strings.Cut(pattern, "*")
	if !any {
		return pattern == path
	}
	return len(path) >= len(before)+len(after) && strings.HasPrefix(path, before) && strings.HasSuffix(path, after)
}

// NewRecordedCatalog returns a catalog of a trace's objects, each with the rules of
// the first entry that covers it. CheckRecorded found no mistake in them.
func NewRecordedCatalog(entries []Entry, r *Recorded) *Catalog {
	c := &Catalog{objects: r.Len(), recorded: r, entryOf: make([]int32, r.Len())}
	for _, e := range entries {
		c.families = append(c.families, newFamily(e.withDefaults(), 0))
	}
	for i, path := range r.paths {
		at := slices.IndexFunc(entries, func(e Entry) bool { return covers(e.Path, path) })
		c.entryOf[i] = int32(max(at, 0))
	}
	return c
}

// Numbered returns an object of a trace by its number there.
func (c *Catalog) Numbered(number int32) Object { return Object{c.entryOf[number-1], number} }

// Recorded reports whether the content is a trace's.
func (c *Catalog) Recorded() bool { return c.recorded != nil }

// recordedSize is as the trace has it, or what its stamp takes.
func (c *Catalog) recordedSize(o Object) int64 {
	size := c.recorded.sizes[o.Number-1]
	if c.families[o.Entry].stamped {
		size = max(size, int64(sim.StampBytes))
	}
	return size
}

// said are the keys that a trace has the last word on.
var said = []string{"objects", "share", "popularity", "alpha", "popular-for", "size", "size-law", "spread", "largest", "size-correlation",
	"status", "method", "appears", "clock-error", "keep-old", "websocket", "tcp"}

// CheckRecorded returns everything that is wrong with the entries that give rules
// to a trace's objects.
func CheckRecorded(entries []Entry) []Problem {
	var all check.List
	if len(entries) > maxEntries {
		all.Add("catalog", "has more than %d entries", maxEntries)
		return all.Problems
	}
	for i, e := range entries {
		var l check.List
		for _, key := range check.Given(e) {
			if slices.Contains(said, key) && !(key == "method" && e.Method == http.MethodGet) {
				l.Add(key, "means nothing here: the load's trace says it")
			}
		}
		e.checkRecorded(&l)
		if other := slices.IndexFunc(entries, func(o Entry) bool { return o.Path == e.Path }); other < i {
			l.Add("path", "%q is that of entry %d already", e.Path, other+1)
		}
		for _, p := range l.Problems {
			p.Item = i
			all.Problems = append(all.Problems, p)
		}
	}
	return all.Problems
}

// checkRecorded is check, without what a trace says.
func (e Entry) checkRecorded(l *check.List) {
	switch {
	case strings.ContainsAny(e.Path, "{}"):
		l.Add("path", "may have no braces: the load's trace has paths of its own; * stands for anything, as in /img/*.png")
	case strings.Count(e.Path, "*") > 1:
		l.Add("path", "may have * once, unlike %q", e.Path)
	default:
		e.checkPath(l)
	}
	l.OneOf("sign-in", e.SignIn, SignInNone, SignInCookie, SignInAuth)
	e.checkHabits(l)
	e.checkChanges(l)
	e.checkAnswer(l)
	e.checkHeaders(l)
}

// Uncovered returns how many of a trace's objects no entry covers, and the first.
func Uncovered(entries []Entry, r *Recorded) (n int, first string) {
	for _, path := range r.paths {
		if !slices.ContainsFunc(entries, func(e Entry) bool { return covers(e.Path, path) }) {
			if n++; n == 1 {
				first = path
			}
		}
	}
	return n, first
}

// FilledRecorded is Filled for the entries of a trace.
func (e Entry) FilledRecorded() Entry {
	e = e.Filled()
	e.Objects, e.Share, e.Popularity, e.Alpha, e.PopularFor = 0, nil, "", nil, 0
	e.Size, e.SizeLaw, e.Spread, e.Largest, e.SizeCorrelation = nil, "", nil, nil, 0
	e.Status, e.Method, e.Appears, e.ClockError, e.KeepOld = 0, "", 0, 0, nil
	return e
}
