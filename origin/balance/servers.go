// The servers of a pool and the index of those that may be picked.
package balance

import (
	"fmt"
	"math/bits"
	"slices"

	"cdnlab/sim"
)

// Servers are the servers of a pool in the order of the configuration. It keeps
// the eligible ones (up, not draining, not full) in a bitmap and their weights
// in a tree, so that policies need not look at the others. Indexes never move.
type Servers struct {
	all      []*Server
	bitmap   []uint64
	eligible int
	panic    bool      // who is down may be picked, too
	shares   shareTree // of the eligible
	changed  []Watcher
	load     []Observer
	reports  []Reported
	asker    Asker // nil: the policy has nobody asked
	reported bool  // loads are what servers say, and not counted here
	ownToo   bool  // ... but what was picked since is added
}

// NewServers returns the set of the given servers, all up and idle. A name that
// is missing or used twice, a negative number or a weight above MaxWeight is an
// error.
func NewServers(specs ...Spec) (*Servers, error) {
	s := &Servers{}
	for _, spec := range specs {
		if _, err := s.Add(spec); err != nil {
			return nil, err
		}
	}
	return s, nil
}

// Add puts a server at the end of the order.
func (s *Servers) Add(spec Spec) (*Server, error) {
	if spec.Weight == 0 {
		spec.Weight = 1
	}
	if err := s.check(spec); err != nil {
		return nil, err
	}
	server := &Server{Spec: spec, index: len(s.all), share: int64(spec.Weight) * Unit}
	s.all = append(s.all, server)
	if len(s.all) > 64*len(s.bitmap) {
		s.bitmap = append(s.bitmap, 0)
	}
	s.shares.grow()
	s.refresh(server)
	return server, nil
}

func (s *Servers) check(spec Spec) error {
	switch {
	case spec.Name == "":
		return fmt.Errorf("balance: server %d has no name", len(s.all)+1)
	case spec.Weight < 0 || spec.Weight > MaxWeight:
		return fmt.Errorf("balance: server %q: weight %d is not in 1..%d", spec.Name, spec.Weight, MaxWeight)
	case spec.MaxConnections < 0:
		return fmt.Errorf("balance: server %q: max connections %d is negative", spec.Name, spec.MaxConnections)
	case s.Find(spec.Name) != nil:
		return fmt.Errorf("balance: two servers named %q", spec.Name)
	}
	return nil
}

// Len is the number of servers, eligible or not.
func (s *Servers) Len() int { return len(s.all) }

// At returns the server of that index.
func (s *Servers) At(i int) *Server { return s.all[i] }

// Find returns the server of that name; nil when there is none.
func (s *Servers) Find(name string) *Server {
	for _, server := range s.all {
		if server.Name == name {
			return server
		}
	}
	return nil
}

// Eligible is the number of servers that may be picked now.
func (s *Servers) Eligible() int { return s.eligible }

// Next returns the first eligible server at or after index from, going round;
// nil when there is none. It looks at 64 servers at a time.
func (s *Servers) Next(from int) *Server {
	if s.eligible == 0 {
		return nil
	}
	if from < 0 || from >= len(s.all) {
		from = 0
	}
	word := from / 64
	if rest := s.bitmap[word] >> (from % 64); rest != 0 {
		return s.all[from+bits.TrailingZeros64(rest)]
	}
	for {
		if word++; word == len(s.bitmap) {
			word = 0
		}
		if s.bitmap[word] != 0 {
			return s.all[word*64+bits.TrailingZeros64(s.bitmap[word])]
		}
	}
}

// Nth returns the eligible server that k others stand before, in the order of the
// configuration; k must lie in [0, Eligible()). When all are eligible it is that one, else it
// looks at 64 servers at a time.
func (s *Servers) Nth(k int) *Server {
	if s.eligible == len(s.all) {
		return s.all[k]
	}
	for word, set := range s.bitmap {
		if n := bits.OnesCount64(set); k >= n {
			k -= n
			continue
		}
		for ; k > 0; k-- {
			set &= set - 1
		}
		return s.all[word*64+bits.TrailingZeros64(set)]
	}
	panic("balance: there are not so many eligible servers")
}

// first returns the first eligible server; nil when there is none.
func (s *Servers) first() *Server { return s.Next(0) }

// after returns the next eligible server behind another; nil when that was the last.
func (s *Servers) after(server *Server) *Server {
	if server.index+1 == len(s.all) {
		return nil
	}
	if next := s.Next(server.index + 1); next != nil && next.index > server.index {
		return next
	}
	return nil
}

