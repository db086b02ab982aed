// A desk: a station in time, with service times and askers who may leave.
package origin

import (
	"net/http"
	"time"

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
	queueing
	shares *sharing // nil: a worker does one job at a time
	due    sim.Timer
	onDue  func()

	refusal  http.Header // of who is turned away
	rejected *sim.Counter
	sloughed *sim.Counter // ... because they had waited for too long; nil: nobody is
	seen     *latencies   // likewise; nil: nobody has asked yet
	limit    *limiter     // hears how long answers took; nil: nobody wants to know
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
	j.arrived, j.started, j.found = now, sim.Never, d.busy+d.waiting
	if c := j.req.Scope.Cause(); c != sim.OK {
		d.say(now, j, sim.Fail(c))
		return
	}
	switch {
	case d.shares != nil:
		d.share(now, j)
	case d.arrive(j):
		d.late(now, 0)
		d.start(now, j)
	default:
		if d.waiting == 1 {
			d.since = now
		}
		if j.req.Traced() {
			d.explainQueue(j)
		}
	}
	j.hook = j.req.Scope.OnCancel(j.onCancel)
}

// start begins a job's service at now, which is when its worker became free:
// no capacity is lost between two jobs.
func (d *desk) start(now sim.Time, j *job) {
	d.env.Work(d.takes(now, j), d.burns, j.onWorked)
}

// takes draws how long the work takes of a job that begins now.
func (d *desk) takes(now sim.Time, j *job) time.Duration {
	j.started = now
	luck := d.luck
	if j.session {
		luck = sessionLuck
	}
	takes := d.law.draw(d.env.Draw(luck, j.req), d.slow*d.warmth.stretch(now))
	if j.req.Traced() {
		d.explainService(j, takes)
	}
	return takes
}

// share begins a job beside all others.
func (d *desk) share(now sim.Time, j *job) {
	d.work(j)
	d.shares.add(now, d.takes(now, j), j)
	d.await()
}

// await has the desk called when the next job is done that shares the workers.
func (d *desk) await() {
	d.due.Stop()
	if at, ok := d.shares.due(); ok {
		d.due = d.env.After(at.Sub(d.env.Now()), d.onDue)
	}
}

// shared is told that a job that shared the workers is done.
func (d *desk) shared() {
	j, work := d.shares.over(d.env.Now())
	d.busyNS.Add(int64(work))
	d.await()
	j.worked()
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
	if d.limit != nil && !j.answered {
		d.limit.ended(now, now.Sub(j.arrived), d.busy+d.waiting)
	}
	if d.seen != nil && !j.answered {
		d.seen.add(j.found, now.Sub(j.arrived))
	}
	d.release(now, j)
	if !j.answered {
		j.hook.Drop()
		d.say(now, j, resp)
	}
	d.reuse(j)
}

func (d *desk) release(now sim.Time, j *job) {
	d.free(j)
	if d.shares != nil {
		return
	}
	d.busyNS.Add(int64(now.Sub(j.started)))
	d.next(now)
}

// next gives free workers the jobs that wait. Those that have waited for too long are
// turned away when that is done: who is told so may come again at once.
func (d *desk) next(now sim.Time) {
	var late *job
	for j := d.take(d.newest(now)); j != nil; j = d.take(d.newest(now)) {
		if d.late(now, now.Sub(j.arrived)) {
			j.next, late = late, j
			continue
		}
		d.work(j)
		d.start(now, j)
	}
	for j := late; j != nil; j = late {
		late, j.next = j.next, nil
		d.slough(now, j)
	}
}

// slough turns away a job that waited, unless its asker has just left.
func (d *desk) slough(now sim.Time, j *job) {
	if j.answered {
		return
	}
	j.hook.Drop()
	d.sloughed.Add(1)
	if j.req.Traced() {
		d.explainSloughed(j, now.Sub(j.arrived))
	}
	d.turnAway(now, j)
	d.reuse(j)
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
	m := resp.Via.Next()
	m.Node, m.Hop, m.Cause, m.Took = d.env.Node, d.hop, j.cause, now.Sub(j.arrived)
	m.Queue = min(j.started, now).Sub(j.arrived)
	if resp.Cause != sim.OK {
		m.Cause = resp.Cause
	}
	resp.Date = now
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
	d.workers = workers
	if d.shares != nil {
		d.shares.hire(now, workers)
		d.await()
		return
	}
	d.next(now)
}

// refuse answers at once: there is no room.
func (d *desk) refuse(now sim.Time, j *job) {
	j.arrived = now
	d.turnAway(now, j)
}

func (d *desk) turnAway(now sim.Time, j *job) {
	j.started, j.cause = now, sim.Overload
	d.rejected.Add(1)
	d.say(now, j, sim.Answer(http.StatusServiceUnavailable, d.refusal, 0))
}
