// Patterns: few are looked through and many are looked up, and both find the same.
package load

import (
	"strconv"
	"testing"

	"cdnlab/sim"
)

func TestFewPatternsAreFoundAsMany(t *testing.T) {
	paths := []string{"/a/{n}", "/a/{n}/b", "/a1/{n}", "/{n}/a/1", "/a/1/{n}", "/b{n}", "/c7"}
	few, many := &index{}, &index{}
	for i, p := range paths {
		few.add(newPattern(p), i)
		many.add(newPattern(p), i)
	}
	for i := range fewKeys {
		many.add(newPattern("/other"+strconv.Itoa(i)+"/{n}"), len(paths)+i)
	}
	if few.numbered.many != nil || many.numbered.many == nil {
		t.Fatal("this test shows nothing")
	}
	fits := func(entry int32, number int) bool { return number <= 50 }
	pieces := []string{"/a/", "/a", "/b", "1", "7", "/1", "/12", "99", "0", "/c7", "/"}
	found := 0
	for id := range uint64(20_000) {
		dice := sim.Draw(1, sim.NewLuck("path"), id, 0)
		path := ""
		for range 1 + dice.IntN(5) {
			path += pieces[dice.IntN(len(pieces))]
		}
		a, isA := few.find(path, fits)
		b, isB := many.find(path, fits)
		if a != b || isA != isB {
			t.Fatalf("%s: among few %v %v, among many %v %v", path, a, isA, b, isB)
		}
		if isA {
			found++
		}
	}
	if found < 500 {
		t.Errorf("only %d paths were found at all", found)
	}
}
