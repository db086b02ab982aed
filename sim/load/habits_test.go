// Habits and what appears: what users do with large contents and want of new ones.
package load

import (
	"testing"
	"time"

	"cdnlab/sim"
)

func TestHabits(t *testing.T) {
	size := sim.Bytes(1000)
	c := NewCatalog([]Entry{{Path: "/film", Size: &size, Seek: 0.3, Leave: 0.5, LeaveAfter: 2 * time.Second}, {Path: "/page"}})
	film, _ := c.Lookup("/film")
	page, _ := c.Lookup("/page")
	if !c.Habits(film) || c.Habits(page) {
		t.Error("habits of a film and none of a page are wanted")
	}
	const n = 10_000
	seeks, leaves, where, after := 0, 0, int64(0), time.Duration(0)
	for i := range uint64(n) {
		roll := sim.Draw(1, sim.NewLuck("habits"), i, 0)
		if from := c.Seek(film, &roll); from != 0 {
			seeks++
			where += from
			if from < 1 || from >= 1000 {
				t.Fatalf("seeks to byte %d", from)
			}
		}
		if d, ok := c.Leave(film, &roll); ok {
			leaves++
			after += d
		}
		if c.Seek(page, &roll) != 0 {
			t.Fatal("seeks in a page")
		}
	}
	if seeks < 2800 || seeks > 3200 || leaves < 4800 || leaves > 5200 {
		t.Errorf("of %d %d seek and %d leave", n, seeks, leaves)
	}
	if mean := where / int64(seeks); mean < 470 || mean > 530 {
		t.Errorf("they seek to byte %d in the mean", mean)
	}
	if mean := after / time.Duration(leaves); mean < 1900*time.Millisecond || mean > 2100*time.Millisecond {
		t.Errorf("they leave after %v in the mean", mean)
	}
}

func TestNewest(t *testing.T) {
	entries := []Entry{{Path: "/{n}.ts", Objects: 5, Appears: 2 * time.Second}}
	c, roll := NewCatalog(entries), sim.Roll{}
	begun := sim.Time(10 * time.Second)
	v := NewVersions(entries, 1, begun, nil)
	if !v.Timed() {
		t.Error("nodes are not told when the load begins")
	}
	for _, test := range []struct {
		since time.Duration
		want  int32
	}{{0, 1}, {1999 * time.Millisecond, 1}, {2 * time.Second, 2}, {7 * time.Second, 4}, {time.Hour, 5}, {-time.Second, 1}} {
		o := c.Newest(Object{}, test.since, &roll)
		if o.Number != test.want {
			t.Errorf("after %v number %d, want %d", test.since, o.Number, test.want)
		}
		now := begun.Add(test.since)
		if test.since < time.Hour && (!v.There(o, now) || v.There(Object{Number: o.Number + 1}, now)) {
			t.Errorf("after %v number %d is not the newest that is there", test.since, o.Number)
		}
	}
	if v := NewVersions(entries, 1, 0, nil); v.There(Object{Number: 2}, sim.Time(time.Hour)) || !v.There(Object{Number: 1}, 0) {
		t.Error("before the load begins there is the first alone")
	}
}
