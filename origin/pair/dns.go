// DNS: each resolver holds one of the balancers' addresses for a while.
package pair

import (
	"math/rand/v2"
	"net/netip"
	"time"

	"cdnlab/sim"
)

// maxLeases bounds the resolvers that a DNS remembers; one beyond asks each time.
const maxLeases = 1 << 16

// DNS decides by what resolvers were last told. Who comes from one address has
// one resolver: the router of a home or an office. The name server answers with the
// addresses of those it holds for well, each time beginning with the next (round robin); with
// all of them when none is, as Route 53 does.
type DNS struct {
	ttl    time.Duration
	well   []bool
	next   int
	leases map[netip.Addr]lease
	dice   *rand.Rand
}

type lease struct {
	at    int
	until sim.Time
}

// NewDNS returns the DNS of n balancers. A resolver's first answer has been held for some
// time already, as somebody asked before the run: dice say for how long.
func NewDNS(c DNSConfig, n int, dice *rand.Rand) *DNS {
	d := &DNS{ttl: c.TTL, leases: map[netip.Addr]lease{}, dice: dice}
	for range n {
		d.well = append(d.well, true)
	}
	return d
}

// Change goes on with another TTL: of answers from now on.
func (d *DNS) Change(c DNSConfig) { d.ttl = c.TTL }

// Set tells what the name server holds of a balancer.
func (d *DNS) Set(balancer int, well bool) { d.well[balancer] = well }

// Pick returns the balancer that who comes from an address asks now.
func (d *DNS) Pick(now sim.Time, addr netip.Addr) int {
	l, known := d.leases[addr]
	if known && now < l.until {
		return l.at
	}
	l.at, l.until = d.answer(), now.Add(d.ttl)
	if !known {
		l.until = now.Add(time.Duration(1 + d.dice.Int64N(int64(d.ttl))))
	}
	if known || len(d.leases) < maxLeases {
		d.leases[addr] = l
	}
	return l.at
}

func (d *DNS) answer() int {
	for range d.well {
		at := d.next
		d.next = (d.next + 1) % len(d.well)
		if d.well[at] {
			return at
		}
	}
	at := d.next
	d.next = (d.next + 1) % len(d.well)
	return at
}

// Refused is told that who comes from an address could not reach the balancer that it was given. It
// returns the next address of the answer, which it then holds for as long, or -1
// when those tried are all there are.
func (d *DNS) Refused(addr netip.Addr, at, tried int) int {
	if tried >= len(d.well) {
		return -1
	}
	next := (at + 1) % len(d.well)
	for range d.well { // those that the answer had
		if d.well[next] && next != at {
			break
		}
		next = (next + 1) % len(d.well)
	}
	if l, known := d.leases[addr]; known && l.at == at {
		l.at = next
		d.leases[addr] = l
	}
	return next
}
