// Sockets: connections that users keep, for messages.
package load

import (
	"net/http"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/check"
)

// Socket is how users keep a connection.
type Socket struct {
	Every      time.Duration  `toml:"every" jsonschema:"minimum=1ms,default=1s,description=from one message of a user to the next"`
	Lasts      time.Duration  `toml:"lasts" json:",omitempty" jsonschema:"minimum=0s,default=0s,description=how long a user stays\\, over all their connections; 0s is until the load ends"`
	Backoff    *time.Duration `toml:"backoff" jsonschema:"minimum=0s,default=1s,description=how long a user whose connection is lost waits before they connect anew; twice as long after each attempt that fails; 0s is at once"`
	BackoffMax time.Duration  `toml:"backoff-max" jsonschema:"minimum=1ms,default=30s,description=the longest such wait"`
	Jitter     string         `toml:"jitter" jsonschema:"enum=full,enum=none,default=full,description=full has each wait for a time by chance up to that (AWS's full jitter); none for all of it"`

	raw bool // it is one over TCP alone
}

// The words of Socket.Jitter.
const (
	JitterFull = "full"
	JitterNone = "none"
)

// leastBackoff is the wait that failed attempts of those double who begin with none:
// nobody tries again and again without a pause.
const leastBackoff = 100 * time.Millisecond

// withDefaults fills in what is not said. Every 1 s: a lively chat, or a game's slower
// news. Lasts until the end: that is what such connections are for. Backoff 1 s and
// BackoffMax 30 s with full jitter: what AWS's Builders' Library and gRPC's
// connection backoff (1 s, there with 20 %) come to.
func (s *Socket) withDefaults() *Socket {
	c := *s
	if c.Every == 0 {
		c.Every = time.Second
	}
	if c.Backoff == nil {
		c.Backoff = new(time.Second)
	}
	if c.BackoffMax == 0 {
		c.BackoffMax = 30 * time.Second
	}
	if c.Jitter == "" {
		c.Jitter = JitterFull
	}
	return &c
}

// Socket returns how users keep a connection for an object; nil when they do not. It
// has its defaults.
func (c *Catalog) Socket(o Object) *Socket { return c.families[o.Entry].socket }

// Protocol is what users have the connection switched to; "" of nil.
func (s *Socket) Protocol() string {
	switch {
	case s == nil:
		return ""
	case s.raw:
		return sim.ProtocolTCP
	}
	return sim.ProtocolWebSocket
}

// Wait draws how long a user waits before they connect anew, after so many attempts
// that failed since their connection was lost.
func (s *Socket) Wait(failed int, roll *sim.Roll) time.Duration {
	wait := *s.Backoff
	if failed > 0 {
		wait = max(wait, leastBackoff)
	}
	for range failed {
		wait = min(2*wait, s.BackoffMax)
	}
	if s.Jitter == JitterFull {
		wait = time.Duration(roll.Float64() * float64(wait))
	}
	return wait
}

func (e Entry) checkSocket(l *check.List) {
	if e.Socket != nil {
		e.checkKept(l, "websocket", e.Socket)
	}
	if e.TCP != nil {
		e.checkKept(l, "tcp", e.TCP)
	}
	if e.Socket != nil && e.TCP != nil {
		l.Add("tcp", "is another protocol than websocket: a path has one of them")
	}
}

// checkKept looks at the table of a key that says how users keep a connection.
func (e Entry) checkKept(l *check.List, key string, s *Socket) {
	if s.Every != 0 {
		l.Duration(key+".every", s.Every, time.Millisecond, 24*time.Hour)
	}
	l.Duration(key+".lasts", s.Lasts, 0, 24*time.Hour)
	if s.Backoff != nil {
		l.Duration(key+".backoff", *s.Backoff, 0, time.Hour)
	}
	if s.BackoffMax != 0 {
		l.Duration(key+".backoff-max", s.BackoffMax, time.Millisecond, time.Hour)
	}
	l.OneOf(key+".jitter", s.Jitter, JitterFull, JitterNone)
	e.noHTTP(l, "means nothing to messages", "is 101 where a connection is switched")
}

// noHTTP looks for what an entry says of HTTP that is none.
func (e Entry) noHTTP(l *check.List, nothing, status string) {
	for _, c := range []struct {
		bad      bool
		key, why string
	}{
		{e.Method != "" && e.Method != http.MethodGet, "method", nothing + ": leave it out"},
		{e.Status != 0 && e.Status != http.StatusOK, "status", status},
		{e.Seek > 0, "seek", nothing},
		{e.Leave > 0, "leave", nothing},
		{e.Database, "database", nothing},
		{e.Appears != 0, "appears", nothing},
	} {
		if c.bad {
			l.Add(c.key, "%s", c.why)
		}
	}
}
