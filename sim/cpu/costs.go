// Costs: how long one core is busy with each kind of work.
package cpu

import (
	"iter"
	"reflect"
	"time"
)

// Costs are what each kind of work costs a node, in time of one core. The zero
// Costs make everything free.
//
// A hit costs Serve, a proxied request Serve and Forward, and both what their
// content costs by its size.
type Costs struct {
	Serve     time.Duration `toml:"serve" json:"serve" jsonschema:"minimum=0s,maximum=10s,description=CPU time for a request that a node answers: to read it\\, decide and write the answer; if not given as costs says"`
	ServeMB   time.Duration `toml:"serve-mb" json:"serve-mb" jsonschema:"minimum=0s,maximum=10s,description=CPU time for each MB of content that a node sends; if not given as costs says"`
	Forward   time.Duration `toml:"forward" json:"forward" jsonschema:"minimum=0s,maximum=10s,description=CPU time for a request that a node asks of another: to write it and read the answer; if not given as costs says"`
	ForwardMB time.Duration `toml:"forward-mb" json:"forward-mb" jsonschema:"minimum=0s,maximum=10s,description=CPU time for each MB of content that a node gets from another; if not given as costs says"`
	Accept    time.Duration `toml:"accept" json:"accept" jsonschema:"minimum=0s,maximum=10s,description=CPU time for a TCP connection that is taken and closed again; if not given as costs says"`
	// Of an L4 balancer, which passes on what it does not read:
	Relay           time.Duration `toml:"relay" json:"relay" jsonschema:"minimum=0s,maximum=10s,description=CPU time of an L4 balancer for a request and its answer; if not given as costs says"`
	RelayConnection time.Duration `toml:"relay-connection" json:"relay-connection" jsonschema:"minimum=0s,maximum=10s,description=CPU time of an L4 balancer for a connection that is passed on and closed again; if not given as costs says"`
	RelayMB         time.Duration `toml:"relay-mb" json:"relay-mb" jsonschema:"minimum=0s,maximum=10s,description=CPU time of an L4 balancer for each MB of content; if not given as costs says"`

	TLS13   time.Duration `toml:"tls13" json:"tls13" jsonschema:"minimum=0s,maximum=10s,description=CPU time of the server for a TLS 1.3 handshake\\, that of HTTP/3 too; if not given as costs says"`
	TLS12   time.Duration `toml:"tls12" json:"tls12" jsonschema:"minimum=0s,maximum=10s,description=CPU time of the server for a TLS 1.2 handshake; if not given as costs says"`
	Resumed time.Duration `toml:"tls-resumed" json:"tls-resumed" jsonschema:"minimum=0s,maximum=10s,description=CPU time of the server for a TLS handshake that resumes a session; if not given as costs says"`
	TLSMB   time.Duration `toml:"tls-mb" json:"tls-mb" jsonschema:"minimum=0s,maximum=10s,description=CPU time for each MB of content that is encrypted or decrypted; if not given as costs says"`
}

// MB is what costs by size are given for.
const MB = 1_000_000

// Of returns what n bytes cost at so much a MB.
func Of(perMB time.Duration, n int64) time.Duration {
	if n <= 0 || perMB <= 0 {
		return 0
	}
	return time.Duration(float64(perMB) * (float64(n) / MB))
}

// Scale returns the costs on a machine that is 1/f times as strong: f times as
// long, and half of that for f = 0.5.
func (c Costs) Scale(f float64) Costs {
	for _, cost := range c.Kinds() {
		*cost = time.Duration(float64(*cost) * f)
	}
	return c
}

// Or returns the costs with those that are not given (0) taken from d.
func (c Costs) Or(d Costs) Costs {
	other := d.all()
	for i, cost := range c.all() {
		if *cost == 0 {
			*cost = *other[i]
		}
	}
	return c
}

// Kinds yields each kind, by its key, with its cost.
func (c *Costs) Kinds() iter.Seq2[string, *time.Duration] {
	return func(yield func(string, *time.Duration) bool) {
		for i, cost := range c.all() {
			if !yield(reflect.TypeFor[Costs]().Field(i).Tag.Get("toml"), cost) {
				return
			}
		}
	}
}

// all are the fields in their order.
func (c *Costs) all() []*time.Duration {
	return []*time.Duration{&c.Serve, &c.ServeMB, &c.Forward, &c.ForwardMB, &c.Accept,
		&c.Relay, &c.RelayConnection, &c.RelayMB, &c.TLS13, &c.TLS12, &c.Resumed, &c.TLSMB}
}
