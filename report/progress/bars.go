// Progress as bars on a terminal.
package progress

import (
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

const (
	barWidth     = 24
	refreshEvery = 100 * time.Millisecond
)

// bars draws through mpb, which redraws from a goroutine of its own: what it
// reads of a bar is atomic.
type bars struct {
	w  io.Writer
	of *mpb.Progress // nil once waited for
}

// drawn is what mpb knows of a bar.
type drawn struct {
	bar  *mpb.Bar
	text atomic.Pointer[string]
}

func newBars(w io.Writer, more ...mpb.ContainerOption) *bars {
	options := append([]mpb.ContainerOption{mpb.WithOutput(w), mpb.WithRefreshRate(refreshEvery)}, more...)
	return &bars{w: w, of: mpb.New(options...)}
}

func (d *bars) start(b *Bar) {
	shown := &drawn{}
	empty := ""
	shown.text.Store(&empty)
	b.shown = shown
	total := max(b.total.Milliseconds(), 1)
	shown.bar = d.of.New(total, mpb.BarStyle().Lbound("[").Rbound("]").Filler("=").Tip(">").Padding(" "),
		mpb.BarWidth(barWidth),
		mpb.PrependDecorators(decor.Name(b.name, decor.WCSyncSpaceR)),
		mpb.AppendDecorators(
			decor.Percentage(decor.WCSyncSpace),
			decor.Any(func(decor.Statistics) string { return "  " + *shown.text.Load() }),
		))
}

// update stays short of the end: reaching it would complete the bar while the
// run still waits for its last answers.
func (d *bars) update(b *Bar, _ []*Bar) {
	shown := b.shown.(*drawn)
	text := b.last.String()
	shown.text.Store(&text)
	shown.bar.SetCurrent(min(b.last.At.Milliseconds(), max(b.total.Milliseconds(), 1)-1))
}

func (d *bars) end(b *Bar, done bool) {
	shown := b.shown.(*drawn)
	text := b.last.String()
	if !done {
		text = "stopped; " + text
	}
	shown.text.Store(&text)
	if !done {
		shown.bar.Abort(false)
		return
	}
	shown.bar.SetCurrent(max(b.total.Milliseconds(), 1))
	if !shown.bar.Completed() {
		shown.bar.SetTotal(-1, true)
	}
}

// log writes above the bars, or directly when there are none any more.
func (d *bars) log(line string) {
	if d.of != nil {
		if _, err := fmt.Fprintln(d.of, line); err == nil {
			return
		}
	}
	fmt.Fprintln(d.w, line)
}

func (d *bars) wait() {
	d.of.Wait()
	d.of = nil
}
