// Feeds: sections of contents, as their bytes come.
package live

import (
	"bytes"
	"io"
	"strings"
	"testing"

	"cdnlab/sim"
)

// piece is a section of a content that has come in those parts.
func piece(from, size int64, parts ...string) sim.Piece {
	return sim.Piece{Body: filled(parts...), From: from, Size: size}
}

func TestPiecesAreRead(t *testing.T) {
	large := strings.Repeat("0123456789", atOnce/5)
	for _, test := range []struct {
		pieces []sim.Piece
		want   string
	}{
		{[]sim.Piece{piece(0, 3, "abcdef")}, "abc"},
		{[]sim.Piece{piece(2, 3, "ab", "cd", "ef")}, "cde"},
		{[]sim.Piece{piece(3, 3, "abc", "def")}, "def"},
		{[]sim.Piece{piece(0, 6, "abc", "def")}, "abcdef"},
		{[]sim.Piece{piece(1, 2, "abc"), piece(0, 0, "x"), piece(2, 1, "a", "b", "c")}, "bcc"},
		{[]sim.Piece{piece(int64(len(large))-2, 2, large)}, "89"},
		{[]sim.Piece{piece(0, 1, "a"), {From: 3, Size: 4}}, "a" + string(filler[3:7])},
	} {
		body := sim.NewPieces(test.pieces)
		for _, b := range []sim.Body{body.Share(), body} { // who shares it reads it first
			if data, _, ok := wholeContent(&sim.Response{Size: b.Size(), Body: b.Share()}); ok && string(data) != test.want {
				t.Errorf("at once: %q, want %q", data, test.want)
			}
			var out bytes.Buffer
			if err := copyBody(nil, &out, b, b.Size(), nil); err != nil || out.String() != test.want {
				t.Errorf("read as %q, %v, want %q", &out, err, test.want)
			}
		}
	}
}

// A section is at its end when its bytes are there, and cut short when its
// content is.
func TestPiecesThatStillCome(t *testing.T) {
	wall, _ := StartWall()
	b, end := newBuffer(&Node{wall: wall}), &sim.Transfer{Length: 10}
	c := b.handle(b.last, end)
	b.write([]byte("0123456"), 0)
	for _, test := range []struct {
		from, size int64
		want       string
		err        error
	}{{2, 5, "23456", nil}, {6, 4, "6", io.ErrUnexpectedEOF}, {8, 2, "", io.ErrUnexpectedEOF}} {
		body := sim.NewPieces([]sim.Piece{{Body: c.Share(), From: test.from, Size: test.size}})
		if test.err != nil {
			b.end(sim.Truncated, 0)
		}
		var out bytes.Buffer
		if err := copyBody(nil, &out, body, test.size, nil); err != test.err || out.String() != test.want {
			t.Errorf("from %d: %q, %v; want %q, %v", test.from, &out, err, test.want, test.err)
		}
	}
	if len(b.readers) != 0 {
		t.Errorf("%d readers left", len(b.readers))
	}
}
