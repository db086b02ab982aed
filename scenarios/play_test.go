// The built-in scenarios in the virtual world.
package scenarios

import (
	"context"
	"os"
	"testing"

	"cdnlab/report"
	"cdnlab/report/progress"
)

func TestBuiltinsVirtual(t *testing.T) {
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
			r, err := Run(context.Background(), x, Options{Worlds: []string{report.Virtual}, Progress: progress.New(os.Stderr, progress.Quiet)})
			if err != nil {
				t.Fatal(err)
			}
			report.Comparison(os.Stdout, r, report.Options{})
			report.Timeline(os.Stdout, r, report.Options{})
			report.Expectations(os.Stdout, r, report.Options{})
			if !r.Passed() {
				t.Error("an expectation fails")
			}
		})
	}
}
