// Parity: one script on the engine alone, and on the real adapters (net/http's
// server and the small client over in-memory pipes) inside a synctest bubble.
// Answers and latencies must be identical to the nanosecond.
package scenarios

import (
	"cmp"
	"flag"
	"fmt"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"

	"cdnlab/edge"
	"cdnlab/origin"
	"cdnlab/origin/balance"
	"cdnlab/sim"
	"cdnlab/sim/inject"
	"cdnlab/sim/live"
	"cdnlab/sim/network"
	"cdnlab/sim/virtual"
)

var update = flag.Bool("update", false, "rewrite golden files")

// parityScenario has every node that issue requests can pass: PoP, balancer
// with proxy, three servers (one of which does not listen), database.
const parityScenario = `
name = "parity"
duration = "60s"
[load]
rate = 1
[[clients]]
id = "users"
place = "Tokyo"
[[link]]
from = "Tokyo"
to = "New York"
rtt = "150ms"
[[catalog]]
path = "/page"
size = "8KB"
cache-control = "public, max-age=5"
[[catalog]]
path = "/app.js"
size = "100KB"
cache-control = "public, max-age=86400, immutable"
[[catalog]]
path = "/private"
size = "1KB"
cache-control = "private, no-store"
database = true
[[catalog]]
path = "/swr"
size = "3KB"
cache-control = "max-age=2, stale-while-revalidate=30"
[[catalog]]
path = "/expires"
size = "300B"
expires = "3s"
[[catalog]]
path = "/empty"
status = 204
[[catalog]]
path = "/news"
size = "100KB"
changes = "every 2s"
cache-control = "max-age=2"
[[catalog]]
path = "/calm"
size = "5KB"
changes = "every 60s"
cache-control = "max-age=1"
[[catalog]]
path = "/me"
size = "60B"
personal = true
cache-control = "max-age=2"
[origin]
place = "New York"
servers = 3
[app]
workers = 1
service-time = "10ms"
distribution = "exponential"
[database]
service-time = "2ms"
[[pop]]
place = "Tokyo"
[balancer]
health = { check = "none" }
`

// scripted is one request of the script. Times are distinct, as a bubble does
// not order what happens at once.
type scripted struct {
	at      time.Duration
	method  string
	path    string
	timeout time.Duration
}

var parityScript = []scripted{
	{1 * time.Millisecond, "GET", "/page", 0},  // cold miss, by way of the dead server or not
	{20 * time.Millisecond, "GET", "/page", 0}, // joins it
	{21 * time.Millisecond, "GET", "/app.js", 0},
	{40 * time.Millisecond, "GET", "/private", 0},
	{41 * time.Millisecond, "GET", "/private", 0}, // must not share
	{900 * time.Millisecond, "GET", "/page", 0},   // hit
	{1900 * time.Millisecond, "GET", "/page", 0},  // hit, older
	{2000 * time.Millisecond, "HEAD", "/page", 0},
	{2100 * time.Millisecond, "GET", "/missing", 0},
	{2200 * time.Millisecond, "POST", "/private", 0},
	{2300 * time.Millisecond, "GET", "/swr", 0},
	{2407 * time.Millisecond, "GET", "/expires", 0},
	{2500 * time.Millisecond, "GET", "/empty", 0},
	{3000 * time.Millisecond, "GET", "/other", 70 * time.Millisecond}, // the user gives up
	{5300 * time.Millisecond, "GET", "/swr", 0},                       // stale, refreshed behind
	{5801 * time.Millisecond, "GET", "/swr", 0},                       // fresh again
	{7000 * time.Millisecond, "GET", "/page", 0},                      // expired: 304
	{7001 * time.Millisecond, "GET", "/app.js", 0},
	{8000 * time.Millisecond, "GET", "/expires", 0},
	{8500 * time.Millisecond, "GET", "/news", 0},
	{8520 * time.Millisecond, "GET", "/news", 0}, // joins it: the same version
	{8603 * time.Millisecond, "GET", "/calm", 0},
	{9001 * time.Millisecond, "GET", "/me", 0},
	{9500 * time.Millisecond, "GET", "/me", 0}, // another's
	{9600 * time.Millisecond, "HEAD", "/me", 0},
	{10307 * time.Millisecond, "GET", "/news", 0}, // a hit, outdated
	{10401 * time.Millisecond, "GET", "/calm", 0}, // expired: 304 keeps the version
	{10900 * time.Millisecond, "GET", "/calm", 0},
	{11203 * time.Millisecond, "GET", "/news", 0}, // expired: the next version
	{11801 * time.Millisecond, "GET", "/me", 0},   // expired: 304 to nobody, as the tag is another's
}

