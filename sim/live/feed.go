// Feed: where the bytes of a content are read, chunk by chunk.
package live

import (
	"io"

	"cdnlab/sim"
)

// feed gives a content's bytes.
type feed interface {
	// next returns the next chunk, waiting for it: io.EOF at the end,
	// io.ErrUnexpectedEOF when the content was cut short. idle, when not nil, is
	// called before a wait.
	next(idle func()) (data []byte, err error)
	close()
}

// open returns the feed of a content: the bytes behind a body, or size bytes of
// filler, which says what it is, when there are none.
func open(n *Node, body sim.Body, stamp sim.Stamp, size int64) feed {
	switch b := body.(type) {
	case *sim.Series:
		return &serial{node: n, series: b}
	case *content:
		return b.open()
	case *sim.Pieces:
		return openPieces(n, b)
	case sim.Text:
		return &filling{[]byte(b), b.Size()}
	case nil:
	default:
		size = b.Size()
	}
	return &filling{firstBytes(stamp, size), size}
}

// serial gives a Series: a piece after the other, as they come. What it waits for
// there, and how far it has come, is the node's matter.
type serial struct {
	node   *Node
	series *sim.Series
	i      int // of the piece
	now    feed
	given  int64
}

func (s *serial) next(idle func()) ([]byte, error) {
	for {
		if s.now == nil {
			if idle != nil {
				idle()
			}
			if s.await(); s.now == nil {
				return nil, io.ErrUnexpectedEOF
			}
		}
		data, err := s.now.next(idle)
		if err != io.EOF {
			s.given += int64(len(data))
			return data, err
		}
		s.now.close()
		s.now = nil
		if s.i++; s.given == s.series.Size() {
			return nil, io.EOF
		}
	}
}

// await waits for the next piece, if there will be one, and opens it: as long as the
// node is held, as who leaves at that moment has the node give it up.
func (s *serial) await() {
	there := make(chan struct{})
	look := func() {
		if piece, ok := s.series.Piece(s.i); ok {
			s.now = &section{open(s.node, piece.Body, sim.Stamp{}, piece.From+piece.Size), piece.From, piece.Size}
		}
		close(there)
	}
	s.node.Do(func() {
		s.series.Take(s.given)
		if _, here := s.series.Piece(s.i); here || s.series.Broken() {
			look()
			return
		}
		s.series.OnPiece(look)
	})
	<-there
}

func (s *serial) close() {
	if s.now != nil {
		s.now.close()
	}
}

// filling gives filler.
type filling struct {
	first []byte // what stands in the place of its first bytes
	left  int64
}

func (f *filling) next(func()) ([]byte, error) {
	data := f.first
	if len(data) == 0 {
		data = filler[:max(0, min(f.left, int64(len(filler))))]
	}
	f.first, f.left = nil, f.left-int64(len(data))
	if len(data) == 0 {
		return nil, io.EOF
	}
	return data, nil
}

func (f *filling) close() {}

// section gives a part of what another feed does.
type section struct {
	feed
	skip, left int64
}

func (s *section) next(idle func()) ([]byte, error) {
	for s.left > 0 {
		data, err := s.feed.next(idle)
		if err == io.EOF {
			err = io.ErrUnexpectedEOF // there should have been more
		}
		if err != nil {
			return nil, err
		}
		n := min(s.skip, int64(len(data)))
		s.skip -= n
		data = data[n:]
		if data = data[:min(s.left, int64(len(data)))]; len(data) > 0 {
			s.left -= int64(len(data))
			return data, nil
		}
	}
	return nil, io.EOF
}

// sections give one after the other.
type sections []*section

// openPieces opens all at once: a content that still comes waits for its slowest
// reader, and one that has not begun must be among them.
func openPieces(n *Node, p *sim.Pieces) *sections {
	var all sections
	for _, piece := range p.Pieces() {
		all = append(all, &section{open(n, piece.Body, sim.Stamp{}, piece.From+piece.Size), piece.From, piece.Size})
	}
	return &all
}

func (s *sections) next(idle func()) ([]byte, error) {
	for len(*s) > 0 {
		data, err := (*s)[0].next(idle)
		if err != io.EOF {
			return data, err
		}
		(*s)[0].close()
		*s = (*s)[1:]
	}
	return nil, io.EOF
}

func (s *sections) close() {
	for _, one := range *s {
		one.close()
	}
}
