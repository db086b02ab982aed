// Package fabric plays the delays of links in real time: a loop that is exact to
// some tens of µs, and a relay on it that stands between two ends of which neither
// is ours.
package fabric

import (
	"fmt"
	"runtime"
	"sync"
	"time"

	"cdnlab/sim"
)

// Loop plays events at their times, and tells of sockets as they become ready, all
// on one goroutine. On Linux that has a thread of its own and waits by epoll, whose
// time-outs are exact where Go's timers miss by a millisecond (golang/go#53824);
// elsewhere it waits by Go's timers.
//
// Do and Call may be called from anywhere, all else only by what runs on the loop.
type Loop struct {
	engine *sim.Engine
	begun  time.Time
	system system
	done   chan struct{}

	mu    sync.Mutex // protects what follows
	inbox []func()
	over  bool // nothing is taken in any more

	stop bool // the loop's own: this turn is the last
}

// system is how a loop waits, and has sockets, on an operating system.
type system interface {
	// wait waits until a time, or less long when woken or when a socket is ready.
	wait(l *Loop, until sim.Time)
	// tell tells watchers of what wait has found.
	tell()
	// wake ends a wait. It may be called from anywhere.
	wake()
	close()
	// says how it waits, for people.
	says() string

	stack
}

// Start starts a loop, which runs until Close.
func Start() (*Loop, error) {
	s, err := newSystem()
	if err != nil {
		return nil, fmt.Errorf("fabric: cannot start an event loop: %w", err)
	}
	return startLoop(s), nil
}

func startLoop(s system) *Loop {
	l := &Loop{engine: sim.NewEngine(), begun: time.Now(), system: s, done: make(chan struct{})}
	go l.run()
	return l
}

// Says says how the loop waits.
func (l *Loop) Says() string { return l.system.says() }

// Clock returns the present time since the loop began. It may be read from
// anywhere. Within an event, Engine().Now is the time it was due.
func (l *Loop) Clock() sim.Time { return sim.Time(time.Since(l.begun)) }

// Engine returns the loop's engine, for events to come.
func (l *Loop) Engine() *sim.Engine { return l.engine }

// Do has f run on the loop, soon. It reports false, and f never runs, when the
// loop is closed.
func (l *Loop) Do(f func()) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.over {
		return false
	}
	l.inbox = append(l.inbox, f)
	if len(l.inbox) == 1 {
		l.system.wake()
	}
	return true
}

// Call is Do, and waits until f has run.
func (l *Loop) Call(f func()) bool {
	ran := make(chan struct{})
	if !l.Do(func() { f(); close(ran) }) {
		return false
	}
	<-ran
	return true
}

// Close ends the loop and waits for its end. Events to come are dropped; who has
// sockets on the loop closes them first.
func (l *Loop) Close() {
	l.Do(func() { l.stop = true })
	<-l.done
}

// run is the loop. Its thread is locked and never unlocked, so it ends with the
// goroutine, and what was changed of it is nobody else's.
func (l *Loop) run() {
	runtime.LockOSThread()
	defer close(l.done)
	for !l.stop {
		next, _ := l.engine.Next()
		l.system.wait(l, next)
		l.engine.Advance(max(l.Clock(), l.engine.Now()))
		l.system.tell()
		l.take()
	}
	l.mu.Lock()
	l.over = true
	l.mu.Unlock()
	l.take() // what came in meanwhile: somebody may wait for it
	l.system.close()
}

// take runs what others have asked for.
func (l *Loop) take() {
	l.mu.Lock()
	inbox := l.inbox
	l.inbox = nil
	l.mu.Unlock()
	for _, f := range inbox {
		f()
	}
}
