// Catalog: what there is to ask for.
package load

import (
	"cmp"
	"fmt"
	"net/http"
	"time"

	"cdnlab/sim"
)

// Object is one object of a Catalog: which entry, and its number there, from 1.
type Object struct{ Entry, Number int32 }

// Catalog is the content of a site: what users pick from, and what the app
// answers. It does not change: which version of a content there is, Versions
// know.
type Catalog struct {
	families []family
	share    alias
	paths    index
	objects  int
	hashed   bool // a family is

	recorded *Recorded // the objects are a trace's; nil: they are numbered
	entryOf  []int32   // of them, by number from 1
}

// family is an entry made ready.
type family struct {
	pattern
	rank     zipf
	popular  law      // when ranks are taken over
	numbers  int      // that users can ask for
	hot      []string // paths of the first objects
	method   string
	status   int
	header   http.Header // shared by every answer of the first version, never changed
	tag      sim.Luck    // what its ETags begin with; 0: the scenario's own, or none
	expires  time.Duration
	database bool
	stamped  bool
	personal bool
	signIn   string
	ranges   bool
	habits   habits
	newest   newest
	hashed   bool      // its names are made of its contents
	luck     sim.Luck  // of these names
	keepOld  bool      // of hashed: names of old versions are still there
	socket   *Socket   // nil: it is asked for and answered
	datagram *Datagram // nil: it is not asked for over UDP
	size     sizes
}

// hotPaths is how many paths are kept as strings, shared among the entries: the
// hottest objects, as those of an entry are numbered in the order of their
// popularity. At 40 bytes they take 6 MB.
const hotPaths = 100_000

// maxGuides is up to how many entries each gets a guide to its law: more would
// fill the processor's caches.
const maxGuides = 16

// NewCatalog returns the catalog of entries that CheckCatalog found no mistake
// in.
func NewCatalog(entries []Entry) *Catalog {
	c := &Catalog{}
	weights := make([]float64, len(entries))
	for i, e := range entries {
		e = e.withDefaults()
		f := newFamily(e, hotPaths/len(entries))
		if len(entries) <= maxGuides {
			f.rank.guided()
		}
		c.families = append(c.families, f)
		c.paths.add(f.pattern, i)
		c.objects += e.Objects
		c.hashed = c.hashed || f.hashed
		weights[i] = *e.Share
	}
	c.share = newAlias(weights)
	return c
}

func newFamily(e Entry, hot int) family {
	ranks, alpha := e.Objects, *e.Alpha
	switch e.Popularity {
	case popularityUniform:
		alpha = 0
	case popularityOnce:
		ranks, alpha = e.numbers(), 0
	}
	f := family{
		pattern: newPattern(e.Path), rank: newZipf(ranks, alpha), popular: newPopular(e), numbers: e.numbers(),
		method: e.Method, status: e.Status,
		expires: e.Expires, database: e.Database, stamped: e.stamped(), personal: e.Personal, signIn: e.SignIn, ranges: *e.Ranges, newest: newest{e.Appears, e.ClockError}, habits: habits{e.Seek, e.Leave, e.LeaveAfter}, size: newSizes(e),
	}
	f.header, f.tag = e.header()
	f.hashed, f.luck, f.keepOld, f.socket = e.hashed(), sim.NewLuck(e.Path), *e.KeepOld, cmp.Or(e.Socket, e.TCP)
	f.datagram = e.UDP
	f.keep(min(hot, e.Objects))
	return f
}

// keep formats the first n paths, all in one string so that the collector has
// one thing to look at.
func (f *family) keep(n int) {
	var text []byte
	ends := make([]int, n)
	for i := range n {
		text = f.appendPath(text, i+1)
		ends[i] = len(text)
	}
	all, from := string(text), 0
	f.hot = make([]string, n)
	for i, end := range ends {
		f.hot[i], from = all[from:end], end
	}
}

