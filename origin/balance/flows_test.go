// Tests: where the datagrams of a flow go.
package balance

import (
	"fmt"
	"net/netip"
	"testing"
	"time"

	"cdnlab/sim"
)

// stream is a pool of four servers, its flows, and who got what.
type stream struct {
	*world
	pool    *Pool
	flows   *Flows
	servers []*server
}

func newStream(t *testing.T, cfg PoolConfig, flows FlowsConfig) *stream {
	s := &stream{world: newWorld(t)}
	var targets []Target
	for i := range 4 {
		v := &server{clock: s.engine}
		s.servers = append(s.servers, v)
		targets = append(targets, Target{Spec: Spec{Name: fmt.Sprint("app-", i+1)}, Handler: v})
	}
	s.pool = s.world.pool(noChecks(cfg), targets...)
	s.flows = NewFlows(s.env, s.pool, flows)
	return s
}

// sends sends a datagram of a flow, and returns the number of the server that it is for,
// from 1; 0: it is dropped.
func (s *stream) sends(flow int) int {
	d := &sim.Request{ID: uint64(flow), Client: uint64(flow), Addr: netip.AddrFrom4([4]byte{10, 0, byte(flow >> 8), 1}), Port: uint16(1000 + flow), Path: "/state"}
	way := s.flows.Way(d)
	if way == nil {
		return 0
	}
	var before [4]int
	for i, v := range s.servers {
		before[i] = len(v.seen)
	}
	way.Serve(&sim.Request{ID: uint64(flow)}, func(*sim.Response) {})
	for i, v := range s.servers {
		if len(v.seen) > before[i] {
			return i + 1
		}
	}
	panic("a way to nobody")
}

func (s *stream) all(flows int) (to []int) {
	for i := range flows {
		to = append(to, s.sends(i))
	}
	return to
}

// moved counts the flows that went elsewhere than before.
func moved(before, after []int) (n int) {
	for i := range before {
		if before[i] != after[i] {
			n++
		}
	}
	return n
}

func (s *stream) inFlight() (n int) {
	for _, m := range s.pool.members {
		n += m.server.Active()
	}
	return n
}

func (s *stream) setUp(server int, up bool) {
	m := s.pool.members[server-1]
	m.servers.SetUp(m.server, up)
}

// With a table flows stay where they are under every algorithm, are moved from a server
// that is out and only from that, and are counted in and out once.
func TestFlowsStay(t *testing.T) {
	eachPolicy(t, func(t *testing.T, cfg Config) {
		cfg.HashBy = HashByFlow
		s := newStream(t, PoolConfig{Config: cfg}, FlowsConfig{})
		first := s.all(200)
		for range 3 {
			if n := moved(first, s.all(200)); n > 0 {
				t.Fatalf("%d of 200 flows moved for nothing", n)
			}
		}
		if s.inFlight() != 200 || s.flows.Len() != 200 || s.counter("flows-opened") != 200 {
			t.Errorf("%d in flight, %d in the table, %d opened", s.inFlight(), s.flows.Len(), s.counter("flows-opened"))
		}
		s.setUp(first[0], false)
		after, out := s.all(200), 0
		for i := range first {
			switch {
			case after[i] == first[0]:
				t.Fatalf("flow %d is sent to a server that is out", i)
			case first[i] == first[0]:
				out++
			case after[i] != first[i]:
				t.Errorf("flow %d is moved from a server that is well", i)
			}
		}
		if n := s.counter("flows-moved"); n != int64(out) || s.inFlight() != 200 {
			t.Errorf("%d moved of %d, %d in flight", n, out, s.inFlight())
		}
		s.setUp(first[0], true)
		if n := moved(after, s.all(200)); n > 0 {
			t.Errorf("%d flows moved when the server was back", n)
		}
		s.engine.Run(s.engine.Now().Add(30 * time.Second))
		if held, looks := s.counter("flow-looks-held"), s.counter("flow-looks"); looks != 300 || held != 200*looks {
			t.Errorf("%d flows in %d looks at the table", held, looks)
		}
		s.engine.Run(s.engine.Now().Add(time.Second))
		if s.inFlight() != 0 || s.counter("flow-looks") != 301 {
			t.Errorf("%d in flight when all are over, %d looks", s.inFlight(), s.counter("flow-looks"))
		}
		s.sends(1000)
		if s.inFlight() != 1 || s.flows.Len() != 1 || s.counter("flows-expired") != 200 {
			t.Errorf("after their idle time: %d in flight, %d in the table, %d expired", s.inFlight(), s.flows.Len(), s.counter("flows-expired"))
		}
	})
}