// dead is the server that never listens.
const dead = "app-2"

func parityTopology(t *testing.T, more string) *Topology {
	t.Helper()
	x, err := Load("parity.toml", []byte(parityScenario+more))
	if err != nil {
		t.Fatal(err)
	}
	x.Base.Begun = sim.Time(time.Millisecond) // as the driver would say
	top, err := NewTopology(x.Base)
	if err != nil {
		t.Fatal(err)
	}
	return top
}

// diary writes down what the user of each request saw.
type diary struct {
	script []scripted
	trace  sim.Trace // of every request
	upload int64     // bytes that a POST brings along

	mu     sync.Mutex
	lines  []string     // by request: what ends at one moment has no order in a bubble
	steps  [][]sim.Step // likewise
	cookie string       // that the last answer set; all later requests have it
}

func newDiary(script []scripted) *diary {
	return &diary{script: script, lines: make([]string, len(script)), steps: make([][]sim.Step, len(script))}
}

// step takes a step of a traced request.
func (d *diary) step(s sim.Step) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.steps[s.Request] = append(d.steps[s.Request], s)
}

func (d *diary) text() string { return strings.Join(d.lines, "\n") + "\n" }

func (d *diary) ask(i int, e *sim.Engine, after func(time.Duration, func()), link sim.Handler) {
	s := d.script[i]
	scope := &sim.Scope{}
	req := &sim.Request{ID: uint64(i), Client: uint64(i), Method: s.method, Scheme: "http", Host: siteHost, Path: s.path,
		Header: userHeader, Place: "Tokyo", Scope: scope, Trace: d.trace}
	if s.method == http.MethodPost {
		req.Size = d.upload
	}
	if d.cookie != "" {
		req.Header = http.Header{"Cookie": {d.cookie}}
	}
	if s.method == edge.MethodPurge {
		purgeWords(req)
	}
	if s.method == methodTalk || s.method == methodRaw {
		d.talk(i, e, after, link, req)
		return
	}
	if s.method == methodCast {
		d.cast(i, e, after, link, req)
		return
	}
	if path, asks, ok := strings.Cut(req.Path, " bytes="); ok {
		req.Path, req.Header = path, http.Header{"Range": {"bytes=" + asks}}
	}
	begun := e.Now()
	if s.timeout > 0 {
		after(s.timeout, func() { scope.Cancel(sim.TimedOut) })
	}
	link.Serve(req, func(resp *sim.Response) {
		header := e.Now()
		if set := resp.Header.Get("Set-Cookie"); set != "" {
			d.cookie, _, _ = strings.Cut(set, ";")
		}
		resp.OnEnd(func(c sim.Cause, n int64) { d.write(i, resp, header.Sub(begun), e.Now().Sub(begun), c, n) })
	})
}

