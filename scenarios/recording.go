// Recording: a run's requests as a trace has them, each when it was made.
package scenarios

import (
	"io"
	"io/fs"
	"math"

	"cdnlab/sim"
	"cdnlab/sim/load"
)

var luckThin = sim.NewLuck("load: which of a trace's requests come")

// recording is a trace's requests in the order and at the times in which a run has
// them. Of the trace no more is kept than a second.
//
// Where times are whole seconds the requests of one lie evenly in it: all of them at
// its beginning would be a crowd that there was not.
type recording struct {
	known    *recorded
	f        fs.File
	requests *requests
	speed    float64
	scale    float64
	thin     sim.Draws

	second []request // what of the second under way is not yet due
	next   int
	ahead  request // the first that is not of that second
	some   bool    // there is one
	number uint64  // of the next request in the part
}

// due is a request of a trace in a run.
type due struct {
	at     sim.Time
	number int32  // of the object
	client uint64 // a hash of who asks; 0: the trace does not say
}

// record opens the recording that a scenario plays.
func (t *trace) record(s *Scenario) (*recording, error) {
	f, err := openTrace(t.at)
	if err != nil {
		return nil, err
	}
	p := part{at: t.at, from: s.Load.TraceFrom, length: traceTime(s.Duration, s.Load.TraceSpeed)}
	q, err := newRequests(p, f)
	if err != nil {
		f.Close()
		return nil, err
	}
	r := &recording{known: t.recorded, f: f, requests: q, speed: s.Load.TraceSpeed, scale: s.Load.TraceScale, thin: sim.NewDraws(s.Seed, luckThin)}
	if r.ahead, err = q.read(); err != nil && err != io.EOF {
		f.Close()
		return nil, err
	}
	r.some = err == nil
	return r, nil
}

func (r *recording) close() {
	if r != nil {
		r.f.Close()
	}
}

// advance returns the next request; io.EOF when there is none.
func (r *recording) advance() (due, error) {
	for {
		if r.next == len(r.second) {
			if err := r.fill(); err != nil {
				return due{}, err
			}
		}
		one, n := r.second[r.next], r.number
		if r.known.whole {
			one.at = math.Floor(one.at) + (float64(r.next)+0.5)/float64(len(r.second))
		}
		r.next++
		r.number++
		if roll := r.thin.Of(n, 0); r.scale < 1 && roll.Float64() >= r.scale {
			continue
		}
		number, known := r.known.ids[one.id]
		if !known {
			continue // the file is another than it was
		}
		return due{sim.Time(math.Round(one.at * second / r.speed)), number, one.client}, nil
	}
}

const second = 1e9 // nanoseconds

// fill reads the requests of a second, or one where times are finer.
func (r *recording) fill() error {
	if !r.some {
		return io.EOF
	}
	r.second, r.next = append(r.second[:0], r.ahead), 0
	for {
		var err error
		r.ahead, err = r.requests.read()
		switch {
		case err == io.EOF:
			r.some = false
			return nil
		case err != nil:
			return err
		case !r.known.whole || math.Floor(r.ahead.at) != math.Floor(r.second[0].at):
			return nil
		}
		r.second = append(r.second, r.ahead)
	}
}

// recorded reports whether the load is the requests of a trace.
func (s *Scenario) recorded() bool { return s.trace != nil && s.trace.recorded != nil }

// newCatalog returns what there is to ask for.
func (s *Scenario) newCatalog() *load.Catalog {
	if s.recorded() {
		return load.NewRecordedCatalog(s.Catalog, s.trace.recorded.objects)
	}
	return load.NewCatalog(s.Catalog)
}

// play opens the load's trace, if there is one; a run that cannot is over.
func (d *driver) openTrace() {
	s := d.t.Scenario
	if !s.recorded() {
		return
	}
	var err error
	if d.recording, err = s.trace.record(s); err != nil {
		d.broken(err)
	}
}

// broken ends a run whose trace cannot be read any more.
func (d *driver) broken(err error) {
	if d.err == nil {
		d.err = err
	}
	d.finish()
}

// replay schedules the next request of the trace.
func (d *driver) replay() {
	one, err := d.recording.advance()
	switch {
	case err == io.EOF:
	case err != nil:
		d.broken(err)
	case one.at < sim.Time(d.t.Scenario.Duration):
		d.due = one
		d.coming = d.e.At(d.start+one.at, d.onArrival)
	}
}

// repeat is one request of the trace. The next is scheduled first, as in arrive.
func (d *driver) repeat() {
	if d.finished {
		return
	}
	one := d.due
	d.schedule()
	id := d.next
	d.next++
	who := id
	if d.recording.known.clients {
		who = one.client // always the same one, with the same address and connection
	}
	d.crowds[d.pick(d.luck.group.Of(who, 0))].askFor(d.content.Numbered(one.number), id, who, -1)
}
