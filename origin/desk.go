// A desk: a station in time, with service times and askers who may leave.
package origin

import (
	"net/http"

	"cdnlab/sim"
)

// desk runs a station on the node's clock. It is what an app server and a
// database have in common.
type desk struct {
	station
	env    *sim.Env
	law    law
	luck   sim.Luck
	slow   float64      // stretches the service times of jobs that start from now on
	warmth warmth       // ... and so does this
	hop    sim.Hop      // of the marks
	burns  bool         // work needs a processor, not only a worker
	busyNS *sim.Counter // worker time
	// served is called when a job's service time is over. It must end in
	// finish for each job; the worker stays with the job until then.
	served func(now sim.Time, j *job)
	spare  []*job
}

// job returns a job to be filled in: a used one if there is one.
func (d *desk) job(req *sim.Request, reply func(*sim.Response)) *job {
	if n := len(d.spare); n > 0 {
		j := d.spare[n-1]
		d.spare = d.spare[:n-1]
		j.req, j.reply = req, reply
		return j
	}
	j := &job{desk: d, req: req, reply: reply}
	j.onWorked, j.onCancel = j.worked, j.cancelled
	return j
}

// reuse takes a job back that is over and that nothing can call any more.
func (d *desk) reuse(j *job) {
	*j = job{desk: d, onWorked: j.onWorked, onCancel: j.onCancel}
	d.spare = append(d.spare, j)
}

// enter takes a job: it starts now or waits.
func (d *desk) enter(now sim.Time, j *job) {
	j.arrived, j.started = now, sim.Never
	if c := j.req.Scope.Cause(); c != sim.OK {
		d.say(now, j, sim.Fail(c))
		return
	}
	if d.arrive(j) {
		d.start(now, j)
	} else if j.req.Traced() {
		d.explainQueue(j)
	}
	j.hook = j.req.Scope.OnCancel(j.onCancel)
}

// start begins a job's service at now, which is when its worker became free:
// no capacity is lost between two jobs.
func (d *desk) start(now sim.Time, j *job) {
	j.started = now
	luck := d.luck
	if j.session {
		luck = sessionLuck
	}
	takes := d.law.draw(d.env.Draw(luck, j.req), d.slow*d.warmth.stretch(now))
	if j.req.Traced() {
		d.explainService(j, takes)
	}
	d.env.Work(takes, d.burns, j.onWorked)
}

// worked is told that a job's service time is over.
func (j *job) worked() {
	now := j.desk.env.Now()
	if j.answered {
		j.desk.release(now, j)
		j.desk.reuse(j)
		return
	}
	j.desk.served(now, j)
}

// finish frees the job's worker and answers, in this order. The job is no more
// then.
func (d *desk) finish(now sim.Time, j *job, resp *sim.Response) {
	d.release(now, j)
	if !j.answered {
		j.hook.Drop()
		d.say(now, j, resp)
	}
	d.reuse(j)
}

func (d *desk) release(now sim.Time, j *job) {
	d.busyNS.Add(int64(now.Sub(j.started)))
	if next := d.free(j); next != nil {
		d.start(now, next)
	}
}

// cancelled is told that the asker has left. Waiting jobs leave the queue; work
// under way goes on to its end, as in a pool of threads, where nobody notices.
func (j *job) cancelled(c sim.Cause) {
	d, now := j.desk, j.desk.env.Now()
	if j.state == jobWaiting {
		d.leave(j)
	}
	j.answered = true
	d.say(now, j, sim.Fail(c))
}

// say answers with the mark of this hop.
func (d *desk) say(now sim.Time, j *job, resp *sim.Response) {
	m := sim.Mark{Node: d.env.Node, Hop: d.hop, Cause: j.cause, Took: now.Sub(j.arrived)}
	m.Queue = min(j.started, now).Sub(j.arrived)
	if resp.Cause != sim.OK {
		m.Cause = resp.Cause
	}
	resp.Date = now
	resp.Via.Add(m)
	j.reply(resp)
}

// setSlow stretches the service times of jobs that start from now on.
func (d *desk) setSlow(factor float64) {
	if !(factor > 0) {
		panic("origin: a slow factor must be positive")
	}
	d.slow = factor
}

// change goes on with another number of workers and other service times. Jobs
// under way are worked on to their end as they were begun; who waits stays.
func (d *desk) change(now sim.Time, workers int, c ServiceConfig) {
	d.law = newLaw(c)
	for j := d.hire(workers); j != nil; j = d.hire(workers) {
		d.start(now, j)
	}
}

// refuse answers at once: there is no room.
func (d *desk) refuse(now sim.Time, j *job) {
	j.arrived, j.started, j.cause = now, now, sim.Overload
	d.say(now, j, sim.Answer(http.StatusServiceUnavailable, noStore, 0))
}
