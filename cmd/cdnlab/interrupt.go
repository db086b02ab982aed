// Interruption: the first signal ends a run with what was measured, the second
// ends the program.
package main

import (
	"context"
	"os"
	"os/signal"
	"syscall"
	"time"

	"cdnlab/report/progress"
)

// until returns a context that a signal ends, or the time when it is not 0.
func until(lasts time.Duration) (context.Context, func()) {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	if lasts <= 0 {
		return ctx, stop
	}
	limited, cancel := context.WithTimeout(ctx, lasts)
	return limited, func() {
		cancel()
		stop()
	}
}

// interruptible returns a context that the first SIGINT or SIGTERM ends. At the
// second the program ends at once: nodes end by themselves when the pipes from
// here close.
func interruptible(show *progress.Progress) (ctx context.Context, stop func()) {
	ctx, cancel := context.WithCancel(context.Background())
	signals := make(chan os.Signal, 2)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	done := make(chan struct{})
	go func() {
		for count := 1; ; count++ {
			select {
			case <-done:
				return
			case <-signals:
			}
			if count > 1 {
				os.Exit(statusInterrupted)
			}
			cancel()
			show.Log("stopping; once more to end at once")
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(done)
		cancel()
	}
}
