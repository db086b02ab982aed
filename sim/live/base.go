// Base: what an exchange costs on this machine by itself, without any way.
package live

import (
	"net"
	"slices"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/network"
)

// Base is what things take over loopback, less what the node takes: wakes and system
// calls, which are no part of the path. Links take half of it off each way. It is the
// machine's time.
type Base struct {
	Exchange
	HTTP2 Exchange      `json:"http2,omitzero"`  // net/http's framing and goroutines among it
	Shake time.Duration `json:"shake,omitempty"` // a flight of a TLS handshake and its answer: the far end's keys and signature
}

// Exchange is how long an exchange takes, from when its request should be written to
// when its answer's first byte arrives.
type Exchange struct {
	Idle time.Duration `json:"idle,omitempty"` // after a pause, in which the cores fell asleep
	Hot  time.Duration `json:"hot,omitempty"`  // in the midst of others
}

// costs are what a link's exchanges and handshakes have cost.
type costs struct{ exchanges, shakes []time.Duration }

// pause is how long after the last exchange the cores are asleep.
const pause = 4 * time.Millisecond

// mostCost bounds it: what takes longer waits for a core, and that is for the
// receipt to show and not for the links to hide. A handshake's signature and keys
// are some hundred microseconds more.
const (
	mostCost  = 500 * time.Microsecond
	mostShake = time.Millisecond
)

// How a Base is measured: exchanges one after the other, as many as make a median
// and take a fifth of a second in all, and as long again where TLS is spoken.
const (
	idleTries  = 15
	hotTries   = 60
	shakeTries = 5
	idleRTT    = 2 * pause
	hotRTT     = 500 * time.Microsecond
)

// Measure measures the Base of this machine, on loopback; that of TLS and HTTP/2
// with an authority alone.
func Measure(signs *Authority) (Base, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return Base{}, err
	}
	wall, _ := StartWall()
	far, near := NewNode(wall), NewNode(wall)
	defer near.Close()
	defer far.Close()
	s := NewServer(far, sim.HandlerFunc(func(_ *sim.Request, reply func(*sim.Response)) {
		reply(sim.Answer(200, nil, 100))
	}), "", sim.Epoch)
	m := meter{near, LinkConfig{Discard: true, Dial: Dialer("", l.Addr().String())}}
	if signs != nil {
		here := loopbacks.Addr().Next() // 127.0.0.1
		id, err := signs.Identity("base", here)
		if err == nil {
			err = s.Secure(id)
		}
		if err != nil {
			return Base{}, err
		}
		m.config.Trust = signs.Trust(here)
	}
	front := NewFront(s)
	go func() { _ = front.Serve(l) }() // it ends with Close
	defer front.Close()
	b := Base{Exchange: m.exchange(network.Config{})}
	if signs != nil {
		b.HTTP2, b.Shake = m.exchange(network.Config{HTTP: network.HTTP2}), m.shake()
	}
	return b, nil
}

// meter measures a Base from a node, over links of a kind.
type meter struct {
	node   *Node
	config LinkConfig
}

func (m *meter) exchange(c network.Config) Exchange {
	return Exchange{
		Idle: median(m.play(c, idleRTT, idleTries, func(*Link) {}).exchanges, mostCost),
		Hot:  median(m.play(c, hotRTT, hotTries, func(*Link) {}).exchanges, mostCost),
	}
}

// shake has the two meet for the first time again and again.
func (m *meter) shake() time.Duration {
	no := false
	c := network.Config{TLS: network.TLS13, Resumption: &no}
	return median(m.play(c, idleRTT, shakeTries, (*Link).Forget).shakes, mostShake)
}

// play has exchanges over a link, one after the other, and returns what they cost.
func (m *meter) play(c network.Config, rtt time.Duration, tries int, before func(*Link)) *costs {
	m.config.Path, m.config.Conns = network.NewLink(0, "near", "far", network.Plain(rtt)), c
	l := NewLink(m.node, m.config)
	l.costs = &costs{}
	done := make(chan struct{})
	var again func(*sim.Response)
	ask := func() {
		before(l)
		l.Serve(&sim.Request{Method: "GET", Host: "base", Path: "/"}, again)
	}
	again = func(*sim.Response) {
		if tries--; tries > 0 {
			m.node.engine.After(0, ask)
			return
		}
		m.node.Later(func() { close(done) })
	}
	m.node.Do(ask)
	<-done
	m.node.Do(l.Close)
	return l.costs
}

// median returns the median of costs, of which no more than most is taken off; of
// none nothing.
func median(costs []time.Duration, most time.Duration) time.Duration {
	if len(costs) == 0 {
		return 0
	}
	slices.Sort(costs)
	return min(costs[len(costs)/2], most)
}

// early is how much less than the path's time a request is held that sets out now:
// half of what an exchange costs by itself, and no more than there is.
func (w *way) early(now sim.Time) time.Duration {
	base := &w.base.Exchange
	if w.limits.HTTP == network.HTTP2 {
		base = &w.base.HTTP2
	}
	cost := base.Hot
	if now.Sub(w.busy) > w.node.wall.Scenario(pause) {
		cost = base.Idle
	}
	return w.half(cost)
}

// half is the part of a cost that is taken off a one-way travel.
func (w *way) half(cost time.Duration) time.Duration {
	return min(w.node.wall.Scenario(cost)/2, w.net.OneWay())
}
