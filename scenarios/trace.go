// The load's trace: where its file is, and what the scenario has to know of it
// before it is played.
package scenarios

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"time"
	"weak"

	"cdnlab/edge/replay"
	"cdnlab/sim/load"
	"cdnlab/testdata/traces"
)

// Traces are the traces that come with the lab, with what they are.
var Traces = traces.All

// locate says where a trace is that a scenario in that file names: a trace that
// comes with the lab has its bare name, any other a rooted path.
func locate(scenario, name string) (string, error) {
	for _, t := range Traces {
		if t.Name == name {
			return name, nil
		}
	}
	if !filepath.IsAbs(name) {
		name = filepath.Join(filepath.Dir(scenario), name)
	}
	return filepath.Abs(name)
}

// traceFile is a file as it is on a disk or in the program.
type traceFile interface {
	fs.File
	io.Seeker
}

// OwnTrace opens the trace of that name that comes with the lab; an error that is
// fs.ErrNotExist when there is none.
func OwnTrace(name string) (fs.File, error) { return traces.Files.Open(name) }

func openTrace(at string) (traceFile, error) {
	if !filepath.IsAbs(at) {
		f, err := OwnTrace(at)
		if err != nil {
			return nil, err
		}
		return f.(traceFile), nil
	}
	if about, err := os.Stat(at); err == nil && !about.Mode().IsRegular() {
		return nil, fmt.Errorf("%s is no file that can be read twice", at) // a folder, a pipe
	}
	return os.Open(at)
}

// trace is what is known of a part of a trace, from where the load begins in it.
// It is immutable, and shared by all variants that play the same.
type trace struct {
	at       string // as locate has it
	curve    *load.Curve
	recorded *recorded // nil: the trace says no more than how many came
}

// length is how long the part is.
func (t *trace) length() time.Duration {
	if t.recorded != nil {
		return t.recorded.length
	}
	return t.curve.Length()
}

// part is which part of which trace is played.
type part struct {
	at      string
	size    int64
	changed time.Time
	from    string        // load.trace-from
	length  time.Duration // in the trace's time; 0: to its end
}

// parts are those in use: the variants of a scenario, and all moments of a run,
// have one and the same.
var parts = struct {
	sync.Mutex
	known map[part]weak.Pointer[trace]
}{known: map[part]weak.Pointer[trace]{}}

// readTrace reads the part of a trace that a load plays, or returns it when it
// has been read already.
func readTrace(at string, c load.Config, run time.Duration) (*trace, error) {
	f, err := openTrace(at)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	about, err := f.Stat()
	if err != nil {
		return nil, err
	}
	p := part{at, about.Size(), about.ModTime(), c.TraceFrom, traceTime(run, c.TraceSpeed)}
	parts.Lock()
	defer parts.Unlock()
	if t := parts.known[p].Value(); t != nil {
		return t, nil
	}
	t, err := p.read(f)
	if err != nil {
		return nil, err
	}
	parts.known[p] = weak.Make(t)
	runtime.AddCleanup(t, forget, p)
	return t, nil
}

func forget(p part) {
	parts.Lock()
	defer parts.Unlock()
	if parts.known[p].Value() == nil {
		delete(parts.known, p)
	}
}

// sum adds what is in the part of a trace to a checksum, if there is one.
func (t *trace) sum(to io.Writer) {
	if t == nil {
		return
	}
	fmt.Fprint(to, t.curve.Every, t.curve.Skip, t.curve.Counts)
	if t.recorded != nil {
		t.recorded.objects.Sum(to)
	}
}

// traceTime is how much of a trace passes in a time of the run.
func traceTime(run time.Duration, speed float64) time.Duration {
	return time.Duration(min(math.Round(float64(run)*speed), math.MaxInt64/2))
}

