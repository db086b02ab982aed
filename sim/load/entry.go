// What a scenario says about its content: the keys of [[catalog]].
package load

import (
	"net/http"
	"strings"
	"time"

	"cdnlab/sim"
)

// Entry is a page, or a numbered family of objects with the same rules. A key
// that is not given is zero; where zero itself has a meaning that is not the
// default, the field is a pointer.
type Entry struct {
	Path       string   `toml:"path" jsonschema:"required,description=such as /index.html or\\, for many objects\\, /img/{n}.jpg: {n} is the number\\, from 1; of /app.{hash}.js {hash} is made of the content\\, and a new version has a new name"`
	Objects    int      `toml:"objects" jsonschema:"minimum=1,maximum=10000000,default=1,description=how many objects"`
	Share      *float64 `toml:"share" jsonschema:"minimum=0,maximum=1000000000,default=1,description=how many of the requests\\, as a weight beside the other entries"`
	Popularity string   `toml:"popularity" jsonschema:"enum=zipf,enum=uniform,enum=once,default=zipf,description=how requests spread over the objects; of zipf object 1 is the hottest; once: each asks for an object of its own\\, that nobody asks for again (one-hit wonders\\, scans\\, crawlers)"`
	Alpha      *float64 `toml:"alpha" jsonschema:"minimum=0,maximum=100,default=0.8,description=zipf: object n is asked in proportion to 1/n^alpha"`

	PopularFor time.Duration `toml:"popular-for" json:",omitempty" jsonschema:"minimum=10ms,maximum=8760h,description=how long an object stays popular\\, in the mean: then a new one\\, with the next free number\\, has its rank (churn); without it popularity does not change"`

	Size            *sim.Bytes `toml:"size" jsonschema:"default=10KB,description=of an object; the mean where sizes differ"`
	SizeLaw         string     `toml:"size-law" jsonschema:"enum=constant,enum=lognormal,enum=pareto,default=constant,description=how sizes differ from object to object"`
	Spread          *float64   `toml:"spread" jsonschema:"minimum=0,maximum=5,description=standard deviation of the logarithm of the size"`
	Largest         *sim.Bytes `toml:"largest" json:",omitempty" jsonschema:"description=no object is larger: the law without what is above\\, which lowers the mean; without it sizes have no such end"`
	SizeCorrelation float64    `toml:"size-correlation" json:",omitempty" jsonschema:"minimum=-1,maximum=1,default=0,description=rank correlation of size and popularity (Spearman's): below 0 the popular ones tend to be small\\, above 0 large"`

	Status       int               `toml:"status" jsonschema:"minimum=200,maximum=599,default=200,description=what the app answers"`
	Method       string            `toml:"method" jsonschema:"default=GET,description=what users ask with"`
	CacheControl string            `toml:"cache-control" jsonschema:"description=short for the header Cache-Control"`
	Expires      time.Duration     `toml:"expires" jsonschema:"description=the app sends Expires\\, so much later than the moment it answers (earlier when negative)"`
	ETag         *bool             `toml:"etag" jsonschema:"default=true,description=the app sends an ETag\\, so that a stale copy can be revalidated"`
	Appears      time.Duration     `toml:"appears" jsonschema:"minimum=10ms,maximum=24h,description=the objects appear one after the other\\, the first when the load begins and each so much later than the one before; until then the app answers 404. Users ask for the newest by their clocks: the segments of a live video"`
	ClockError   time.Duration     `toml:"clock-error" jsonschema:"minimum=0s,maximum=24h,default=0s,description=standard deviation of those clocks: who is ahead asks for what is not there yet"`
	Seek         float64           `toml:"seek" jsonschema:"minimum=0,maximum=1,default=0,description=share of the requests that ask for the content from somewhere in its middle on (Range)\\, as players that seek and downloads that are resumed do"`
	Leave        float64           `toml:"leave" jsonschema:"minimum=0,maximum=1,default=0,description=share of the users who leave before all of the content has come\\, if it takes them long enough"`
	LeaveAfter   time.Duration     `toml:"leave-after" jsonschema:"minimum=1ms,maximum=24h,default=2s,description=mean time from the first byte until they leave\\, exponential"`
	Ranges       *bool             `toml:"ranges" jsonschema:"description=the app answers requests for a range of bytes with that part (206); true where it is not said\\, but for what is personal\\, made with the database or not asked for by GET"`
	Headers      map[string]string `toml:"headers" jsonschema:"description=further headers of the answer"`
	Changes      string            `toml:"changes" jsonschema:"default=never,description=when an object gets a new version: never\\, every 10s\\, random 10s (once in each 10 s at a moment by chance) or at deploy; objects of an entry do not change all at once"`
	KeepOld      *bool             `toml:"keep-old" json:",omitempty" jsonschema:"default=true,description=of a path with {hash}: after a deploy the old files are still there under their old names; else who asks for one is answered 404"`
	Personal     bool              `toml:"personal" jsonschema:"default=false,description=the content is made for the user who asks: whoever else gets it sees what is another's"`
	SignIn       string            `toml:"sign-in" json:",omitempty" jsonschema:"enum=none,enum=cookie,enum=authorization,default=none,description=how users say who they are: not at all\\, with the cookie user\\, or with Authorization; without that the app makes nothing personal"`
	Database     bool              `toml:"database" jsonschema:"description=the answer needs the database"`
	Socket       *Socket           `toml:"websocket" json:",omitempty" jsonschema:"description=users ask for a connection that messages go over (WebSocket)\\, and keep it: an answer of size to each message; without this table they ask for the content"`
	TCP          *Socket           `toml:"tcp" json:",omitempty" jsonschema:"description=likewise over TCP alone: a service that speaks no HTTP\\, for which who has connected says a word and is let in or not; an L4 balancer passes it on\\, an L7 balancer and a PoP cannot"`
	UDP          *Datagram         `toml:"udp" json:",omitempty" jsonschema:"description=users ask by a datagram (UDP)\\, each from a port of their own\\, and the answer is one: there is no connection\\, and what is lost nobody hears of; an L4 balancer passes it on\\, an L7 balancer and a PoP cannot"`
}

