// Tests of Position: every notation that TOML has for the same key.

package strict

import (
	"fmt"
	"strings"
	"testing"
	"unicode/utf8"
)

const positions = `top = 1
"quoted key" = { inner = 2, "deep.er".still = 3 }

[[pop]]
name = "first"
[pop.cache]
size = 1
  [[pop.rack]]
  units = 1
  [[pop.rack]]
  units = 2

[[pop]]
cache.size = 2
cache."s i z e" = 3
rack = [{ units = 3 }, { units = 4,
  more = [ "a", [ "b", "c" ], [] ] }]

[implied.later]
x = 1
[implied]
y = 2
['single'.  dotted . "three"]
z = "é"; 
`

func TestPosition(t *testing.T) {
	d := mustParse(t, positions[:len(positions)-len("; \n")]+"\n")
	for _, c := range []struct {
		path []any
		want string
	}{
		{nil, "1:1"},
		{[]any{"top"}, "1:1"},
		{[]any{"quoted key"}, "2:1"},
		{[]any{"quoted key", "inner"}, "2:18"},
		{[]any{"quoted key", "deep.er"}, "2:29"},
		{[]any{"quoted key", "deep.er", "still"}, "2:39"},
		{[]any{"pop"}, "4:3"},
		{[]any{"pop", 0}, "4:3"},
		{[]any{"pop", 0, "name"}, "5:1"},
		{[]any{"pop", 0, "cache"}, "6:6"},
		{[]any{"pop", 0, "cache", "size"}, "7:1"},
		{[]any{"pop", 0, "rack"}, "8:9"},
		{[]any{"pop", 0, "rack", 0}, "8:9"},
		{[]any{"pop", 0, "rack", 0, "units"}, "9:3"},
		{[]any{"pop", 0, "rack", 1}, "10:9"},
		{[]any{"pop", 0, "rack", 1, "units"}, "11:3"},
		{[]any{"pop", 1}, "13:3"},
		{[]any{"pop", 1, "cache"}, "14:1"},
		{[]any{"pop", 1, "cache", "size"}, "14:7"},
		{[]any{"pop", 1, "cache", "s i z e"}, "15:7"},
		{[]any{"pop", 1, "rack"}, "16:1"},
		{[]any{"pop", 1, "rack", 0}, "16:9"},
		{[]any{"pop", 1, "rack", 0, "units"}, "16:11"},
		{[]any{"pop", 1, "rack", 1, "units"}, "16:26"},
		{[]any{"pop", 1, "rack", 1, "more", 0}, "17:12"},
		{[]any{"pop", 1, "rack", 1, "more", 1}, "17:19"},    // an array has no position of its own: its first value's
		{[]any{"pop", 1, "rack", 1, "more", 1, 1}, "17:24"}, //
		{[]any{"pop", 1, "rack", 1, "more", 2}, "17:3"},     // and an empty one that of what it is in
		{[]any{"implied"}, "21:2"},                          // its own header, not the one it was implied by
		{[]any{"implied", "later"}, "19:10"},
		{[]any{"single", "dotted", "three", "z"}, "24:1"},
		// what is not there: the longest part of the path that is
		{[]any{"absent"}, "1:1"},
		{[]any{"pop", 1, "absent", "too"}, "13:3"},
		{[]any{"pop", 2, "name"}, "4:3"},
		{[]any{"pop", -1}, "4:3"},
		{[]any{"pop", 0, "rack", 1, "units", "inside", 3}, "11:3"},
	} {
		line, column := d.Position(c.path...)
		if got := fmt.Sprintf("%d:%d", line, column); got != c.want {
			t.Errorf("%s stands at %s, not %s", pathText(c.path), got, c.want)
		}
	}
}

// A file may be one long line; columns count characters all along it.
func TestPositionInALongLine(t *testing.T) {
	line := `x = [`
	var columns []int
	for i := range 400 {
		columns = append(columns, utf8.RuneCountInString(line)+1)
		line += fmt.Sprintf("%q, ", strings.Repeat("é", i%7)+"日本")
	}
	d := mustParse(t, "# é\n"+line+"]\ny = 1")
	for i, want := range columns {
		if l, column := d.Position("x", i); l != 2 || column != want {
			t.Fatalf("x[%d] stands at %d:%d, not 2:%d", i, l, column, want)
		}
	}
	if l, column := d.Position("y"); l != 3 || column != 1 {
		t.Errorf("y stands at %d:%d", l, column)
	}
}

func TestPositionPanicsOnOtherSteps(t *testing.T) {
	defer func() {
		if recover() == nil {
			t.Error("a path with an int64 went unnoticed")
		}
	}()
	mustParse(t, "a = [1]").Position("a", int64(0))
}

func TestMistakeOfOthers(t *testing.T) {
	d := mustParse(t, "[[pop]]\nname = \"a b\"\n[headers]\n\"x y\" = \"1\"")
	for _, c := range []struct {
		m    Mistake
		want string
	}{
		{d.Mistake("is unreachable", "", "pop", 0, "name"), "my.toml:2:1: pop[0].name: is unreachable"},
		{d.Mistake("is odd", "try z", "headers", "x y"), `my.toml:4:1: headers."x y": is odd; try z`},
		{d.Mistake("is empty", ""), "my.toml:1:1: is empty"},
	} {
		if got := c.m.String(); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}
