// Tests: the memory that an asker lends.
package sim

import "testing"

func TestRoomIsOneRequests(t *testing.T) {
	var room Room
	var r Request
	if a, b := r.Blank(), r.Blank(); a == b {
		t.Error("without room, two answers are one")
	}
	r.Lend(&room)
	first := r.Blank()
	first.Status, first.Size = 200, 7
	first.Via.Add(Mark{Node: "a"})
	clone := r
	if clone.Blank() == first {
		t.Error("a copy of the request answers in its room")
	}
	second := r.Blank()
	if second != first {
		t.Error("the room was not used")
	}
	if second.Status != 0 || second.Size != 0 || second.Via.Len() != 0 {
		t.Errorf("the answer is not blank: %+v", second)
	}
	var other Request
	other.Lend(&room)
	if r.Blank() == &room.resp {
		t.Error("who lent it before still has it")
	}
	if n := testing.AllocsPerRun(100, func() { other.Blank() }); n != 0 {
		t.Errorf("a blank answer in a room allocates %v times", n)
	}
}
