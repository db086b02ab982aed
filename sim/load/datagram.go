// Datagrams: a service that users ask over UDP.
package load

import (
	"time"

	"cdnlab/sim"
	"cdnlab/sim/check"
)

// Datagram is how users ask such a service: with one datagram, which has one for its
// answer.
type Datagram struct {
	Size    *sim.Bytes    `toml:"query-size" json:"query_size,omitempty" jsonschema:"default=60B,description=what a user's datagram carries; at most 1472 bytes\\, so that none is cut into fragments"`
	Timeout time.Duration `toml:"timeout" json:"timeout,omitempty" jsonschema:"minimum=1ms,default=1s,description=how long a user waits for an answer before the datagram counts as lost"`
	Retries int           `toml:"retries" json:"retries,omitempty" jsonschema:"minimum=0,maximum=10,default=0,description=how often one is then sent again"`
}

// mostRetries bounds them: a stub resolver tries twice.
const mostRetries = 10

// mostPath bounds a path in bytes: in the live world it goes in the datagram, beside whose
// that is.
const mostPath = 1000

// withDefaults fills in what is not said. Size 60B: a DNS query with EDNS, and a player's
// input or 20 ms of speech are not much more. Timeout 1 s: what game clients and modern
// resolvers wait at first (glibc waits 5 s). Retries none: of a stream of datagrams the
// next one says more than the last one again.
func (d *Datagram) withDefaults() *Datagram {
	c := *d
	if c.Size == nil {
		c.Size = new(sim.Bytes(60))
	}
	if c.Timeout == 0 {
		c.Timeout = time.Second
	}
	return &c
}

// Datagram returns how users ask for an object over UDP; nil when they do not. It has
// its defaults.
func (c *Catalog) Datagram(o Object) *Datagram { return c.families[o.Entry].datagram }

// Protocol returns what is spoken for an object in the place of HTTP; "" when that is.
func (c *Catalog) Protocol(o Object) string {
	f := &c.families[o.Entry]
	if f.datagram != nil {
		return sim.ProtocolUDP
	}
	return f.socket.Protocol()
}

func (e Entry) checkDatagram(l *check.List) {
	d := e.UDP
	if d == nil {
		return
	}
	if e.Socket != nil || e.TCP != nil {
		l.Add("udp", "is another protocol than websocket and tcp: a path has one of them")
	}
	if d.Size != nil {
		l.Number("udp.query-size", float64(*d.Size), 0, sim.MaxDatagram)
	}
	if e.Size == nil || *e.Size > sim.MaxDatagram || e.SizeLaw != "" && e.SizeLaw != "constant" {
		l.Add("size", "must be given and at most %dB, and the same for all: an answer is one datagram, which is never cut into fragments", sim.MaxDatagram)
	}
	if len(e.Path) > mostPath {
		l.Add("path", "has %d bytes; the limit is %d where it goes in a datagram", len(e.Path), mostPath)
	}
	if d.Timeout != 0 {
		l.Duration("udp.timeout", d.Timeout, time.Millisecond, time.Hour)
	}
	l.Number("udp.retries", float64(d.Retries), 0, mostRetries)
	e.noHTTP(l, "means nothing to datagrams", "has no place in a datagram")
}