// Shares is the sum of the eligible servers' effective weights.
func (s *Servers) Shares() int64 { return s.shares.total }

// AtShare returns the eligible server that owns share x, the shares laid end to
// end in the order of the servers; x must lie in [0, Shares()). It takes
// O(log n), and less when all weigh the same.
func (s *Servers) AtShare(x int64) *Server { return s.all[s.shares.find(x)] }

// Begin counts a request in at the server.
func (s *Servers) Begin(now sim.Time, server *Server, req *sim.Request) {
	server.active++
	switch {
	case !s.reported:
		server.load = server.active
	case s.ownToo:
		server.load++
	}
	if server.MaxConnections > 0 {
		s.refresh(server)
	}
	for _, o := range s.load {
		o.Began(now, server, req)
	}
}

// End counts a request out.
func (s *Servers) End(now sim.Time, server *Server, o Outcome) {
	server.active--
	if server.active < 0 {
		panic("balance: more requests ended than began at " + server.Name)
	}
	if !s.reported {
		server.load = server.active
	}
	if server.MaxConnections > 0 {
		s.refresh(server)
	}
	for _, w := range s.load {
		w.Ended(now, server, o)
	}
}

// SetUp takes a server out of rotation, or back in.
func (s *Servers) SetUp(server *Server, up bool) {
	server.down = !up
	s.refresh(server)
}

// SetPanic lets picks return servers that are down, or no longer does: when most are,
// the others would drown, and perhaps it is the checks that are wrong.
func (s *Servers) SetPanic(on bool) {
	s.panic = on
	for _, server := range s.all {
		s.refresh(server)
	}
}

// Panic reports whether picks may return servers that are down.
func (s *Servers) Panic() bool { return s.panic }

// Drain keeps new requests from a server, or no longer does.
func (s *Servers) Drain(server *Server, on bool) {
	server.draining = on
	s.refresh(server)
}

// SetShare sets the effective weight, in units of 1/Unit.
func (s *Servers) SetShare(server *Server, share int64) {
	if server.eligible {
		s.shares.add(server.index, share-server.share)
	}
	server.share = share
	if !s.refresh(server) {
		s.tell(server)
	}
}

// SetSpec changes what is known of a server: its weight (0 only for one that gets
// no requests any more) and its limit. Whoever keeps an index of weights must be
// made anew.
func (s *Servers) SetSpec(server *Server, weight, maxConnections int) {
	server.Weight, server.MaxConnections = weight, maxConnections
	s.SetShare(server, int64(weight)*Unit)
}

// bench keeps a server from the pick under way.
func (s *Servers) bench(server *Server, on bool) {
	server.benched = on
	s.refresh(server)
}

// Watch tells w from now on what it can be told: see Watcher and Observer. New
// does it for every policy.
func (s *Servers) Watch(w any) {
	if watcher, ok := w.(Watcher); ok {
		s.changed = append(s.changed, watcher)
		for _, server := range s.all {
			watcher.Changed(server)
		}
	}
	if observer, ok := w.(Observer); ok {
		s.load = append(s.load, observer)
	}
	if reported, ok := w.(Reported); ok {
		s.reports = append(s.reports, reported)
	}
	if asker, ok := w.(Asker); ok {
		s.asker = asker
	}
}

// Unwatch ends what Watch began.
func (s *Servers) Unwatch(w any) {
	s.changed = slices.DeleteFunc(s.changed, func(x Watcher) bool { return any(x) == w })
	s.load = slices.DeleteFunc(s.load, func(x Observer) bool { return any(x) == w })
	s.reports = slices.DeleteFunc(s.reports, func(x Reported) bool { return any(x) == w })
	if any(s.asker) == w {
		s.asker = nil
	}
}

// refresh brings the index in line with a server's state and reports whether
// that changed anything.
func (s *Servers) refresh(server *Server) bool {
	fit := server.fit(s.panic)
	if fit == server.eligible {
		return false
	}
	server.eligible = fit
	s.bitmap[server.index/64] ^= 1 << (server.index % 64)
	share := server.share
	if fit {
		s.eligible++
	} else {
		s.eligible--
		share = -s.shares.at(server.index)
	}
	s.shares.add(server.index, share)
	s.tell(server)
	return true
}

func (s *Servers) tell(server *Server) {
	for _, w := range s.changed {
		w.Changed(server)
	}
}