// header returns what every answer of the entry's first version carries, and
// what its ETag begins with when it is not the scenario's own. The ETag is the
// same for all objects of an entry: a tag only ever tells apart two states of
// one resource (RFC 9110 8.8.3), and so they can share one header. It is made of
// all that the contents depend on: when an event sets one of these keys, a copy
// from before is no longer good.
func (e Entry) header() (h http.Header, tag sim.Luck) {
	h = make(http.Header, len(e.Headers)+2)
	for name, value := range e.Headers { // any order: the names differ
		h.Set(name, value)
	}
	if e.CacheControl != "" {
		h.Set("Cache-Control", e.CacheControl)
	}
	if *e.ETag && h["Etag"] == nil {
		tag = sim.NewLuck(fmt.Sprint(e.Path, " ", *e.Size, e.SizeLaw, *e.Spread, " ", e.Changes, e.cut()))
		h.Set("ETag", etag(tag, 1, 0))
	}
	return h, tag
}

// Len returns how many objects there are at a time, but for those of popularity once.
func (c *Catalog) Len() int { return c.objects }

// Pick draws the object that a request asks for.
func (c *Catalog) Pick(roll *sim.Roll) Object {
	i := c.share.pick(roll)
	return Object{i, int32(c.families[i].rank.pick(roll))}
}

// Path returns an object's path: of the hot ones without an allocation. Where the
// content has a part in the name it has {hash} in its place; Names fill that in.
func (c *Catalog) Path(o Object) string {
	if c.recorded != nil {
		return c.recorded.paths[o.Number-1]
	}
	f := &c.families[o.Entry]
	if int(o.Number) <= len(f.hot) {
		return f.hot[o.Number-1]
	}
	return f.path(int(o.Number))
}

// Method returns what an object is asked with.
func (c *Catalog) Method(o Object) string { return c.families[o.Entry].method }

// Status returns the status that the app answers with.
func (c *Catalog) Status(o Object) int { return c.families[o.Entry].status }

// Header returns the header that the app answers with, of the first version. It
// is shared and must not be changed.
func (c *Catalog) Header(o Object) http.Header { return c.families[o.Entry].header }

// Size returns an object's size in bytes.
func (c *Catalog) Size(o Object) int64 {
	if c.recorded != nil {
		return c.recordedSize(o)
	}
	return c.families[o.Entry].size.of(o.Number)
}

// Database reports whether the answer needs the database.
func (c *Catalog) Database(o Object) bool { return c.families[o.Entry].database }

// Stamped reports whether the contents say what they are: they change, or are
// personal.
func (c *Catalog) Stamped(o Object) bool { return c.families[o.Entry].stamped }

// SignIn returns how users say who they are.
func (c *Catalog) SignIn(o Object) string { return c.families[o.Entry].signIn }

// Personal reports whether the content is made for the user who asks.
func (c *Catalog) Personal(o Object) bool { return c.families[o.Entry].personal }

// Ranges reports whether the app answers requests for a part.
func (c *Catalog) Ranges(o Object) bool { return c.families[o.Entry].ranges }

// Expires returns how much later than the answer its Expires is; 0: it has none.
func (c *Catalog) Expires(o Object) time.Duration { return c.families[o.Entry].expires }

// Lookup returns the object of a path, as Path or Names write it; false when there
// is none.
func (c *Catalog) Lookup(path string) (Object, bool) {
	if o, known := c.find(path); known || !c.hashed {
		return o, known
	}
	o, _, known := c.Resolve(path)
	return o, known
}

// find returns the object of a path that has no part made of its content.
func (c *Catalog) find(path string) (Object, bool) {
	if c.recorded == nil {
		return c.paths.find(path, c.has)
	}
	number, known := c.recorded.numbers[path]
	if !known {
		return Object{}, false
	}
	return c.Numbered(number), true
}

func (c *Catalog) has(entry int32, number int) bool { return number <= c.families[entry].numbers }

// Find returns what the app answers to a path. known is false when the catalog
// does not have it.
func (c *Catalog) Find(path string) (status int, header http.Header, size int64, database, known bool) {
	o, known := c.Lookup(path)
	if !known {
		return 0, nil, 0, false, false
	}
	f := &c.families[o.Entry]
	return f.status, f.header, c.Size(o), f.database, true
}
