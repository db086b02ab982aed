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
	"time"
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
		{"comparison-one.csv", Comparison, one, Options{Format: CSV, Columns: []string{"requests", "errors", "latency.mean", "latency.p50", "latency.p99.9"}}},
		{"comparison-seeds.md", Comparison, many, Options{Format: Markdown, Columns: []string{"errors", "latency.p50", "latency.p99"}}},
		{"comparison-chosen.txt", Comparison, one, Options{Columns: []string{"latency.p99.9", "share.app-1", "ttfb.mean", "stale"}, Window: "during crash app-1"}},
		{"comparison-live.txt", Comparison, both, Options{Width: 120}},
		{"timeline.txt", Timeline, one, Options{}},
		{"timeline-seeds.txt", Timeline, many, Options{Width: 120}},
		{"expectations.txt", Expectations, one, Options{}},
		{"expectations-color.txt", Expectations, one, Options{Color: true}},
		{"expectations-both.txt", Expectations, both, Options{}},
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

// A run cut short has no rows for the phases that it did not reach.
func TestPartialTimeline(t *testing.T) {
	result := experiment(1)
	result.Runs = result.Runs[:1]
	run := result.Runs[0]
	run.Complete, run.Duration = false, 5*time.Second
	for i := range run.Windows {
		w := &run.Windows[i]
		w.From, w.To = min(w.From, at(5*time.Second)), min(w.To, at(5*time.Second))
	}
	var out bytes.Buffer
	if err := Timeline(&out, result, Options{}); err != nil {
		t.Fatal(err)
	}
	if text := out.String(); !strings.Contains(text, During) || strings.Contains(text, After+" ") {
		t.Error(text)
	}
}

// A metric of a node that one variant lacks is missing there; one that no
// variant has is a mistake.
func TestColumnOfAMissingNode(t *testing.T) {
	result := experiment(1)
	var out bytes.Buffer
	if err := Comparison(&out, result, Options{Columns: []string{"share.pop-tokyo"}}); err != nil || !strings.Contains(out.String(), "no-cdn ") {
		t.Errorf("%v\n%s", err, &out)
	}
	if err := Comparison(&out, result, Options{Columns: []string{"share.pop-nowhere"}}); err == nil {
		t.Error("a node that nobody knows is accepted")
	}
}

func TestOneReset(t *testing.T) {
	for line, want := range map[string]string{
		"plain":                                 "plain",
		green + "a" + reset + " " + reset + "b": green + "a" + reset + " b",
		reset + "a":                             "a",
	} {
		if got := oneReset(line); got != want {
			t.Errorf("%q: %q, want %q", line, got, want)
		}
	}
}

func TestWithheld(t *testing.T) {
	both := bothWorlds()
	trusted, drowned := both.Runs[0], both.Runs[2]
	if Withheld(trusted, UnitTime) != "" || Withheld(drowned, UnitCount) != "" || Withheld(drowned, UnitTime) == "" {
		t.Error("only times of a run that is not to be trusted are withheld")
	}
}

// The usual columns fit on a line, and nothing that says something is missing.
func TestNarrow(t *testing.T) {
	var out bytes.Buffer
	result := experiment(1)
	result.Runs = result.Runs[:1] // the variant without a CDN
	if err := Comparison(&out, result, Options{}); err != nil {
		t.Fatal(err)
	}
	head, _, _ := strings.Cut(out.String(), "\n")
	if strings.Contains(head, "offload") || strings.Contains(head, "ttfb") || !strings.Contains(head, "rate") {
		t.Error(head)
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
