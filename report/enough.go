// Enough: how many requests a number would need, at the load it was measured at.
package report

import (
	"math"
)

// What "enough" means: the true value lies within precision of the measured one
// in 95 of 100 runs.
const (
	precision  = 0.05
	twoSided95 = 1.96
)

// Queue is a queue in a steady state, as far as the length of a run depends on it.
type Queue struct {
	Load       float64 // share of the workers that is busy: rho
	Workers    int     // that share the work, over all servers
	Service    float64 // mean service time in ns
	Wait       float64 // mean wait in ns, as measured
	ArrivalSCV float64 // as in Steady
	ServiceSCV float64
}

// deviation returns the variance, in ns², of a mean response time over n
// requests, times n.
//
// Independent values have their own variance there. Who queues waits for the
// same backlog as those before and behind, and the backlog of a busy queue
// comes and goes slowly: W. Whitt, Planning Queueing Simulations (1989), has for
// the M/M/1 queue
//
//	n Var = 2 (1+rho) / (1-rho)² x the mean, squared
//
// where the first part is how many requests it takes the backlog to forget. It
// grows with the variance of gaps and service times, and so does the wait of
// those who wait (heavy traffic). With several servers that wait is the measured
// one, but at least that of one queue for all of them: a run that is too short has
// seen too little of it.
func (q Queue) deviation() float64 {
	idle, scv := 1-q.Load, (q.ArrivalSCV+q.ServiceSCV)/2
	wait := max(q.Wait, scv*q.Service/(float64(q.Workers)*idle))
	forget := 2 * (1 + q.Load) / (idle * idle) * scv
	return forget*wait*wait + q.ServiceSCV*q.Service*q.Service
}

// Requests returns how many requests it takes to know the mean of latencies to
// within ±5 %; with a quantile above 0, how many for that quantile. value is the
// measured one, ways over the network and all.
//
// Of a quantile q, the share of values beyond it, 1-q, is what varies. Divided
// by the density there, which for an exponential tail is (1-q)/wait, that makes
// the deviation of the mean times q/(1-q).
func (q Queue) Requests(value, quantile float64) float64 {
	tail := 1.0
	if quantile > 0 {
		tail = quantile / (1 - quantile)
	}
	z := twoSided95 / (precision * value)
	return tail * q.deviation() * z * z
}

// The loads that the formulas are for. Above the upper one there may be no steady
// state, and below the lower one no queue worth the name.
const (
	leastLoad = 0.3
	mostLoad  = 0.99
	// passed is the least share of the requests that reach the servers: behind a
	// cache that answers more, latency is not the queue's.
	passed = 0.9
	// turnedAway is the share of requests that may fail: a queue that turns others
	// away is bounded, and so is its memory.
	turnedAway = 0.01
)

// queue returns the queue that decides how long the runs of the group must be,
// that of the busiest node, with its measured load; false when theory does not
// apply.
func (g *group) queue(window string) (Queue, bool) {
	first := g.runs[0]
	if first.Steady == nil || first.ClosedLoop || !g.complete() {
		return Queue{}, false
	}
	q := Queue{ArrivalSCV: first.Steady.ArrivalSCV, ServiceSCV: first.Steady.ServiceSCV}
	var busy, served, waited, requests, errors, load float64
	for _, run := range g.runs {
		w, err := run.Window(window)
		if err != nil || run.Steady == nil {
			return Queue{}, false
		}
		v := View{run, w}
		node, share := v.busiest()
		kind := run.Nodes[node]
		load += share / float64(len(g.runs))
		ns, _ := v.nodes(kind, busyCounter)
		n, _ := v.nodes(kind, requestsCounter)
		busy, served = busy+float64(ns), served+float64(n)
		waited += float64(v.count(countQueueNanos))
		requests, errors = requests+float64(v.count(countRequests)), errors+float64(v.count(countErrors))
		q.Workers = 0
		for name, workers := range run.Steady.Workers { // in any order: a sum
			if run.Nodes[name] == kind {
				q.Workers += workers
			}
		}
	}
	q.Load, q.Service, q.Wait = load, busy/served, waited/served
	applies := load >= leastLoad && load <= mostLoad && served >= passed*requests && errors <= turnedAway*requests
	return q, applies && served > 0
}

// busyCounter is the counter of nodes with workers: the time that these worked.
const busyCounter = "busy-ns"

// busiest returns the node whose workers were busy for the largest share of the
// window, "" when none has workers.
func (v View) busiest() (node string, share float64) {
	span := float64(v.Window.To.Sub(v.Window.From))
	if v.Run.Steady == nil || span <= 0 {
		return "", 0
	}
	for _, name := range nodeNames(v) { // sorted: of two equal ones the first
		if workers := v.Run.Steady.Workers[name]; workers > 0 {
			busy := float64(v.Window.Counters[name+"."+busyCounter]) / (float64(workers) * span)
			if node == "" || busy > share {
				node, share = name, busy
			}
		}
	}
	return node, share
}

// tooShort returns, of the latencies in the table, the one that the row's runs
// were the furthest too short for: its heading, the requests measured and
// those needed; false when all had enough.
func (r row) tooShort(columns []column, i int) (of string, measured, needed, load float64, short bool) {
	q, ok := r.group.queue(r.window)
	if !ok {
		return "", 0, 0, 0, false
	}
	for _, run := range r.group.runs {
		if w, err := run.Window(r.window); err == nil {
			measured += float64(w.Counts[countNames[countRequests]])
		}
	}
	for _, c := range columns {
		s := c.samples[i]
		histogram, quantile, isQuantile := quantileOf(c.metric)
		timed := isQuantile && histogram == histNames[histLatency] || c.metric == histNames[histLatency]+".mean"
		if !timed || s.missing || s.interval.Mean <= 0 {
			continue
		}
		if n := q.Requests(s.interval.Mean, quantile); n > needed && !math.IsInf(n, 0) {
			of, needed = c.heading, n
		}
	}
	return of, measured, needed, q.Load, needed > measured
}
