// The address plan: every place a network of its own in 127/8, the same in both
// worlds.
package scenarios

import "net/netip"

// addressPlan hands out addresses. A place gets a /24, and another when that is
// used up: 127.10.1.0/24, 127.10.2.0/24 and so on. On Linux all of 127/8 is
// loopback, so a live world binds them for real.
type addressPlan struct {
	places []*placeNet
	nets   int
}

type placeNet struct {
	name string
	net  int
	host int
}

func newAddressPlan() *addressPlan { return &addressPlan{} }

// lastHost is the highest host number used in a /24: .255 is a broadcast
// address to old eyes.
const lastHost = 250

// take returns the next n addresses of a place.
func (p *addressPlan) take(place string, n int) []netip.Addr {
	net := p.place(place)
	addrs := make([]netip.Addr, n)
	for i := range addrs {
		if net.host == lastHost {
			net.net, net.host = p.nets, 0
			p.nets++
		}
		net.host++
		addrs[i] = netip.AddrFrom4([4]byte{127, byte(10 + net.net/250), byte(1 + net.net%250), byte(net.host)})
	}
	return addrs
}

func (p *addressPlan) place(name string) *placeNet {
	for _, known := range p.places {
		if known.name == name {
			return known
		}
	}
	fresh := &placeNet{name: name, net: p.nets}
	p.nets++
	p.places = append(p.places, fresh)
	return fresh
}
