// How far the reading of a trace has come.
package main

import (
	"io"
	"io/fs"
	"os"
	"time"

	"github.com/mattn/go-isatty"
	"github.com/vbauerster/mpb/v8"
	"github.com/vbauerster/mpb/v8/decor"
)

// traceBar draws a bar for each pass over a file, with its rate and the time left, where
// somebody looks. The nil one draws nothing.
type traceBar struct {
	bars *mpb.Progress
	last *mpb.Bar
}

func newTraceBar(w io.Writer) *traceBar {
	file, ok := w.(*os.File)
	if !ok || !isatty.IsTerminal(file.Fd()) || os.Getenv("TERM") == "dumb" {
		return nil
	}
	return &traceBar{bars: mpb.New(mpb.WithOutput(w), mpb.WithRefreshRate(100*time.Millisecond))}
}

// over returns the file, watched.
func (t *traceBar) over(file fs.File) io.Reader {
	info, err := file.Stat()
	if t == nil || err != nil || info.Size() == 0 {
		return file
	}
	t.close()
	t.last = t.bars.AddBar(info.Size(), mpb.BarRemoveOnComplete(), mpb.PrependDecorators(decor.Name("reading")),
		mpb.AppendDecorators(decor.Percentage(decor.WCSyncSpace), decor.AverageSpeed(decor.SizeB1024(0), "  % .1f"), decor.AverageETA(decor.ET_STYLE_GO, decor.WC{W: 8})))
	return t.last.ProxyReader(file)
}

func (t *traceBar) close() {
	if t.last != nil {
		t.last.Abort(true)
	}
}

// end takes the bars away.
func (t *traceBar) end() {
	if t != nil {
		t.close()
		t.bars.Wait()
	}
}
