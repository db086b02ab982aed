// Tests of Mistakes: order, sums, and the empty list.

package strict

import (
	"fmt"
	"strings"
	"testing"
)

func TestMistakesAreInOrderAndSummedUp(t *testing.T) {
	var ms Mistakes
	for i := range 62 {
		ms = append(ms, Mistake{File: "f", Line: 62 - i, Column: 1, Says: fmt.Sprint("m", i)})
	}
	lines := strings.Split(ms.Error(), "\n")
	if len(lines) != 51 || lines[0] != "f:1:1: m61" || lines[1] != "f:2:1: m60" || lines[50] != "and 12 more" {
		t.Errorf("%d lines: %s ... %s", len(lines), lines[0], lines[len(lines)-1])
	}
	if ms[0].Line != 62 {
		t.Error("Error put its own list in order")
	}
	if got := ms[:50].Error(); strings.Contains(got, "more") {
		t.Errorf("fifty are not too many: %s", got)
	}
}

func TestMistakesByColumnWithoutRepetition(t *testing.T) {
	a, b := Mistake{File: "f", Line: 1, Column: 9, Says: "a"}, Mistake{File: "f", Line: 1, Column: 2, Says: "b"}
	if got, want := (Mistakes{a, b, a}).Error(), "f:1:2: b\nf:1:9: a"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestNoMistakesAreNoError(t *testing.T) {
	if err := (Mistakes{}).Err(); err != nil {
		t.Errorf("an error of nothing: %v", err)
	}
	if err := (Mistakes{{Says: "x"}}).Err(); err == nil {
		t.Error("a mistake is no error")
	}
}
