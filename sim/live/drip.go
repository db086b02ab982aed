// Drip: a content that a fault slows down or breaks off, as it is written.
package live

import (
	"errors"
	"io"
	"time"

	"cdnlab/sim"
)

// dripsPerSecond is how often a slow content's next bytes come, when there are
// as many: often enough to look like a stream, seldom enough to cost nothing.
const dripsPerSecond = 20

// errCut ends a content that breaks off, and its connection with it.
var errCut = errors.New("live: a fault cuts the content short")

// copyContent writes an answer's content.
func (s *Server) copyContent(w io.Writer, resp *sim.Response, flush func()) error {
	if p, ok := resp.Body.(*sim.Paced); ok {
		return drip(w, p, resp.Stamp, s.node.wall, flush)
	}
	return writeContent(w, resp, flush)
}

// drip writes each byte when it is due. What breaks off is read to its end
// first, as the connection breaks then and not before.
func drip(w io.Writer, p *sim.Paced, stamp sim.Stamp, wall Wall, flush func()) error {
	next, done := chunks(p, stamp)
	defer done()
	pace, cut := p.Pace(), false
	step := int64(chunkSize)
	if pace.Rate > 0 {
		step = max(1, min(step, pace.Rate/dripsPerSecond))
	}
	flush() // the header does not wait
	for sent := int64(0); ; {
		data, err := next()
		if err == io.EOF && cut {
			return errCut
		}
		if err != nil {
			return ignoreEOF(err)
		}
		if pace.Cut && int64(len(data)) > pace.Limit-sent {
			data, cut = data[:pace.Limit-sent], true
		}
		for len(data) > 0 {
			n := min(int64(len(data)), step)
			time.Sleep(wall.Real(p.Due(sent + n).Sub(wall.Now())))
			if _, err := w.Write(data[:n]); err != nil {
				return err
			}
			flush()
			data, sent = data[n:], sent+n
		}
	}
}

func ignoreEOF(err error) error {
	if err == io.EOF {
		return nil
	}
	return err
}

// chunks returns what gives the bytes behind a content, chunk by chunk: those of
// the filler, that says what it is, when there are none. done is to be called at the end.
func chunks(p *sim.Paced, stamp sim.Stamp) (next func() ([]byte, error), done func()) {
	if c, ok := p.Source().(*content); ok {
		r := c.open()
		return func() ([]byte, error) { return r.next(nil) }, r.close
	}
	left, first := p.Size(), firstBytes(stamp, p.Size())
	return func() ([]byte, error) {
		if len(first) > 0 {
			data := first
			first, left = nil, left-int64(len(data))
			return data, nil
		}
		n := min(left, int64(len(filler)))
		if n <= 0 {
			return nil, io.EOF
		}
		left -= n
		return filler[:n], nil
	}, func() {}
}
