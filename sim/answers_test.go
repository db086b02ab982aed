// Answers: what comes back is empty, and comes back once.
package sim

import (
	"net/http"
	"reflect"
	"testing"
	"time"
)

// TestAnswerIsEmptyAgain fills every field that there is.
func TestAnswerIsEmptyAgain(t *testing.T) {
	var a Answers
	r := a.New()
	for range inline + 1 {
		r.Via.Add(Mark{Node: "n"})
	}
	r.Status, r.Cause, r.Header, r.Size, r.Body, r.Stamp = 200, Reset, http.Header{}, 1, &Transfer{}, Stamp{1, 2}
	r.Date, r.Aged, r.Age, r.Late, r.Waited = 1, true, 2, time.Second, time.Second
	v := reflect.ValueOf(*r)
	for i := range v.NumField() {
		if v.Field(i).IsZero() {
			t.Fatalf("%s was not filled; this test shows nothing of it", v.Type().Field(i).Name)
		}
	}
	r.Done()
	r.Done() // it has gone home already
	again := a.New()
	if again != r || a.New() == r {
		t.Error("the answer was not used again, or twice")
	}
	if again.Via.Len() != 0 || again.Via.rest != nil {
		t.Error("it still has marks")
	}
	again.Via, again.home = Hops{}, nil
	if !reflect.ValueOf(*again).IsZero() {
		t.Errorf("it holds %+v", again)
	}
}

// TestCopyOfAnAnswer: a copy comes back for itself.
func TestCopyOfAnAnswer(t *testing.T) {
	var a Answers
	r := a.New()
	c := *r
	c.Done()
	if got := a.New(); got != &c {
		t.Error("the copy was not used again")
	}
	if r.home != &a {
		t.Error("the answer went home with its copy")
	}
	Fail(Reset).Done() // nobody's
}
