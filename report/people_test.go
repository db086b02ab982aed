// People in a run: what counts where, and what the metrics make of it.
package report

import (
	"bytes"
	"errors"
	"math"
	"reflect"
	"strings"
	"testing"
	"time"
)

// visited is a run in which two people come, look at pages and see an error,
// with a second shard's person if shard is 1.
func visited(shard int) *Run {
	plan := testPlan()
	plan.Shards = []int{shard}
	r := NewRecorder(plan)
	o := seenAt(time.Second, 10*ms)
	r.Observe(&o)
	second := func(s int) time.Duration { return time.Duration(s) * time.Second }
	r.ObserveUser(at(second(1)), UserCame)
	for i := 1; i <= 4; i++ {
		r.ObservePage(PageView{Intended: at(second(1)), End: at(second(1) + time.Duration(i)*100*ms)})
	}
	if shard == 1 {
		return r.Finish(at(10*time.Second), true)
	}
	r.ObserveUser(at(second(3)), UserCame)
	r.ObserveUser(at(second(5)), UserSawError)
	r.ObservePage(PageView{Intended: at(second(5)), End: at(second(5) + ms), Failed: true})
	r.ObserveUser(at(second(6)), UserLostSession)
	r.ObserveUser(at(second(6)), UserSignedIn)
	return r.Finish(at(10*time.Second), true)
}

func TestPeople(t *testing.T) {
	run := visited(0)
	during := "during crash app-1"
	for _, c := range []struct {
		window, metric string
		want           float64
	}{
		{All, "pages", 5}, {All, "page-errors", 1}, {All, "page-error-ratio", 0.2}, {All, "users", 2}, {All, "users-with-errors", 1},
		{All, "user-error-ratio", 0.5}, {All, "sign-ins", 1}, {All, "sessions-lost", 1}, {All, "requests", 1},
		{All, "page-load.mean", float64(250 * ms)}, {All, "page-load.p50", float64(200 * ms)}, {All, "page-load.max", float64(400 * ms)},
		{during, "pages", 1}, {during, "users", 0}, {during, "users-with-errors", 1}, {during, "page-error-ratio", 1},
	} {
		got, _, err := Value(run, c.window, c.metric)
		if err != nil || math.Abs(got-c.want) > c.want*0.002 {
			t.Errorf("%s in %s: %v (%v), want %v", c.metric, c.window, got, err, c.want)
		}
	}
	for _, missing := range []string{"user-error-ratio", "page-load.p50"} {
		if _, _, err := Value(run, during, missing); !errors.Is(err, ErrNothing) {
			t.Errorf("%s in a window: %v", missing, err)
		}
	}
	for name, want := range map[string][]int64{ // any order
		"pages": {0, 4, 0, 0, 0, 1, 0}, "page-errors": {0, 0, 0, 0, 0, 1, 0}, "users": {0, 1, 0, 1, 0, 0, 0},
		"users-with-errors": {0, 0, 0, 0, 0, 1, 0}, "sign-ins": {0, 0, 0, 0, 0, 0, 1}, "sessions-lost": {0, 0, 0, 0, 0, 0, 1},
	} {
		if got := run.Series[name]; !reflect.DeepEqual(got, want) {
			t.Errorf("series %s: %v, want %v", name, got, want)
		}
	}
}

// TestNoPeople: where nobody came there is nothing to measure, not zero.
func TestNoPeople(t *testing.T) {
	for _, metric := range []string{"pages", "users", "sessions-lost", "user-error-ratio", "page-error-ratio", "page-load.p99"} {
		if _, _, err := Value(known(), All, metric); !errors.Is(err, ErrNothing) {
			t.Errorf("%s: %v", metric, err)
		}
	}
}

func TestPeopleAddUp(t *testing.T) {
	sum, err := Merge(visited(0), visited(1))
	if err != nil {
		t.Fatal(err)
	}
	for metric, want := range map[string]float64{"users": 3, "pages": 9, "users-with-errors": 1, "page-load.mean": float64(250 * ms)} { // any order
		if got, _, err := Value(sum, All, metric); err != nil || got != want {
			t.Errorf("%s: %v (%v), want %v", metric, got, err, want)
		}
	}
	var text bytes.Buffer
	if err := (&Result{Scenario: "people", Runs: []*Run{sum}}).Write(&text); err != nil {
		t.Fatal(err)
	}
	back, err := Read(&text)
	if err != nil {
		t.Fatal(err)
	}
	if got, _, err := Value(back.Runs[0], All, "page-load.p50"); err != nil || math.Abs(got-float64(200*ms)) > float64(ms) {
		t.Errorf("read back, the median page takes %v (%v)", time.Duration(got), err)
	}
}

// TestPeopleInTables: their columns and the note are there when they are.
func TestPeopleInTables(t *testing.T) {
	for heading, people := range map[bool][]*Run{true: {visited(0)}, false: {known()}} { // any order
		var text strings.Builder
		if err := Comparison(&text, &Result{Runs: people}, Options{}); err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{"page load p50", "page load p99", "users with errors", "sessions lost", pagesNote} {
			if strings.Contains(text.String(), want) != heading {
				t.Errorf("%q in the table: want %v\n%s", want, heading, &text)
			}
		}
	}
}
