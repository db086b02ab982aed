// What a scenario may say about connections.
package network

import (
	"time"

	"cdnlab/sim/check"
)

// Config is how one side keeps its connections to another.
type Config struct {
	Limit          int           `toml:"max-connections" jsonschema:"default=8192,minimum=0,maximum=1000000,description=connections to one far end; if not given for pooled clients 2048 over all their addresses and for each of people 6 (with HTTP/2 and 3 one)"`
	Waiting        int           `toml:"max-waiting" jsonschema:"default=8192,minimum=0,maximum=1000000000,description=requests that may wait for a connection when max-connections is reached"`
	Idle           time.Duration `toml:"keep-alive" jsonschema:"default=60s,description=an idle connection is closed after that"`
	ConnectTimeout time.Duration `toml:"connect-timeout" jsonschema:"default=3s,description=a connection attempt fails with unreachable after that"`

	HTTP       string `toml:"http" json:",omitempty" jsonschema:"enum=1.1,enum=2,enum=3,default=1.1,description=HTTP/1.1 carries one request at a time on a connection; 2 and 3 many; 3 over QUIC\\, in virtual time only"`
	TLS        string `toml:"tls" json:",omitempty" jsonschema:"enum=none,enum=1.2,enum=1.3,description=the handshake on top of TCP's; if not given none with HTTP/1.1 and else 1.3"`
	Resumption *bool  `toml:"resumption" json:",omitempty" jsonschema:"default=true,description=of TLS: who has been connected before resumes the session"`
	Early      bool   `toml:"early-data" json:",omitempty" jsonschema:"default=false,description=of HTTP/3: a resumed connection takes its first request along (0-RTT)"`
	Streams    int    `toml:"max-streams" json:",omitempty" jsonschema:"default=100,minimum=1,maximum=10000,description=of HTTP/2 and 3: requests at a time on one connection"`
}

// noTLS is how a scenario says that a connection has none.
const noTLS = "none"

// WithDefaults fills in what is not said.
//
// Limit 8192: one side's share of the file limit and of the ephemeral ports
// (28,000 on Linux). Waiting 8192: as many again. Idle 60 s: between nginx's
// upstream default (60 s) and Go's (90 s). ConnectTimeout 3 s: one lost SYN
// (1 s) may be sent again, a second (2 s more) is given up. Streams 100: the least
// that RFC 9113 6.5.2 recommends, between nginx's 128 and Varnish's 100. HTTP/1.1
// without TLS: what stands before every answer then is the path alone.
func (c Config) WithDefaults() Config {
	if c.Limit == 0 {
		c.Limit = 8192
	}
	if c.Waiting == 0 {
		c.Waiting = 8192
	}
	if c.Idle == 0 {
		c.Idle = 60 * time.Second
	}
	if c.ConnectTimeout == 0 {
		c.ConnectTimeout = 3 * time.Second
	}
	if c.HTTP == "" {
		c.HTTP = HTTP11
	}
	if c.TLS == "" && c.HTTP == HTTP11 {
		c.TLS = noTLS
	} else if c.TLS == "" {
		c.TLS = TLS13
	}
	if c.Streams == 0 {
		c.Streams = 100
	}
	return c
}

// Check adds what is wrong with a Config beyond its keys' ranges.
func (c Config) Check(l *check.List) {
	l.OneOf("http", c.HTTP, HTTP11, HTTP2, HTTP3)
	l.OneOf("tls", c.TLS, noTLS, TLS12, TLS13)
	switch {
	case c.HTTP == HTTP2 && c.TLS == noTLS:
		l.Add("tls", "is none, but HTTP/2 needs it: clients choose it in the handshake (ALPN); write 1.2 or 1.3")
	case c.HTTP == HTTP3 && c.TLS != "" && c.TLS != TLS13:
		l.Add("tls", "must be 1.3 with HTTP/3 (RFC 9001), not %s", c.TLS)
	}
	if c.Early && c.HTTP != HTTP3 {
		l.Add("early-data", "needs http = %q: over TCP no early data is sent", HTTP3)
	}
}

// Setup is how a connection is opened by one who has been connected before, or not.
// c has its defaults.
func (c *Config) Setup(before bool) Setup {
	s := Setup{QUIC: c.HTTP == HTTP3, Early: c.Early}
	if c.Secure() {
		s.TLS = c.TLS
		s.Resumed = before && (c.Resumption == nil || *c.Resumption)
	}
	return s
}

// Secure reports whether contents travel in TLS records.
func (c *Config) Secure() bool { return c.TLS != noTLS }

// apart reports whether a loss on a connection holds up its own content alone.
func (c *Config) apart() bool { return c.HTTP == HTTP3 }

// streams is how many requests one connection carries at a time.
func (c *Config) streams() int32 {
	if c.HTTP == HTTP2 || c.HTTP == HTTP3 {
		return int32(c.Streams)
	}
	return 1
}

// NewConns returns the Conns of a Config with its defaults.
func NewConns[T comparable](c Config) *Conns[T] {
	return &Conns[T]{Limit: int32(c.Limit), Waiting: int32(c.Waiting), Idle: c.Idle, Streams: c.streams()}
}