func (d *diary) write(i int, resp *sim.Response, header, end time.Duration, c sim.Cause, n int64) {
	var via strings.Builder
	for k := range resp.Via.Len() {
		m := resp.Via.At(k)
		fmt.Fprintf(&via, " [%s %s%s", m.Node, m.Took, opt(" ", m.Verdict.String()))
		if m.Hop == sim.HopCache {
			fmt.Fprintf(&via, "%s%s ttl=%d stored=%v collapsed=%v", opt(" fwd=", m.Fwd.String()), opt(" ", num(m.FwdStatus)), m.TTL, m.Stored, m.Collapsed)
		}
		if m.Cause == sim.Injected {
			via.WriteString(" injected")
		}
		fmt.Fprintf(&via, "%s%s]", opt(" to ", m.Peer), opt(" tries ", num(uint16(m.Tries))))
	}
	s := d.script[i]
	age := "-"
	if resp.Aged {
		age = fmt.Sprint(time.Duration(resp.Age).Truncate(time.Second))
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.lines[i] += fmt.Sprintf("%v %s %s: %d %v, header after %v, end after %v, %d bytes, age %s, etag %v,%s%s",
		s.at, s.method, s.path, resp.Status, c, header, end, n, age, resp.Header["Etag"] != nil, stamp(resp.Stamp), via.String())
}

func stamp(s sim.Stamp) string {
	if s == (sim.Stamp{}) {
		return ""
	}
	return fmt.Sprintf(" version %d owner %d,", s.Version, s.Owner)
}

// What each kind of live link leaves out: one that hands bytes on does not read
// the stamp in them; one that discards them, as the driver's, keeps no header.
var (
	stampSeen  = regexp.MustCompile(` version \d+ owner \d+,`)
	headerSeen = regexp.MustCompile(` age [^,]+, etag [^,]+,`)
)

func opt(before, s string) string {
	if s == "" {
		return ""
	}
	return before + s
}

func num(n uint16) string {
	if n == 0 {
		return ""
	}
	return fmt.Sprint(n)
}

const parityEnd = 40 * time.Second

// badly is what one run of a script does to the way from the PoP to the origin,
// and what its nodes do.
type badly struct {
	loss   float64
	delay  time.Duration
	rules  []inject.Rule
	more   string // of the scenario
	users  network.Config
	near   network.Spec // the users' way to the PoP; the zero Spec: 2 ms
	far    network.Spec // the PoP's to the origin; the zero Spec: the scenario's
	events []pathEvent
	lives  []lifeEvent
	upload int64      // bytes that a POST brings along
	store  string     // of sessions; "": the default
	deploy []sim.Time // when the site is deployed anew
	script []scripted // nil: parityScript
	entry  string     // whom users ask; "": tokyo-pop
	fronts []string   // those that it is played behind; nil: all
	pool   func(*balance.PoolConfig)
	app    func(*origin.AppConfig)
}

// pathEvent is a change of one of the two ways.
type pathEvent struct {
	at     time.Duration
	from   string // users or tokyo-pop
	change network.Change
}

// lifeEvent is the end of a node, or its return.
type lifeEvent struct {
	at   time.Duration
	node string
	up   bool
}

// reach is whom users ask.
func (b badly) reach() string { return cmp.Or(b.entry, "tokyo-pop") }

// nearPath is the users' way to the PoP.
func (b badly) nearPath() network.Spec {
	if b.near == (network.Spec{}) {
		return network.Plain(2 * time.Millisecond)
	}
	return b.near
}

func (b badly) topology(t *testing.T) *Topology {
	top := parityTopology(t, b.more)
	top.Scenario.Injected, top.Scenario.Deploys = b.rules, b.deploy
	if b.far != (network.Spec{}) {
		peers := top.Node("tokyo-pop").Peers
		for i := range peers {
			peers[i].Path = b.far
		}
	}
	if b.app != nil {
		b.app(&top.Scenario.App)
	}
	if b.pool != nil {
		b.pool(&top.Scenario.Balancer.PoolConfig)
	}
	if b.store != "" {
		top.Scenario.App.Sessions.Store = b.store
	}
	return top
}

func (b badly) diary() *diary {
	script := b.script
	if script == nil {
		script = parityScript
	}
	d := newDiary(script)
	d.upload = b.upload
	return d
}

func parityVirtual(t *testing.T, bad badly, d *diary) string {
	top := bad.topology(t)
	w := virtual.New(1, nil)
	w.Steps = d.step
	for i := range top.Nodes {
		n := &top.Nodes[i]
		w.Add(n.Name, top.Blueprint(n.Name), func(to string) virtual.Peer {
			for _, p := range n.Peers {
				if p.Name == to {
					return virtual.Peer{Path: p.Path, Conns: p.Conns, Local: n.Addr}
				}
			}
			panic(to)
		}, 0)
	}
	w.Start()
	w.Crash(dead)
	w.SetLink("tokyo-pop", "balancer", network.Change{Loss: bad.loss, Delay: bad.delay})
	link := w.Dial("users", bad.reach(), virtual.Peer{Path: bad.nearPath(), Conns: bad.users})
	for _, c := range bad.events {
		w.Engine.After(c.at, func() {
			w.SetLink(c.from, map[string]string{"users": bad.reach(), "tokyo-pop": "balancer"}[c.from], c.change)
		})
	}
	for _, c := range bad.lives {
		w.Engine.After(c.at, func() {
			if c.up {
				w.Restart(c.node)
			} else {
				w.Crash(c.node)
			}
		})
	}
	for i := range d.script {
		w.Engine.After(d.script[i].at, func() {
			d.ask(i, w.Engine, func(after time.Duration, f func()) { w.Engine.After(after, f) }, link)
		})
	}
	w.Engine.Run(sim.Time(parityEnd))
	return d.text()
}

// memory is a listener and the way to it.
type memory struct {
	conns  chan net.Conn
	closed chan struct{}
	once   sync.Once
}

func newMemory() *memory { return &memory{conns: make(chan net.Conn), closed: make(chan struct{})} }

func (m *memory) Accept() (net.Conn, error) {
	select {
	case c := <-m.conns:
		return c, nil
	case <-m.closed:
		return nil, net.ErrClosed
	}
}

func (m *memory) Close() error {
	m.once.Do(func() { close(m.closed) })
	return nil
}

func (m *memory) Addr() net.Addr { return &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1)} }

