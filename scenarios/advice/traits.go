// Traits: what an algorithm goes by, found out by asking it.
package advice

import (
	"math/rand/v2"
	"net/netip"
	"strconv"
	"time"

	"cdnlab/origin/balance"
	"cdnlab/origin/health"
	"cdnlab/sim"
)

// Traits are what an algorithm goes by. Nobody wrote them down: each was tried.
type Traits struct {
	Weights bool `json:"weights"`  // an idle server of more weight gets more
	Loads   bool `json:"loads"`    // a server with requests in flight gets less
	Times   bool `json:"times"`    // a server that answered slowly gets less
	Draws   bool `json:"draws"`    // dice
	Request bool `json:"request"`  // the same request goes to the same server
	User    bool `json:"user"`     // a user's requests do, whatever they are for
	Order   bool `json:"in_order"` // one server gets all
	Probes  bool `json:"probes"`   // it asks the servers how they are
	Cookie  bool `json:"cookie"`   // beside it: the balancer pins users
}

// probes is how often an algorithm is asked; half of them must differ to count.
const probes = 400

// traits asks the algorithm of a variant. Its options are those that a case plays.
func traits(name string, sticky bool) (Traits, error) {
	algorithm, cookie := parted(name)
	p := prober{cfg: balance.Config{Algorithm: algorithm}}
	if sticky {
		p.cfg.HashBy = balance.HashByClient
	}
	policy, _, err := p.fresh(1, 1)
	if err != nil {
		return Traits{}, err
	}
	equal := p.share(1, nil)
	var t Traits
	t.Cookie, t.Order = cookie, equal == 0
	_, t.Probes = policy.(balance.Asker)
	t.Weights = !t.Order && max(p.share(9, nil), p.share(9, busy)) > 1.5*equal
	t.Loads = p.share(1, loaded) < equal/2
	t.Times = p.share(1, slow) < equal/2
	t.Draws = p.picks(1) != p.picks(2)
	t.Request = !t.Order && p.stays(func(int) *sim.Request { return request(1, 1) })
	t.User = t.Request && p.stays(func(i int) *sim.Request { return request(1, i) })
	return t, nil
}

// prober asks one algorithm, each time anew.
type prober struct{ cfg balance.Config }

// watched is the server that is looked at: not the first, as that is what some prefer.
const watched = 1

// asked is how many servers there are: so many that one of them is an exception.
const asked = 8

// fresh is the algorithm over servers of which the watched one has a weight.
func (p prober) fresh(weight int, seed uint64) (balance.Policy, *balance.Servers, error) {
	servers := &balance.Servers{}
	for i := range asked {
		spec := balance.Spec{Name: "app-" + strconv.Itoa(i+1), Weight: 1}
		if i == watched {
			spec.Weight = weight
		}
		if _, err := servers.Add(spec); err != nil {
			return nil, nil, err
		}
	}
	policy, err := balance.New(p.cfg, balance.Tools{Servers: servers, Dice: sim.Stream(seed, "advice", "traits")})
	return policy, servers, err
}

// latencies are how long each server takes.
type latencies func(i int) time.Duration

func fast(int) time.Duration { return time.Millisecond }

// tell answers a policy that asks the servers. No two answers are the same.
func tell(policy balance.Policy, s *balance.Servers, took latencies, dice *rand.Rand) {
	if asker, asks := policy.(balance.Asker); asks {
		for i := range s.Len() {
			latency := took(i) + time.Duration(dice.IntN(1000))*time.Microsecond
			asker.Told(0, s.At(i), health.Load{InFlight: s.At(i).Active(), Latency: latency}, true)
		}
	}
}

// busy leaves requests in flight at all servers, loaded at the watched one.
func busy(s *balance.Servers) latencies   { return fill(s, func(int) bool { return true }) }
func loaded(s *balance.Servers) latencies { return fill(s, func(i int) bool { return i == watched }) }

func fill(s *balance.Servers, who func(int) bool) latencies {
	answer(s, fast)
	for i := range s.Len() {
		for range 50 {
			if who(i) {
				s.Begin(0, s.At(i), request(0, 0))
			}
		}
	}
	return fast
}

// slow has the watched server answer slowly.
func slow(s *balance.Servers) latencies {
	took := func(i int) time.Duration {
		if i == watched {
			return time.Second
		}
		return fast(i)
	}
	answer(s, took)
	return took
}

// answer has every server answer a few times.
func answer(s *balance.Servers, took latencies) {
	for i := range s.Len() {
		for range 10 {
			s.Begin(0, s.At(i), request(0, 0))
			s.End(0, s.At(i), balance.Outcome{Status: 200, Latency: took(i), Took: took(i)})
		}
	}
}

// share is how many of the picks are of the watched server, of requests that end at once.
func (p prober) share(weight int, before func(*balance.Servers) latencies) (n float64) {
	policy, servers, _ := p.fresh(weight, 1) // it was made before
	took, dice := fast, sim.Stream(1, "advice", "answers")
	if before != nil {
		took = before(servers)
	}
	for i := range probes {
		req := request(i, i)
		tell(policy, servers, took, dice)
		s := policy.Pick(0, req)
		if s.Index() == watched {
			n++
		}
		servers.Begin(0, s, req)
		servers.End(0, s, balance.Outcome{Status: 200})
	}
	return n
}

// picks are those of a row of requests that stay, with a seed.
func (p prober) picks(seed uint64) (all [probes]int) {
	policy, servers, _ := p.fresh(1, seed)
	for i := range all {
		req := request(i, i)
		s := policy.Pick(0, req)
		servers.Begin(0, s, req)
		all[i] = s.Index()
	}
	return all
}

// stays reports whether all of the requests come to one server, while others come, too.
func (p prober) stays(of func(int) *sim.Request) bool {
	policy, servers, _ := p.fresh(1, 1)
	pick := func(req *sim.Request) *balance.Server {
		s := policy.Pick(0, req)
		servers.Begin(0, s, req)
		servers.End(0, s, balance.Outcome{Status: 200})
		return s
	}
	first := pick(of(0))
	for i := range probes {
		pick(request(i, i))
		if pick(of(i)) != first {
			return false
		}
	}
	return true
}

// request is one of a user, who has a network of their own, for an object.
func request(user, object int) *sim.Request {
	return &sim.Request{ID: uint64(object), Client: uint64(user), Addr: netip.AddrFrom4([4]byte{10, byte(user / 200), byte(user % 200), 1}),
		Method: "GET", Scheme: "https", Host: "www.example.com", Path: "/item/" + string(rune('a'+object%26)) + string(rune('a'+object/26%26))}
}

// Sticks reports whether a user stays with a server as long as that is there.
func (t Traits) Sticks() bool { return t.Cookie || t.User && !t.Loads && !t.Times }

// Effort is how many things an algorithm must know: of two that are equally good the
// one that needs less is the better.
func (t Traits) Effort() (n int) {
	for _, need := range []bool{t.Weights, t.Loads, t.Times, t.Draws, t.Request, t.Probes, t.Cookie} {
		if need {
			n++
		}
	}
	return n
}

// String says them in few words.
func (t Traits) String() string {
	var by []string
	for _, one := range []struct {
		has  bool
		word string
	}{
		{t.Cookie, "cookie"}, {t.Order, "order"}, {t.Weights, "weights"}, {t.Loads, "loads"}, {t.Times, "times"}, {t.Probes, "probes"}, {t.Draws, "dice"}, {t.User, "user"}, {t.Request && !t.User, "URI"},
	} {
		if one.has {
			by = append(by, one.word)
		}
	}
	if len(by) == 0 {
		return "turns"
	}
	return joined(by)
}
