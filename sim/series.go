// Series: a content made of sections that are got one after the other, while it is
// sent.
package sim

// Series is a content whose sections somebody gets piece by piece, as they are
// wanted. Who sends it on says by Take how far that has come; who gets the pieces
// looks at it and appends them. It ends when the last of them has come, or breaks
// off where they do.
//
// A virtual world has no bytes that could wait for a piece: what is sent runs ahead
// of what has come, and the end alone waits.
type Series struct {
	line   *line
	pieces []Piece
	wakes  []func() // of who waits for a piece, or for the end of all
	gone   bool
}

// line is what the readers of a Series have in common.
type line struct {
	end     *Transfer
	readers []*Series
	sizes   []int64 // of the pieces
	whole   int     // of them, from the first on, have come
	came    int64   // bytes of those
	taken   int64
	broken  Cause // no piece comes behind those that are there
	more    func()
	stop    func(Cause)
}

var _ Taken = (*Series)(nil)

// Taken is a Body that is told how far its sending has come.
type Taken interface {
	Body
	// Take says that the first n bytes have been sent on, as far as they had come.
	Take(n int64)
}

// TakenOf returns the content, or the one behind it, that wants to be told how far its
// sending has come; nil when nobody does.
func TakenOf(b Body) Taken {
	if p, ok := b.(*Paced); ok {
		b = p.source
	}
	t, _ := b.(Taken)
	return t
}

// NewSeries returns a content of size bytes without a piece. more is called when
// another piece has come or more was taken; stop when nobody wants any of it any
// more.
func NewSeries(size int64, more func(), stop func(Cause)) *Series {
	s := &Series{line: &line{end: &Transfer{Length: size}, more: more, stop: stop}}
	s.line.readers = []*Series{s}
	return s
}

// Append adds the next piece, whose Body is then the Series' own.
func (s *Series) Append(p Piece) {
	l, i := s.line, len(s.line.sizes)
	l.sizes = append(l.sizes, p.Size)
	given := false
	for _, r := range l.readers {
		switch {
		case r.gone:
			continue
		case given:
			r.pieces = append(r.pieces, r.shared(i))
		default:
			r.pieces, given = append(r.pieces, p), true
		}
	}
	if !given && p.Body != nil {
		p.Body.Abandon(Cancelled)
		return
	}
	if i == l.whole {
		l.await(p)
	}
	s.wake()
}

// shared returns another claim on a piece that some reader has.
func (s *Series) shared(i int) Piece {
	for _, r := range s.line.readers {
		if r != s && !r.gone {
			return r.pieces[i].Share()
		}
	}
	return Piece{}
}

// Break tells that no more pieces come.
func (s *Series) Break(c Cause) {
	s.line.broken = c
	if s.line.whole == len(s.line.sizes) {
		s.line.finish(c, s.line.came)
	}
	s.wake()
}

// Whole returns how many pieces have come whole, from the first on.
func (s *Series) Whole() int { return s.line.whole }

// Sent returns how many bytes were taken.
func (s *Series) Sent() int64 { return s.line.taken }

// Ended reports whether the content has ended.
func (s *Series) Ended() bool { return s.line.end.Ended() }

// await waits for the end of the first piece that is not whole yet.
func (l *line) await(p Piece) {
	ended := func(c Cause, n int64) {
		got := min(max(n-p.From, 0), p.Size)
		if got < p.Size {
			if c == OK {
				c = Truncated
			}
			l.finish(c, l.came+got)
			return
		}
		l.came += got
		l.whole++
		l.went()
	}
	if p.Body == nil {
		ended(OK, p.From+p.Size)
		return
	}
	p.Body.OnEnd(ended)
}

// went goes on behind a piece that has come whole.
func (l *line) went() {
	switch {
	case l.end.Ended():
		return
	case l.came == l.end.Length:
		l.finish(OK, l.came)
		return
	case l.whole < len(l.sizes):
		l.await(l.piece(l.whole))
		return
	case l.broken != OK:
		l.finish(l.broken, l.came)
		return
	}
	l.more()
}

// piece returns a piece that some reader still has.
func (l *line) piece(i int) Piece {
	for _, r := range l.readers {
		if !r.gone {
			return r.pieces[i]
		}
	}
	return Piece{}
}

func (l *line) finish(c Cause, n int64) {
	if l.end.Ended() {
		return
	}
	if c != OK {
		l.stop(c)
	}
	l.end.End(c, n)
	for _, r := range l.readers {
		r.wakeOne()
	}
}

func (s *Series) wake() {
	for _, r := range s.line.readers {
		r.wakeOne()
	}
}

func (s *Series) wakeOne() {
	wakes := s.wakes
	s.wakes = nil
	for _, f := range wakes {
		f()
	}
}

// Piece returns a piece; false when it has not come to that one yet, or was given up.
func (s *Series) Piece(i int) (Piece, bool) {
	if i < len(s.pieces) && !s.gone {
		return s.pieces[i], true
	}
	return Piece{}, false
}

// Broken reports whether no more pieces come than are there, though some are
// wanting.
func (s *Series) Broken() bool {
	return s.gone || s.line.broken != OK || s.line.end.Ended()
}

// OnPiece calls f once, when the next piece is there or none will come.
func (s *Series) OnPiece(f func()) { s.wakes = append(s.wakes, f) }

// Take implements Taken.
func (s *Series) Take(n int64) {
	l := s.line
	if n <= l.taken || l.end.Ended() {
		return
	}
	l.taken = n
	l.more()
}

// Size implements Body.
func (s *Series) Size() int64 { return s.line.end.Length }

// OnEnd implements Body.
func (s *Series) OnEnd(f func(Cause, int64)) { s.line.end.OnEnd(f) }

// Share implements Body.
func (s *Series) Share() Body {
	other := &Series{line: s.line}
	s.line.readers = append(s.line.readers, other)
	for _, p := range s.pieces {
		other.pieces = append(other.pieces, p.Share())
	}
	return other
}

// Abandon implements Body.
func (s *Series) Abandon(c Cause) {
	if s.gone {
		return
	}
	s.gone = true
	for _, p := range s.pieces {
		if p.Body != nil {
			p.Body.Abandon(c)
		}
	}
	for _, r := range s.line.readers {
		if !r.gone {
			return
		}
	}
	s.line.finish(c, s.line.came)
	s.wakeOne()
}
