// Tests: all that is wrong with a file is said at once, each thing once, where
// it stands.
package scenarios

import (
	"errors"
	"strings"
	"testing"

	"cdnlab/scenarios/strict"
)

// faultless is a scenario to break.
const faultless = `duration = "10s"
[load]
rate = 10
[cpu]
costs = "free"
[[clients]]
id = "tokyo"
place = "Tokyo"
[[catalog]]
path = "/"
cache-control = "max-age=60"
[origin]
servers = 3
[[pop]]
place = "Tokyo"
[[event]]
at = "5s"
fault = "crash"
node = "app-2"
[[variant]]
name = "far"
set = { edge.on = false }
[[variant]]
name = "near"
[[expect]]
metric = "ttfb.p50"
variant = "near"
is = "< 0.5 x far"
from = "2s"
to = "9s"
`

// wrongs are the mistakes of a file as path: words.
func wrongs(t *testing.T, text string, settings ...Setting) []string {
	t.Helper()
	_, err := Load("test.toml", []byte(text), settings...)
	if err == nil {
		return nil
	}
	var mistakes strict.Mistakes
	if !errors.As(err, &mistakes) {
		t.Fatal(err)
	}
	var all []string
	for line := range strings.Lines(mistakes.Error()) {
		_, line, _ = strings.Cut(strings.TrimSpace(line), " ")
		all = append(all, line)
	}
	return all
}

func holdWrongs(t *testing.T, got []string, want ...string) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d mistakes, want %d:\n%s", len(got), len(want), strings.Join(got, "\n"))
		return
	}
	for i := range want {
		if !strings.HasPrefix(got[i], want[i]) {
			t.Errorf("%q, want %q", got[i], want[i])
		}
	}
}

func TestFaultless(t *testing.T) { holdWrongs(t, wrongs(t, faultless)) }

// Schema, meaning and expectations are all checked, whatever is wrong with one.
func TestEverythingAtOnce(t *testing.T) {
	text := strings.NewReplacer(
		`[load]`, "sede = 3\n[load]",
		`place = "Tokyo"`+"\n[[catalog]]", `place = "Tokio"`+"\n[[catalog]]",
		`rate = 10`, `rate = "fast"`,
		`node = "app-2"`, `node = "app-7"`,
		`edge.on = false`, `balancer.algorithm = "randm", app.workers = "x"`,
		`is = "< 0.5 x far"`, `is = "< 0.5 x fur"`,
		`to = "9s"`, `to = "90s"`,
	).Replace(faultless)
	holdWrongs(t, wrongs(t, text),
		`sede: unknown key; did you mean "seed"?`,
		`load.rate: must be a number`,
		`clients[0].place: unknown place "Tokio"`,
		`event[0].node: unknown node "app-7"`,
		`variant[0].set.balancer.algorithm: unknown algorithm "randm"; did you mean "random"?`,
		`variant[0].set.app.workers: must be an integer`,
		`expect[0].is: "fur" is neither a number with a unit (10ms, 1.5s) nor a variant; did you mean the variant "far"?`,
		`expect[0].to: 2s to 1m30s is no time within the run`,
	)
}

// What follows from a mistake of the schema is not said again.
func TestNothingTwice(t *testing.T) {
	for text, want := range map[string]string{
		strings.Replace(faultless, `id = "tokyo"`+"\n", "", 1):                      `clients[0]: needs an "id"`,
		strings.Replace(faultless, `rate = 10`, `raet = 10`, 1):                     `load.raet: unknown key; did you mean "rate"?`,
		strings.Replace(faultless, "[[catalog]]", "[[catalogue]]", 1):               `catalogue: unknown key; did you mean "catalog"?`,
		strings.Replace(faultless, `servers = 3`, `servers = "three"`, 1):           `origin.servers: must be an integer`,
		strings.Replace(faultless, `name = "far"`+"\n", "", 1):                      `variant[0]: needs a "name"`,
		strings.Replace(faultless, `duration = "10s"`, `duration = 100`, 1):         `duration: must be a duration`,
		strings.Replace(faultless, `place = "Tokyo"`+"\n[[event]]", "[[event]]", 1): `pop[0]: needs a "place"`,
		strings.Replace(faultless, `rate = 10`, `rate = 10`+"\nshape = 3", 1):       `load.shape: must be a string`,
	} {
		holdWrongs(t, wrongs(t, text), want)
	}
}

// A mistake of the command line is one, however many variants there are, and a
// time behind the end says who has moved the end.
func TestSettings(t *testing.T) {
	holdWrongs(t, wrongs(t, faultless, Setting{"app.workers", "few"}), `app.workers: must be an integer`)
	holdWrongs(t, wrongs(t, faultless, Setting{"load.rate", int64(0)}), `load.rate: must not be 0: the shape constant needs it`)
	for _, where := range []string{"balancer.health", "edge.cluster.health"} {
		holdWrongs(t, wrongs(t, faultless, Setting{where + ".expect-body", "("}), where+".expect-body: error parsing regexp")
		holdWrongs(t, wrongs(t, faultless, Setting{where + ".expect-body", "ok"}, Setting{where + ".path", "/"}),
			where+".expect-body: only what servers answer of their health")
	}
	const hint = "; the command line sets the duration to 3s, the file has 10s"
	holdWrongs(t, wrongs(t, faultless, Setting{"duration", "3s"}),
		`event[0].at: 5s is not within the run (0s to 3s)`+hint,
		`expect[0].to: 2s to 9s is no time within the run (0s to 3s)`+hint)
	late := strings.Replace(faultless, `at = "5s"`, `at = "50s"`, 1)
	got := wrongs(t, late, Setting{"duration", "3s"})
	if len(got) != 2 || strings.Contains(got[0], "command line") {
		t.Errorf("50s is behind the end in the file too: %q", got)
	}
}

// A mistake that only a variant makes says whose it is.
func TestMistakeOfAVariant(t *testing.T) {
	text := strings.Replace(faultless, `set = { edge.on = false }`, `set = { balancer.on = false }`, 1)
	holdWrongs(t, wrongs(t, text), `variant[0].set.balancer.on: is off, but there are 3 servers`)
	text = strings.Replace(faultless, `edge.on = false`, `load.rate = 0`, 1)
	holdWrongs(t, wrongs(t, text), `variant[0].set.load.rate: must not be 0`)
}

func TestSteps(t *testing.T) {
	for path, want := range map[string]int{"": 0, "a": 1, "pop[1].place": 3, `headers."x.y"`: 2, "a[0][12]": 3} {
		if got := steps(path); len(got) != want {
			t.Errorf("%s: %v", path, got)
		}
	}
}

func TestFindNames(t *testing.T) {
	for name, want := range map[string]string{
		"servercrash": `no scenario "servercrash"; did you mean "server-crash"? (a file's name ends in .toml)`,
		"zzz":         `no scenario "zzz"; built in are `,
	} {
		if _, _, err := Find(name); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// A grid leaves the expectations alone: they are of other variants and times.
func TestGridExpectsNothing(t *testing.T) {
	x, err := Grid("test.toml", []byte(faultless), "far", []Vary{{"app.workers", []any{int64(1), int64(2)}}}, Setting{"duration", "6s"})
	if err != nil || len(x.Variants) != 2 || len(x.Base.Expect) != 0 {
		t.Fatalf("%v", err)
	}
	if _, err := Grid("test.toml", []byte(faultless), "fra", []Vary{{"app.workers", []any{int64(1)}}}); err == nil ||
		!strings.Contains(err.Error(), `did you mean "far"?`) {
		t.Error(err)
	}
}