func (m *memory) dial() (net.Conn, error) {
	near, far := net.Pipe()
	select {
	case m.conns <- far:
		return near, nil
	case <-m.closed:
		return nil, syscall.ECONNREFUSED
	}
}

// server is either of the live world's front ends.
type server interface {
	Serve(net.Listener) error
	Close() error
}

// bubble is the live world of the script: every node with its own Engine and
// server, in-memory pipes between them, the bubble's clock.
type bubble struct {
	bad       badly
	discard   bool // users' links read no bytes
	d         *diary
	top       *Topology
	wall      live.Wall
	signs     *live.Authority
	listeners map[string]*memory
	nodes     []*live.Node
	front     func(*live.Server) server
	post      post

	mu      sync.Mutex // protects what follows
	running map[string]server
	forget  []func()
}

// reach dials a node as it is now.
func (b *bubble) reach(to string) func() (net.Conn, error) {
	return func() (net.Conn, error) {
		b.mu.Lock()
		m := b.listeners[to]
		b.mu.Unlock()
		return m.dial()
	}
}

// live ends a node or lets it return. What it had is gone.
func (b *bubble) live(c lifeEvent) {
	if !c.up {
		b.mu.Lock()
		s := b.running[c.node]
		b.mu.Unlock()
		b.post.shut(c.node)
		s.Close()
		return
	}
	b.mu.Lock()
	b.listeners[c.node] = newMemory()
	b.mu.Unlock()
	b.start(b.top.Node(c.node))
}

func (b *bubble) dial(n *live.Node, tracer *sim.Tracer, from, to string, s network.Spec, c network.Config) sim.Handler {
	path := network.NewLink(1, from, to, s)
	if from == "tokyo-pop" {
		path.Set(0, network.Change{Loss: b.bad.loss, Delay: b.bad.delay})
	}
	trust := b.signs.Trust(b.top.Node(to).Addr)
	if b.top.Node(to).Relays {
		trust.Anyone()
	}
	l := live.NewLink(n, live.LinkConfig{Path: path, Conns: c, Token: "secret", Discard: b.discard && from == "users",
		Cast: b.post.caster(to), Dial: b.reach(to), Trust: trust, Peer: to, Tracer: tracer})
	b.mu.Lock()
	b.forget = append(b.forget, func() { n.Do(l.Close) })
	b.mu.Unlock()
	for _, c := range b.bad.events {
		if c.from == from {
			n.Engine().After(c.at, func() { l.Set(c.change) })
		}
	}
	return l
}

func (b *bubble) start(n *Node) {
	node := live.NewTimerNode(b.wall)
	b.mu.Lock()
	b.nodes = append(b.nodes, node)
	b.mu.Unlock()
	var h sim.Handler
	var relay sim.Relay
	node.Do(func() {
		env := sim.NewEnv(node.Engine(), n.Name, 1, nil)
		env.Trace(b.d.step)
		h = b.top.Blueprint(n.Name).Build(sim.Site{
			Env: env, Exit: func(int) {},
			Dial: func(to string) sim.Handler {
				for _, p := range n.Peers {
					if p.Name == to {
						return b.dial(node, env.Tracer(), n.Name, to, p.Path, p.Conns)
					}
				}
				panic(to)
			},
		})
		relay, _ = h.(sim.Relay)
		if to, ok := h.(sim.Receiver); ok && b.top.Scenario.datagrams() {
			casts := live.NewDatagrams(node, to, "secret", live.Passed{})
			go func(box *box) { _ = casts.Serve(box) }(b.post.open(n.Name)) // it ends with the box
		}
		h = env.Watched(h)
	})
	if relay != nil {
		b.serve(n, live.NewRelays(node, relay))
		return
	}
	plain := live.NewServer(node, h, "secret", sim.Epoch)
	if err := plain.Secure(must(b.signs.Identity(n.Name, n.Addr))); err != nil {
		panic(err)
	}
	b.serve(n, b.front(plain))
}

