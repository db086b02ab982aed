// Actions by real processes: what they come to is what they come to in virtual
// time.
package scenarios

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"cdnlab/report"
	"cdnlab/sim"
	"cdnlab/sim/live"
)

// What happens lies an eighth of a second or more from every request: a machine
// has to be very late to change a count.
const actedTOML = `[[catalog]]
path = "/basket"
cache-control = "no-store"
[[event]]
at = "1s"
do = "drain"
node = "app-1"
for = "1s"
[[event]]
at = "1500ms"
do = "purge"
[[event]]
at = "1600ms"
do = "purge"
tags = ["goods", "news"]
soft = true
[[event]]
at = "1700ms"
do = "purge"
everything = true
[[event]]
at = "2s"
do = "deploy"
[[event]]
at = "2500ms"
do = "set"
set = { edge.cache = false, link.0.rtt = "20ms", app.service-time = "3ms", load.rate = 8 }
for = "1s"
[[event]]
at = "3s"
do = "add-server"
for = "2500ms"
[[event]]
at = "3500ms"
do = "remove-server"
node = "app-2"
[[event]]
at = "4s"
do = "warm"
[[event]]
at = "4s"
do = "release"
[[event]]
at = "4300ms"
do = "restart"
node = "app-1"
drain = "500ms"
boot = "50ms"
[[event]]
at = "4s"
do = "weight"
node = "app-1"
weight = 3
`

func TestLiveActions(t *testing.T) {
	if err := live.Supported(); err != nil {
		t.Skip(err)
	}
	text := strings.NewReplacer("rate = 40", "rate = 4", `"no-store"`, "\"max-age=60\"\nheaders = { Cache-Tag = \"goods, news\" }", `"10s"`, `"6s"`).Replace(shopTOML) + edgeTOML + actedTOML
	x, err := Load("test.toml", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	command, err := live.Self()
	if err != nil {
		t.Fatal(err)
	}
	r, err := Run(context.Background(), x, Options{Worlds: []string{report.Live, report.Virtual}, Command: command, Progress: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	real, virtual := r.Runs[0], r.Runs[1]
	if real.World != report.Live {
		real, virtual = virtual, real
	}
	if got, want := kindsOf(real), kindsOf(virtual); got != want {
		t.Errorf("live:\n%s\nvirtual:\n%s", got, want)
	}
	for _, count := range []string{"requests", "errors", "verdict.hit", "verdict.miss", "verdict.bypass", "bytes"} {
		if got, want := real.Windows[0].Counts[count], virtual.Windows[0].Counts[count]; got != want {
			t.Errorf("%s: %d live, %d virtual", count, got, want)
		}
	}
	wantValue(t, real, "errors", 0)
	for _, window := range []string{"during app-1 is drained for 1 s", "during app-2 is removed"} {
		a, _ := real.Window(window)
		b, _ := virtual.Window(window)
		for _, gone := range []string{"app-1", "app-2"} {
			if (a.Servers[gone] == 0) != (b.Servers[gone] == 0) {
				t.Errorf("%s: %v live, %v virtual", window, a.Servers, b.Servers)
			}
		}
	}
}

// kindsOf is what was noted of whom, in no order but that of the words: what
// happens at two nodes at once has none.
func kindsOf(run *report.Run) string {
	var all []string
	for _, e := range run.Events {
		detail := e.Detail
		if e.Kind == sim.EventWarmed || e.Kind == sim.EventStarted {
			detail = ""
		}
		all = append(all, fmt.Sprint(e.Node, " ", e.Kind, " ", e.Subject, " ", detail))
	}
	slices.Sort(all)
	return strings.Join(all, "\n")
}
