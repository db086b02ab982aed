// Pieces: their size, their end, and who shares them.
package sim

import (
	"fmt"
	"testing"
)

func TestPiecesEnd(t *testing.T) {
	type end struct {
		cause Cause
		n     int64
	}
	for name, test := range map[string]struct { // any order
		pieces []Piece // of contents of 10 bytes each; with a Body, of one still coming
		ends   []end   // of those, in their order
		want   string
	}{
		"one":               {[]Piece{{&Transfer{Length: 10}, 2, 5}}, []end{{OK, 10}}, "5: ok 5"},
		"cut short in it":   {[]Piece{{&Transfer{Length: 10}, 2, 5}}, []end{{Truncated, 4}}, "5: truncated 2"},
		"cut short before":  {[]Piece{{&Transfer{Length: 10}, 5, 5}}, []end{{Reset, 4}}, "5: reset 0"},
		"cut short behind":  {[]Piece{{&Transfer{Length: 10}, 0, 5}}, []end{{Truncated, 5}}, "5: ok 5"},
		"shorter than said": {[]Piece{{&Transfer{Length: -1}, 0, 5}}, []end{{OK, 3}}, "5: truncated 3"},
		"two":               {[]Piece{{nil, 0, 4}, {&Transfer{Length: 10}, 4, 6}}, []end{{OK, 10}}, "10: ok 10"},
		"second cut":        {[]Piece{{&Transfer{Length: 10}, 0, 4}, {&Transfer{Length: 10}, 4, 6}}, []end{{OK, 10}, {Truncated, 5}}, "10: truncated 5"},
		"first cut":         {[]Piece{{&Transfer{Length: 10}, 0, 4}, {&Transfer{Length: 10}, 4, 6}}, []end{{Truncated, 1}, {OK, 10}}, "10: truncated 1"},
	} {
		body := NewPieces(test.pieces)
		got := "never"
		body.OnEnd(func(c Cause, n int64) { got = fmt.Sprintf("%d: %v %d", body.Size(), c, n) })
		for _, piece := range test.pieces {
			if piece.Body == nil {
				continue
			}
			if got != "never" && len(test.ends) > 1 && test.ends[0].cause == OK {
				t.Errorf("%s: ended before all came", name)
			}
			piece.Body.(*Transfer).End(test.ends[0].cause, test.ends[0].n)
			test.ends = test.ends[1:]
		}
		if got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
	if NewPieces([]Piece{{nil, 3, 4}, {nil, 0, 1}}) != nil {
		t.Error("a body with nothing behind it")
	}
}

func TestPiecesAreSharedAndGivenUp(t *testing.T) {
	var gone []string
	source := func(name string) *Transfer {
		return &Transfer{Length: 10, Abandoned: func(Cause) { gone = append(gone, name) }}
	}
	a := NewPieces([]Piece{{source("first"), 0, 5}, {nil, 0, 1}, {source("second"), 5, 5}})
	b := a.Share()
	a.Abandon(Cancelled)
	if gone != nil || b.Size() != 11 {
		t.Errorf("%v given up while one still reads %d bytes", gone, b.Size())
	}
	b.Abandon(Cancelled)
	if fmt.Sprint(gone) != "[first second]" {
		t.Errorf("given up: %v", gone)
	}
}
