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
		return drip(s.node, w, p, resp.Stamp, flush)
	}
	return writeContent(s.node, w, resp, flush)
}

// drip writes each byte when it is due. What breaks off is read to its end
// first, as the connection breaks then and not before.
func drip(node *Node, w io.Writer, p *sim.Paced, stamp sim.Stamp, flush func()) error {
	from := open(node, p.Source(), stamp, p.Size())
	defer from.close()
	pace, cut := p.Pace(), false
	step := int64(chunkSize)
	if pace.Rate > 0 {
		step = max(1, min(step, pace.Rate/dripsPerSecond))
	}
	flush() // the header does not wait
	for sent := int64(0); ; {
		data, err := from.next(nil)
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
			time.Sleep(node.wall.Real(p.Due(sent + n).Sub(node.wall.Now())))
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
