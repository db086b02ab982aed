// Tests: nodes have cores. They saturate where arithmetic says, calibrated costs
// are what they must be, and what is wrong is said.
package scenarios

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"

	"cdnlab/report"
)

// weakPoP answers everything itself: one core, 1 ms for each answer, so that
// 1,000 requests a second are its limit.
const weakPoP = `
name = "weak"
duration = "20s"
load = { rate = 500, arrivals = "poisson" }
[[clients]]
id = "here"
place = "New York"
[[catalog]]
path = "/"
size = "1KB"
cache-control = "public, max-age=3600"
[[link]]
from = "New York"
to = "New York"
rtt = "1us"
[edge]
warm = true
[[pop]]
place = "New York"
cores = 1
[cpu]
costs = "free"
serve = "1ms"
`

// playWeak plays it with settings and returns metrics of the run.
func playWeak(t *testing.T, metrics []string, settings ...Setting) []float64 {
	t.Helper()
	run := playText(t, weakPoP, settings...)
	var all []float64
	for _, metric := range metrics {
		v, _, err := report.Value(run, report.All, metric)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, v)
	}
	return all
}

// At half its limit the PoP's core is half at work, and answers wait for it as
// in M/D/1: rho / (2 (1 - rho)) of a millisecond in the mean. Beyond the limit it
// works all the time, and those who ask wait for seconds.
func TestWeakPoPSaturates(t *testing.T) {
	for _, rho := range []float64{0.3, 0.5, 0.8} {
		v := playWeak(t, []string{"cpu.new-york-pop", "latency.mean", "errors"}, Setting{"load.rate", 1000 * rho})
		if math.Abs(v[0]-rho) > 0.03 || v[2] > 0 {
			t.Errorf("load %v: %.1f %% of a core, %v errors", rho, 100*v[0], v[2])
		}
		if wait, want := v[1]/1e6-1, rho/2/(1-rho); math.Abs(wait/want-1) > 0.1 {
			t.Errorf("load %v: a mean wait of %.3f ms, theory says %.3f", rho, wait, want)
		}
	}
	v := playWeak(t, []string{"cpu.new-york-pop", "latency.p50", "cpu-per-request.new-york-pop"}, Setting{"load.rate", int64(2000)})
	if math.Abs(v[0]-1) > 0.01 || v[1] < 1e9 {
		t.Errorf("at twice its limit: %.1f %% of a core, a median of %v", 100*v[0], time.Duration(v[1]))
	}
	v = playWeak(t, []string{"cpu.new-york-pop", "latency.mean"}, Setting{"load.rate", int64(2000)}, Setting{"pop.0.cores", int64(4)})
	if math.Abs(v[0]-2) > 0.06 || v[1] > 1.2e6 {
		t.Errorf("with four cores: %.1f %% of a core, a mean of %v", 100*v[0], time.Duration(v[1]))
	}
}

// The search finds the limit: 1 / cost.
func TestFindWeakPoPsLimit(t *testing.T) {
	q := Query{Key: "load.rate", Goal: Largest, Until: "latency.p99 < 100ms", Precision: 0.01}
	if one := searchIn(t, weakPoP, q, Options{}).Seeds[0]; one.Outcome != Flips || one.Holds.Value < 950 || one.Holds.Value > 1020 {
		t.Errorf("%s at %v/s, want 1,000", one.Outcome, one.Holds.Value)
	}
}

// What must hold of calibrated costs, whatever machine they are of.
func TestCalibratedCosts(t *testing.T) {
	c := BuiltinCalibration
	of := func(kind string) time.Duration {
		cost, ok := c.Of(kind)
		if !ok || cost <= 0 {
			t.Errorf("%s is not measured", kind)
		}
		return cost
	}
	if l4, l7 := of("relay"), of("serve")+of("forward"); l4 >= l7 {
		t.Errorf("a relayed request (%v) costs no less than a proxied one (%v)", l4, l7)
	}
	if of("tls-resumed") >= of("tls13") {
		t.Error("to resume a session costs as much as to begin one")
	}
	for _, kind := range []string{"serve-mb", "forward-mb", "accept", "relay-connection", "relay-mb", "tls12", "tls-mb", "gzip-mb"} {
		of(kind)
	}
	if c.Machine.CPU == "" || c.Machine.Started == "" || c.Rounds < 3 {
		t.Errorf("nobody knows whose costs they are: %+v, %d rounds", c.Machine, c.Rounds)
	}
	var text bytes.Buffer
	if err := c.Write(&text); err != nil || !bytes.Equal(text.Bytes(), calibrationText) {
		t.Error("written again, the calibration is another text", err)
	}
	for _, bad := range []string{"", "{}", "[]", `{"schema":2}`, `{"schema":1}`, `{"schema":1,"cost":[]}`,
		`{"schema":1,"costs":[{"kind":"serve","ns":5,"low_ns":6,"high_ns":7}]}`} {
		if _, err := ReadCalibration([]byte(bad)); err == nil {
			t.Errorf("read: %s", bad)
		}
	}
}

func TestCPUMistakes(t *testing.T) {
	text := strings.NewReplacer(`cores = 1`, `cores = 513`, `serve = "1ms"`, "serve = \"-1ms\"\ncores = 0\nforward = \"11s\"\ngzip = \"1us\"",
		`costs = "free"`, `costs = "cheap"`).Replace(weakPoP)
	holdWrongs(t, wrongs(t, text),
		`pop[0].cores: must be at most 512`,
		`cpu.costs: unknown "cheap"; known: calibrated, free`,
		`cpu.serve: must be`,
		`cpu.cores: must be at least 1`,
		`cpu.forward: must be at most 10s`,
		`cpu.gzip: unknown key`,
	)
	event := "[[event]]\nat = \"1s\"\ndo = \"set\"\nset = { cpu.cores = 2 }\n"
	holdWrongs(t, wrongs(t, weakPoP+event), `event[0].set.cpu.cores: cannot change while a run lasts`)
}
