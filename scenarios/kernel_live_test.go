// A world on the kernel's own network: real processes, each with a TCP/IP stack of
// its own, and faults of packets.
package scenarios

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"cdnlab/report"
	"cdnlab/sim/live"
	"cdnlab/sim/live/kernel"
)

// kernelSite has a CDN, a balancer and two servers, of which one is killed and
// comes back, and a link that is cut for a while and changed.
var kernelSite = site(3*time.Second, 100, `cache-control = "max-age=1"`,
	"[[event]]", `at = "500ms"`, `fault = "crash"`, `node = "app-2"`, `for = "700ms"`,
	"[[event]]", `at = "1s"`, `fault = "cut"`, `from = "Tokyo"`, `to = "New York"`, `for = "300ms"`,
	"[[event]]", `at = "1500ms"`, `fault = "delay"`, `from = "Tokyo"`, `to = "New York"`, `delay = "20ms"`, `for = "500ms"`)

var twoServers = []Setting{{"origin.servers", int64(2)}, {"balancer.retries", int64(1)}}

func TestKernelNet(t *testing.T) {
	if err := live.Supported(); err != nil {
		t.Skip(err)
	}
	wires, err := kernel.Supported()
	if err != nil {
		t.Skip(err)
	}
	command, err := live.Self()
	if err != nil {
		t.Fatal(err)
	}
	top := resolved(t, kernelSite, twoServers...)
	run, err := playLive(context.Background(), top, planOf(top, report.Live), Options{Command: command, Kernel: true}, func(*driver) {})
	if err != nil {
		t.Fatal(err)
	}
	wantValue(t, run, "requests", 300)
	wantValue(t, run, "errors", 0) // the retry, and retransmissions of the kernel's own
	if !slices.ContainsFunc(run.Receipt.Notes, func(s string) bool { return strings.Contains(s, string(wires)) }) {
		t.Errorf("the receipt does not tell of the wires: %q", run.Receipt.Notes)
	}
}

func TestKernelCannot(t *testing.T) {
	x, err := Load("site.toml", []byte(kernelSite), twoServers...)
	if err != nil {
		t.Fatal(err)
	}
	if err := x.Variants[0].KernelCannot(0); err != nil {
		t.Errorf("refused: %v", err)
	}
	if err := x.Variants[0].KernelCannot(0.5); err == nil || !strings.Contains(err.Error(), "speed 1") {
		t.Errorf("at half the speed: %v", err)
	}
}
