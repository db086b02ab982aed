// A host's cores: when its work is done. Nothing here makes an event: what the
// host sends sets out that much later.
package virtual

import (
	"time"

	"cdnlab/sim"
	"cdnlab/sim/cpu"
	"cdnlab/sim/network"
)

// counterBusy is how long a node's cores have worked, in ns: the live world's
// nodes count it too.
const counterBusy = "cpu-busy-ns"

// work gives the cores a piece of work and returns when it is done. Nobody, who
// is outside the nodes, works without cores.
func (h *Host) work(cost time.Duration) sim.Time {
	now := h.world.Engine.Now()
	if h.cores == nil {
		return now
	}
	return h.cores.Take(now, cost)
}

// served returns when an answer can set out, with the n bytes of content that
// come at once.
func (h *Host) served(n int64, secure bool) sim.Time {
	return h.work(h.world.Costs.Serve + h.content(h.world.Costs.ServeMB, n, secure))
}

// content is what n bytes cost at so much a MB, in TLS records or not; nothing
// where nobody counts it.
func (h *Host) content(perMB time.Duration, n int64, secure bool) time.Duration {
	if h.cores == nil {
		return 0
	}
	if secure {
		perMB += h.world.Costs.TLSMB
	}
	return cpu.Of(perMB, n)
}

// sent returns when n bytes of content behind a header have set out.
func (h *Host) sent(n int64, secure bool) sim.Time {
	return h.work(h.content(h.world.Costs.ServeMB, n, secure))
}

// served returns when an answer can set out with the n bytes of content that come
// at once: from a host that has read the request, or passes the answer on.
func (x *exchange) served(n int64) sim.Time {
	if x.conn.line() != nil {
		c := &x.way.world.Costs
		return x.way.to.work(c.Relay + x.way.to.content(c.RelayMB, n, false))
	}
	return x.way.to.served(n, x.way.limits.Secure())
}

// followed is served for n bytes of content behind a header.
func (x *exchange) followed(n int64) sim.Time {
	if x.conn.line() != nil {
		return x.way.to.work(x.way.to.content(x.way.world.Costs.RelayMB, n, false))
	}
	return x.way.to.sent(n, x.way.limits.Secure())
}

// passed charges a new connection that is passed on.
func (h *Host) passed() {
	if h.cores != nil {
		h.cores.Accept(h.world.Engine.Now(), h.world.Costs.RelayConnection)
	}
}

// asked returns when a request of the host's own can set out.
func (h *Host) asked() sim.Time { return h.work(h.world.Costs.Forward) }

// got charges n bytes of content that another sent. What becomes of them waits
// for the cores by itself.
func (h *Host) got(n int64, secure bool) { h.work(h.content(h.world.Costs.ForwardMB, n, secure)) }

// shook returns when a connection's TLS handshake is done, as far as it is the
// server's to do. The asker's part is not charged.
func (h *Host) shook(s network.Setup) sim.Time {
	c := &h.world.Costs
	switch {
	case s.TLS == "":
		return h.work(0)
	case s.Resumed:
		return h.work(c.Resumed)
	case s.TLS == network.TLS12:
		return h.work(c.TLS12)
	}
	return h.work(c.TLS13)
}

// accepted charges a new connection. The kernel has made it: no client waits
// until the process takes it, but for what it asks then.
func (h *Host) accepted() {
	if h.cores != nil {
		h.cores.Accept(h.world.Engine.Now(), h.world.Costs.Accept)
	}
}

// full reports whether the accept queue is: Linux drops the SYN then.
func (h *Host) full() bool { return h.cores != nil && h.cores.Full(h.world.Engine.Now()) }

// newCores gives a new incarnation its cores, idle.
func (h *Host) newCores() {
	if h.Cores > 0 {
		h.cores = cpu.New(h.Cores)
	}
}

// busy returns how long the cores have worked over all incarnations.
func (h *Host) busy() int64 {
	n := h.worked
	if h.cores != nil {
		n += h.cores.Busy(h.world.Engine.Now())
	}
	return int64(n)
}

// rest ends the work of an incarnation: what was not done is lost.
func (h *Host) rest() {
	h.worked = time.Duration(h.busy())
	h.cores = nil
}

// until is how long it is until a time that may have passed.
func (w *way) until(at sim.Time) time.Duration { return max(0, at.Sub(w.world.Engine.Now())) }
