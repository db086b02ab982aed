// The whole on one machine: how much load k6 and nginx carry, and a live run of
// the lab. Nine of ten requests are hits, the tenth goes to an app.
package peers

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"
)

// liveTime is how long each rate is held.
const liveTime = 6 * time.Second

// mostLate is how late one of a hundred requests may be sent.
const mostLate = 5 * time.Millisecond

// liveRates are tried from below until one is not held. The steps are a fifth
// at most, so that a ratio of two is known within that.
var liveRates = []int{500, 600, 700, 850, 1000, 1200, 1400, 1700, 2000, 2400, 2800, 3400, 4000, 4800, 5600, 6600,
	8000, 9500, 11000, 13000, 15000, 17500, 20000, 24000, 28000, 33000}

// BenchmarkLive looks for the highest rate that each holds, and prints what a
// request has cost at it.
func BenchmarkLive(b *testing.B) {
	b.ReportMetric(0, "ns/op")
	lab := climb(b, "cdnlab", runLab(b))
	b.ReportMetric(lab, "cdnlab-requests/s")
	with := runK6(b)
	if with == nil {
		return
	}
	peer := climb(b, "k6 + nginx", with)
	b.ReportMetric(peer, "k6-nginx-requests/s")
	if peer > 0 {
		b.ReportMetric(lab/peer, "x-k6-nginx")
	}
}

// attempt is what a rate has come to: why it was not held ("" when it was), and
// the CPU time of each part.
type attempt struct {
	why   string
	parts []part
	sent  float64
}

type part struct {
	name string
	cpu  time.Duration
}

// climb tries the rates from below, and returns the
// highest that was held. One that is not held is tried once more: on a machine
// that does other things a single moment is enough to miss it.
func climb(b *testing.B, name string, try func(*testing.B, int) attempt) float64 {
	b.Helper()
	fmt.Printf("\n%s\n", name)
	best := 0
	for _, rate := range liveRates {
		a := try(b, rate)
		if a.why != "" {
			a = try(b, rate)
		}
		fmt.Printf("  %6d/s", rate)
		for _, p := range a.parts {
			fmt.Printf("  %s %.1f µs", p.name, float64(p.cpu.Microseconds())/max(1, a.sent))
		}
		if a.why != "" {
			fmt.Printf("  not held: %s\n", a.why)
			break
		}
		fmt.Println("  held")
		best = rate
	}
	return float64(best)
}

// labScenario has users, a PoP and an app in one place, so that all that is
// measured is the lab.
const labScenario = `
name = "peers"
duration = "%ds"
[load]
rate = %d
[[clients]]
id = "users"
place = "Tokyo"
[[catalog]]
path = "/hot/{n}"
objects = 30
share = 90
size = "1KB"
cache-control = "public, max-age=3600"
[[catalog]]
path = "/miss/{n}"
objects = 1000
share = 10
size = "1KB"
cache-control = "no-store"
[origin]
place = "Tokyo"
[app]
workers = 1000
service-time = "1ms"
[[pop]]
place = "Tokyo"
`

// labResult is what is read of a run's JSON.
type labResult struct {
	Runs []struct {
		Windows []struct {
			Counts   map[string]int64
			Counters map[string]int64
		}
		Receipt struct {
			Generator struct {
				P99 time.Duration `json:"p99_ns"`
			}
		}
	}
}

func runLab(b *testing.B) func(*testing.B, int) attempt {
	file, folder := program(b), tempDir(b)
	return func(b *testing.B, rate int) attempt {
		scenario, result := filepath.Join(folder, "peers.toml"), filepath.Join(folder, "peers.json")
		if err := os.WriteFile(scenario, fmt.Appendf(nil, labScenario, int(liveTime/time.Second), rate), 0o644); err != nil {
			b.Fatal(err)
		}
		cmd := exec.Command(file, "run", scenario, "--quiet", "--json", result)
		if said, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("cdnlab run: %v\n%s", err, said)
		}
		text, err := os.ReadFile(result)
		if err != nil {
			b.Fatal(err)
		}
		var r labResult
		if err := json.Unmarshal(text, &r); err != nil || len(r.Runs) != 1 {
			b.Fatalf("the result of cdnlab run: %v", err)
		}
		return r.attempt(cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime())
	}
}

