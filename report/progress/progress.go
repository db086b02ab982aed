// Package progress shows how far runs have come while they play: bars on a
// terminal, otherwise plain lines, further and further apart. It is the one part
// of reporting that knows the wall clock, and it may be used by many runs at once.
package progress

import (
	"fmt"
	"io"
	"math"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/vbauerster/mpb/v8/cwriter"
)

// Mode says how progress is shown.
type Mode int

// The modes.
const (
	Auto  Mode = iota // Bars on a terminal, else Lines
	Bars              // bars, refreshed in place
	Lines             // a line now and then
	Quiet             // nothing at all
)

// Snapshot is how far one run has come.
type Snapshot struct {
	At       time.Duration // of the scenario
	Phase    string        // "warm-up", "during crash app-1"
	Rate     float64       // requests/s of late
	HitRatio float64       // NaN: nothing has passed a cache
	Errors   int64         // so far
}

// String prints the snapshot as it stands beside a bar.
func (s Snapshot) String() string {
	parts := []string{fmt.Sprintf("%.0f/s", s.Rate)}
	if s.Phase != "" {
		parts = append([]string{s.Phase}, parts...)
	}
	if !math.IsNaN(s.HitRatio) {
		parts = append(parts, fmt.Sprintf("%.1f %% hits", 100*s.HitRatio))
	}
	return strings.Join(append(parts, fmt.Sprintf("%d errors", s.Errors)), ", ")
}

// Progress shows any number of runs.
type Progress struct {
	mu    sync.Mutex
	show  display
	bars  []*Bar // those that run
	ended bool
}

// display is one way to show bars. Its methods are called under the lock.
type display interface {
	start(b *Bar)
	update(b *Bar, running []*Bar)
	end(b *Bar, done bool)
	log(line string)
	wait() // no bar runs any more
}

// Bar is one run.
type Bar struct {
	name  string
	total time.Duration
	of    *Progress
	ended bool
	last  Snapshot
	shown any // what the display keeps of it
}

// New returns a Progress that writes to w, most often os.Stderr.
func New(w *os.File, mode Mode) *Progress {
	if mode == Auto {
		mode = Lines
		if isTerminal(w) {
			mode = Bars
		}
	}
	switch mode {
	case Bars:
		return &Progress{show: newBars(w)}
	case Lines:
		return NewLines(w)
	}
	return &Progress{show: quiet{}}
}

// NewLines returns a Progress that writes plain lines to any writer.
func NewLines(w io.Writer) *Progress {
	return &Progress{show: &lines{w: w, now: time.Now}}
}

// NewUpdates is NewLines for who tells of what is over themselves: lines come
// only of runs that are under way, and of those that were stopped.
func NewUpdates(w io.Writer) *Progress {
	return &Progress{show: &lines{w: w, now: time.Now, updates: true}}
}

// isTerminal reports whether bars can be drawn there. A terminal without a size
// cannot show them: mpb would print nothing at all.
func isTerminal(w *os.File) bool {
	if !isatty.IsTerminal(w.Fd()) || os.Getenv("TERM") == "dumb" {
		return false
	}
	width, _, err := cwriter.GetSize(int(w.Fd()))
	return err == nil && width > 0
}

// Start shows one more run, which will play for total of scenario time.
func (p *Progress) Start(name string, total time.Duration) *Bar {
	p.mu.Lock()
	defer p.mu.Unlock()
	b := &Bar{name: name, total: total, of: p, last: Snapshot{HitRatio: math.NaN()}}
	if p.ended { // nobody looks any more
		b.ended = true
		return b
	}
	p.bars = append(p.bars, b)
	p.show.start(b)
	return b
}

// Update tells how far the run has come. It is cheap enough to be called ten
// times a second.
func (b *Bar) Update(s Snapshot) {
	b.of.mu.Lock()
	defer b.of.mu.Unlock()
	if b.ended {
		return
	}
	b.last = s
	b.of.show.update(b, b.of.bars)
}

// Done ends the bar: the run has played to its end. After the first Done or
// Abort all further calls do nothing.
func (b *Bar) Done() { b.end(true) }

// Finish is Done with the numbers of the whole run: those of the last Update
// lack the last answers. A run that is over is in no phase.
func (b *Bar) Finish(s Snapshot) {
	b.of.mu.Lock()
	defer b.of.mu.Unlock()
	if !b.ended {
		s.Phase = ""
		b.last = s
	}
	b.endLocked(true)
}

// Abort ends the bar where it is: the run was stopped.
func (b *Bar) Abort() { b.end(false) }

func (b *Bar) end(done bool) {
	b.of.mu.Lock()
	defer b.of.mu.Unlock()
	b.endLocked(done)
}

func (b *Bar) endLocked(done bool) {
	if b.ended {
		return
	}
	b.ended = true
	if done {
		b.last.Phase = ""
	}
	for i, other := range b.of.bars {
		if other == b {
			b.of.bars = append(b.of.bars[:i], b.of.bars[i+1:]...)
			break
		}
	}
	b.of.show.end(b, done)
}

// Log prints a line without disturbing the bars.
func (p *Progress) Log(line string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.show.log(line)
}

// Wait ends the show. Bars that still run are aborted, so it never hangs.
func (p *Progress) Wait() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.ended {
		return
	}
	p.ended = true
	for len(p.bars) > 0 {
		p.bars[0].endLocked(false)
	}
	p.show.wait()
}

// quiet shows nothing.
type quiet struct{}

func (quiet) start(*Bar)          {}
func (quiet) update(*Bar, []*Bar) {}
func (quiet) end(*Bar, bool)      {}
func (quiet) log(string)          {}
func (quiet) wait()               {}
