// Conns: who gets which connection.
package network

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"cdnlab/sim"
)

// asker is one request of a test.
type asker struct {
	Waiter[int]
	served int // times Ready was called
	conn   int
	warm   bool
}

func newAsker() *asker {
	a := &asker{}
	a.Ready = func(conn int, _ sim.Time, warm bool) { a.served, a.conn, a.warm = a.served+1, conn, warm }
	return a
}

// ask wants the answer of Ask to be ok.
func ask(t *testing.T, c *Conns[int], now sim.Time, ok bool) *asker {
	t.Helper()
	a := newAsker()
	if c.Ask(now, &a.Waiter) != ok {
		t.Fatalf("Ask reports %v", !ok)
	}
	return a
}

func (a *asker) want(t *testing.T, conn int, warm bool) {
	t.Helper()
	if a.served != 1 || a.conn != conn || a.warm != warm {
		t.Errorf("served %d times, last with connection %d, warm %v; want once, %d, %v", a.served, a.conn, a.warm, conn, warm)
	}
}

func wantOpen(t *testing.T, c *Conns[int], open int, dials int64) {
	t.Helper()
	if c.Open() != open || c.Dials() != dials {
		t.Errorf("%d open after %d dials; want %d after %d", c.Open(), c.Dials(), open, dials)
	}
}

func TestConnsLastInFirstOut(t *testing.T) {
	c := &Conns[int]{}
	for range 3 {
		ask(t, c, 0, true).want(t, 0, false)
	}
	for conn := 1; conn <= 3; conn++ {
		c.Put(sim.Time(conn), conn)
	}
	for conn := 3; conn >= 1; conn-- {
		ask(t, c, 10, true).want(t, conn, true)
	}
	ask(t, c, 10, true).want(t, 0, false)
	wantOpen(t, c, 4, 4)
}

func TestConnsLimits(t *testing.T) {
	c := &Conns[int]{Limit: 1, Waiting: 2}
	ask(t, c, 0, true)
	second, third := ask(t, c, 0, true), ask(t, c, 0, true)
	ask(t, c, 0, false)
	c.Leave(&second.Waiter)
	fourth := ask(t, c, 0, true)
	c.Put(1, 7)
	third.want(t, 7, true)
	c.Lost() // the place is the next one's, who opens a connection of its own
	fourth.want(t, 0, false)
	c.Leave(&fourth.Waiter) // waits no more: nothing to leave
	c.Put(2, 8)
	if second.served != 0 {
		t.Error("who left was served")
	}
	wantOpen(t, c, 1, 2)
}

func TestConnsIdle(t *testing.T) {
	var closed []int
	c := &Conns[int]{Idle: 10, Ends: &Ends[int]{Close: func(conn int) { closed = append(closed, conn) }}}
	for range 3 {
		ask(t, c, 0, true)
	}
	c.Put(0, 1)
	c.Put(1, 2)
	c.Put(5, 3)
	ask(t, c, 11, true).want(t, 3, true) // the two below have aged, but nobody has looked
	wantOpen(t, c, 3, 3)
	ask(t, c, 11, true).want(t, 0, false)
	if !slices.Equal(closed, []int{2, 1}) {
		t.Errorf("closed %v", closed)
	}
	wantOpen(t, c, 2, 4)
}

func TestConnsAlive(t *testing.T) {
	dead := map[int]bool{}
	c := &Conns[int]{Limit: 2, Waiting: 1, Ends: &Ends[int]{Alive: func(conn int) bool { return !dead[conn] }}}
	ask(t, c, 0, true)
	ask(t, c, 0, true)
	c.Put(0, 1)
	c.Put(0, 2)
	dead[2] = true
	ask(t, c, 0, true).want(t, 1, true)
	ask(t, c, 0, true).want(t, 0, false)
	waits := ask(t, c, 0, true)
	dead[1] = true
	c.Put(0, 1) // not to be handed on
	waits.want(t, 0, false)
	wantOpen(t, c, 2, 4)
}

func TestConnsForget(t *testing.T) {
	closed := 0
	c := &Conns[int]{Ends: &Ends[int]{Close: func(int) { closed++ }}}
	ask(t, c, 0, true)
	ask(t, c, 0, true)
	ask(t, c, 0, true)
	c.Put(0, 1)
	c.Put(0, 2)
	c.Forget()
	if closed != 2 {
		t.Errorf("%d closed", closed)
	}
	wantOpen(t, c, 1, 3)
	ask(t, c, 0, true).want(t, 0, false)
}

