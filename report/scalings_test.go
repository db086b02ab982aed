// Tests: the autoscaler's decisions as a table.
package report

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"time"

	"cdnlab/sim"
)

func TestScalings(t *testing.T) {
	result := experiment(2)
	var out bytes.Buffer
	if err := Scalings(&out, result, Options{}); err != nil || out.Len() > 0 {
		t.Errorf("%v, a table of nothing: %s", err, out.String())
	}
	run := result.Runs[0]
	for i := range maxScalings + 3 {
		run.Events = append(run.Events, sim.Event{At: at(time.Duration(i+1) * time.Second), Node: "autoscaler", Kind: sim.EventScaledOut,
			Detail: fmt.Sprintf("%d to %d servers: because", i, i+1)}, sim.Event{Kind: sim.EventAdded, Detail: "not one"})
	}
	if err := Scalings(&out, result, Options{}); err != nil {
		t.Fatal(err)
	}
	text := out.String()
	for _, want := range []string{"1.0 s  0 to 1 servers", "12.0 s  11 to 12 servers  because", run.Label() + ": 3 more", "of seed 1"} {
		if !strings.Contains(text, want) {
			t.Errorf("no %q in\n%s", want, text)
		}
	}
	if strings.Contains(text, "12 to 13") || strings.Contains(text, "not one") || strings.Count(text, run.Label()) != 2 {
		t.Errorf("too much is told:\n%s", text)
	}
}
