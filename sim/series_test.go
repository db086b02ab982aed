// Series: who gets the pieces, who takes them, and how it ends.
package sim

import (
	"fmt"
	"testing"
)

func TestSeries(t *testing.T) {
	type step func(s *Series, parts []*Transfer)
	piece := func(i int) step {
		return func(s *Series, parts []*Transfer) { s.Append(Piece{Body: parts[i], Size: parts[i].Length}) }
	}
	end := func(i int, c Cause, n int64) step {
		return func(_ *Series, parts []*Transfer) { parts[i].End(c, n) }
	}
	for name, test := range map[string]struct { // any order
		steps []step
		want  string
	}{
		"in order":     {[]step{piece(0), end(0, OK, 10), piece(1), end(1, OK, 5)}, "ok 15, more 1"},
		"out of order": {[]step{piece(0), piece(1), end(1, OK, 5), end(0, OK, 10)}, "ok 15, more 0"},
		"cut short":    {[]step{piece(0), piece(1), end(0, Truncated, 4), end(1, OK, 5)}, "truncated 4, more 0, stopped truncated"},
		"too short":    {[]step{piece(0), end(0, OK, 9)}, "truncated 9, more 0, stopped truncated"},
		"broken":       {[]step{piece(0), end(0, OK, 10), func(s *Series, _ []*Transfer) { s.Break(Truncated) }}, "truncated 10, more 1, stopped truncated"},
		"broken ahead": {[]step{piece(0), func(s *Series, _ []*Transfer) { s.Break(Truncated) }, end(0, OK, 10)}, "truncated 10, more 0, stopped truncated"},
		"given up":     {[]step{piece(0), func(s *Series, _ []*Transfer) { s.Abandon(Cancelled) }}, "cancelled 0, more 0, stopped cancelled"},
		"taken":        {[]step{piece(0), func(s *Series, _ []*Transfer) { s.Take(3); s.Take(3); s.Take(2); s.Take(7) }}, ", more 2"},
		"there": {[]step{func(s *Series, _ []*Transfer) {
			s.Append(Piece{Size: 10})
			s.Append(Piece{Size: 5})
		}}, "ok 15, more 1"},
	} {
		got, more, stopped := "", 0, ""
		s := NewSeries(15, func() { more++ }, func(c Cause) { stopped = ", stopped " + c.String() })
		s.OnEnd(func(c Cause, n int64) { got += fmt.Sprintf("%v %d", c, n) })
		parts := []*Transfer{{Length: 10}, {Length: 5}}
		for _, f := range test.steps {
			f(s, parts)
		}
		if got += fmt.Sprintf(", more %d%s", more, stopped); got != test.want {
			t.Errorf("%s: %s; want %s", name, got, test.want)
		}
	}
}

func TestSeriesShared(t *testing.T) {
	parts := []*Transfer{{Length: 10}, {Length: 5}}
	left := 0
	for _, p := range parts {
		p.Abandoned = func(Cause) { left++ }
	}
	s := NewSeries(15, func() {}, func(Cause) {})
	s.Append(Piece{Body: parts[0], Size: 10})
	other := s.Share().(*Series)
	s.Append(Piece{Body: parts[1], Size: 5})
	woken := 0
	other.OnPiece(func() { woken++ })
	for i := range parts {
		if _, ok := other.Piece(i); !ok {
			t.Errorf("the other reader has no piece %d", i)
		}
	}
	s.Abandon(Cancelled)
	if left != 0 || s.Ended() {
		t.Errorf("one reader's leaving ended %d pieces", left)
	}
	other.Abandon(Cancelled)
	if left != 2 || !s.Ended() || woken != 1 {
		t.Errorf("with the last reader %d pieces ended, %d woken", left, woken)
	}
}
