// Settled contents: one handle for all who share them.
package live

import (
	"bytes"
	"io"
	"testing"
	"time"

	"cdnlab/sim"
)

// filled returns a content of these pieces that has ended.
func filled(pieces ...string) *content {
	wall, _ := StartWall()
	b, end := newBuffer(&Node{wall: wall}), &sim.Transfer{Length: -1}
	c := b.handle(b.last, end)
	var n int64
	for _, p := range pieces {
		b.write([]byte(p), 0)
		n += int64(len(p))
	}
	b.end(sim.OK, 0)
	end.End(sim.OK, n)
	return c
}

func TestSettledIsOneForAll(t *testing.T) {
	for _, pieces := range [][]string{{"all of it"}, {"in ", "three ", "pieces"}, {}} {
		c, want := filled(pieces...), ""
		for _, p := range pieces {
			want += p
		}
		share := c.Share()
		if again := c.Share(); again != share {
			t.Errorf("%q: shared twice it is two", pieces)
		}
		share.Abandon(sim.Cancelled) // one of many who hold it: the others read on
		if more := share.Share(); more != share {
			t.Errorf("%q: a share's share is another", pieces)
		}
		for range 2 {
			data, ours, ok := share.(*content).whole(atOnce)
			if string(data) != want || ours || !ok {
				t.Errorf("%q: whole is %q, %v, %v", pieces, data, ours, ok)
			}
			var out bytes.Buffer
			if err := copyBody(nil, &out, share, share.Size(), nil); err != nil || out.String() != want {
				t.Errorf("%q: read as %q, %v", pieces, out.String(), err)
			}
			if err := copyBody(nil, &out, c.Share(), share.Size(), nil); err != nil || out.String() != want+want {
				t.Errorf("%q: read again as %q, %v", pieces, out.String(), err)
			}
		}
		if data, _, ok := c.whole(atOnce); string(data) != want || !ok { // the first handle's own claim
			t.Errorf("%q: the first handle reads %q, %v", pieces, data, ok)
		}
	}
}

// TestNotSettled: who shares what is large, cut short, still coming or not yet
// due has a place of his own in it.
func TestNotSettled(t *testing.T) {
	large := filled(string(make([]byte, atOnce)), "and one more")
	coming := filled("coming")
	coming.end = &sim.Transfer{}
	cut := filled("cut")
	cut.buffer.cause = sim.Truncated
	early := filled("early")
	early.buffer.endDue = early.buffer.node.wall.Now().Add(time.Hour)
	for name, c := range map[string]*content{"large": large, "coming": coming, "cut": cut, "early": early} { // any order
		a, b := c.Share(), c.Share()
		if a == b {
			t.Errorf("%s: one handle for all", name)
		}
	}
}

// The words of a content are its first bytes, as many as are asked for, until it is
// given up.
func TestWords(t *testing.T) {
	for _, settled := range []bool{false, true} {
		c := filled("in ", "three ", "pieces")
		if settled {
			c = c.Share().(*content)
		}
		for limit, want := range map[int]string{0: "", 2: "in", 3: "in ", 7: "in thre", 100: "in three pieces"} { // any order
			if got := c.Words(limit); got != want {
				t.Errorf("settled %v: the first %d bytes are %q, want %q", settled, limit, got, want)
			}
		}
	}
	c := filled("gone")
	c.Abandon(sim.Cancelled)
	if got := c.Words(100) + filled().Words(100); got != "" {
		t.Errorf("what is not there says %q", got)
	}
}

// TestSettledKeepsNoRoom: a small content does not hold the memory it came in.
func TestSettledKeepsNoRoom(t *testing.T) {
	wall, _ := StartWall()
	b, end := newBuffer(&Node{wall: wall}), &sim.Transfer{}
	c := b.handle(b.last, end)
	b.write(newBytes(2000), 0)
	b.end(sim.OK, 0)
	end.End(sim.OK, 2000)
	share := c.Share().(*content)
	if n := cap(share.first.data); n > 2*2000 {
		t.Errorf("2000 bytes take %d", n)
	}
	r := share.open()
	defer r.close()
	if data, err := r.next(nil); len(data) != 2000 || err != nil {
		t.Errorf("%d bytes, %v", len(data), err)
	}
	if _, err := r.next(nil); err != io.EOF {
		t.Error(err)
	}
}
