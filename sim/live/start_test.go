//go:build unix

// Nodes that do not start, or not well.
package live

import (
	"context"
	"strings"
	"testing"
	"time"
)

func TestNodesThatDoNotStart(t *testing.T) {
	was, wasQuit := readyPatience, quitPatience
	defer func() { readyPatience, quitPatience = was, wasQuit }()
	quitPatience = 50 * time.Millisecond
	for how, want := range map[string]string{ // any order
		"silent":  "a did not serve within",
		"deaf":    "a did not serve within",
		"garbage": "a did not serve within",
		"fails":   "a did not start: exit status 3; its last words on standard error:\n  no such luck",
	} {
		readyPatience = was
		if how != "fails" {
			readyPatience = 300 * time.Millisecond
		}
		goroutines, descriptors := left(t)
		l := newLab(t, how)
		s := specs("a", "b")
		s[0].Spec = strings.Repeat("x", 1<<20) // more than a pipe holds
		err := l.w.Start(context.Background(), s)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", how, err)
		}
		if l.w.node("b").process() == nil {
			t.Errorf("%s: b starts only when a serves: they should start together", how)
		}
		pid := l.pid("a")
		l.w.Close()
		if !gone(pid) {
			t.Errorf("%s: process %d is left", how, pid)
		}
		eventually(t, how+": nothing is left", func() bool {
			g, d := left(t)
			return g <= goroutines && d <= descriptors
		})
	}
}

func TestNodeThatTalksNonsense(t *testing.T) {
	l := newLab(t, "twice")
	defer l.w.Close()
	if err := l.w.Start(context.Background(), specs("a")); err != nil {
		t.Fatal(err)
	}
	l.w.Quit()
	l.do(func() {
		if l.events["a started"] != 1 || len(l.failed) > 0 {
			t.Errorf("events %v, %d failures", l.events, len(l.failed))
		}
	})
}

func TestStartIsInterrupted(t *testing.T) {
	l := newLab(t, "silent")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if err := l.w.Start(ctx, specs("a")); err != context.Canceled {
		t.Error(err)
	}
	l.w.Close()
	l.do(func() { l.w.Restart("a") }) // too late: nothing may start any more
	if pid := l.pid("a"); !gone(pid) {
		t.Errorf("process %d is left", pid)
	}
}
