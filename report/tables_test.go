// Golden tables: read the diff before you accept one with -update.
package report

import (
	"bytes"
	"flag"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden tables")

func golden(t *testing.T, name string, print func(io.Writer) error) string {
	t.Helper()
	var out bytes.Buffer
	if err := print(&out); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, out.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, out.Bytes()) {
		t.Errorf("%s has changed:\n%s\nwanted:\n%s", name, out.String(), want)
	}
	return out.String()
}

func TestGoldenTables(t *testing.T) {
	one, many, both := experiment(1), experiment(5), bothWorlds()
	for _, c := range []struct {
		file   string
		print  func(io.Writer, *Result, Options) error
		result *Result
		o      Options
	}{
		{"comparison.txt", Comparison, one, Options{}},
		{"comparison-80.txt", Comparison, one, Options{Width: 80}},
		{"comparison-seeds.txt", Comparison, many, Options{Width: 120}},
		{"comparison.md", Comparison, one, Options{Format: Markdown}},
		{"comparison.csv", Comparison, many, Options{Format: CSV}},
		{"comparison-chosen.txt", Comparison, one, Options{Columns: []string{"latency.p99.9", "share.app-1", "ttfb.mean", "stale"}, Window: "during crash app-1"}},
		{"comparison-live.txt", Comparison, both, Options{Width: 120}},
		{"timeline.txt", Timeline, one, Options{}},
		{"timeline-seeds.txt", Timeline, many, Options{Width: 120}},
		{"expectations.txt", Expectations, one, Options{}},
		{"expectations-color.txt", Expectations, one, Options{Color: true}},
		{"receipt.txt", Receipts, both, Options{Width: 130}},
		{"parity.txt", Parity, both, Options{}},
	} {
		golden(t, c.file, func(w io.Writer) error { return c.print(w, c.result, c.o) })
	}
}

func TestColourOnlyWhenAsked(t *testing.T) {
	for _, color := range []bool{false, true} {
		var out bytes.Buffer
		for _, print := range []func(io.Writer, *Result, Options) error{Comparison, Timeline, Expectations, Receipts, Parity} {
			result := bothWorlds()
			result.Expectations = experiment(1).Expectations
			if err := print(&out, result, Options{Color: color}); err != nil {
				t.Fatal(err)
			}
		}
		if strings.Contains(out.String(), "\x1b") != color {
			t.Errorf("color %v: escapes do not follow", color)
		}
	}
}

func TestTablesStayWithinTheirWidth(t *testing.T) {
	var out bytes.Buffer
	if err := Comparison(&out, experiment(5), Options{Width: 80}); err != nil {
		t.Fatal(err)
	}
	table, _, _ := strings.Cut(out.String(), "\n  seeds")
	for line := range strings.Lines(table) {
		if n := len([]rune(strings.TrimRight(line, "\n"))); n > 80 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
}

func TestNothingToPrint(t *testing.T) {
	var out bytes.Buffer
	empty := &Result{Schema: Schema}
	for _, print := range []func(io.Writer, *Result, Options) error{Comparison, Timeline, Expectations, Receipts, Parity} {
		if err := print(&out, empty, Options{}); err != nil || out.Len() > 0 {
			t.Errorf("%v: %q", err, out.String())
		}
	}
	if err := Comparison(&out, experiment(1), Options{Format: "xml"}); err == nil {
		t.Error("an unknown format is accepted")
	}
	if err := Comparison(&out, experiment(1), Options{Columns: []string{"hitratio"}}); err == nil || !strings.Contains(err.Error(), `"hit-ratio"`) {
		t.Errorf("an unknown metric: %v", err)
	}
}
