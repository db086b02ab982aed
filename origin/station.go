// A station: workers and the queue before them. It decides who works when and
// nothing else; the desk gives it time.
package origin

import "cdnlab/sim"

// station has a number of workers and a queue, first come first served. It
// knows no clock: arrive, leave and free say what happens next.
type station struct {
	workers, busy, waiting int
	head, tail             *job
}

// job is one piece of work. Its desk moves it through the states in their order.
type job struct {
	desk       *desk
	req        *sim.Request
	reply      func(*sim.Response)
	arrived    sim.Time
	started    sim.Time
	hook       sim.Hook // on the asker's leaving
	state      jobState
	answered   bool      // its asker has left while it was worked on
	session    bool      // it is a query for a session
	cause      sim.Cause // what went wrong behind it although there is an answer
	prev, next *job
	asked      *sim.Hops // what the query for its session left; nil: there was none

	onWorked func()
	onCancel func(sim.Cause)
}

type jobState uint8

const (
	jobNew jobState = iota
	jobWaiting
	jobWorking
	jobOver
)

// arrive takes a job in and reports whether a worker is free for it; else it
// waits.
func (s *station) arrive(j *job) bool {
	if s.busy < s.workers {
		s.busy++
		j.state = jobWorking
		return true
	}
	j.state = jobWaiting
	j.prev = s.tail
	if s.tail != nil {
		s.tail.next = j
	} else {
		s.head = j
	}
	s.tail = j
	s.waiting++
	return false
}

// leave takes a waiting job out of the queue.
func (s *station) leave(j *job) {
	if j.prev != nil {
		j.prev.next = j.next
	} else {
		s.head = j.next
	}
	if j.next != nil {
		j.next.prev = j.prev
	} else {
		s.tail = j.prev
	}
	j.prev, j.next, j.state = nil, nil, jobOver
	s.waiting--
}

// free gives a job's worker back and returns the job that the worker takes on
// next, nil when nobody waits.
func (s *station) free(j *job) *job {
	j.state = jobOver
	if s.busy > s.workers { // there are fewer workers than there were
		s.busy--
		return nil
	}
	next := s.take()
	if next == nil {
		s.busy--
	}
	return next
}

// hire changes the number of workers. It returns a job that a new one takes on,
// nil when there is none: ask until then.
func (s *station) hire(workers int) *job {
	s.workers = workers
	if s.busy >= s.workers {
		return nil
	}
	next := s.take()
	if next != nil {
		s.busy++
	}
	return next
}

// take takes the first job out of the queue to be worked on; nil when nobody
// waits.
func (s *station) take() *job {
	next := s.head
	if next != nil {
		s.leave(next)
		next.state = jobWorking
	}
	return next
}