// Without a table a hash of the 5-tuple keeps flows together, and moves few when a server
// goes; what has no hash keeps none together.
func TestFlowsWithoutTable(t *testing.T) {
	off := false
	for algorithm, most := range map[string]int{"maglev": 100, "ring-hash": 0, "rendezvous": 0} { // any order; of 1,000 that need not move
		s := newStream(t, PoolConfig{Config: Config{Algorithm: algorithm, Hashing: Hashing{HashBy: HashByFlow}}}, FlowsConfig{Table: &off})
		first := s.all(1000)
		if n := moved(first, s.all(1000)); n > 0 || s.inFlight() != 0 {
			t.Errorf("%s: %d moved for nothing, %d in flight", algorithm, n, s.inFlight())
		}
		s.setUp(2, false)
		after, needless := s.all(1000), 0
		for i := range first {
			if first[i] != 2 && after[i] != first[i] {
				needless++
			}
		}
		if needless > most {
			t.Errorf("%s: %d flows of others moved when a server went", algorithm, needless)
		}
	}
	s := newStream(t, PoolConfig{}, FlowsConfig{Table: &off})
	if n := moved(s.all(101), s.all(101)); n < 90 {
		t.Errorf("round robin keeps %d of 101 flows together", 101-n)
	}
}

// Two who share an address are two flows.
func TestFlowsByPort(t *testing.T) {
	a := &sim.Request{Addr: netip.MustParseAddr("10.0.0.1"), Port: 1000}
	b := &sim.Request{Addr: netip.MustParseAddr("10.0.0.1"), Port: 1001}
	if flowOf(a) == flowOf(b) || addressOf(a) != addressOf(b) {
		t.Error("flows are told apart by their ports, addresses are not")
	}
}

func TestFlowsLimit(t *testing.T) {
	s := newStream(t, PoolConfig{}, FlowsConfig{Limit: 8})
	s.all(9) // the first makes room for the last
	if s.counter("flows-evicted") != 1 || s.inFlight() != 8 {
		t.Errorf("%d evicted, %d in flight", s.counter("flows-evicted"), s.inFlight())
	}
	s = newStream(t, PoolConfig{}, FlowsConfig{Limit: 8, WhenFull: WhenFullDrop, Idle: time.Second})
	if to := s.all(9); to[8] != 0 || s.counter("flows-dropped") != 1 || s.inFlight() != 8 {
		t.Errorf("the ninth goes to %d; %d dropped, %d in flight", to[8], s.counter("flows-dropped"), s.inFlight())
	}
	s.engine.Run(sim.Time(1100 * time.Millisecond))
	if s.sends(8) == 0 {
		t.Error("there is no room when the others are over")
	}
}

// A flow at a server that drains stays until the deadline; one at a server that left, or
// of nobody's, does not.
func TestFlowsDrain(t *testing.T) {
	s := newStream(t, PoolConfig{DrainTimeout: time.Second}, FlowsConfig{})
	first := s.all(8)
	s.pool.Drain("app-1", true)
	s.engine.Run(sim.Time(900 * time.Millisecond))
	if n := moved(first, s.all(8)); n > 0 {
		t.Errorf("%d moved before the deadline", n)
	}
	s.engine.Run(sim.Time(1100 * time.Millisecond))
	if n := moved(first, s.all(8)); n != 2 {
		t.Errorf("%d moved at the deadline, want the 2 of app-1", n)
	}
	for i := range 4 {
		s.setUp(i+1, false)
	}
	if to := s.all(8); moved(to, make([]int, 8)) > 0 || s.inFlight() != 0 || s.flows.Len() != 0 || s.counter("datagrams-nobody") != 8 {
		t.Errorf("with nobody well: to %v, %d in flight, %d in the table", to, s.inFlight(), s.flows.Len())
	}
}

func TestFlowsChange(t *testing.T) {
	s := newStream(t, PoolConfig{}, FlowsConfig{})
	s.all(8)
	off := false
	s.flows.Change(FlowsConfig{Table: &off})
	if s.inFlight() != 0 || s.flows.Len() != 0 {
		t.Errorf("without a table %d are in flight", s.inFlight())
	}
	s.flows.Change(FlowsConfig{Limit: 4})
	if s.all(8); s.inFlight() != 4 {
		t.Errorf("with a table of 4 %d are in flight", s.inFlight())
	}
	for _, bad := range []FlowsConfig{{Idle: time.Microsecond}, {Limit: -1}, {Limit: maxFlows + 1}, {WhenFull: "panic"}} {
		if bad.WithDefaults().Check() == nil {
			t.Errorf("%+v is right", bad)
		}
	}
}

// A known flow costs no memory.
func TestFlowsAllocateNothing(t *testing.T) {
	s := newStream(t, PoolConfig{}, FlowsConfig{})
	d := &sim.Request{Addr: netip.MustParseAddr("10.0.0.1"), Port: 1000}
	s.flows.Way(d)
	if n := testing.AllocsPerRun(100, func() { s.flows.Way(d) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
