// Tests: rankings against hand-made rows.
package report

import (
	"math"
	"testing"
)

func readings(values ...float64) map[uint64]Reading {
	row := map[uint64]Reading{}
	for i, v := range values {
		row[uint64(i)] = Reading{Value: v, Unit: UnitTime}
	}
	return row
}

func TestRank(t *testing.T) {
	rows := []map[uint64]Reading{
		readings(50, 500, 90, 200), // five times the best, each with its seed's luck
		readings(10, 100, 20, 40),
		readings(11, 98, 21, 39), // now this way, now that
		{7: {Missing: true}},
		readings(20, 205, 38, 81),
	}
	got := Rank(rows)
	want := []struct {
		row  int
		even bool
	}{{2, true}, {1, true}, {4, false}, {0, false}}
	if len(got) != len(want) {
		t.Fatalf("%d rows ranked, want %d", len(got), len(want))
	}
	for i, w := range want {
		if got[i].Row != w.row || got[i].Even() != w.even {
			t.Errorf("place %d: row %d, even %v, p %.3g; want %d, %v", i, got[i].Row, got[i].Even(), got[i].P, w.row, w.even)
		}
	}
	if !math.IsNaN(got[0].P) {
		t.Errorf("the first has p = %v to itself", got[0].P)
	}
	// By differences the one with the large seeds would be even with the first.
	if d := sampleOf(rows[2]).compare(sampleOf(rows[0])); !d.Noise() {
		t.Errorf("differences tell the rows apart, p = %.3g: the test shows nothing", d.P)
	}
}

// With a zero among the values there are no ratios; with one seed nobody is told apart.
func TestRankFew(t *testing.T) {
	for _, s := range Rank([]map[uint64]Reading{readings(0, 0, 0), readings(1, 1, 1)}) {
		if s.Row == 1 && s.Even() || math.IsNaN(s.Mean) {
			t.Errorf("%+v", s)
		}
	}
	for _, s := range Rank([]map[uint64]Reading{readings(1), readings(100)}) {
		if !s.Even() {
			t.Errorf("%+v: one seed tells nothing", s)
		}
	}
}
