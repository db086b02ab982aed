// What a request costs who makes it, against one fixed server.
package peers

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"
)

const (
	loadRounds = 3
	loadTime   = 3 * time.Second
	loadConns  = 50
	pacedRate  = 10_000
)

// tool makes requests: it has a command for an address and reads from what was
// said how many it has made.
type tool struct {
	name    string
	command func(address string) []string
	count   func(said string) int64

	cost []float64 // µs of CPU a request
	rate []float64 // requests/s
}

// BenchmarkGenerator loads the bare front end with 50 connections as fast as it
// goes, by one tool after the other, round after round.
func BenchmarkGenerator(b *testing.B) {
	seconds := strconv.Itoa(int(loadTime / time.Second))
	compareTools(b, []*tool{
		{name: "wrk", command: installedTool("wrk", "-t1", "-c50", "-d"+seconds, "http://%s/"), count: counted(`(\d+) requests in`)},
		{name: "cdnlab", command: generate(loadConns, 0), count: countAnswers},
		{name: "fortio", command: built(b, fortio, "load", "-quiet", "-qps", "0", "-c", "50", "-t", seconds+"s", "http://%s/"), count: counted(`All done (\d+) calls`)},
		{name: "hey", command: built(b, hey, "-z", seconds+"s", "-c", "50", "http://%s/"), count: counted(`\[200\]\s+(\d+) responses`)},
	})
}

// BenchmarkPaced makes 10,000 requests a second, by those who can.
func BenchmarkPaced(b *testing.B) {
	rate, seconds := strconv.Itoa(pacedRate), strconv.Itoa(int(loadTime/time.Second))
	compareTools(b, []*tool{
		{name: "cdnlab", command: generate(0, pacedRate), count: countAnswers},
		{name: "fortio", command: built(b, fortio, "load", "-quiet", "-qps", rate, "-c", "50", "-t", seconds+"s", "http://%s/"), count: counted(`All done (\d+) calls`)},
		{name: "k6", command: k6Paced(b), count: counted(`http_reqs\W*(\d+)`)},
	})
}

// compareTools measures tools in turn; the first is what the others are compared
// with.
func compareTools(b *testing.B, tools []*tool) {
	address := freeAddress(b)
	start(b, "front", serverCore, os.Args[0], "front", address).serving(b, address)
	b.ResetTimer()
	for range loadRounds {
		for _, t := range tools {
			if t.command != nil && wanted(t.name) {
				t.measure(b, address)
			}
		}
	}
	b.ReportMetric(0, "ns/op")
	fmt.Printf("\n%-10s %18s %10s %12s\n", "generator", "µs CPU a request", "x first", "requests/s")
	first := 0.0
	for _, t := range tools {
		if len(t.cost) == 0 {
			fmt.Printf("%-10s %18s\n", t.name, "not to be had")
			continue
		}
		cost := median(t.cost)
		if first == 0 {
			first = cost
		}
		fmt.Printf("%-10s %18.2f %10.2f %12.0f\n", t.name, cost, cost/first, median(t.rate))
		b.ReportMetric(cost, t.name+"-µs/request")
	}
}

func (t *tool) measure(b *testing.B, address string) {
	b.Helper()
	command := append([]string{"-c", clientCore}, t.command(address)...)
	cmd := exec.Command("taskset", command...)
	cmd.Env = append(os.Environ(), quietK6...)
	begun := time.Now()
	said, err := cmd.CombinedOutput()
	if err != nil {
		b.Fatalf("%s: %v\n%s", t.name, err, said)
	}
	took := time.Since(begun)
	n := t.count(string(said))
	if n == 0 {
		b.Fatalf("%s made no request:\n%s", t.name, said)
	}
	used := cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime()
	t.cost = append(t.cost, float64(used.Microseconds())/float64(n))
	t.rate = append(t.rate, float64(n)/took.Seconds())
}

// counted reads a number out of what a tool said, 0 when it is not there.
func counted(pattern string) func(string) int64 {
	number := regexp.MustCompile(pattern)
	return func(said string) int64 {
		found := number.FindStringSubmatch(said)
		if found == nil {
			return 0
		}
		n, _ := strconv.ParseInt(found[1], 10, 64)
		return n
	}
}

// countAnswers reads what the lab's generator says: a machine that cannot hold
// the rate shows in what is left.
func countAnswers(said string) int64 {
	var g generated
	if err := json.Unmarshal([]byte(said), &g); err != nil {
		return 0
	}
	return g.Answers - g.Failed
}

// generate is this program as the lab's generator.
func generate(conns, rate int) func(string) []string {
	return func(address string) []string {
		return []string{os.Args[0], "generate", address, strconv.Itoa(conns), strconv.Itoa(rate), strconv.Itoa(int(loadTime / time.Second))}
	}
}

// installedTool is an installed program, nil when it is not.
func installedTool(name string, args ...string) func(string) []string {
	file := installed(name)
	if file == "" {
		return nil
	}
	return with(file, args)
}

func with(file string, args []string) func(string) []string {
	return func(address string) []string {
		command := []string{file}
		for _, a := range args {
			command = append(command, strings.ReplaceAll(a, "%s", address))
		}
		return command
	}
}

// Peers that are programs of other modules.
var (
	fortio = goProgram{"fortio", "fortio.org/fortio@v1.66.0", "fortio.org/fortio"}
	hey    = goProgram{"hey", "github.com/rakyll/hey@v0.1.4", "github.com/rakyll/hey"}
	k6     = goProgram{"k6", "go.k6.io/k6@v1.8.1", "go.k6.io/k6"}
)

// built is another module's program, nil when it is not to be had.
func built(b *testing.B, p goProgram, args ...string) func(string) []string {
	if !wanted(p.name) {
		return nil
	}
	file := p.build(b)
	if file == "" {
		return nil
	}
	return with(file, args)
}

// quietK6 keeps k6 from telling its makers of its use, and from looking for
// other programs to be.
var quietK6 = []string{"K6_NO_USAGE_REPORT=true", "K6_AUTO_EXTENSION_RESOLUTION=false"}

const k6PacedScript = `import http from 'k6/http';
export const options = { discardResponseBodies: true, scenarios: { paced: { executor: 'constant-arrival-rate',
	rate: %d, timeUnit: '1s', duration: '%ds', preAllocatedVUs: 200, maxVUs: 1000 } } };
export default function () { http.get('http://%s/'); }
`

func k6Paced(b *testing.B) func(string) []string {
	if !wanted("k6") {
		return nil
	}
	file := k6.build(b)
	if file == "" {
		return nil
	}
	script := filepath.Join(tempDir(b), "paced.js")
	return func(address string) []string {
		text := fmt.Sprintf(k6PacedScript, pacedRate, int(loadTime/time.Second), address)
		if err := os.WriteFile(script, []byte(text), 0o644); err != nil {
			b.Fatal(err)
		}
		return []string{file, "run", "--quiet", "--no-color", script}
	}
}
