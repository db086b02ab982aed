// Tests: lines grow apart, nothing hangs, nothing but plain text off a terminal.
package progress

import (
	"bytes"
	"io"
	"math"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/vbauerster/mpb/v8"
)

// inLines is a Progress of lines whose clock stands still until it is moved.
func inLines() (*Progress, *bytes.Buffer, *time.Time) {
	out, now := &bytes.Buffer{}, time.Unix(0, 0)
	return &Progress{show: &lines{w: out, now: func() time.Time { return now }}}, out, &now
}

func TestLinesGrowApart(t *testing.T) {
	p, out, now := inLines()
	b := p.Start("cdn", 200*time.Second)
	var times []int
	for s := range 200 {
		before := out.Len()
		b.Update(Snapshot{At: time.Duration(s) * time.Second, Phase: "steady", Rate: 1000, HitRatio: 0.5, Errors: 2})
		if out.Len() > before {
			times = append(times, s)
		}
		*now = now.Add(time.Second)
	}
	b.Done()
	want := []int{1, 3, 7, 15, 31, 61, 91, 121, 151, 181}
	if len(times) != len(want) {
		t.Fatalf("lines at %v, want %v", times, want)
	}
	for i := range want {
		if times[i] != want[i] {
			t.Fatalf("lines at %v, want %v", times, want)
		}
	}
	text := out.String()
	if !strings.HasPrefix(text, "cdn: 1s of 3m20s, steady, 1000/s, 50.0 % hits, 2 errors\n") ||
		!strings.HasSuffix(text, "cdn: done after 3m20s, 1000/s, 50.0 % hits, 2 errors\n") {
		t.Error(text)
	}
}

// What is said at the end is of the whole run, and it is in no phase any more.
func TestFinishTellsOfTheWholeRun(t *testing.T) {
	p, out, now := inLines()
	b := p.Start("cdn", 4*time.Second)
	*now = now.Add(3 * time.Second)
	b.Update(Snapshot{At: 3 * time.Second, Phase: "last answers", Rate: 90, HitRatio: math.NaN(), Errors: 2})
	*now = now.Add(time.Second)
	b.Finish(Snapshot{At: 4 * time.Second, Phase: "last answers", Rate: 100, HitRatio: math.NaN(), Errors: 7})
	b.Finish(Snapshot{})
	want := "cdn: 3s of 4s, last answers, 90/s, 2 errors\ncdn: done after 4s, 100/s, 7 errors\n"
	if out.String() != want {
		t.Errorf("%q, want %q", out, want)
	}
}

func TestShortRunsSayNothing(t *testing.T) {
	p, out, _ := inLines()
	b := p.Start("cdn", time.Second)
	b.Update(Snapshot{At: time.Second, HitRatio: math.NaN()})
	b.Done()
	p.Wait()
	if out.Len() > 0 {
		t.Error(out.String())
	}
}

// Updates tell of what is under way, and of what was stopped, not of what is over.
func TestUpdatesAreSilentAtTheEnd(t *testing.T) {
	p, out, now := inLines()
	p.show.(*lines).updates = true
	done, stopped := p.Start("one", time.Minute), p.Start("two", time.Minute)
	*now = now.Add(2 * time.Second)
	done.Update(Snapshot{At: 30 * time.Second})
	done.Done()
	stopped.Abort()
	if got := out.String(); !strings.Contains(got, "one: 30s of 1m0s") || strings.Contains(got, "done after") || !strings.Contains(got, "two: stopped at") {
		t.Errorf("%s", got)
	}
}

func TestWaitAbortsWhatStillRuns(t *testing.T) {
	p, out, now := inLines()
	b := p.Start("cdn", time.Minute)
	*now = now.Add(500 * time.Millisecond)
	b.Update(Snapshot{At: 500 * time.Millisecond, HitRatio: math.NaN()})
	p.Wait()
	b.Update(Snapshot{At: time.Second}) // too late: nothing happens
	b.Done()
	p.Wait()
	p.Start("late", time.Second).Done()
	if got, want := out.String(), "cdn: stopped at 500ms of 1m0s, 0/s, 0 errors\n"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestManyRunsAreBounded(t *testing.T) {
	p, out, now := inLines()
	var all []*Bar
	for range 40 {
		all = append(all, p.Start("v", time.Minute))
	}
	*now = now.Add(time.Second)
	all[7].Update(Snapshot{})
	if n := strings.Count(out.String(), "\n"); n != maxLines+1 {
		t.Errorf("%d lines:\n%s", n, out)
	}
}

func TestAutoOffATerminalIsPlain(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p := New(write, Auto)
	p.Log("app-1 exited with 137")
	p.Start("cdn", time.Minute).Abort()
	p.Wait()
	write.Close()
	text, _ := io.ReadAll(read)
	if got := string(text); strings.Contains(got, "\x1b") || !strings.HasPrefix(got, "app-1 exited with 137\ncdn: stopped") {
		t.Errorf("%q", got)
	}
}

func TestQuietSaysNothing(t *testing.T) {
	read, write, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	p := New(write, Quiet)
	p.Log("nothing")
	b := p.Start("cdn", time.Minute)
	b.Update(Snapshot{})
	b.Abort()
	p.Wait()
	write.Close()
	if text, _ := io.ReadAll(read); len(text) > 0 {
		t.Errorf("%q", text)
	}
}

// syncBuffer may be written by mpb's goroutine while the test reads it.
type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (s *syncBuffer) Write(b []byte) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.Write(b)
}

// However the bars end, Wait returns.
func TestBarsNeverHang(t *testing.T) {
	out := &syncBuffer{}
	p := &Progress{show: newBars(out, mpb.WithAutoRefresh())}
	var wg sync.WaitGroup
	for i := range 6 {
		total := []time.Duration{0, time.Minute}[i%2]
		b := p.Start("variant", total)
		wg.Go(func() {
			for s := range 90 {
				b.Update(Snapshot{At: time.Duration(s) * time.Second, Phase: "steady", HitRatio: 0.9})
			}
			switch i / 2 {
			case 0:
				b.Done()
			case 1:
				b.Abort()
			} // and two are left as they are
		})
	}
	p.Log("a line between")
	wg.Wait()
	ended := make(chan struct{})
	go func() {
		p.Wait()
		close(ended)
	}()
	select {
	case <-ended:
	case <-time.After(20 * time.Second):
		t.Fatal("Wait hangs")
	}
	p.Log("after the end")
	if text := out.buf.String(); !strings.Contains(text, "a line between") || !strings.Contains(text, "after the end") ||
		!strings.Contains(text, "90.0 % hits") {
		t.Errorf("%q", text)
	}
}
