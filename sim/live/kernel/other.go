//go:build !linux

// Elsewhere there are no namespaces.
package kernel

import (
	"net/netip"

	"cdnlab/sim/network"
)

// Supported says why there can be no Net here.
func Supported() (Wires, error) { return "", ErrUnsupported }

// Net is a network of namespaces.
type Net struct{}

// New says why there can be none.
func New(Wires) (*Net, error) { return nil, ErrUnsupported }

// Host is a namespace.
type Host struct{ Addr netip.Addr }

func (n *Net) Host(string) (*Host, error)                { return nil, ErrUnsupported }
func (n *Net) Path(*Host, *Host, *network.Link) error    { return ErrUnsupported }
func (n *Net) Close()                                    {}
func (h *Host) Do(func() error) error                    { return ErrUnsupported }
func (n *Net) Respec(*Host, *Host, network.Spec) error   { return ErrUnsupported }
func (h *Host) Enter() (func() error, error)             { return nil, ErrUnsupported }
func (n *Net) Change(*Host, *Host, network.Change) error { return ErrUnsupported }
