// netem: wires that are all the kernel's: a veth pair for each two hosts that talk,
// with the queueing discipline netem at both ends.
package kernel

import (
	"errors"
	"fmt"
	"net"
	"sync"
	"syscall"
	"time"

	"github.com/vishvananda/netlink"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// netem knows which pairs have their wire.
type netem struct {
	mu    sync.Mutex // protects wires
	wires map[[2]*Host]*veth
}

// veth is the wire between two hosts: the name of both its devices, and its link.
type veth struct {
	name   string
	link   *network.Link
	delays bool
}

func newNetem() (wires, error) { return &netem{wires: map[[2]*Host]*veth{}}, nil }

// join gives a host its address on the loopback device: it is the same on all its
// wires.
func (n *netem) join(h *Host) error { return h.address("lo") }

func (n *netem) path(from, to *Host, l *network.Link) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	w := &veth{name: fmt.Sprintf("wire%d", len(n.wires)), link: l}
	if err := connect(from, to, w.name); err != nil {
		return err
	}
	n.wires[[2]*Host{from, to}] = w
	return w.delay(from, to)
}

func (n *netem) update(from, to *Host, f func(*network.Link, sim.Time)) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	w := n.wires[[2]*Host{from, to}]
	f(w.link, 0) // nobody waits for it to heal
	return w.delay(from, to)
}

// delay makes both ends of a wire what its link says.
func (w *veth) delay(from, to *Host) error {
	if err := w.at(from, network.Out); err != nil {
		return err
	}
	return w.at(to, network.Back)
}

// connect makes a veth pair between two hosts, and each the other's way to it.
func connect(from, to *Host, name string) error {
	pair := &netlink.Veth{LinkAttrs: netlink.LinkAttrs{Name: name}, PeerName: name, PeerNamespace: netlink.NsFd(int(to.ns))}
	if err := from.nl.LinkAdd(pair); err != nil {
		return fmt.Errorf("a veth pair: %w", err)
	}
	if err := route(from, to, name); err != nil {
		return err
	}
	return route(to, from, name)
}

func route(from, to *Host, name string) error {
	link, err := from.nl.LinkByName(name)
	if err != nil {
		return err
	}
	// Packets as on a wire: a segment of 64 KB would have one delay and one loss.
	if err := from.nl.LinkSetGSOMaxSegs(link, 1); err != nil {
		return fmt.Errorf("segments of one packet: %w", err)
	}
	if err := from.nl.LinkSetUp(link); err != nil {
		return err
	}
	single := func(a *Host) *net.IPNet { return &net.IPNet{IP: a.Addr.AsSlice(), Mask: net.CIDRMask(32, 32)} }
	return from.nl.RouteReplace(&netlink.Route{
		LinkIndex: link.Attrs().Index, Scope: netlink.SCOPE_LINK, Dst: single(to), Src: from.Addr.AsSlice(),
	})
}

// at makes what leaves a host by the wire take its time.
func (w *veth) at(h *Host, d network.Direction) error {
	name, l := w.name, w.link
	link, err := h.nl.LinkByName(name)
	if err != nil {
		return err
	}
	if l.Quiet() && l.RTT() == 0 && l.Changed() == (network.Change{}) && !w.delays {
		return nil // there is nothing for it to do, and it need not be there
	}
	w.delays = true
	err = h.nl.QdiscReplace(netlink.NewNetem(
		netlink.QdiscAttrs{LinkIndex: link.Attrs().Index, Handle: netlink.MakeHandle(1, 0), Parent: netlink.HANDLE_ROOT},
		attributes(l, d)))
	if errors.Is(err, syscall.ENOENT) {
		return errors.New("this kernel has no netem (CONFIG_NET_SCH_NETEM)")
	}
	return err
}

// attributes are a link's in netem's words. It draws delays from a table of normally
// distributed ones only when told by tc's files: jitter here is its uniform one.
func attributes(l *network.Link, d network.Direction) netlink.NetemQdiscAttrs {
	s, c := l.Spec(), l.Changed()
	rate, loss, limit := s.RateOf(d), s.LossOf(), s.QueueOf()
	if c.Rate > 0 && (rate == 0 || c.Rate < rate) {
		rate = c.Rate
	}
	loss = loss + c.Loss - loss*c.Loss
	if l.Cut(d) {
		loss = 1
	}
	return netlink.NetemQdiscAttrs{
		Latency: uint32(l.OneWay() / time.Microsecond), Jitter: uint32(s.Jitter / time.Microsecond),
		DelayCorr: float32(100 * s.Correlation), Loss: float32(100 * loss), Limit: uint32(limit) + inFlight(rate, l.OneWay()),
		Rate64: uint64(rate) / 8,
	}
}

// inFlight is how many packets are under way at a rate: netem counts them in its
// limit too.
func inFlight(rate sim.Rate, oneWay time.Duration) uint32 {
	if rate == 0 {
		return 100_000
	}
	return uint32(min(float64(rate)/8/1500*oneWay.Seconds(), 1e6)) + 1
}

func (n *netem) close() {}
