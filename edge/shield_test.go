// Tests of two tiers: a PoP that asks a shield.
package edge

import (
	"net/http"
	"net/netip"
	"testing"
	"time"

	"cdnlab/sim"
)

// tiers is a PoP behind a shield, and what the origin is asked.
type tiers struct {
	e           *sim.Engine
	pop, shield *PoP
	asked       []*sim.Request
}

func newTiers(answer http.Header) *tiers {
	s := &tiers{e: sim.NewEngine()}
	origin := sim.HandlerFunc(func(req *sim.Request, reply func(*sim.Response)) {
		copied := *req
		s.asked = append(s.asked, &copied)
		reply(sim.Answer(200, answer, 10))
	})
	s.shield = NewShield(sim.NewEnv(s.e, "shield", 1, nil), Config{}, origin)
	s.pop = New(sim.NewEnv(s.e, "pop", 1, nil), Config{}, s.shield)
	return s
}

// What an origin tells caches reaches both tiers and no user, who gets a mark of
// each, the origin's end first.
func TestShield(t *testing.T) {
	s := newTiers(http.Header{"Surrogate-Control": {"max-age=100"}, "Cache-Control": {"no-store"}})
	s.shield.Change(Config{CacheSize: 1 << 20}) // it stays a shield
	req := get("/a")
	req.Addr = netip.MustParseAddr("192.0.2.1")
	first := once(t, s.e, s.pop, req)
	if v := first.Via; v.Len() != 2 || v.At(0).Node != "shield" || v.At(1).Node != "pop" || v.At(0).Verdict != sim.VerdictMiss || !v.At(1).Stored {
		t.Errorf("marks %+v", v)
	}
	again := once(t, s.e, s.pop, req)
	if v := again.Via; v.Len() != 1 || v.At(0).Verdict != sim.VerdictHit || len(s.asked) != 1 {
		t.Errorf("marks %+v, the origin was asked %d times", v, len(s.asked))
	}
	for _, r := range []*sim.Response{first, again} {
		if len(r.Header["Surrogate-Control"]) > 0 {
			t.Error("the user is told what is for caches")
		}
	}
	for name, want := range map[string]string{
		"Via": "1.1 pop, 1.1 shield", "Cdn-Loop": "pop, shield", "X-Forwarded-For": "192.0.2.1",
		"Surrogate-Capability": `pop="Surrogate/1.0", shield="Surrogate/1.0"`,
	} {
		if got := s.asked[0].Header.Get(name); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
}

// A copy is as old in both tiers: a PoP that fetches it late has it for the rest
// of its time, and asks the shield, not the origin, whether it still holds.
func TestAgeThroughTiers(t *testing.T) {
	s := newTiers(http.Header{"Cache-Control": {"max-age=100"}, "Etag": {`"1"`}})
	once(t, s.e, s.shield, get("/a")) // another PoP's; a minute passes
	if r := once(t, s.e, s.pop, get("/a")); r.Via.At(0).Verdict != sim.VerdictHit || time.Duration(r.Age) != time.Minute {
		t.Errorf("age %v of the shield's copy, marks %+v", time.Duration(r.Age), r.Via)
	}
	if r := once(t, s.e, s.pop, get("/a")); r.Via.At(0).Verdict != sim.VerdictMiss || len(s.asked) != 2 || s.asked[1].Header.Get("If-None-Match") == "" {
		t.Errorf("after two minutes: marks %+v, the origin was asked %d times", r.Via, len(s.asked))
	}
}

// However many PoPs miss at once, one fetch leaves the shield.
func TestCoalescingAcrossTiers(t *testing.T) {
	e, fetches := sim.NewEngine(), 0
	shield := NewShield(sim.NewEnv(e, "shield", 1, nil), Config{}, sim.HandlerFunc(func(_ *sim.Request, reply func(*sim.Response)) {
		fetches++
		e.After(time.Second, func() { reply(sim.Answer(200, http.Header{"Cache-Control": {"max-age=9"}}, 10)) })
	}))
	const pops, users = 20, 100
	answers := 0
	for range pops {
		pop := New(sim.NewEnv(e, "pop", 1, nil), Config{}, shield)
		for range users {
			pop.Serve(get("/a"), func(r *sim.Response) {
				if r.Status == 200 {
					answers++
				}
			})
		}
	}
	e.Run(e.Now().Add(time.Minute))
	if fetches != 1 || answers != pops*users || shield.n.requests.N != pops || shield.n.verdicts[sim.VerdictJoined].N != pops-1 {
		t.Errorf("%d fetches, %d answers, %d requests at the shield", fetches, answers, shield.n.requests.N)
	}
}
