// The built-in scenarios in the virtual world: their tables are goldens, and
// every expectation holds.
package scenarios

import (
	"bytes"
	"context"
	"io"
	"os"
	"testing"

	"cdnlab/report"
	"cdnlab/report/progress"
)

func quiet() *progress.Progress { return progress.New(os.Stderr, progress.Quiet) }

func loadBuiltin(t testing.TB, name string, settings ...Setting) *Experiment {
	t.Helper()
	file, data, err := Find(name)
	if err != nil {
		t.Fatal(err)
	}
	x, err := Load(file, data, settings...)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

func TestBuiltinsVirtual(t *testing.T) {
	for _, name := range Names() {
		t.Run(name, func(t *testing.T) {
			r, err := Run(context.Background(), loadBuiltin(t, name), Options{Worlds: []string{report.Virtual}, Progress: quiet()})
			if err != nil {
				t.Fatal(err)
			}
			var out bytes.Buffer
			for _, table := range []func(io.Writer, *report.Result, report.Options) error{report.Comparison, report.Timeline, report.Expectations} {
				if err := table(&out, r, report.Options{}); err != nil {
					t.Fatal(err)
				}
				out.WriteByte('\n')
			}
			golden(t, "testdata/"+name+".golden", out.Bytes())
			if !r.Passed() {
				t.Error("an expectation fails")
			}
		})
	}
}

// golden holds text to a file; -update rewrites it. Goldens are those of
// linux/amd64.
func golden(t *testing.T, file string, text []byte) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, text, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	compareLines(t, "golden", string(want), "now", string(text))
}

// TestVirtualIsReproducible plays with one core and with two, and wants the
// same bytes.
func TestVirtualIsReproducible(t *testing.T) {
	var first []byte
	for _, parallel := range []int{1, 2} {
		x := loadBuiltin(t, "server-crash")
		r, err := Run(context.Background(), x, Options{Worlds: []string{report.Virtual}, Progress: quiet(), Parallel: parallel, Runs: 2})
		if err != nil {
			t.Fatal(err)
		}
		var out bytes.Buffer
		if err := r.Write(&out); err != nil {
			t.Fatal(err)
		}
		if first == nil {
			first = out.Bytes()
		} else if !bytes.Equal(first, out.Bytes()) {
			t.Error("two results of one seed differ")
		}
	}
}
