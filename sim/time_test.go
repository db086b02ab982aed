// Time, and what an Env makes of it.
package sim

import (
	"math"
	"slices"
	"testing"
	"time"
)

func TestTimeAdd(t *testing.T) {
	for _, c := range []struct {
		t    Time
		d    time.Duration
		want Time
	}{
		{0, 5, 5}, {5, -5, 0}, {5, -9, -4}, {Never, 0, Never}, {Never, 1, Never}, {Never, math.MaxInt64, Never},
		{Never - 5, 5, Never}, {Never - 5, 6, Never}, {Never - 5, 4, Never - 1}, {1, math.MaxInt64, Never},
		{Never, -1, Never - 1}, {-10, math.MaxInt64, Never - 10},
	} {
		if got := c.t.Add(c.d); got != c.want {
			t.Errorf("%d + %d = %d, want %d", c.t, c.d, got, c.want)
		}
	}
}

func TestTimeText(t *testing.T) {
	at := Time(12_500 * time.Millisecond)
	if at.String() != "12.5s" || Never.String() != "never" || at.Seconds() != 12.5 || at.Second() != 12 {
		t.Errorf("%v %v %v %v", at, Never, at.Seconds(), at.Second())
	}
	if got := at.Sub(Time(time.Second)); got != 11_500*time.Millisecond {
		t.Errorf("difference %v", got)
	}
}

func TestEnv(t *testing.T) {
	e := NewEngine()
	var notes []Event
	env := NewEnv(e, "pop", 1, func(ev Event) { notes = append(notes, ev) })
	e.Advance(Time(90 * time.Second))
	env.Note(EventDown, "app-1", "3 of 3 checks failed")
	want := Event{At: e.Now(), Node: "pop", Kind: EventDown, Subject: "app-1", Detail: "3 of 3 checks failed"}
	if !slices.Equal(notes, []Event{want}) {
		t.Errorf("noted %+v", notes)
	}
	NewEnv(e, "deaf", 1, nil).Note(EventUp, "", "")
	if got := env.Date(e.Now()); !got.Equal(time.Date(2026, 1, 1, 0, 1, 30, 0, time.UTC)) {
		t.Errorf("the date is %v", got)
	}
	hits := env.Counter("hits")
	env.Counter("misses").Add(1)
	hits.Add(2)
	env.Counter("hits").Add(3)
	if all := env.Counters(); len(all) != 2 || all[0] != hits || hits.N != 5 || all[1].Name != "misses" {
		t.Errorf("counters %+v", all)
	}
}

func TestSafe(t *testing.T) {
	for method, want := range map[string]bool{"GET": true, "HEAD": true, "OPTIONS": true, "TRACE": true,
		"POST": false, "PUT": false, "DELETE": false, "CONNECT": false, "get": false} { // any order
		if got := (&Request{Method: method}).Safe(); got != want {
			t.Errorf("%s is safe: %v", method, got)
		}
	}
}

func TestHandlerFunc(t *testing.T) {
	var h Handler = HandlerFunc(func(req *Request, reply func(*Response)) { reply(Answer(200, nil, req.Size)) })
	h.Serve(&Request{Size: 7}, func(r *Response) {
		if r.Size != 7 || r.Status != 200 {
			t.Errorf("answered %+v", r)
		}
	})
}