// TestConnsProperty: whatever happens, nobody waits while there is a place, the
// limits hold, and each asker is served or leaves, once.
func TestConnsProperty(t *testing.T) {
	for seed := range uint64(200) {
		r := rand.New(rand.NewPCG(seed, 0))
		c := &Conns[int]{Limit: r.Int32N(4), Waiting: r.Int32N(4), Idle: time.Duration(r.IntN(20)), Ends: &Ends[int]{}}
		dead := map[int]bool{}
		c.Ends.Alive = func(conn int) bool { return !dead[conn] }
		closed := map[int]bool{}
		c.Ends.Close = func(conn int) {
			if closed[conn] {
				t.Fatal("closes what is closed")
			}
			closed[conn] = true
		}
		var using, waiting []*asker
		made := 0
		sort := func() { // who waited and was served uses now
			for i := 0; i < len(waiting); i++ {
				if a := waiting[i]; a.served > 0 {
					using, waiting = append(using, a), slices.Delete(waiting, i, i+1)
					i--
				}
			}
			for _, a := range using {
				if a.served != 1 || a.warm && closed[a.conn] {
					t.Fatalf("seed %d: served %d times with %d", seed, a.served, a.conn)
				}
				if !a.warm && a.conn == 0 {
					made++
					a.conn = made
				}
			}
		}
		take := func() *asker {
			i := r.IntN(len(using))
			a := using[i]
			using = slices.Delete(using, i, i+1)
			return a
		}
		for now := sim.Time(0); now < 300; now++ {
			switch op := r.IntN(12); {
			case op < 5:
				a := newAsker()
				if c.Ask(now, &a.Waiter) {
					waiting = append(waiting, a)
				} else if len(waiting) < int(c.Waiting) || c.Limit == 0 {
					t.Fatalf("seed %d: refused with %d waiting", seed, len(waiting))
				}
			case op < 8 && len(using) > 0:
				c.Put(now, take().conn)
			case op < 9 && len(using) > 0:
				c.Lost()
				take()
			case op < 10 && len(waiting) > 0:
				i := r.IntN(len(waiting))
				c.Leave(&waiting[i].Waiter)
				waiting = slices.Delete(waiting, i, i+1)
			case op < 11:
				if conn := r.IntN(made + 1); !closed[conn] {
					dead[conn] = true
				}
			default:
				c.Forget()
			}
			sort()
			checkConns(t, c, len(using), len(waiting))
		}
	}
}

func checkConns(t *testing.T, c *Conns[int], using, waiting int) {
	t.Helper()
	switch {
	case c.Open() != using+len(c.idle):
		t.Fatalf("%d open, %d in use, %d idle", c.Open(), using, len(c.idle))
	case c.Limit > 0 && c.Open() > int(c.Limit):
		t.Fatalf("%d open, limit %d", c.Open(), c.Limit)
	case waiting != len(c.waiters) || waiting > int(c.Waiting):
		t.Fatalf("%d wait, %d are known, limit %d", waiting, len(c.waiters), c.Waiting)
	case waiting > 0 && (len(c.idle) > 0 || c.Open() < int(c.Limit)):
		t.Fatalf("%d wait with %d idle and %d of %d open", waiting, len(c.idle), c.Open(), c.Limit)
	}
}

func TestConfigDefaults(t *testing.T) {
	want := Config{Limit: 8192, Waiting: 8192, Idle: time.Minute, ConnectTimeout: 3 * time.Second, HTTP: HTTP11, TLS: noTLS, Streams: 100}
	if got := (Config{}).WithDefaults(); got != want {
		t.Errorf("got %+v", got)
	}
	all := Config{Limit: 1, Waiting: 2, Idle: 3, ConnectTimeout: 4, HTTP: HTTP2, TLS: TLS12, Streams: 7}
	if got := all.WithDefaults(); got != all {
		t.Errorf("got %+v", got)
	}
	if c := NewConns[int](all); c.Limit != 1 || c.Waiting != 2 || c.Idle != 3 || c.Streams != 7 {
		t.Errorf("got %+v", c)
	}
}

// A lower limit closes what is idle at once and what is in use when it comes
// back; a higher one lets who waits in.
func TestConnsChange(t *testing.T) {
	c := &Conns[int]{Limit: 3, Waiting: 5}
	for range 3 {
		ask(t, c, 0, true).want(t, 0, false)
	}
	first, second := ask(t, c, 0, true), ask(t, c, 0, true)
	c.Change(Config{Limit: 4, Waiting: 1})
	first.want(t, 0, false)
	wantOpen(t, c, 4, 4)
	ask(t, c, 0, false) // one waits, and no more may
	c.Change(Config{Limit: 1, Waiting: 1})
	for conn := 1; conn <= 3; conn++ {
		c.Put(0, conn)
	}
	wantOpen(t, c, 1, 4)
	if second.served != 0 {
		t.Error("who waits got a connection beyond the limit")
	}
	c.Put(0, 4)
	second.want(t, 4, true)
	c.Put(0, 4)
	var closed []int
	c.Ends = &Ends[int]{Close: func(conn int) { closed = append(closed, conn) }}
	c.Limit = 0
	for range 2 {
		ask(t, c, 0, true)
	}
	c.Put(0, 4)
	c.Put(0, 5)
	c.Change(Config{Limit: 1})
	if wantOpen(t, c, 1, 5); !slices.Equal(closed, []int{4}) {
		t.Errorf("closed %v; want 4, idle for longest", closed)
	}
}
