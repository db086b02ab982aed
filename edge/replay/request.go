// What a trace says of each request, and what is wrong with a trace.
package replay

import (
	"fmt"
	"io"
)

// Request is one request of a trace.
type Request struct {
	At   float64 // seconds, from wherever the trace counts
	ID   uint64
	Size int64 // bytes; above 0
	Next int64 // the number of the next request for the same object, from 0; Never, Unknown
}

// What Next may be, beside a number.
const (
	Never   = -1
	Unknown = -2
)

// Reader reads a trace from its beginning. Nothing is kept of what has been read, but
// for sizes where a web log needs them. Not safe for concurrent use.
type Reader interface {
	// Read fills a batch, or what is left, and returns how many it read; io.EOF when
	// there is nothing left. A trace of which too much cannot be read is an error at its
	// end.
	Read(batch []Request) (int, error)
	// Problems is what was left out so far.
	Problems() *Problems
}

// Problems is what a Reader left out.
type Problems struct {
	Lines   int64     // or records, all
	Bad     int64     // could not be read
	Empty   int64     // without a size, or of 0 bytes: there is nothing to store
	Skipped int64     // of web logs: no GET, or an answer that no cache stores or serves
	First   []BadLine // the first of those that could not be read
}

// BadLine is a line that could not be read.
type BadLine struct {
	Line int64 // from 1
	Why  string
}

// mostBad is the share of lines that may be unreadable.
const mostBad = 0.01

const shownBad = 5

func (p *Problems) bad(why string) {
	p.Bad++
	if len(p.First) < shownBad {
		p.First = append(p.First, BadLine{p.Lines, why})
	}
}

// end is the error at the end of a trace.
func (p *Problems) end() error {
	if err := p.TooMany(); err != nil {
		return err
	}
	return io.EOF
}

// TooMany is an error when too much of what was read so far could not be read.
func (p *Problems) TooMany() error {
	if float64(p.Bad) <= mostBad*float64(p.Lines) {
		return nil
	}
	first := p.First[0]
	return fmt.Errorf("%d of %d lines cannot be read, the first is line %d: %s; is it of another format?", p.Bad, p.Lines, first.Line, first.Why)
}
