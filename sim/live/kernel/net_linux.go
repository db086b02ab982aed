// Net and its hosts on Linux.
package kernel

import (
	"errors"
	"fmt"
	"net/netip"
	"os"
	"runtime"
	"sync"
	"syscall"
	"time"

	"github.com/vishvananda/netlink"
	"github.com/vishvananda/netns"
	"golang.org/x/sys/unix"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// Net is a network of namespaces.
type Net struct {
	wires wires

	mu    sync.Mutex // protects what follows
	next  netip.Addr
	hosts []*Host
}

// Host is a namespace with an address of its own.
type Host struct {
	Name string
	Addr netip.Addr

	net *Net
	ns  netns.NsHandle
	nl  *netlink.Handle
}

// New returns a network without hosts, on wires that Supported names.
func New(w Wires) (*Net, error) {
	n := &Net{next: Subnet.Addr().Next()}
	var err error
	switch w {
	case Netem:
		n.wires, err = newNetem()
	case Tun:
		n.wires, err = newTun()
	default:
		err = fmt.Errorf("no wires %q", w)
	}
	if err != nil {
		return nil, err
	}
	return n, nil
}

// Supported tries what a network needs and returns the best wires, or why there can
// be none.
func Supported() (Wires, error) {
	var reasons []error
	for _, w := range []Wires{Netem, Tun} {
		err := try(w)
		if err == nil {
			return w, nil
		}
		reasons = append(reasons, fmt.Errorf("%s: %w", w, err))
	}
	return "", fmt.Errorf("no network of the kernel's own here:\n  %w\n  %w", reasons[0], reasons[1])
}

// try builds the smallest network there is.
func try(w Wires) error {
	n, err := New(w)
	if err != nil {
		return err
	}
	defer n.Close()
	a, err := n.Host("a")
	if err != nil {
		return err
	}
	b, err := n.Host("b")
	if err != nil {
		return err
	}
	return n.Path(a, b, network.NewLink(1, "a", "b", network.Plain(time.Millisecond)))
}

// Host adds a host.
func (n *Net) Host(name string) (*Host, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	h := &Host{Name: name, Addr: n.next, net: n, ns: netns.None()}
	if err := h.start(); err != nil {
		h.close()
		return nil, fmt.Errorf("kernel: host %s: %w", name, err)
	}
	n.next = n.next.Next()
	n.hosts = append(n.hosts, h)
	return h, nil
}

// start makes the namespace and connects it.
func (h *Host) start() (err error) {
	if h.ns, err = newNamespace(); err != nil {
		return fmt.Errorf("a network namespace: %w (it takes root, or CAP_SYS_ADMIN)", err)
	}
	if h.nl, err = netlink.NewHandleAt(h.ns); err != nil {
		return err
	}
	lo, err := h.nl.LinkByName("lo")
	if err != nil {
		return err
	}
	if err := h.nl.LinkSetUp(lo); err != nil {
		return err
	}
	if err := h.net.wires.join(h); err != nil {
		return err
	}
	return h.Do(settings)
}

// settings keep a connection in a namespace from knowing what an earlier one has
// learned.
func settings() error {
	return os.WriteFile("/proc/sys/net/ipv4/tcp_no_metrics_save", []byte("1"), 0o644)
}

// Cubic is for net.Dialer's and net.ListenConfig's Control: it gives a socket the
// congestion control of the model, where the system's default is another.
func Cubic(_, _ string, raw syscall.RawConn) error {
	var inner error
	err := raw.Control(func(fd uintptr) {
		inner = unix.SetsockoptString(int(fd), unix.IPPROTO_TCP, unix.TCP_CONGESTION, "cubic")
	})
	return errors.Join(err, inner)
}

// address gives a device the host's address and sets it up.
func (h *Host) address(device string) error {
	link, err := h.nl.LinkByName(device)
	if err != nil {
		return err
	}
	prefix := netip.PrefixFrom(h.Addr, Subnet.Bits())
	addr, err := netlink.ParseAddr(prefix.String())
	if err != nil {
		return err
	}
	if err := h.nl.AddrAdd(link, addr); err != nil {
		return fmt.Errorf("address %v: %w", prefix, err)
	}
	return h.nl.LinkSetUp(link)
}

// Path makes the way between two hosts what a link says, which is the Net's from
// then on.
func (n *Net) Path(from, to *Host, l *network.Link) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	return n.wires.path(from, to, l)
}

// Change puts a fault on the way between two hosts, or the zero Change to heal it.
// Resets and black holes are no matter of packets alone, and refused.
func (n *Net) Change(from, to *Host, c network.Change) error {
	if c.Reset || c.Blackhole || c.SlowClose > 0 {
		return errors.New("kernel: packets can be cut off, lost, delayed and throttled; reset, blackhole and slow-close need the lab's own links")
	}
	return n.wires.update(from, to, func(l *network.Link, now sim.Time) { l.Set(now, c) })
}

// Respec makes the way between two hosts another.
func (n *Net) Respec(from, to *Host, s network.Spec) error {
	return n.wires.update(from, to, func(l *network.Link, _ sim.Time) { l.Respec(s) })
}

// Do runs f on a thread that is within the host: sockets that it opens and
// processes that it starts are the host's.
func (h *Host) Do(f func() error) error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // for good: the thread ends with the goroutine, whatever its namespace is
		if err := unix.Setns(int(h.ns), unix.CLONE_NEWNET); err != nil {
			done <- fmt.Errorf("kernel: enter %s: %w", h.Name, err)
			return
		}
		done <- f()
	}()
	return <-done
}

// Enter takes the calling thread, which must be locked, into the host, and returns
// how to leave it.
func (h *Host) Enter() (leave func() error, err error) {
	outside, err := netns.Get()
	if err != nil {
		return nil, err
	}
	if err := netns.Set(h.ns); err != nil {
		outside.Close()
		return nil, fmt.Errorf("kernel: enter %s: %w", h.Name, err)
	}
	return func() error {
		defer outside.Close()
		return netns.Set(outside)
	}, nil
}

// newNamespace makes a namespace, on a thread that is given up for it.
func newNamespace() (netns.NsHandle, error) {
	type made struct {
		ns  netns.NsHandle
		err error
	}
	done := make(chan made, 1)
	go func() {
		runtime.LockOSThread()
		if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
			done <- made{netns.None(), err}
			return
		}
		ns, err := netns.Get()
		done <- made{ns, err}
	}()
	m := <-done
	return m.ns, m.err
}

func (h *Host) close() {
	if h.nl != nil {
		h.nl.Close()
	}
	if h.ns.IsOpen() {
		h.ns.Close()
	}
}

// Close gives the network up. Hosts that a process still runs in go with it.
func (n *Net) Close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.wires.close()
	for _, h := range n.hosts {
		h.close()
	}
	n.hosts = nil
}
