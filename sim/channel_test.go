// Tests: each message is answered once.
package sim

import "testing"

func TestPending(t *testing.T) {
	var p Pending
	var got []int
	add := func(id uint64) *Message {
		return p.Add(&Request{ID: id}, func(r *Response) { got = append(got, int(id)*1000+r.Status+int(r.Cause)) })
	}
	one, two := add(1), add(2)
	p.Add(&Request{ID: 3}, func(*Response) { two.Answer(Answer(200, nil, 0)) }) // one that fails may call back
	four := add(4)
	if p.Find(2) != two || p.Find(9) != nil {
		t.Error("messages are not found by their numbers")
	}
	one.Answer(Answer(200, nil, 0))
	one.Answer(Answer(500, nil, 0))
	four.Answer(Answer(201, nil, 0))
	p.Fail(Reset)
	p.Fail(Reset)
	if want := []int{1200, 4201, 2000 + int(Reset)}; len(got) != 3 || got[0] != want[0] || got[1] != want[1] || got[2] != want[2] {
		t.Errorf("answers %v, want %v", got, want)
	}
}
