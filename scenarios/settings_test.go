// Tests: what a result says of how it was played, and its thresholds.
package scenarios

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"cdnlab/report"
	"cdnlab/scenarios/strict"
)

func loaded(t *testing.T, text string, settings ...Setting) *Experiment {
	t.Helper()
	x, err := Load("kiosk.toml", []byte(text), settings...)
	if err != nil {
		t.Fatal(err)
	}
	return x
}

// The settings have the keys of the file, with defaults, so that a scenario made
// of them is the same one.
func TestSettingsAreTheScenario(t *testing.T) {
	x := loaded(t, kiosk)
	var tree map[string]any
	decoder := json.NewDecoder(bytes.NewReader(x.Variants[1].settings()))
	decoder.UseNumber()
	if err := decoder.Decode(&tree); err != nil {
		t.Fatal(err)
	}
	var known []string
	for _, k := range strict.Keys(&Scenario{}) {
		known = append(known, strings.Split(k.Name, ".")[0])
	}
	for key := range tree {
		if !strings.Contains(strings.Join(known, " "), key) {
			t.Errorf("%s is no key of a scenario", key)
		}
	}
	for _, key := range wordsOnly {
		if tree[key] != nil {
			t.Errorf("%s plays no part and is there", key)
		}
	}
	app := tree["app"].(map[string]any)
	if app["workers"] != json.Number("4") || app["service-time"] != "100ms" || app["memory-limit"] != "1GB" {
		t.Errorf("app: %v", app)
	}
}

// What is only said or expected does not show in them; what is played does.
func TestSettingsShowWhatIsPlayed(t *testing.T) {
	same := loaded(t, "# a remark\nquestion = \"why\"\nseed = 9\n"+kiosk+"[[expect]]\nmetric = \"errors\"\nis = \"= 0\"\n[[regression]]\nmetric = \"errors\"\nworse-by = \"5\"\n")
	base := loaded(t, kiosk)
	if base.Variants[0].Hash == same.Variants[0].Hash {
		t.Error("the hash is of what is played only: then nobody needs the settings to tell")
	}
	if !bytes.Equal(base.Variants[0].settings(), same.Variants[0].settings()) {
		t.Error("words change the settings")
	}
	other := loaded(t, kiosk, Setting{"app.queue", int64(3)})
	if bytes.Equal(base.Variants[0].settings(), other.Variants[0].settings()) {
		t.Error("a key that is played does not change them")
	}
}

func TestResultCarriesSettingsAndThresholds(t *testing.T) {
	x := loaded(t, kiosk+"[[regression]]\nmetric = \"latency.p99\"\nworse-by = \"5%\"\n[[regression]]\nmetric = \"goodput\"\nworse-by = \"2\"\nvariant = \"two\"\nsays = \"it sells\"\n")
	r, err := Run(t.Context(), x, Options{Worlds: []string{report.Virtual}, Progress: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	for _, run := range r.Runs {
		if r.Settings[run.Hash] == nil {
			t.Errorf("no settings of %s", run.Variant)
		}
	}
	var text bytes.Buffer
	if err := r.Write(&text); err != nil {
		t.Fatal(err)
	}
	again, err := report.Read(&text)
	if err != nil {
		t.Fatal(err)
	}
	want := []report.Threshold{
		{Metric: "latency.p99", Op: ">", Change: 0.05, Share: true},
		{Metric: "goodput", Op: "<", Change: -2, Variant: "two", Says: "it sells"},
	}
	if len(again.Regressions) != 2 || again.Regressions[0] != want[0] || again.Regressions[1] != want[1] {
		t.Errorf("%+v", again.Regressions)
	}
	if grid, err := Grid("kiosk.toml", []byte(kiosk+"[[regression]]\nmetric = \"errors\"\nworse-by = \"5\"\nvariant = \"two\"\n"), "", []Vary{{"app.workers", []any{int64(1)}}}); err != nil || len(grid.Base.Regress) > 0 {
		t.Errorf("a grid is held to thresholds of variants that are not played: %v", err)
	}
}

func TestRegressionMistakes(t *testing.T) {
	_, err := Load("kiosk.toml", []byte(kiosk+`
[[regression]]
metric = "latncy.p99"
worse-by = "5%"
[[regression]]
metric = "requests"
worse-by = "5%"
[[regression]]
metric = "latency.p99"
worse-by = "5"
variant = "tow"
[[regression]]
metric = "errors"
worse-by = "-5"
`))
	for _, want := range []string{
		`regression[0].metric: unknown metric "latncy.p99"; did you mean "latency.p99"?`,
		`regression[1].worse-by: neither more nor less of requests is worse`,
		`regression[2].worse-by: "5" is no change; write a percentage (5%) or a time (2ms)`,
		`regression[2].variant: unknown variant "tow"; did you mean "two"?`,
		`regression[3].worse-by: "-5" is negative`,
	} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q in\n%v", want, err)
		}
	}
}
