// A table of what was used recently: bounds, order, time.
package sim

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

func TestRecent(t *testing.T) {
	const s = Time(time.Second)
	tb := NewRecent[string, int](3, time.Minute)
	for i, id := range []string{"a", "b", "c"} {
		tb.Add(Time(i)*s, id, i)
	}
	tb.Use(5*s, "a")
	tb.Add(6*s, "d", 3)                                                                  // b is the one unused for longest
	for id, want := range map[string]bool{"a": true, "b": false, "c": true, "d": true} { // in any order: all at one time
		if got := tb.Use(7*s, id) != nil; got != want {
			t.Errorf("%s is kept: %v", id, got)
		}
	}
	tb.Add(67*s, "e", 4) // all have their minute
	if tb.Len() != 3 || tb.Evicted != 2 {
		t.Errorf("%d entries, %d evicted, want 3 and 2", tb.Len(), tb.Evicted)
	}
	if tb.Use(128*s, "e") != nil {
		t.Error("an entry is kept beyond its time")
	}
	tb.Add(129*s, "f", 5)
	if tb.Len() != 1 || tb.oldest != tb.newest || tb.oldest.key != "f" || tb.Evicted != 2 {
		t.Errorf("%d entries, %d evicted: the old ones went by themselves", tb.Len(), tb.Evicted)
	}
	if tb.Add(129*s, "f", 9); tb.Len() != 1 || *tb.Use(129*s, "f") != 9 {
		t.Error("a key is there twice")
	}
	tb.Change(1, time.Second)
	if tb.Add(130*s, "g", 6); tb.Len() != 1 || tb.Use(130*s, "f") != nil {
		t.Error("a smaller limit does not hold")
	}
}

// The table against a plain list in order of use.
func TestRecentIsTheLeastRecentlyUsed(t *testing.T) {
	type entry struct {
		key  int
		used Time
	}
	dice := rand.New(rand.NewPCG(1, 1))
	tb, list := NewRecent[int, int](20, 50), []entry(nil)
	for now := Time(0); now < 5000; now += Time(dice.IntN(3)) {
		key := dice.IntN(40)
		at := slices.IndexFunc(list, func(e entry) bool { return e.key == key })
		if dice.IntN(2) == 0 {
			if at >= 0 {
				list = slices.Delete(list, at, at+1)
			}
			for len(list) > 0 && (len(list) >= 20 || now-list[0].used > 50) {
				list = list[1:]
			}
			list = append(list, entry{key, now})
			tb.Add(now, key, key)
			continue
		}
		known := at >= 0 && now-list[at].used <= 50
		if at >= 0 {
			list = slices.Delete(list, at, at+1)
		}
		if known {
			list = append(list, entry{key, now})
		}
		if got := tb.Use(now, key); (got != nil) != known || known && *got != key {
			t.Fatalf("at %v key %d is %v, want known %v", now, key, got, known)
		}
	}
}

// Who leaves is told of, once, whatever the reason.
func TestRecentLeft(t *testing.T) {
	left := map[string]string{}
	tb := NewRecent[string, int](2, time.Minute)
	tb.Left = func(key string, v int, evicted bool) { left[key] += fmt.Sprint(v, evicted, " ") }
	tb.Add(0, "a", 1)
	tb.Add(0, "a", 2) // in its place
	tb.Add(1, "b", 3)
	if !tb.Full(1) || tb.Full(Time(2*time.Minute)) || tb.Len() != 0 {
		t.Error("a table whose entries are over is not full")
	}
	tb.Add(Time(2*time.Minute), "c", 4)
	tb.Add(Time(2*time.Minute), "d", 5)
	tb.Add(Time(2*time.Minute), "e", 6) // in c's
	tb.Remove("d")
	tb.Remove("d")
	tb.Use(Time(4*time.Minute), "e")                                                                                                       // it is over
	for key, want := range map[string]string{"a": "1 false 2 false ", "b": "3 false ", "c": "4 true ", "d": "5 false ", "e": "6 false "} { // any order
		if left[key] != want {
			t.Errorf("%s left with %q, want %q", key, left[key], want)
		}
	}
}
