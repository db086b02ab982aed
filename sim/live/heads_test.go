// Kept heads: the same bytes as without.
package live

import (
	"fmt"
	"math/rand/v2"
	"net/http"
	"testing"
	"time"

	"cdnlab/sim"
)

// TestHeadsAreAsWritten: whatever comes after whatever, a kept head is the one
// that would be written.
func TestHeadsAreAsWritten(t *testing.T) {
	n := newTestNode(t)
	f := NewFront(NewServer(n, echo(n), "", sim.Epoch))
	dice := rand.New(rand.NewPCG(1, 1))
	headers := []http.Header{nil, {}, {"Etag": {`"1"`}}, {"Etag": {`"2"`}, "Vary": {"Accept"}}}
	kept := 0
	var r *sim.Response
	for i := range 5000 {
		if i%3 != 1 { // else the same again
			r = anyAnswer(dice, headers)
		}
		want := string(f.appendLines(nil, r))
		if l, same := lookOf(r); same && f.heads.of(r.Header, &l) != nil {
			kept++
		}
		if got := string(f.appendHead([]byte("before "), r)); got != "before "+want {
			t.Fatalf("%+v: written as\n%s\nwant\n%s", r, got, want)
		}
	}
	if kept < 500 {
		t.Errorf("only %d heads were kept ones", kept)
	}
}

// anyAnswer draws from few values, so that the same answer comes again.
func anyAnswer(dice *rand.Rand, headers []http.Header) *sim.Response {
	r := sim.Answer([]int{200, 200, 304, 404}[dice.IntN(4)], headers[dice.IntN(len(headers))], int64(dice.IntN(3)-1))
	r.Date, r.Aged = sim.Time(dice.IntN(2))*sim.Time(time.Second), dice.IntN(2) == 0
	r.Age = sim.Time(dice.IntN(3)) * sim.Time(time.Second) / 2
	for range dice.IntN(3) {
		m := sim.Mark{Node: []string{"a", "b"}[dice.IntN(2)], Hop: sim.HopCache, Verdict: sim.Verdict(1 + dice.IntN(2)), TTL: int32(dice.IntN(2))}
		if dice.IntN(4) == 0 {
			m.Took = time.Duration(dice.IntN(3)) * time.Millisecond
		}
		r.Via.Add(m)
	}
	return r
}

// TestHeadsAreBounded: beyond the limit one goes for each that comes.
func TestHeadsAreBounded(t *testing.T) {
	var a answerHeads
	for i := range headsLimit + 100 {
		h := http.Header{"Etag": {fmt.Sprint(i)}}
		l := look{status: 200}
		a.keep(h, &l, []byte("text"))
		if string(a.of(h, &l)) != "text" {
			t.Fatal("what was just kept is gone")
		}
	}
	if len(a.known) != headsLimit {
		t.Errorf("%d are kept", len(a.known))
	}
}
