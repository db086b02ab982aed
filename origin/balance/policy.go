// Package balance picks a server for each request: policies, one a file, and
// the Pool that stands on them with retries, health and failover.
//
// The same Policy picks in three places: client to PoP, PoP to its parent, and
// balancer to app server. A policy reads the clock from its argument and has
// its dice from Tools, so both worlds pick alike.
package balance

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"cdnlab/sim"
)

// Policy picks a server. It answers only with eligible ones and allocates
// nothing.
type Policy interface {
	// Pick returns the server for req, or nil when none is eligible. It may
	// move the policy on (a cursor, dice), but the request is counted only by
	// Servers.Begin.
	Pick(now sim.Time, req *sim.Request) *Server
}

// Watcher is a Policy that keeps an index of its own: it is told of every
// server once at the start and whenever a server became eligible or no longer
// is, or its share changed.
type Watcher interface {
	Changed(s *Server)
}

// Observer is a Policy that learns from requests. Began comes after the
// server's Active was counted up, Ended after it was counted down.
type Observer interface {
	Began(now sim.Time, s *Server, req *sim.Request)
	Ended(now sim.Time, s *Server, o Outcome)
}

// Reported is a Policy that keeps an index of loads: it is told when a server's load is
// another by its own report.
type Reported interface {
	Reported(s *Server)
}

// Weighted marks a Policy that gives servers requests in proportion to their
// shares as long as the loads do not say otherwise.
type Weighted interface {
	Weighted()
}

// Explainer is a Policy that can say in words why it has just picked a server:
// for one that is looked at closely, after Pick and before anything else.
type Explainer interface {
	Explain(picked *Server, req *sim.Request) string
}

// Outcome is how one try at a server ended.
type Outcome struct {
	Cause   sim.Cause     // OK when an answer came and its content ended well
	Status  int           // 0 when no answer came
	Latency time.Duration // from the pick to the answer's header, or to the failure
	Took    time.Duration // from the pick to the end of the content
}

// Around is what stands around a balancer. Zero: it is the only one, all its servers
// are equally far, and what is asked for is known by its URI.
type Around struct {
	// RTT is the round-trip time between two places. nil: all are equally far.
	RTT func(a, b string) time.Duration
	// Key is the hash of what a request is about, for policies that go by that.
	// nil: HashURI of its URI.
	Key   func(*sim.Request) uint64
	Peer  Peer
	Zone  string   // where this balancer stands; "": in none
	Zones []string // where each of the equal balancers does; nil: this one is alone
}

// Peer says which of several equal balancers over the same servers one is.
type Peer struct {
	Index int // from 0
	Count int // 0 means 1: it is alone
}

// maxPeers bounds the balancers, so that shares of shares stay whole numbers of 64 bits.
const maxPeers = 1 << 16

func (p Peer) check() error {
	if p.Count < 0 || p.Count > maxPeers || p.Index < 0 || p.Index >= max(p.Count, 1) {
		return fmt.Errorf("balance: peer %d of %d: an index is in 0..count-1, and a count at most %d", p.Index, p.Count, maxPeers)
	}
	return nil
}

// Tools are what a policy may use besides its options.
type Tools struct {
	Around
	Servers *Servers
	Dice    *rand.Rand // the node's stream for this policy
}

// Factory makes a policy. cfg has its defaults; the factory need not register
// the policy with Servers.Watch.
type Factory func(cfg Config, tools Tools) Policy

// Policies are all algorithms by name.
var Policies = sim.Registry[Factory]{Kind: "algorithm"}

// New returns the policy that cfg names.
func New(cfg Config, tools Tools) (Policy, error) {
	cfg = cfg.WithDefaults()
	factory, err := Policies.Get(cfg.Algorithm)
	if err != nil {
		return nil, fmt.Errorf("balance: %w", err)
	}
	if err := errors.Join(cfg.check(), tools.Peer.check()); err != nil {
		return nil, err
	}
	policy := factory(cfg, tools)
	tools.Servers.Watch(policy)
	return policy, nil
}