// Limits of a catalog. A number that long in a path is still formatted on a
// stack; objects cost nothing until asked, the limit keeps a slip of the pen
// from a run that never sees an object twice.
const (
	MaxObjects = 10_000_000
	maxEntries = 1000
	maxPath    = 2048 // bytes; what every server and proxy takes
	maxHeaders = 64
	maxShare   = 1e9
	maxAlpha   = 100
	maxSpread  = 5
	maxSize    = 1 << 40 // bytes
)

// withDefaults fills in what is not said.
//
// Share 1: entries are asked alike. Popularity zipf with alpha 0.8: web traces
// have 0.64 to 0.83 (Breslau et al., INFOCOM 1999), and a uniform catalog makes
// a cache look useless. Popular-for: not said, popularity stays, so that a cache that is
// warm stays so. Size 10KB: it fits into the first flight of a
// connection (ten segments, RFC 6928), so a transfer adds no round trip unless
// the scenario wants it to. Size-correlation 0: they have little
// to do with each other on the web (Breslau et al.). Spread 1.3 (lognormal) is the body, 0.83 (Pareto
// with index 1.2) the tail of file sizes on the web (Barford and Crovella,
// SIGMETRICS 1998; Crovella and Bestavros, 1997). ETag true: nginx and Apache
// send one by default for files, and without a validator a stale copy could
// only be fetched whole. SignIn none: most of a site is for all. Changes never: whoever asks about hits and load need
// not think of what is in the answers. Ranges for what could be a file: nginx and
// Apache answer them there, and hardly a framework does for a page. Keep-old true:
// pages that are open or in a cache ask for the old names, and without these files
// they break. LeaveAfter 2 s: after that long without a picture viewers of videos begin
// to leave (Krishnan and Sitaraman, IMC 2012).
func (e Entry) withDefaults() Entry {
	if e.Popularity == "" {
		e.Popularity = popularityZipf
	}
	if e.Objects == 0 && e.Popularity != popularityOnce {
		e.Objects = 1
	}
	if e.Share == nil {
		e.Share = new(1.0)
	}
	if e.Alpha == nil {
		e.Alpha = new(0.8)
	}
	if e.Status == 0 {
		e.Status = http.StatusOK
	}
	if e.Method == "" {
		e.Method = http.MethodGet
	}
	if e.ETag == nil {
		e.ETag = new(true)
	}
	if e.Changes == "" {
		e.Changes = wordNever
	}
	if e.LeaveAfter == 0 {
		e.LeaveAfter = 2 * time.Second
	}
	if e.SignIn == "" {
		e.SignIn = SignInNone
	}
	if e.Ranges == nil {
		e.Ranges = new(e.Method == http.MethodGet && !e.Personal && !e.Database)
	}
	if e.KeepOld == nil {
		e.KeepOld = new(true)
	}
	if e.Socket != nil {
		e.Socket = e.Socket.withDefaults()
	}
	if e.TCP != nil {
		e.TCP = e.TCP.withDefaults()
		e.TCP.raw = true
	}
	if e.UDP != nil {
		e.UDP = e.UDP.withDefaults()
	}
	return e.sizeDefaults()
}

func (e Entry) sizeDefaults() Entry {
	if e.Size == nil {
		e.Size = new(sim.Bytes(10_000))
		if bodiless(e.Status) {
			*e.Size = 0
		}
	}
	if e.SizeLaw == "" {
		e.SizeLaw = sizesConstant
	}
	if e.Spread == nil {
		e.Spread = new(1.3)
		if e.SizeLaw == sizesPareto {
			*e.Spread = 0.83
		}
	}
	return e
}

// hashed reports whether the names are made of the contents.
func (e Entry) hashed() bool { return strings.Contains(e.Path, hashMark) }

// bodiless reports whether answers of that status have no content (RFC 9110
// 6.4.1).
func bodiless(status int) bool {
	return status == http.StatusNoContent || status == http.StatusNotModified
}