// attempt judges a run. all is the CPU time of the driver and its nodes.
func (r *labResult) attempt(all time.Duration) attempt {
	run := r.Runs[0]
	w := run.Windows[0]
	a := attempt{sent: float64(w.Counts["requests"])}
	pop, app := time.Duration(w.Counters["tokyo-pop.cpu-busy-ns"]), time.Duration(w.Counters["app-1.cpu-busy-ns"])
	a.parts = []part{{"generator", all - pop - app}, {"PoP", pop}, {"app", app}}
	if late := run.Receipt.Generator.P99; late > mostLate {
		a.why = fmt.Sprintf("one of a hundred was sent %v late", late)
	}
	if good := w.Counts["status.2xx"]; float64(good) < 0.999*a.sent {
		a.why = fmt.Sprintf("%d of %.0f were answered", good, a.sent)
	}
	return a
}

// k6Script asks as the scenario does. What k6 cannot send in time it drops.
const k6Script = `import http from 'k6/http';
import exec from 'k6/execution';
export const options = { discardResponseBodies: true, summaryTrendStats: ['med', 'p(99)'], scenarios: { load: { executor: 'constant-arrival-rate',
	rate: %d, timeUnit: '1s', duration: '%ds', preAllocatedVUs: 500, maxVUs: 2000 } } };
export default function () {
	const i = exec.scenario.iterationInTest;
	http.get('http://%s' + (i %% 10 == 9 ? '/miss/' + (i %% 1000) : '/hot/' + (i %% 30)));
}
export function handleSummary(data) { return { '%s': JSON.stringify(data.metrics) }; }
`

// k6Metrics are what is read of k6's summary.
type k6Metrics map[string]struct{ Values map[string]float64 }

// runK6 is nil when k6 or nginx is not to be had.
func runK6(b *testing.B) func(*testing.B, int) attempt {
	if !wanted("k6") || installed("nginx") == "" {
		b.Log("nginx: not installed")
		return nil
	}
	file := k6.build(b)
	if file == "" {
		return nil
	}
	app := freeAddress(b)
	appProcess := start(b, "app", "", os.Args[0], "app", app)
	appProcess.serving(b, app)
	s, listen := &site{app, tempDir(b)}, freeAddress(b)
	conf := s.write(b, "nginx.conf", fmt.Sprintf(nginxConf, s.folder, listen, s.address))
	nginx := start(b, "nginx", "", installed("nginx"), "-p", s.folder, "-c", conf)
	nginx.serving(b, listen)
	return func(b *testing.B, rate int) attempt {
		script, summary := filepath.Join(s.folder, "load.js"), filepath.Join(s.folder, "summary.json")
		text := fmt.Appendf(nil, k6Script, rate, int(liveTime/time.Second), listen, summary)
		if err := os.WriteFile(script, text, 0o644); err != nil {
			b.Fatal(err)
		}
		beforeNginx, beforeApp := nginx.cpu(b), appProcess.cpu(b)
		cmd := exec.Command(file, "run", "--quiet", "--no-color", script)
		cmd.Env = append(os.Environ(), quietK6...)
		if said, err := cmd.CombinedOutput(); err != nil {
			b.Fatalf("k6: %v\n%s", err, said)
		}
		a := judgeK6(b, summary, rate)
		a.parts = []part{{"k6", cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()},
			{"nginx", nginx.cpu(b) - beforeNginx}, {"app", appProcess.cpu(b) - beforeApp}}
		return a
	}
}

// judgeK6 asks no more of k6 than that it sent what it should: how late it does
// not tell.
func judgeK6(b *testing.B, summary string, rate int) attempt {
	text, err := os.ReadFile(summary)
	if err != nil {
		b.Fatal(err)
	}
	var m k6Metrics
	if err := json.Unmarshal(text, &m); err != nil {
		b.Fatal(err)
	}
	due := float64(rate) * liveTime.Seconds()
	a := attempt{sent: m["http_reqs"].Values["count"]}
	if dropped := m["dropped_iterations"].Values["count"]; dropped > 0.001*due || a.sent < 0.99*due {
		a.why = fmt.Sprintf("%.0f of %.0f were sent", a.sent, due)
	}
	if failed := m["http_req_failed"].Values["rate"]; failed > 0.001 {
		a.why = fmt.Sprintf("%.1f %% failed", 100*failed)
	}
	return a
}

// beApp is the app behind nginx: 1 KB after 1 ms, and what may be stored says so.
func beApp(args []string) error {
	go untilStdinCloses()
	content := []byte(strings.Repeat("0", contentSize))
	l, err := net.Listen("tcp", args[0])
	if err != nil {
		return err
	}
	return http.Serve(l, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		time.Sleep(time.Millisecond)
		control := "no-store"
		if strings.HasPrefix(r.URL.Path, "/hot/") {
			control = "public, max-age=3600"
		}
		w.Header().Set("Cache-Control", control)
		w.Header().Set("Content-Length", strconv.Itoa(contentSize))
		_, _ = w.Write(content) // who is gone needs no answer
	}))
}
