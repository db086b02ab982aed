// Contents that a fault slows down or breaks off: when their bytes come, and what
// a client gets of them.
package live

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"cdnlab/sim"
)

// stamps is a writer that notes when how much came.
type stamps struct {
	wall Wall
	got  []string
}

func (s *stamps) Write(p []byte) (int, error) {
	s.got = append(s.got, fmt.Sprintf("%d at %v", len(p), time.Duration(s.wall.Now())))
	return len(p), nil
}

// Each byte is written when it is due, in the bubble's time.
func TestDrip(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		wall, _ := StartWall()
		n := NewTimerNode(wall)
		defer n.Close()
		for _, c := range []struct {
			pace  sim.Pace
			bytes bool // there are some behind it
			want  string
			cut   bool
		}{
			{sim.Pace{Rate: 1000}, false, "[50 at 50ms 50 at 100ms 20 at 120ms]", false},
			{sim.Pace{Rate: 1000}, true, "[50 at 50ms 50 at 100ms 20 at 120ms]", false},
			{sim.Pace{Rate: 40}, false, "", false}, // two bytes at a time
			{sim.Pace{Cut: true, Limit: 70}, true, "[70 at 0s]", true},
			{sim.Pace{Cut: true}, false, "[]", true},
			{sim.Pace{Cut: true, Limit: 120}, true, "[120 at 0s]", false},
			{sim.Pace{Rate: 1000, Cut: true, Limit: 70}, false, "[50 at 50ms 20 at 70ms]", true},
		} {
			var p *sim.Paced
			begun := wall.Now()
			n.Do(func() {
				var source sim.Body
				if c.bytes {
					s := newSource(n, 120)
					s.buffer.write(filler[:120], begun)
					s.buffer.end(sim.OK, begun)
					s.end.End(sim.OK, 120)
					source = s.body
				}
				p = sim.NewPaced(n.engine, source, 120, c.pace)
			})
			flushed := 0
			w := &stamps{wall: Wall{start: time.Now()}}
			err := drip(n, w, p, sim.Stamp{}, func() { flushed++ })
			if c.cut != errors.Is(err, errCut) || !c.cut && err != nil {
				t.Errorf("%+v: %v", c.pace, err)
			}
			if got := fmt.Sprint(w.got); c.want != "" && got != c.want {
				t.Errorf("%+v: %s, want %s", c.pace, got, c.want)
			}
			if c.want == "" && len(w.got) != 60 {
				t.Errorf("%+v: %d drips", c.pace, len(w.got))
			}
			if flushed != len(w.got)+1 { // the header, and each drip
				t.Errorf("%+v: %d drips, %d flushes", c.pace, len(w.got), flushed)
			}
		}
	})
}

// What came of a content that breaks off reaches the client, the header at the
// least, behind both front ends.
func TestCutContentReachesTheClient(t *testing.T) {
	for _, extra := range []string{"", odd} {
		for _, limit := range []int64{0, 700} {
			n := newTestNode(t)
			answers := make(once, 1)
			address, _ := serve(t, n, answers)
			n.Do(func() {
				resp := sim.Answer(200, http.Header{"X-Mine": {"1"}}, 5000)
				resp.Body = sim.NewPaced(n.engine, nil, 5000, sim.Pace{Cut: true, Limit: limit})
				answers <- resp
			})
			c := connect(t, address)
			c.send(getWith("/", extra))
			got, err := io.ReadAll(c.Conn)
			head, body, found := strings.Cut(string(got), "\r\n\r\n")
			if err != nil || !found || !strings.Contains(head, "Content-Length: 5000") || int64(len(body)) != limit {
				t.Errorf("extra %q, limit %d: %v, head %q, %d bytes", extra, limit, err, head, len(body))
			}
		}
	}
}

// The same of one that breaks off on its way to us.
func TestCutOnItsWay(t *testing.T) {
	for _, extra := range []string{"", odd} {
		n := newTestNode(t)
		answers := make(once, 1)
		address, _ := serve(t, n, answers)
		s := newSource(n, 5000)
		s.fill(700, sim.Truncated)
		answers <- s.answer(s.body)
		c := connect(t, address)
		c.send(getWith("/", extra))
		got, err := io.ReadAll(c.Conn)
		if _, body, found := strings.Cut(string(got), "\r\n\r\n"); err != nil || !found || len(body) != 700 {
			t.Errorf("extra %q: %v, %q", extra, err, got)
		}
	}
}
