// Transfers and the end of answers.
package sim

import (
	"fmt"
	"slices"
	"testing"
)

func TestTransferEnds(t *testing.T) {
	tr := Transfer{Length: 100}
	var got []string
	add := func(name string) func(Cause, int64) {
		return func(c Cause, n int64) { got = append(got, fmt.Sprintf("%s %v %d", name, c, n)) }
	}
	tr.OnEnd(add("before"))
	tr.OnEnd(func(c Cause, n int64) {
		tr.End(Reset, 1) // the first cause is the true one
		tr.OnEnd(add("from within"))
	})
	tr.OnEnd(add("last"))
	if tr.Ended() || tr.Size() != 100 {
		t.Error("a new transfer has ended, or lost its size")
	}
	tr.End(Truncated, 40)
	tr.End(OK, 100)
	tr.OnEnd(add("after"))
	want := []string{"before truncated 40", "from within truncated 40", "last truncated 40", "after truncated 40"}
	if !slices.Equal(got, want) || !tr.Ended() {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAbandonIsToldByTheLastReader(t *testing.T) {
	var got []Cause
	tr := &Transfer{Abandoned: func(c Cause) { got = append(got, c) }}
	second, third := tr.Share(), tr.Share()
	second.Abandon(TimedOut)
	tr.Abandon(Reset)
	if got != nil {
		t.Errorf("abandoned with %v while one still reads", got)
	}
	fourth := third.Share()
	third.Abandon(Cancelled)
	fourth.Abandon(Cancelled)
	if !slices.Equal(got, []Cause{Cancelled}) {
		t.Errorf("abandoned with %v, want one cancelled", got)
	}
	(&Transfer{}).Abandon(Cancelled) // nobody cares
}

func TestAbandonAfterTheEnd(t *testing.T) {
	tr := &Transfer{Abandoned: func(Cause) { t.Error("abandoned after its end") }}
	tr.End(OK, 0)
	tr.Abandon(Cancelled)
}

func TestResponseEnds(t *testing.T) {
	pending := Answer(200, nil, 10)
	tr := &Transfer{Length: 10}
	pending.Body = tr
	for _, c := range []struct {
		resp *Response
		want string
	}{
		{Answer(200, nil, 5), "ok 5"},
		{Answer(200, nil, -1), "ok 0"},
		{Fail(Refused), "refused 0"},
		{pending, "truncated 3"},
	} {
		got := ""
		c.resp.OnEnd(func(cause Cause, n int64) { got = fmt.Sprintf("%v %d", cause, n) })
		if c.resp.Body != nil {
			if got != "" {
				t.Error("ended before its body")
			}
			tr.End(Truncated, 3)
		}
		if got != c.want {
			t.Errorf("ended with %q, want %q", got, c.want)
		}
	}
	mustPanic(t, "Fail without a cause", func() { Fail(OK) })
}

func TestFailed(t *testing.T) {
	for status, want := range map[int]bool{200: false, 304: false, 404: false, 499: false, 500: true, 503: true} { // any order
		if Answer(status, nil, 0).Failed() != want {
			t.Errorf("%d counts as failed: %v", status, !want)
		}
	}
	if !Fail(Reset).Failed() {
		t.Error("no answer counts as one")
	}
}
