// Sharing: processor sharing, where nobody waits and everybody slows everybody down.
package origin

import (
	"math"
	"time"

	"cdnlab/sim"
)

// sharing has so many workers, which all jobs under way share evenly; no job has
// more than one. It is exact: what all have got alike since the beginning is one number,
// a job is done when that has grown by its work, and so the one event there is to wait
// for is the end of the job with the least left (Kleinrock 1967).
type sharing struct {
	workers int
	got     float64  // ns of work that a job has got that was there from the beginning
	at      sim.Time // when got was that
	seq     uint64
	jobs    []sharer // a heap, the first to end in front
}

// sharer is a job under way.
type sharer struct {
	until float64 // what got is when it is done
	seq   uint64  // who came first ends first
	work  time.Duration
	job   *job
}

func (a *sharer) before(b *sharer) bool {
	return a.until < b.until || a.until == b.until && a.seq < b.seq
}

// rate is how much of a worker each job has.
func (s *sharing) rate() float64 {
	return min(1, float64(s.workers)/float64(max(len(s.jobs), 1)))
}

// advance brings got up to date.
func (s *sharing) advance(now sim.Time) {
	s.got += float64(now.Sub(s.at)) * s.rate()
	s.at = now
	if len(s.jobs) == 0 {
		s.got = 0 // nobody is there who could tell, and small numbers are exact
	}
}

// add begins a job.
func (s *sharing) add(now sim.Time, work time.Duration, j *job) {
	s.advance(now)
	s.seq++
	s.jobs = append(s.jobs, sharer{s.got + float64(work), s.seq, work, j})
	s.up(len(s.jobs) - 1)
}

// hire goes on with so many workers.
func (s *sharing) hire(now sim.Time, workers int) {
	s.advance(now)
	s.workers = workers
}

// due is when the next job is done; false: there is none.
func (s *sharing) due() (at sim.Time, ok bool) {
	if len(s.jobs) == 0 {
		return 0, false
	}
	left := max(0, s.jobs[0].until-s.got) / s.rate()
	return s.at.Add(time.Duration(math.Ceil(min(left, math.MaxInt64/4)))), true
}

// over takes out the job that is done at now, which is what due said.
func (s *sharing) over(now sim.Time) (j *job, work time.Duration) {
	s.advance(now)
	first := s.jobs[0]
	s.got = max(s.got, first.until) // whatever was lost in rounding
	last := len(s.jobs) - 1
	s.jobs[0] = s.jobs[last]
	s.jobs[last].job = nil
	s.jobs = s.jobs[:last]
	s.down(0)
	return first.job, first.work
}

func (s *sharing) up(i int) {
	for i > 0 {
		parent := (i - 1) / 2
		if !s.jobs[i].before(&s.jobs[parent]) {
			return
		}
		s.jobs[i], s.jobs[parent] = s.jobs[parent], s.jobs[i]
		i = parent
	}
}

func (s *sharing) down(i int) {
	for {
		least := i
		for c := 2*i + 1; c <= 2*i+2 && c < len(s.jobs); c++ {
			if s.jobs[c].before(&s.jobs[least]) {
				least = c
			}
		}
		if least == i {
			return
		}
		s.jobs[i], s.jobs[least] = s.jobs[least], s.jobs[i]
		i = least
	}
}
