//go:build unix

// Tests: what calibrate prints and stores, and that it keeps nothing when it is
// interrupted.
package main

import (
	"bytes"
	"os"
	"strings"
	"syscall"
	"testing"

	"cdnlab/scenarios"
)

// The [cpu] table that --toml prints is one that a scenario may have, and says
// the same.
func TestCostsAsTOML(t *testing.T) {
	x, err := scenarios.Load("shop.toml", append(shopFile(t), costsTOML(scenarios.BuiltinCalibration)...))
	if err != nil {
		t.Fatal(err)
	}
	for kind, cost := range x.Base.CPU.Costs.Kinds() {
		if want, _ := scenarios.BuiltinCalibration.Of(kind); (*cost - want).Abs() > 50 { // ns: it is written in tenths of a µs
			t.Errorf("%s = %v, want %v", kind, *cost, want)
		}
	}
}

func shopFile(t *testing.T) []byte {
	t.Helper()
	text, err := os.ReadFile("testdata/shop.toml")
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// Real nodes, one round.
func TestCalibrate(t *testing.T) {
	if testing.Short() {
		t.Skip("real processes take real time")
	}
	var out, errs bytes.Buffer
	file := t.TempDir() + "/costs.json"
	status := Main([]string{"calibrate", "--quick", "--json", file}, nil, &out, &errs)
	if status == statusBroken && strings.Contains(errs.String(), "; calibrate again when it is idle") {
		t.Skip("a busy machine is told so:", errs.String())
	}
	if status != statusHolds {
		t.Fatalf("status %d\n%s", status, &errs)
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	c, err := scenarios.ReadCalibration(text)
	if err != nil {
		t.Fatal(err)
	}
	if c.Rounds != 1 || len(c.Costs) != len(scenarios.BuiltinCalibration.Costs) {
		t.Errorf("%d rounds, %d costs", c.Rounds, len(c.Costs))
	}
	for i, m := range scenarios.BuiltinCalibration.Costs {
		if c.Costs[i].Kind != m.Kind || !strings.Contains(out.String(), "\n"+m.Kind+" ") && i > 0 {
			t.Errorf("%s is not what is measured at its place, or not in\n%s", m.Kind, &out)
		}
	}
	if !strings.Contains(out.String(), "one core carries ") || !strings.Contains(errs.String(), "misses of 1 KB: ") {
		t.Errorf("%s\n%s", &out, &errs)
	}
}

func TestInterruptedCalibrate(t *testing.T) {
	if testing.Short() {
		t.Skip("real processes take real time")
	}
	var out bytes.Buffer
	file := t.TempDir() + "/costs.json"
	cmd := start(t, &out, "calibrate", "--json", file)
	if err := cmd.Process.Signal(syscall.SIGINT); err != nil {
		t.Fatal(err)
	}
	if status := ends(t, cmd); status != statusInterrupted {
		t.Errorf("status %d, want %d", status, statusInterrupted)
	}
	if _, err := os.Stat(file); out.Len() > 0 || err == nil {
		t.Errorf("it kept something (%v):\n%s", err, &out)
	}
}

func TestCalibrateUsage(t *testing.T) {
	for _, args := range []string{"--toml --json -", "now", "--json /", "--rounds 3"} {
		var out, errs bytes.Buffer
		if status := Main(append([]string{"calibrate"}, strings.Fields(args)...), nil, &out, &errs); status != statusUsage || out.Len() > 0 {
			t.Errorf("%s: status %d\n%s%s", args, status, &out, &errs)
		}
	}
}
