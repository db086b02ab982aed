// What a node knows of its world.
package sim

import (
	"math/rand/v2"
	"time"
)

// Epoch is the date at Time 0 of a run, in both worlds: Date and Expires on the
// wire are scenario dates, so that a run's bytes do not depend on the day.
var Epoch = time.Date(2026, time.January, 1, 0, 0, 0, 0, time.UTC)

// Env is all a node knows of the world: its name, its clock, its dice, and the
// two ways out besides answers, notes and counters. It belongs to one
// incarnation of one node.
type Env struct {
	Clock
	Node string // the node's name, unique in the scenario
	Seed uint64 // the run's seed
	// Epoch is the date at Time 0: sim.Epoch in a run; the real date in a node
	// that stands alone before a real server.
	Epoch time.Time
	// Workers work where a world has a way of its own for that; nil: a worker's
	// work is to wait by the Clock.
	Workers Workers
	// Reuses says that a node may use the memory of a request of its own again as
	// soon as it was answered in full. Only the virtual world sets it, where that is
	// much of what a fetch costs.
	Reuses bool

	sink     func(Event)
	tracer   *Tracer
	counters []*Counter
}

// NewEnv returns the Env of a node. sink takes its notes; nil drops them.
func NewEnv(clock Clock, node string, seed uint64, sink func(Event)) *Env {
	return &Env{Clock: clock, Node: node, Seed: seed, Epoch: Epoch, sink: sink}
}

// Workers is a world's way to let a node's workers work. done is called once,
// when work that takes d is over, as a timer's function is. burns says that it
// needs a processor for so long, and not only the worker.
type Workers interface {
	Work(d time.Duration, burns bool, done func())
}

// Work has a worker work for d, and calls done then.
func (e *Env) Work(d time.Duration, burns bool, done func()) {
	if e.Workers == nil {
		e.After(d, done)
		return
	}
	e.Workers.Work(d, burns, done)
}

// Stream returns the node's dice of that name, from their start.
func (e *Env) Stream(name string) *rand.Rand { return Stream(e.Seed, e.Node, name) }

// Draw returns a request's dice for a purpose. The request's own number enters,
// so every attempt at a server rolls anew.
func (e *Env) Draw(what Luck, req *Request) Roll {
	return Draw(e.Seed, what, req.ID, req.Attempt)
}

// Date returns the date of t, as Date, Expires and Last-Modified carry it.
func (e *Env) Date(t Time) time.Time { return e.Epoch.Add(time.Duration(t)) }

// Note tells the world that something happened, with the time and the node's
// name filled in.
func (e *Env) Note(kind EventKind, subject, detail string) {
	if e.sink != nil {
		e.sink(Event{At: e.Now(), Node: e.Node, Kind: kind, Subject: subject, Detail: detail})
	}
}

// Counter returns the node's counter of that name, made at its first use. Ask
// once, when the node is built, and keep the pointer.
func (e *Env) Counter(name string) *Counter {
	for _, c := range e.counters {
		if c.Name == name {
			return c
		}
	}
	c := &Counter{Name: name}
	e.counters = append(e.counters, c)
	return c
}

// Counters returns the node's counters in the order they were made.
func (e *Env) Counters() []*Counter { return e.counters }

// Counter counts what a node did. It only grows within one incarnation.
type Counter struct {
	Name string
	N    int64
}

// Add adds n, which must not be negative.
func (c *Counter) Add(n int64) { c.N += n }

// Event is one thing worth telling that happened at a node.
type Event struct {
	At      Time      `json:"at"`
	Node    string    `json:"node"`
	Kind    EventKind `json:"kind"`
	Subject string    `json:"subject,omitempty"` // whom it happened to, when not the node itself
	Detail  string    `json:"detail,omitempty"`
}

// EventKind says what happened. Nodes use the constants below.
type EventKind string

// What nodes and worlds note.
const (
	EventStarted   EventKind = "started"   // a node runs (again)
	EventCrashed   EventKind = "crashed"   // a node was killed
	EventExited    EventKind = "exited"    // a node ended by itself
	EventRestarted EventKind = "restarted" // a node is killed by its supervisor, to be started anew
	EventHung      EventKind = "hung"      // a node was stopped
	EventResumed   EventKind = "resumed"   // ... and runs on
	EventSlowed    EventKind = "slowed"    // a node's work takes longer
	EventRecovered EventKind = "recovered" // ... and no longer does
	EventLinkBad   EventKind = "link-bad"  // a link was cut, made slow or lossy
	EventLinkGood  EventKind = "link-good" // ... and healed
	EventInjected  EventKind = "injected"  // an HTTP fault began at a node
	EventCleared   EventKind = "cleared"   // ... and is over
	EventDown      EventKind = "down"      // a pool took a server out of rotation
	EventUp        EventKind = "up"        // ... and back in
	EventFailover  EventKind = "failover"  // a pool's servers of a lower priority take over
	EventFailback  EventKind = "failback"  // ... and those of a higher one have it again
	EventTookOver  EventKind = "took-over" // a balancer has the address that several share
	EventAnnounced EventKind = "announced" // ... and says so again, as another thought it had it
	EventGaveUp    EventKind = "gave-up"   // ... and has it no more
	EventWithdrawn EventKind = "withdrawn" // the network sends nobody to a balancer any more
	EventRouted    EventKind = "routed"    // ... and does again
	EventPanic     EventKind = "panic"     // a pool sends requests to servers that are out, too
	EventPanicEnd  EventKind = "calm"      // ... and no longer does

	EventBreakerOpen   EventKind = "breaker-open"   // a pool makes no requests, as too many failed
	EventBreakerClosed EventKind = "breaker-closed" // ... and makes them again

	// What somebody does to the site.
	EventDeployed  EventKind = "deployed"  // a new version is on every server
	EventPurging   EventKind = "purging"   // a PoP is asked to forget
	EventPurged    EventKind = "purged"    // ... and has
	EventUnpurged  EventKind = "unpurged"  // ... and could not be told, for so long that nobody tries any more
	EventWarmed    EventKind = "warmed"    // a PoP has been asked for everything
	EventDraining  EventKind = "draining"  // a server gets no new requests
	EventDrained   EventKind = "drained"   // ... and a pool has none under way there
	EventCutOff    EventKind = "cut-off"   // ... and has cut those that were, as their time was up
	EventUndrained EventKind = "undrained" // it gets new ones again
	EventAdded     EventKind = "added"     // a server joined the pool
	EventRemoved   EventKind = "removed"   // a server left the pool
	EventStopped   EventKind = "stopped"   // a node was ended in good order
	EventWeighted  EventKind = "weighted"  // a server's weight changed
	EventChanged   EventKind = "changed"   // a key of the scenario changed

	EventReleased EventKind = "released" // a new version is there for servers that start

	// What the autoscaler does.
	EventScaledOut EventKind = "scaled-out" // it orders servers
	EventScaledIn  EventKind = "scaled-in"  // ... and gives some back
)
