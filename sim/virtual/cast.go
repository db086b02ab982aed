// cast: datagrams over a Link, in virtual time.
package virtual

import (
	"net/netip"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// maxHeld is how many datagrams wait for a host that hangs, about as many small ones
// as Linux's default buffer of a socket has room for (net.core.rmem_default, 212,992
// bytes, of which each takes 768).
const maxHeld = 277

var _ sim.Caster = (*Link)(nil)

// Cast implements sim.Caster.
func (l *Link) Cast(d *sim.Request, back func(*sim.Response)) {
	if l.closed {
		return
	}
	w := l.way
	own := *d
	own.Scope, own.Body, own.Interim = nil, nil, nil
	mile := w.mileOf(&own)
	at, ok := w.net.Datagram(network.Out, w.world.Engine.Now(), own.Size, mile, &own)
	if !ok {
		return
	}
	if w.from.node != nil && !w.peer.Reveals { // it comes from the one that passes it on
		own.Addr = w.peer.Local
	}
	w.world.Engine.At(at, func() { w.to.datagram(w, &own, mile, back) })
}

// mileOf is the last mile of who sends; nil when there is none on the path.
func (w *way) mileOf(d *sim.Request) *network.LastMile {
	if w.net.Spec().Access == nil {
		return nil
	}
	from := netip.AddrPortFrom(d.Addr, d.Port)
	if w.miles == nil {
		w.miles = map[netip.AddrPort]*network.LastMile{}
	}
	if w.miles[from] == nil {
		w.miles[from] = &network.LastMile{}
	}
	return w.miles[from]
}

// datagram takes a datagram that has arrived. Of a host that is down nobody hears: the
// lab's ends do not heed ICMP.
func (h *Host) datagram(w *way, d *sim.Request, mile *network.LastMile, back func(*sim.Response)) {
	if !h.running() {
		return
	}
	life := h.life
	node, ok := h.node.(sim.Receiver)
	switch {
	case !ok:
	case !life.Held():
		h.hand(node, w, d, mile, back)
	case h.queued < maxHeld:
		h.queued++
		life.After(0, func() {
			h.queued--
			h.hand(node, w, d, mile, back)
		})
	}
}

// hand gives the node a datagram, and takes its answer back.
func (h *Host) hand(node sim.Receiver, w *way, d *sim.Request, mile *network.LastMile, back func(*sim.Response)) {
	life := h.life
	asked := sim.Request{ID: d.ID, Attempt: d.Attempt}
	node.Receive(d, func(resp *sim.Response) {
		if !h.up(life) {
			return
		}
		c := &h.world.Costs
		leaves := h.world.Engine.Now()
		if h.relays {
			leaves = h.work(c.Relay + h.content(c.RelayMB, resp.Size, false))
		} else {
			leaves = h.served(resp.Size, false)
		}
		at, ok := w.net.Datagram(network.Back, max(leaves, h.world.Engine.Now()), resp.Size, mile, &asked)
		if ok && !w.closed {
			w.clock.After(w.until(at), func() { back(resp) })
		}
	})
}
