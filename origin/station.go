// A station: workers and the queue before them. It decides who works when and
// nothing else; the desk gives it time.
package origin

import "cdnlab/sim"

// station has a number of workers and a queue. It knows no clock and no order: who is
// next is said to take.
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
	health     bool      // it asks how the server is
	found      int       // how many were there when it came
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

// free gives a job's worker back.
func (s *station) free(j *job) {
	j.state = jobOver
	s.busy--
}

// take takes one who waits out of the queue: the first or the newest; nil when nobody
// waits or no worker is free.
func (s *station) take(newest bool) *job {
	j := s.head
	if newest {
		j = s.tail
	}
	if j == nil || s.busy >= s.workers { // there may be fewer workers than there were
		return nil
	}
	s.leave(j)
	return j
}

// work gives a job that was taken out of the queue a worker.
func (s *station) work(j *job) {
	s.busy++
	j.state = jobWorking
}

// full reports whether everyone works and as many wait as may.
func (s *station) full(room int) bool {
	return s.busy >= s.workers && s.busy+s.waiting-s.workers >= room
}
