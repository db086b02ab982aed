// Parity of datagrams: behind an L4 balancer, lost by paths and by servers that die.
package scenarios

import (
	"fmt"
	"net"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"cdnlab/origin/balance"
	"cdnlab/origin/health"
	"cdnlab/sim"
	"cdnlab/sim/network"
)

// methodCast stands in a script for a flow: six datagrams, one in every 300 ms, of which
// each has a second to be answered.
const methodCast = "CAST"

const perFlow = 6

func (d *diary) cast(i int, e *sim.Engine, after func(time.Duration, func()), link sim.Handler, req *sim.Request) {
	var became [perFlow]string
	for k := range perFlow {
		became[k] = "lost"
		after(time.Duration(1+300*k)*time.Millisecond, func() {
			sent := e.Now()
			link.(sim.Caster).Cast(&sim.Request{ID: uint64(1000*(i+1) + k), Client: req.Client, Addr: netip.AddrFrom4([4]byte{127, 10, 9, byte(1 + i)}), Port: uint16(10000 + i),
				Method: "GET", Scheme: req.Scheme, Path: req.Path, Header: userHeader, Size: 300}, func(r *sim.Response) {
				d.mu.Lock()
				defer d.mu.Unlock()
				became[k] = fmt.Sprintf("%s after %v, %d", r.Via.At(0).Node, e.Now().Sub(sent), r.Size)
			})
		})
	}
	after(4*time.Second, func() {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.lines[i] += fmt.Sprintf("%v %s %s: of 300 bytes, [%s]", d.script[i].at, d.script[i].method, req.Path, strings.Join(became[:], "] ["))
	})
}

// post is where the datagrams of a bubble go: by the node's name.
type post struct {
	mu    sync.Mutex // protects boxes
	boxes map[string]*box
}

// box is a node's socket.
type box struct {
	net.PacketConn
	came chan letter
	done chan struct{}
	once sync.Once
}

type letter struct {
	text []byte
	from *flowConn
}

func (b *box) ReadFrom(p []byte) (int, net.Addr, error) {
	select {
	case l := <-b.came:
		return copy(p, l.text), l.from, nil
	case <-b.done:
		return 0, nil, net.ErrClosed
	}
}

func (b *box) WriteTo(p []byte, to net.Addr) (int, error) {
	select {
	case to.(*flowConn).back <- append([]byte(nil), p...):
	default: // its buffer is full
	}
	return len(p), nil
}

func (b *box) Close() error {
	b.once.Do(func() { close(b.done) })
	return nil
}

// flowConn is a flow's socket, and its address.
type flowConn struct {
	net.Conn
	at   *net.UDPAddr
	to   func() *box
	back chan []byte
	done chan struct{}
	once sync.Once
}

func (c *flowConn) Network() string          { return "udp" }
func (c *flowConn) String() string           { return c.at.String() }
func (c *flowConn) AddrPort() netip.AddrPort { return c.at.AddrPort() }

func (c *flowConn) Write(p []byte) (int, error) {
	if b := c.to(); b != nil {
		select {
		case b.came <- letter{append([]byte(nil), p...), c}:
		case <-b.done:
		}
	}
	return len(p), nil
}

func (c *flowConn) Read(p []byte) (int, error) {
	select {
	case text := <-c.back:
		return copy(p, text), nil
	case <-c.done:
		return 0, net.ErrClosed
	}
}

func (c *flowConn) Close() error {
	c.once.Do(func() { close(c.done) })
	return nil
}

func (p *post) open(node string) *box {
	b := &box{came: make(chan letter, 100), done: make(chan struct{})}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.boxes[node] = b
	return b
}

func (p *post) shut(node string) {
	p.mu.Lock()
	b := p.boxes[node]
	delete(p.boxes, node)
	p.mu.Unlock()
	if b != nil {
		b.Close()
	}
}

// caster opens flows' sockets to a node.
func (p *post) caster(node string) func(netip.AddrPort) (net.Conn, error) {
	return func(from netip.AddrPort) (net.Conn, error) {
		return &flowConn{at: net.UDPAddrFromAddrPort(from), back: make(chan []byte, 100), done: make(chan struct{}), to: func() *box {
			p.mu.Lock()
			defer p.mu.Unlock()
			return p.boxes[node]
		}}, nil
	}
}

func TestParityCasts(t *testing.T) {
	lossy := network.Plain(40 * time.Millisecond)
	lossy.Loss = 0.1
	var script []scripted
	for i := range 8 {
		script = append(script, scripted{time.Duration(1+407*i) * time.Millisecond, methodCast, "/state", 0})
	}
	script[5].path = "/page" // that nobody answers by datagram
	script = append(script, scripted{12001 * time.Millisecond, methodCast, "/state", 0})
	for name, more := range map[string]string{ // each is a test of its own
		"parity-cast":            "algorithm = \"least-connections\"\nflows = { idle = \"5s\" }\n",
		"parity-cast-maglev":     "algorithm = \"maglev\"\n",
		"parity-cast-stateless":  "algorithm = \"maglev\"\nflows = { table = false }\n",
		"parity-cast-full":       "flows = { limit = 3, when-full = \"drop\", idle = \"2s\" }\n",
		"parity-cast-few-flows":  "flows = { limit = 2 }\n",
		"parity-cast-checked":    "algorithm = \"least-connections\"\n",
		"parity-cast-roundrobin": "algorithm = \"round-robin\"\nflows = { table = false }\n",
	} {
		t.Run(name, func(t *testing.T) {
			holdParity(t, name, badly{entry: "balancer", fronts: []string{"front"}, near: lossy, script: script,
				lives: []lifeEvent{{2513 * time.Millisecond, "app-3", false}, {3713 * time.Millisecond, "app-3", true}},
				pool: func(p *balance.PoolConfig) {
					if strings.HasSuffix(name, "-checked") { // app-3 is found out, and its flows move
						p.Health = health.Config{Check: health.CheckTCP, Interval: 200 * time.Millisecond, Timeout: 150 * time.Millisecond, Fall: 2, Rise: 2}
					}
				},
				events: span("users", 12500*time.Millisecond, 12900*time.Millisecond, network.Change{CutOut: true}),
				more:   "mode = \"l4\"\n" + more + "[[catalog]]\npath = \"/state\"\nsize = \"400B\"\nudp = {}\n[edge]\non = false\n"})
		})
	}
}