func (p part) read(f io.ReadSeeker) (*trace, error) {
	counts, ok, err := replay.ReadArrivals(f)
	if err != nil {
		return nil, err
	}
	if !ok {
		if _, err := f.Seek(0, io.SeekStart); err != nil {
			return nil, err
		}
		q, err := newRequests(p, f)
		if err != nil {
			return nil, err
		}
		return q.survey()
	}
	skip, err := startIn(p.from, counts.Start)
	if err != nil {
		return nil, err
	}
	whole := time.Duration(len(counts.Counts)) * counts.Every
	if skip < 0 || skip >= whole {
		return nil, outside(counts.Start, whole)
	}
	first := int(skip / counts.Every)
	curve := &load.Curve{Every: counts.Every, Skip: skip % counts.Every, Counts: counts.Counts[first:]}
	if p.length > 0 {
		last := int((curve.Skip + p.length + counts.Every - 1) / counts.Every)
		curve.Counts = curve.Counts[:min(last, len(curve.Counts))]
	}
	return &trace{at: p.at, curve: curve}, nil
}

// errFrom is an error of the key trace-from.
type errFrom struct{ says string }

func (e errFrom) Error() string { return e.says }

// startIn returns how long after a trace's start its part begins.
func startIn(from string, start float64) (time.Duration, error) {
	if from == "" {
		return 0, nil
	}
	if d, err := time.ParseDuration(from); err == nil {
		return d, nil
	}
	at, ok := replay.ParseMoment(from)
	if !ok {
		return 0, errFrom{fmt.Sprintf("must be how long after the trace's beginning such as 90m, or a moment such as 1998-07-07 21:41, not %q", from)}
	}
	return at.Sub(moment0(start)), nil
}

func moment0(start float64) time.Time {
	whole, part := math.Modf(start)
	return time.Unix(int64(whole), int64(part*1e9)).UTC()
}

// momentLayout is how moments of a trace are written, in UTC.
const momentLayout = "2006-01-02 15:04:05"

func outside(start float64, length time.Duration) error {
	from := moment0(start)
	return errFrom{fmt.Sprintf("is not in the trace, which lasts %v: as moments %s to %s UTC", length, from.Format(momentLayout), from.Add(length).Format(momentLayout))}
}

// trace reads the load's trace, and fills in what depends on it: how long the run
// is, where it does not say.
func (c *checker) trace() {
	s := c.s
	if s.Load.Trace == "" || c.known([]any{"load"}) || c.known([]any{"load", "trace"}) {
		return
	}
	filled := s.Load.WithDefaults()
	if filled.Shape != "trace" {
		return
	}
	at, err := locate(c.r.file, s.Load.Trace)
	if err == nil {
		s.trace, err = readTrace(at, filled, s.Duration)
	}
	var from errFrom
	switch {
	case errors.As(err, &from):
		c.add(from.says, "", "load", "trace-from")
	case errors.Is(err, fs.ErrNotExist):
		c.add("there is no file "+at, "the traces that come with the lab: cdnlab list traces", "load", "trace")
	case err != nil:
		c.add(err.Error(), "", "load", "trace")
	default:
		s.Load.Curve = s.trace.curve
		c.fullLength(filled.TraceSpeed)
		return
	}
	if s.Duration == 0 {
		s.Duration = maxDuration // as long as any may be, so that no time in the file lies behind the end
	}
}

// fullLength gives a run without a duration that of its trace.
func (c *checker) fullLength(speed float64) {
	if c.s.Duration > 0 || !(speed > 0) {
		return
	}
	if _, given := find(c.tree, []any{"duration"}); given {
		return
	}
	length := float64(c.s.trace.length()) / speed
	if length > float64(maxDuration) || length < float64(time.Second) {
		c.add(fmt.Sprintf("takes %.3g s at a trace-speed of %g, but a run is between 1s and %v long", length/1e9, speed, maxDuration), "write a duration, or another trace-speed", "load", "trace")
		length = float64(min(max(time.Duration(length), time.Second), maxDuration))
	}
	c.s.Duration = time.Duration(math.Ceil(length/1e6)) * time.Millisecond
}
