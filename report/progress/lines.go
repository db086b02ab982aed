// Progress as plain lines, for logs and pipes.
package progress

import (
	"fmt"
	"io"
	"time"
)

// The first line comes after firstGap; each gap is twice the one before, up to
// lastGap. maxLines bounds the runs that are told of at a time.
const (
	firstGap = time.Second
	lastGap  = 30 * time.Second
	maxLines = 10
)

// lines writes a line per running bar when the gap has passed. It needs no
// timer: bars are updated often. Write errors are dropped: a log that cannot be
// written must not end the run.
type lines struct {
	w   io.Writer
	now func() time.Time
	due time.Time
	gap time.Duration
	// updates leaves out the lines of runs that are over.
	updates bool
}

func (l *lines) start(b *Bar) {
	b.shown = l.now()
	if l.gap == 0 {
		l.gap = firstGap
		l.due = l.now().Add(l.gap)
	}
}

func (l *lines) update(_ *Bar, running []*Bar) {
	now := l.now()
	if now.Before(l.due) {
		return
	}
	l.gap = min(2*l.gap, lastGap)
	l.due = now.Add(l.gap)
	for i, b := range running {
		if i == maxLines {
			fmt.Fprintf(l.w, "… and %d more\n", len(running)-maxLines)
			return
		}
		l.line(b, fmt.Sprintf("%v of %v", b.last.At.Round(100*time.Millisecond), b.total))
	}
}

func (l *lines) line(b *Bar, where string) {
	fmt.Fprintf(l.w, "%s: %s, %s\n", b.name, where, b.last)
}

// end tells of runs that took long enough for anyone to wait for, and of every
// one that was stopped.
func (l *lines) end(b *Bar, done bool) {
	took := l.now().Sub(b.shown.(time.Time))
	switch {
	case !done:
		l.line(b, fmt.Sprintf("stopped at %v of %v", b.last.At.Round(100*time.Millisecond), b.total))
	case took >= firstGap && !l.updates:
		l.line(b, fmt.Sprintf("done after %v", took.Round(100*time.Millisecond)))
	}
}

func (l *lines) log(line string) { fmt.Fprintln(l.w, line) }

func (l *lines) wait() {}
