// Package fault says what goes wrong in a run, what somebody does to it, and
// when: each fault and each action is one file that registers itself, and tells
// a World what happens. What a crash or a purge is made of, the World knows.
//
// Nothing here is safe for concurrent use.
package fault

import (
	"cdnlab/sim"
	"cdnlab/sim/check"
	"cdnlab/sim/inject"
	"cdnlab/sim/network"
)

// Fault is one thing that goes wrong, or that somebody does, and perhaps is put
// right again.
type Fault interface {
	Begin(w World)
	End(w World)
}

// World is what faults act on. Names are those of the scenario, checked before
// a run. Telling a world what is so already (a node that has crashed to crash)
// does nothing.
type World interface {
	Crash(node string)                // ends it without a word, as SIGKILL does
	Restart(node string)              // starts it anew, with nothing remembered
	Hang(node string)                 // stops it with its connections open, as SIGSTOP does
	Resume(node string)               // lets it run on
	Slow(node string, factor float64) // its work takes factor times as long; 1 heals
	Zone(zone string) []string        // the nodes of a zone that run from the start
	// Link makes the path between two ends (nodes, or a place for all clients
	// there) bad, whoever dialled: out, in the change, is from the first to the
	// second.
	Link(from, to string, c Change)
	// Inject has a node answer by a rule until Heal; says is what it then does.
	Inject(r inject.Rule, says string)
	Heal(r inject.Rule, says string)

	Actor
}

// Actor is what somebody at the site can do.
type Actor interface {
	Deploy()  // puts a new version on every server
	Release() // has it ready for those that are started from now on
	// Purge has PoPs forget, and Warm fetch, the paths that Covers says; of the PoP ""
	// is all.
	Purge(pop string, p Purge)
	Warm(pop, paths string)
	Drain(server string, on bool) // gives it no new requests, or does again
	AddServer(server string)      // starts it and takes it into the pool
	RemoveServer(server string)   // takes it out of the pool, and ends it when it has nothing left to do
	Roll(r Rollout)               // restarts servers
	// Weight and Set change keys of the scenario; weight 0, or on false, is the
	// end of that: the key is again what the rest says.
	Weight(server string, weight int)
	Set(keys []check.Setting, on bool)
}

// Change is what is wrong with a link.
type Change = network.Change

// Kind is a registered fault or action.
type Kind struct {
	Needs, May []string // the keys of Config it cannot do without, and those it uses when given, beside the common ones
	Make       func(c Config) Fault
	// Instant says that it is over as soon as it has begun: it knows no `for`.
	Instant bool
	// Tell says in plain words what happens, without the time: "app-2 crashes".
	// Until is the text of how it ends: "" when it lasts.
	Tell, Until func(c Config) string
}

// Faults are the known faults. Each registers itself in its file.
var Faults = sim.Registry[Kind]{Kind: "fault"}

// Problem is one thing that is wrong with a part of a scenario.
type Problem = check.Problem
