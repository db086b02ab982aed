// namespaces: a world's ends on a network of the kernel's own, in place of loopback.
package live

import (
	"net"
	"net/netip"
	"os/exec"
	"sync"

	"cdnlab/sim/live/kernel"
	"cdnlab/sim/network"
)

// namespaces give each end (a node, a group of clients) a TCP/IP stack of its own.
// The network then plays the paths, and the lab's links add nothing. A nil
// *namespaces is loopback, where it is the other way round.
type namespaces struct {
	net   *kernel.Net
	wires kernel.Wires
	seed  uint64

	mu    sync.Mutex // protects hosts
	hosts map[string]*kernel.Host
}

// newNamespaces returns an empty network on the best wires there are.
func newNamespaces(seed uint64) (*namespaces, error) {
	wires, err := kernel.Supported()
	if err != nil {
		return nil, err
	}
	n, err := kernel.New(wires)
	if err != nil {
		return nil, err
	}
	return &namespaces{net: n, wires: wires, seed: seed, hosts: map[string]*kernel.Host{}}, nil
}

// host returns the host of an end, made when it is first asked for.
func (s *namespaces) host(end string) (*kernel.Host, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if h := s.hosts[end]; h != nil {
		return h, nil
	}
	h, err := s.net.Host(end)
	if err == nil {
		s.hosts[end] = h
	}
	return h, err
}

// within runs f where an end is.
func (s *namespaces) within(end string, f func() error) error {
	if s == nil {
		return f()
	}
	h, err := s.host(end)
	if err != nil {
		return err
	}
	return h.Do(f)
}

// start starts a process where an end is, on the calling thread, which is locked.
func (s *namespaces) start(end string, cmd *exec.Cmd) error {
	if s == nil {
		return cmd.Start()
	}
	h, err := s.host(end)
	if err != nil {
		return err
	}
	leave, err := h.Enter()
	if err != nil {
		return err
	}
	err = cmd.Start()
	if outside := leave(); outside != nil {
		panic("live: " + outside.Error()) // the thread would start all others in the wrong place
	}
	return err
}

// dialler has connections opened where an end is.
func (s *namespaces) dialler(end string, dial func() (net.Conn, error)) func() (net.Conn, error) {
	if s == nil {
		return dial
	}
	return func() (c net.Conn, err error) {
		inner := s.within(end, func() (err error) {
			c, err = dial()
			return err
		})
		return c, inner
	}
}

// caster has sockets for datagrams opened where an end is.
func (s *namespaces) caster(end string, open func(netip.AddrPort) (net.Conn, error)) func(netip.AddrPort) (net.Conn, error) {
	if s == nil {
		return open
	}
	return func(from netip.AddrPort) (net.Conn, error) {
		return s.dialler(end, func() (net.Conn, error) { return open(from) })()
	}
}

// path makes the way between two ends, and returns what is left for the lab's own
// link to play.
func (s *namespaces) path(from, to string, spec network.Spec) (network.Spec, error) {
	if s == nil {
		return spec, nil
	}
	a, err := s.host(from)
	if err != nil {
		return spec, err
	}
	b, err := s.host(to)
	if err != nil {
		return spec, err
	}
	return network.Plain(0), s.net.Path(a, b, network.NewLink(s.seed, from, to, spec))
}

// change puts a fault on the way between two ends.
func (s *namespaces) change(from, to string, c network.Change) error {
	return s.net.Change(s.hosts[from], s.hosts[to], c)
}

// respec makes the way between two ends another.
func (s *namespaces) respec(from, to string, spec network.Spec) (network.Spec, error) {
	if s == nil {
		return spec, nil
	}
	return network.Plain(0), s.net.Respec(s.hosts[from], s.hosts[to], spec)
}

func (s *namespaces) close() {
	if s != nil {
		s.net.Close()
	}
}
