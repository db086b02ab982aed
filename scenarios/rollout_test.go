// Restarts in the virtual world, one server after the other or all at once.
package scenarios

import (
	"strings"
	"testing"

	"cdnlab/report"
)

// rollTOML has three servers that each answer in 100 ms, and 30 requests a second.
const rollTOML = `name = "roll"
duration = "8s"
[cpu]
costs = "free"
[load]
rate = 30
[[clients]]
id = "users"
place = "New York"
[[catalog]]
path = "/"
cache-control = "no-store"
changes = "at deploy"
[origin]
servers = 3
[app]
service-time = "100ms"
distribution = "constant"
[balancer]
health.check = "none"
max-fails = 0
retries = 0
`

// TestRollingRestart: with a drain nobody notices; the next waits for the one before,
// and for the pause.
func TestRollingRestart(t *testing.T) {
	run := playText(t, rollTOML+`
[[event]]
at = "1s"
do = "rolling-restart"
nodes = ["app-3", "app-1"]
drain = "5s"
boot = "500ms"
pause = "1s"
`)
	wantValue(t, run, "errors", 0)
	// What is under way when it begins takes up to 100 ms.
	compareLines(t, "want", strings.Join([]string{
		"1s app-3 draining", "1.1s app-3 stopped", "1.6s app-3 undrained",
		"2.6s app-1 draining", "2.7s app-1 stopped", "3.2s app-1 undrained"}, "\n"), "got", strings.Join(tenths(run), "\n"))
}

// tenths are the moves of a run, their times rounded up to a tenth of a second.
func tenths(run *report.Run) []string {
	const tenth = 100_000_000
	for i := range run.Events {
		at := &run.Events[i].At
		*at = (*at + tenth - 1) / tenth * tenth
	}
	return moved(run)
}

// TestRestartWithoutDrain: what is under way is reset, and until it is back every third
// request is refused.
func TestRestartWithoutDrain(t *testing.T) {
	run := playText(t, rollTOML+"[[event]]\nat = \"1s\"\ndo = \"restart\"\nnode = \"app-2\"\nboot = \"2s\"\n")
	compareLines(t, "want", "1s app-2 stopped", "got", strings.Join(moved(run), "\n"))
	wantValue(t, run, "errors", 21)
}

// TestRollingRestartAtOnce: more than there are is all of them.
func TestRollingRestartAtOnce(t *testing.T) {
	run := playText(t, rollTOML+"[[event]]\nat = \"1s\"\ndo = \"rolling-restart\"\nat-once = 5\nboot = \"1s\"\n")
	compareLines(t, "want", "1s app-1 stopped\n1s app-2 stopped\n1s app-3 stopped", "got", strings.Join(moved(run), "\n"))
	wantValue(t, run, "errors", 33) // a second, and the three under way
}

// TestRollingRestartWaits: the next server's turn comes when the checks have the last
// one back, and a fault that keeps it away holds all up.
func TestRollingRestartWaits(t *testing.T) {
	text := strings.Replace(rollTOML, `health.check = "none"`, `health = { interval = "250ms", fall = 1, rise = 2 }`, 1)
	roll := "[[event]]\nat = \"1s\"\ndo = \"rolling-restart\"\nboot = \"1s\"\ndrain = \"1s\"\nnodes = [\"app-1\", \"app-2\"]\n"
	run := playText(t, text+roll)
	wantValue(t, run, "errors", 0)
	var turns []string
	for _, line := range tenths(run) {
		if strings.Contains(line, "draining") || strings.Contains(line, "balancer up") {
			turns = append(turns, line)
		}
	}
	compareLines(t, "want", "1s app-1 draining\n2.3s balancer up checks passed\n2.3s app-2 draining\n3.8s balancer up checks passed", "got", strings.Join(turns, "\n"))
	run = playText(t, text+roll+"[[event]]\nat = \"1500ms\"\nfault = \"crash\"\nnode = \"app-1\"\nfor = \"3s\"\n")
	for _, e := range run.Events {
		if e.Kind == "draining" && e.Node == "app-2" && e.At.Sub(0).Seconds() < 4.5 {
			t.Errorf("app-2's turn comes at %v, when app-1 is still away", e.At)
		}
	}
}

// TestRelease: a server has the new version from its restart on, one that is added from
// its start; who has only crashed comes back as it was.
func TestRelease(t *testing.T) {
	run := playText(t, rollTOML+`
[[event]]
at = "1s"
do = "release"
[[event]]
at = "2s"
do = "restart"
node = "app-1"
[[event]]
at = "2s"
fault = "crash"
node = "app-2"
for = "1ms"
[[event]]
at = "4s"
do = "add-server"
[[event]]
at = "6s"
do = "deploy"
[[expect]]
metric = "errors"
is = "< 10"
from = "1s"
to = "2s"
[[expect]]
metric = "errors"
is = "< 10"
from = "2500ms"
to = "4s"
[[expect]]
metric = "errors"
is = "< 10"
from = "4500ms"
to = "6s"
[[expect]]
metric = "errors"
is = "< 10"
from = "6100ms"
to = "8s"
`)
	for window, want := range map[string]float64{"1s to 2s": 1, "2.5s to 4s": 2.0 / 3, "4.5s to 6s": 0.5, "6.1s to 8s": 0} { // any order will do
		got, _, err := report.Value(run, window, "outdated-ratio")
		if err != nil || got < want-0.07 || got > want+0.07 {
			t.Errorf("%s: %.2f of the answers are old (%v), want %.2f", window, got, err, want)
		}
	}
}

func TestRolloutMistakes(t *testing.T) {
	holdWrongs(t, wrongs(t, faultless+"[[event]]\nat = \"1s\"\ndo = \"rolling-restart\"\nnodes = [\"app-1\", \"ap-2\", \"app-1\"]\n"),
		"event[1].nodes: app-1 stands there twice",
		`event[1].nodes: unknown app server "ap-2"; did you mean "app-2"?`)
	holdWrongs(t, wrongs(t, faultless+"[[event]]\nat = \"1s\"\ndo = \"restart\"\nnode = \"tokyo-pop\"\n"),
		"event[1].node: tokyo-pop is no app server")
}
