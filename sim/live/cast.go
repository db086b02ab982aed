// cast: datagrams over a Link, each flow from a socket of its own.
package live

import (
	"errors"
	"net"
	"net/netip"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

const (
	// maxCasts bounds the datagrams of a flow whose answers are waited for: an answer
	// to one before them is nobody's.
	maxCasts = 256
	// A link has so many sockets at the most, and closes those that were silent for so
	// long, in the scenario's time: as Envoy's idle_timeout of its UDP proxy.
	maxCasters = 65536
	casterIdle = time.Minute
)

// caster is a flow's socket.
type caster struct {
	way     *way
	from    netip.AddrPort
	mile    *network.LastMile
	pending map[castNumber]pendingCast
	order   []castNumber // of them, the oldest first
	closed  bool

	mu   sync.Mutex // protects what follows, outside the node
	nc   net.Conn   // nil: not open yet
	over bool       // it is not to be opened any more
}

// castNumber is what a datagram and its answer are known by.
type castNumber struct {
	id      uint64
	attempt int
}

type pendingCast struct {
	back   func(*sim.Response)
	passed bool // it is passed on unread, and so is its answer
	sent   *sending
}

// sending is when a datagram was due to be written, and when it was; 0: not yet.
type sending struct {
	due   sim.Time
	wrote atomic.Int64
}

var _ sim.Caster = (*Link)(nil)

// Cast implements sim.Caster.
func (l *Link) Cast(d *sim.Request, back func(*sim.Response)) {
	w := l.way
	if w.cast == nil {
		return
	}
	engine := w.node.engine
	text, number := textOf(d.Body), castNumber{d.ID, d.Attempt}
	passed := text != nil
	if !passed {
		text = appendQuery(w.token, d)
	}
	s := w.caster(netip.AddrPortFrom(d.Addr, d.Port))
	at, ok := w.net.Datagram(network.Out, engine.Now(), d.Size, s.mile, d)
	if !ok {
		return
	}
	if w.reveals {
		text = append(appendProxyOf(proxyUDP, nil, s.from, w.peer), text...)
	}
	due := max(at.Add(-w.half(w.base.Hot)), engine.Now())
	sent := &sending{due: due}
	s.expect(number, pendingCast{back, passed, sent})
	engine.At(due, func() {
		if !s.closed {
			w.node.Later(func() { s.write(text, sent) })
		}
	})
}

// caster returns a flow's socket.
func (w *way) caster(from netip.AddrPort) *caster {
	now := w.node.engine.Now()
	if w.casters == nil {
		w.casters = sim.NewRecent[netip.AddrPort, *caster](maxCasters, casterIdle)
		w.casters.Left = func(_ netip.AddrPort, s *caster, _ bool) { s.close() }
	}
	w.casters.Expire(now)
	if s := w.casters.Use(now, from); s != nil {
		return *s
	}
	s := &caster{way: w, from: from, pending: map[castNumber]pendingCast{}}
	if w.net.Spec().Access != nil {
		s.mile = &network.LastMile{}
	}
	return *w.casters.Add(now, from, s)
}

func (s *caster) expect(n castNumber, p pendingCast) {
	if len(s.order) == maxCasts {
		delete(s.pending, s.order[0])
		s.order = slices.Delete(s.order, 0, 1)
	}
	s.pending[n] = p
	s.order = append(s.order, n)
}

// closeCasters closes all sockets of a way.
func (w *way) closeCasters() {
	if t := w.casters; t != nil {
		t.Change(0, -1)
		t.Expire(w.node.engine.Now())
		t.Change(maxCasters, casterIdle)
	}
}

func (s *caster) close() {
	s.closed = true
	s.way.node.Later(func() {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.over = true
		if s.nc != nil {
			s.nc.Close()
		}
	})
}

// write sends a datagram, outside the node. That the far end's port is closed (ICMP)
// nobody heeds: the system tells it in place of sending, and is asked again.
func (s *caster) write(text []byte, sent *sending) {
	nc, err := s.open()
	if err != nil {
		s.way.node.Do(func() { s.way.Local++ })
	}
	sent.wrote.Store(int64(s.way.node.wall.Now()))
	for range 3 {
		if nc == nil {
			return
		}
		if _, err := nc.Write(text); !errors.Is(err, syscall.ECONNREFUSED) {
			return
		}
	}
}

// open returns the socket, a new one if there is none; nil when there is to be none.
func (s *caster) open() (nc net.Conn, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.over || s.nc != nil {
		return s.nc, nil
	}
	if s.nc, err = s.way.cast(s.from); err == nil {
		go s.read(s.nc)
	}
	return s.nc, err
}

// read takes answers until the socket is closed.
func (s *caster) read(nc net.Conn) {
	n := s.way.node
	room := make([]byte, maxPacket)
	for {
		size, err := nc.Read(room)
		at := n.wall.Now()
		if size == 0 && err != nil {
			if errors.Is(err, syscall.ECONNREFUSED) {
				continue
			}
			return
		}
		text := slices.Clone(room[:size])
		n.Do(func() { s.came(text, at) })
	}
}

// came is an answer's arrival in this process; it is here when it has travelled.
func (s *caster) came(text []byte, at sim.Time) {
	w := s.way
	number := packetNumber(packetAnswer, text)
	p, known := s.pending[number]
	if !known {
		return
	}
	delete(s.pending, number)
	s.order = slices.DeleteFunc(s.order, func(n castNumber) bool { return n == number })
	resp := &sim.Response{Status: 200, Size: int64(len(text)), Body: &packet{text: text}}
	if !p.passed {
		resp = readReply(text)
	}
	resp.Late = max(0, sim.Time(p.sent.wrote.Load()).Sub(p.sent.due))
	late(w.Out, resp.Late)
	back, ok := w.net.Datagram(network.Back, at, resp.Size, s.mile, &sim.Request{ID: number.id, Attempt: number.attempt})
	if ok {
		engine := w.node.engine
		engine.At(max(back.Add(-w.half(w.base.Hot)), engine.Now()), func() { p.back(resp) })
	}
}

// Caster returns a function that opens a flow's socket to an address: from the flow's
// own source when it has one and that is free, else from the local address.
func Caster(local, address string, own bool) func(from netip.AddrPort) (net.Conn, error) {
	return func(from netip.AddrPort) (net.Conn, error) {
		to, err := net.ResolveUDPAddr("udp", address)
		if err != nil {
			return nil, err
		}
		if own && from.IsValid() {
			nc, err := net.DialUDP("udp", net.UDPAddrFromAddrPort(from), to)
			if !errors.Is(err, syscall.EADDRINUSE) {
				return connected(nc, err)
			}
		}
		var at *net.UDPAddr
		if local != "" {
			at = &net.UDPAddr{IP: net.ParseIP(local)}
		}
		return connected(net.DialUDP("udp", at, to))
	}
}

// connected keeps a socket that is none from becoming a connection.
func connected(nc *net.UDPConn, err error) (net.Conn, error) {
	if err != nil {
		return nil, err
	}
	return nc, nil
}
