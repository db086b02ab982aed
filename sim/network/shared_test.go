// Shared connections: who gets which, whatever happens.
package network

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"cdnlab/sim"
)

// sharing plays random askers on shared connections and keeps its own books.
type sharing struct {
	*testing.T
	c                      *Conns[int]
	seed                   uint64
	made                   int
	dead, closed           map[int]bool
	opening, using, waited []*asker
}

// sort moves who was served: with a connection to those who use one, with none to
// those who open one.
func (s *sharing) sort() {
	for i := 0; i < len(s.waited); i++ {
		a := s.waited[i]
		if a.served == 0 {
			continue
		}
		s.waited = slices.Delete(s.waited, i, i+1)
		i--
		switch {
		case a.served > 1:
			s.Fatalf("seed %d: served %d times", s.seed, a.served)
		case a.warm && (s.closed[a.conn] || s.dead[a.conn]):
			s.Fatalf("seed %d: served with connection %d, which is no more", s.seed, a.conn)
		case a.warm:
			s.using = append(s.using, a)
		default:
			s.opening = append(s.opening, a)
		}
	}
}

func (s *sharing) takeFrom(r *rand.Rand, list *[]*asker) *asker {
	i := r.IntN(len(*list))
	a := (*list)[i]
	*list = slices.Delete(*list, i, i+1)
	return a
}

// hold checks what must be so at any time.
func (s *sharing) hold() {
	s.Helper()
	carries, standing := map[int]int{}, 0
	for _, a := range s.using {
		carries[a.conn]++
	}
	for conn := 1; conn <= s.made; conn++ {
		if !s.closed[conn] && !s.dead[conn] {
			standing++
		}
		if carries[conn] > int(s.c.Streams) {
			s.Fatalf("seed %d: connection %d carries %d", s.seed, conn, carries[conn])
		}
		if s.closed[conn] && carries[conn] > 0 {
			s.Fatalf("seed %d: connection %d was closed under %d requests", s.seed, conn, carries[conn])
		}
	}
	switch {
	case len(s.waited) != len(s.c.waiters) || len(s.waited) > int(s.c.Waiting):
		s.Fatalf("seed %d: %d wait, %d are known, limit %d", s.seed, len(s.waited), len(s.c.waiters), s.c.Waiting)
	case s.c.Limit > 0 && s.c.Open() > int(s.c.Limit):
		s.Fatalf("seed %d: %d open, limit %d", s.seed, s.c.Open(), s.c.Limit)
	case len(s.opening) != s.c.share().opening:
		s.Fatalf("seed %d: %d are being opened, %d are known", s.seed, len(s.opening), s.c.share().opening)
	case len(s.waited) > 0 && len(s.opening) == 0 && s.c.Limit > 0 && s.c.Open() < int(s.c.Limit):
		s.Fatalf("seed %d: %d wait, and nobody opens one of %d", s.seed, len(s.waited), s.c.Limit)
	}
}

// TestSharedConnsProperty: nobody is served twice or with what is no more, no
// connection carries more than it may or closes under a request, the limits hold, and
// nobody waits where a connection could be opened.
func TestSharedConnsProperty(t *testing.T) {
	served := 0
	for seed := range uint64(400) {
		r := rand.New(rand.NewPCG(seed, 1))
		s := &sharing{T: t, seed: seed, dead: map[int]bool{}, closed: map[int]bool{}}
		s.c = &Conns[int]{Limit: r.Int32N(4), Waiting: 1 + r.Int32N(8), Streams: 2 + r.Int32N(4), Idle: time.Duration(r.IntN(20)), Ends: &Ends[int]{}}
		s.c.Ends.Alive = func(conn int) bool { return !s.dead[conn] }
		s.c.Ends.Close = func(conn int) {
			if s.closed[conn] {
				t.Fatalf("seed %d: closes what is closed", seed)
			}
			s.closed[conn] = true
		}
		for now := sim.Time(0); now < 400; now++ {
			switch op := r.IntN(14); {
			case op < 6:
				a := newAsker()
				if s.c.Ask(now, &a.Waiter) {
					s.waited = append(s.waited, a)
				}
			case op < 8 && len(s.opening) > 0:
				a := s.takeFrom(r, &s.opening)
				s.made++
				a.conn, a.warm = s.made, true
				s.using = append(s.using, a)
				s.c.Opened(now, a.conn)
			case op < 9 && len(s.opening) > 0:
				s.takeFrom(r, &s.opening)
				s.c.Lost()
			case op < 12 && len(s.using) > 0:
				served++
				s.c.Put(now, s.takeFrom(r, &s.using).conn)
			case op < 13 && len(s.waited) > 0:
				s.c.Leave(&s.takeFrom(r, &s.waited).Waiter)
			case op == 13 && s.made > 0 && r.IntN(2) == 0:
				conn := 1 + r.IntN(s.made)
				if !s.closed[conn] {
					s.dead[conn] = true // and every request on it fails
					s.using = slices.DeleteFunc(s.using, func(a *asker) bool {
						if a.conn == conn {
							s.c.Put(now, conn)
						}
						return a.conn == conn
					})
				}
			case op == 13:
				s.c.Forget()
			}
			s.sort()
			s.hold()
		}
	}
	if served < 10_000 {
		t.Errorf("%d requests were served: the test is weaker than it was", served)
	}
}
