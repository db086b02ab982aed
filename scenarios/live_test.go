// The built-in scenarios in the live world.
package scenarios

import (
	"context"
	"fmt"
	"os"
	"runtime/pprof"
	"testing"

	"cdnlab/report"
	"cdnlab/report/progress"
	"cdnlab/sim/live"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "node" {
		if dir := os.Getenv("PROFILE_DIR"); dir != "" {
			f, _ := os.Create(fmt.Sprintf("%s/%d.prof", dir, os.Getpid()))
			_ = pprof.StartCPUProfile(f)
			defer f.Close()
			defer pprof.StopCPUProfile()
		}
		if err := live.RunNode(os.Stdin, os.Stdout, FactoryOf); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		pprof.StopCPUProfile()
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func TestBuiltinsLive(t *testing.T) {
	for _, name := range Names() {
		t.Run(name, func(t *testing.T) {
			file, data, err := Find(name)
			if err != nil {
				t.Fatal(err)
			}
			x, err := Load(file, data)
			if err != nil {
				t.Fatal(err)
			}
			command, err := live.Self()
			if err != nil {
				t.Fatal(err)
			}
			r, err := Run(context.Background(), x, Options{Worlds: []string{report.Virtual, report.Live}, Command: command, Progress: progress.New(os.Stderr, progress.Auto)})
			if err != nil {
				t.Fatal(err)
			}
			report.Comparison(os.Stdout, r, report.Options{})
			report.Timeline(os.Stdout, r, report.Options{})
			report.Expectations(os.Stdout, r, report.Options{})
			report.Receipts(os.Stdout, r, report.Options{})
			report.Parity(os.Stdout, r, report.Options{})
			if !r.Passed() {
				t.Error("an expectation fails")
			}
		})
	}
}
