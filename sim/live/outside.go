// Links of a World from outside its nodes: those of clients.
package live

import (
	"net/netip"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// Dial returns a link from outside (clients of a place, at an address) to a
// node. Call it from within Do.
func (w *World) Dial(from, to string, s network.Spec, conns network.Config, local netip.Addr) *Link {
	n := w.node(to)
	bind := ""
	if ManyAddresses && local.IsValid() && w.spaces == nil { // else the namespace has one address
		bind = local.String()
	}
	var trust *Trust
	if w.signs != nil {
		trust = w.signs.Trust(netip.MustParseAddrPort(n.config.Listen).Addr())
		if n.relays {
			trust.Anyone()
		}
	}
	path := w.path(from, to, s)
	l := NewLink(w.Node, LinkConfig{Path: path, Conns: conns, Token: w.Token, Discard: true, Base: w.base, Trust: trust,
		Cast: w.spaces.caster(from, Caster(bind, n.config.Listen, bind != "")), To: addressOf(n.config.Listen),
		Dial: w.spaces.dialler(from, dialer(bind, n.config.Listen, w.Node.wall.Real(dialPatience))), Peer: to, Tracer: sim.NewTracer(w.Node.Engine(), from, w.config.Steps),
		Respec: func(s network.Spec) network.Spec { return w.respec(from, to, s) }})
	w.links = append(w.links, driverLink{from, to, path, l})
	return l
}

func (w *World) path(from, to string, s network.Spec) *network.Link {
	for _, l := range w.links {
		if l.from == from && l.to == to {
			l.path.Respec(s) // it may have changed since
			return l.path
		}
	}
	s, err := w.spaces.path(from, to, s)
	if err != nil {
		w.Node.Later(func() { w.config.Failed(err) })
	}
	return network.NewLink(w.config.Seed, from, to, s)
}
