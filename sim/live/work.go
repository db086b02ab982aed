// Work: what a node's workers do, in real time.
package live

import (
	"runtime"
	"sync"
	"time"

	"github.com/HdrHistogram/hdrhistogram-go"

	"cdnlab/sim"
)

// workers let a node's workers work, and measure how long they take.
type workers struct {
	node *Node

	// Under the node's mutex:
	asked, took time.Duration           // of all work that is done
	late        *hdrhistogram.Histogram // took more than asked, in ns
	burns       bool

	mu      sync.Mutex // protects what follows
	burning int        // workers on a processor, or waiting for one
	procs   int        // what GOMAXPROCS is
	others  int        // what it is without them
}

var _ sim.Workers = (*workers)(nil)

func newWorkers(n *Node) *workers {
	procs := runtime.GOMAXPROCS(0)
	return &workers{node: n, late: newLateness(), procs: procs, others: procs}
}

// Work implements sim.Workers.
func (w *workers) Work(d time.Duration, burns bool, done func()) {
	n := w.node
	started := n.engine.Now()
	if burns {
		w.burns = true
		n.Later(func() { go w.burn(started, d, done) })
		return
	}
	n.engine.After(d, func() {
		w.worked(d, n.wall.Now().Sub(started)) // the event's own time is the due one
		done()
	})
}

// burn uses a processor for d of the scenario's time. Who shares it with others
// takes longer.
func (w *workers) burn(started sim.Time, d time.Duration, done func()) {
	w.enter()
	burn(w.node.wall.Real(d))
	w.leave()
	w.node.Do(func() {
		w.worked(d, w.node.engine.Now().Sub(started))
		done()
	})
}

func (w *workers) worked(asked, took time.Duration) {
	w.asked += asked
	w.took += took
	late(w.late, took-asked)
}

// mostThreads bounds the threads that burn at once, and their stacks. Of more
// workers some wait for others, as they would for a processor.
const mostThreads = 512

// enter gives a burning worker a thread of its own: the kernel shares out the
// processors then, as it would to a server's threads. Were it Go, whoever reads
// and writes would wait for all workers' turns.
func (w *workers) enter() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.burning++
	if need := min(w.others+w.burning, mostThreads); need > w.procs {
		w.procs = min(max(need, 2*w.procs), mostThreads) // seldom: it stops the process for a moment
		runtime.GOMAXPROCS(w.procs)
	}
}

func (w *workers) leave() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.burning--
}

// burn uses d of a processor's time.
func burn(d time.Duration) {
	runtime.LockOSThread() // it is the thread's time that is counted
	defer runtime.UnlockOSThread()
	for end := threadTime() + d; threadTime() < end; {
		spin()
	}
}

// spins take some µs: often enough looked at the clock, which is a system call.
const spins = 5000

//go:noinline
func spin() uint64 { // inlined, the compiler would see that nobody needs it
	x := uint64(1)
	for range spins {
		x = x*6364136223846793005 + 1442695040888963407
	}
	return x
}

// sum says how long the work took; nil when there was none.
func (w *workers) sum() *Work {
	if w.late.TotalCount() == 0 {
		return nil
	}
	return &Work{Count: w.late.TotalCount(), Asked: int64(w.asked), Took: int64(w.took), Burnt: w.burns,
		Median: w.late.ValueAtQuantile(50), P99: w.late.ValueAtQuantile(99)}
}
