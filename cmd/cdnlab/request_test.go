// Tests: the examples of request are quick enough to be played.
package main

import (
	"bytes"
	"strings"
	"testing"
)

func TestRequestExamples(t *testing.T) {
	if testing.Short() {
		t.Skip("some seconds")
	}
	for line := range strings.Lines((&app{}).requestCommand().Example) {
		command, _, _ := strings.Cut(line, " |")
		if strings.Contains(command, "my.toml") {
			continue
		}
		var out, errs bytes.Buffer
		args := strings.Fields(strings.Replace(command, "--world both", "--world virtual", 1))[1:]
		if status := Main(append(args, "--quiet"), nil, &out, &errs); status != statusHolds || errs.Len() > 0 {
			t.Errorf("%s: status %d\n%s", strings.TrimSpace(line), status, &errs)
		}
		if !strings.Contains(out.String(), "headers on the wire") {
			t.Errorf("%s: shows\n%s", strings.TrimSpace(line), &out)
		}
	}
}
