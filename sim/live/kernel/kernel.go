// Package kernel is a network of namespaces: each host has the kernel's own TCP/IP
// stack to itself, and packets between them take the time that a model says. It is
// an independent check of the lab's links: here the handshakes, windows and
// retransmissions are Linux's own.
//
// A host is a network namespace without a name. It lives as long as somebody holds
// it: the Net, a process within it, a socket. When those are gone, by Close, a
// crash or a SIGKILL, the kernel takes it and all its devices away: nothing is left
// behind whatever happens.
//
// A Net is safe for concurrent use.
package kernel

import (
	"errors"
	"net/netip"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// ErrUnsupported is the reason on systems without network namespaces.
var ErrUnsupported = errors.New("a network of the kernel's own needs Linux's network namespaces")

// Wires say what carries packets between hosts.
type Wires string

const (
	// Netem are veth pairs with the queueing discipline netem: all is the kernel's.
	Netem Wires = "netem"
	// Tun are TUN devices whose packets this process carries by the model: for
	// kernels without netem.
	Tun Wires = "tun"
)

// wires carry packets between hosts.
type wires interface {
	// join connects a host.
	join(h *Host) error
	// path makes the way between two hosts what a link says.
	path(from, to *Host, l *network.Link) error
	// update changes such a way's link, and what it says then holds.
	update(from, to *Host, f func(l *network.Link, now sim.Time)) error
	close()
}

// Subnet is where the hosts' addresses come from, within their namespaces only.
var Subnet = netip.MustParsePrefix("10.77.0.0/16")