func (b *bubble) serve(n *Node, s server) {
	b.mu.Lock()
	m := b.listeners[n.Name]
	b.running[n.Name] = s
	b.mu.Unlock()
	go func() { _ = s.Serve(m) }() // it ends with Close
}

// close ends everything: a bubble wants no goroutine left.
func (b *bubble) close() {
	for _, f := range b.forget {
		f()
	}
	for node, s := range b.running { // any order will do
		b.post.shut(node)
		s.Close()
	}
	for _, n := range b.nodes {
		n.Close()
	}
}

func parityLive(t *testing.T, bad badly, d *diary, discard bool, front func(*live.Server) server) string {
	synctest.Test(t, func(t *testing.T) {
		wall, _ := live.StartWall()
		b := &bubble{bad: bad, d: d, discard: discard, top: bad.topology(t), wall: wall, signs: must(live.NewAuthority(siteHost, time.Now())), listeners: map[string]*memory{}, running: map[string]server{}, front: front, post: post{boxes: map[string]*box{}}}
		for _, n := range b.top.Nodes {
			b.listeners[n.Name] = newMemory()
		}
		b.listeners[dead].Close()
		for i := range b.top.Nodes {
			if n := &b.top.Nodes[i]; n.Name != dead {
				b.start(n)
			}
		}
		driver := live.NewTimerNode(wall)
		b.nodes = append(b.nodes, driver)
		driver.Do(func() {
			e := driver.Engine()
			link := b.dial(driver, sim.NewTracer(e, "users", d.step), "users", bad.reach(), bad.nearPath(), bad.users)
			for _, c := range bad.lives {
				e.After(c.at, func() { go b.live(c) })
			}
			for i := range d.script {
				e.After(d.script[i].at, func() { d.ask(i, e, func(after time.Duration, f func()) { e.After(after, f) }, link) })
			}
		})
		time.Sleep(parityEnd) // the bubble's time: it passes when nothing is left to do
		synctest.Wait()
		b.close()
	})
	return d.text()
}

func netHTTP(s *live.Server) server  { return s }
func ownFront(s *live.Server) server { return live.NewFront(s) }

func TestParity(t *testing.T) {
	for name, bad := range map[string]badly{"parity": {}, "parity-lossy": {loss: 0.1, delay: 20 * time.Millisecond}} { // each is a test of its own
		t.Run(name, func(t *testing.T) { holdParity(t, name, bad) })
	}
}

// holdParity plays a script in virtual time and behind both front ends.
func holdParity(t *testing.T, name string, bad badly) {
	t.Helper()
	want := parityVirtual(t, bad, bad.diary())
	for i, line := range strings.Split(strings.TrimSuffix(want, "\n"), "\n") {
		if strings.Count(line, " bytes, ") != 1 {
			t.Errorf("request %d was not answered once: %q", i, line)
		}
	}
	golden(t, "testdata/"+name+".golden", []byte(want))
	for name, front := range map[string]func(*live.Server) server{ // any order
		"net/http": netHTTP,
		"front":    ownFront,
	} {
		if bad.fronts != nil && !slices.Contains(bad.fronts, name) {
			continue
		}
		for discard, unseen := range map[bool]*regexp.Regexp{false: stampSeen, true: headerSeen} { // any order
			if discard && bad.store != "" {
				continue // a link that reads no headers sees no cookie
			}
			text := parityLive(t, bad, bad.diary(), discard, front)
			compareLines(t, "virtual", unseen.ReplaceAllString(want, ""), name, unseen.ReplaceAllString(text, ""))
		}
	}
}

func compareLines(t *testing.T, nameA, a, nameB, b string) {
	t.Helper()
	la, lb := strings.Split(a, "\n"), strings.Split(b, "\n")
	for i := range max(len(la), len(lb)) {
		var x, y string
		if i < len(la) {
			x = la[i]
		}
		if i < len(lb) {
			y = lb[i]
		}
		if x != y {
			t.Errorf("line %d\n%8s: %s\n%8s: %s", i+1, nameA, x, nameB, y)
		}
	}
}
