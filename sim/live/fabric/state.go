// State: what a relay says of itself, from any goroutine.
package fabric

import (
	"net"
	"sync"
)

// State is all that can be told of a link.
type State struct {
	Link   Path   `json:"link"`
	Fault  Fault  `json:"fault"`
	Stats  Stats  `json:"stats"`
	Late   Late   `json:"late"`
	Delays string `json:"delays"`
	// Base is what an exchange costs here without any delay; it is taken off.
	Base Duration `json:"base"`
}

// Late says how much later than they were due bytes were handed on.
type Late struct {
	Median Duration `json:"median"`
	P99    Duration `json:"p99"`
	Max    Duration `json:"max"`
}

// State returns what is known now. Like Become and Change it may be called from
// anywhere but the loop.
func (r *Relay) State() State {
	s := State{Delays: r.loop.Says()}
	r.loop.Call(func() {
		s.Link, s.Fault, s.Stats, s.Base = pathOf(r.link.Spec()), faultOf(r.link.Changed()), r.Stats(), Duration(r.Base)
		s.Late = Late{Duration(r.late.ValueAtQuantile(50)), Duration(r.late.ValueAtQuantile(99)), Duration(r.late.Max())}
		if r.late.TotalCount() == 0 {
			s.Late = Late{}
		}
	})
	return s
}

// Become makes the link another.
func (r *Relay) Become(p Path) { r.loop.Call(func() { r.Respec(p.Spec()) }) }

// Change has something go wrong with the link, in place of what was wrong before.
func (r *Relay) Change(f Fault) { r.loop.Call(func() { r.Set(f.change()) }) }

// few is a listener that has so many connections open at a time; more wait.
type few struct {
	net.Listener
	places chan struct{}
}

// Few limits a listener to as many connections as a control API needs.
func Few(l net.Listener) net.Listener { return &few{l, make(chan struct{}, controlConns)} }

// Accept implements net.Listener.
func (f *few) Accept() (net.Conn, error) {
	f.places <- struct{}{}
	c, err := f.Listener.Accept()
	if err != nil {
		<-f.places
		return nil, err
	}
	return &placed{Conn: c, leave: sync.OnceFunc(func() { <-f.places })}, nil
}

// placed is a connection that gives its place back.
type placed struct {
	net.Conn
	leave func()
}

// Close implements net.Conn.
func (p *placed) Close() error {
	defer p.leave()
	return p.Conn.Close()
}
