// What a scenario may say about connections.
package network

import "time"

// Config is how one side keeps its connections to another.
type Config struct {
	Limit          int           `toml:"max-connections" jsonschema:"default=8192,minimum=0,description=connections to one far end; if not given for pooled clients 2048 over all their addresses and for each of people 6"`
	Waiting        int           `toml:"max-waiting" jsonschema:"default=8192,minimum=0,description=requests that may wait for a connection when max-connections is reached"`
	Idle           time.Duration `toml:"keep-alive" jsonschema:"default=60s,description=an idle connection is closed after that"`
	ConnectTimeout time.Duration `toml:"connect-timeout" jsonschema:"default=3s,description=a connection attempt fails with unreachable after that"`
}

// WithDefaults fills in what is not said.
//
// Limit 8192: one side's share of the file limit and of the ephemeral ports
// (28,000 on Linux). Waiting 8192: as many again. Idle 60 s: between nginx's
// upstream default (60 s) and Go's (90 s). ConnectTimeout 3 s: one lost SYN
// (1 s) may be sent again, a second (2 s more) is given up.
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
	return c
}

// NewConns returns the Conns of a Config.
func NewConns[T any](c Config) *Conns[T] {
	return &Conns[T]{Limit: c.Limit, Waiting: c.Waiting, Idle: c.Idle}
}
