// Pieces: a content made of sections of others, whose bytes nobody copies.
package sim

// Piece is a section of a content: Size bytes from byte From on.
type Piece struct {
	Body Body // nil: the content is there whole, and its size is all that is known
	From int64
	Size int64
}

// Pieces is a content made of sections of others, one behind the other. A virtual
// world sees the end alone, which is when all of them are there; a live one lets
// the bytes of each out as they come.
type Pieces struct {
	pieces []Piece
	end    *Transfer
}

var _ Body = (*Pieces)(nil)

// NewPieces returns the content of those pieces, whose Bodies are then its own; nil
// when all are there whole and there are no bytes behind any.
func NewPieces(pieces []Piece) Body {
	p, behind := &Pieces{pieces, &Transfer{}}, false
	for _, piece := range pieces {
		p.end.Length += piece.Size
		behind = behind || piece.Body != nil
	}
	if !behind {
		return nil
	}
	p.await(0, 0)
	return p
}

// await ends the content when the pieces from number i on have come; the n bytes
// before them have.
func (p *Pieces) await(i int, n int64) {
	for ; i < len(p.pieces) && p.pieces[i].Body == nil; i++ {
		n += p.pieces[i].Size
	}
	if i == len(p.pieces) {
		p.end.End(OK, n)
		return
	}
	piece := p.pieces[i]
	piece.Body.OnEnd(func(c Cause, came int64) {
		got := min(max(came-piece.From, 0), piece.Size)
		if got == piece.Size { // what broke off behind it does not matter
			p.await(i+1, n+got)
			return
		}
		if c == OK {
			c = Truncated
		}
		p.end.End(c, n+got)
	})
}

// Pieces returns what it is made of.
func (p *Pieces) Pieces() []Piece { return p.pieces }

// Size implements Body.
func (p *Pieces) Size() int64 { return p.end.Length }

// OnEnd implements Body.
func (p *Pieces) OnEnd(f func(Cause, int64)) { p.end.OnEnd(f) }

// Share implements Body.
func (p *Pieces) Share() Body {
	other := &Pieces{make([]Piece, len(p.pieces)), p.end}
	for i, piece := range p.pieces {
		other.pieces[i] = piece.Share()
	}
	return other
}

// Share returns the same section for another reader.
func (p Piece) Share() Piece {
	if p.Body != nil {
		p.Body = p.Body.Share()
	}
	return p
}

// Abandon implements Body.
func (p *Pieces) Abandon(c Cause) {
	for _, piece := range p.pieces {
		if piece.Body != nil {
			piece.Body.Abandon(c)
		}
	}
}
