// Package conformance holds the PoP against public test suites. They are installed
// into a temporary folder, and need npm; without CDNLAB_CONFORMANCE nothing runs.
package conformance

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// suite is the one behind https://cache-tests.fyi, at a version.
const suite = "http-cache-tests@0.4.5"

// The bars: of the required tests that agree with RFC 9111, and of the optimal ones.
const (
	leastRequired = 149
	leastOptimal  = 90
)

// against are the required tests that say something else than RFC 9111 does, or have
// a defect of their own. The cache is not bent to them.
var against = map[string]string{
	"age-parse-nonnumeric":                 "an invalid Age is ignored (RFC 9111 5.1); the test wants the answer stale",
	"age-parse-negative":                   "likewise",
	"age-parse-float":                      "likewise",
	"age-parse-parameter":                  "likewise",
	"age-parse-numeric-parameter":          "likewise",
	"age-parse-dup-0":                      "of a list in Age the first member counts (RFC 9111 5.1), and by that the answer is fresh; the test wants it stale",
	"age-parse-dup-0-twoline":              "likewise",
	"age-parse-dup-old":                    "likewise",
	"age-parse-prefix-twoline":             "likewise",
	"304-etag-update-response-ETag":        "a 304 with another ETag is about another representation (RFC 9111 4.3.4); the test has it stand beside the stored one",
	"304-etag-update-response-Content-MD5": "a 304 updates every stored field but those that RFC 9111 3.2 names, which this one is not; the test wants it kept",
	"stale-close-must-revalidate":          "the server closes the connection, so all there can be is the cache's own 502, which the test takes for an answer from the store",
	"stale-close-proxy-revalidate":         "likewise",
	"stale-close-no-cache":                 "likewise",
	"stale-close-s-maxage=2":               "likewise",
}

// TestCacheTests runs the suite and prints what came of it.
func TestCacheTests(t *testing.T) {
	if os.Getenv("CDNLAB_CONFORMANCE") == "" {
		t.Skip("make conformance runs it: it installs the suite with npm")
	}
	if _, err := exec.LookPath("npm"); err != nil {
		t.Skip("npm is not installed, and the suite comes from its registry")
	}
	folder := t.TempDir()
	must(t, folder, "npm", "install", "--no-save", "--no-audit", "--no-fund", suite)
	at := filepath.Join(folder, "node_modules", "http-cache-tests")
	program := filepath.Join(folder, "cdnlab")
	must(t, "..", "go", "build", "-o", program, ".")
	tests := catalog(t, at)
	results := run(t, at, program)
	judge(t, tests, results)
}

// must runs a command to its end and returns what it printed.
func must(t *testing.T, folder, name string, args ...string) []byte {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), name, args...)
	cmd.Dir = folder
	var errs bytes.Buffer
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s%s", name, strings.Join(args, " "), err, out, &errs)
	}
	return out
}

// test is one of the suite.
type test struct {
	Suite string `json:"suite"`
	ID    string `json:"id"`
	Kind  string `json:"kind"`
}

// catalog returns the suite's tests for caches that are no browsers.
func catalog(t *testing.T, at string) (all []test) {
	const script = `
		import tests from './tests/index.mjs'
		import surrogate from './tests/surrogate-control.mjs'
		console.log(JSON.stringify([...tests, surrogate].flatMap(s => s.tests.filter(t => !t.browser_only)
			.map(t => ({suite: s.name, id: t.id, kind: t.kind || 'required'})))))`
	text := must(t, at, "node", "--no-warnings", "--input-type=module", "-e", script)
	if err := json.Unmarshal(text, &all); err != nil {
		t.Fatal(err)
	}
	return all
}

// run has the suite's client ask its server through a PoP, and returns what it says
// of each test: true, or why not.
func run(t *testing.T, at, program string) map[string]json.RawMessage {
	origin, edge := port(t), port(t)
	start(t, at, []string{"npm_config_protocol=http", "npm_config_port=" + origin, "npm_config_pidfile=" + filepath.Join(t.TempDir(), "pid")},
		"node", "--no-warnings", "server/server.mjs")
	listening(t, origin)
	// The suite wants answers with Set-Cookie stored, which a PoP does by a rule alone.
	start(t, at, nil, program, "node", "edge", "--listen", "127.0.0.1:"+edge, "--origin", "http://127.0.0.1:"+origin, "--set", "edge.store-set-cookie=true")
	listening(t, edge)
	cmd := exec.CommandContext(t.Context(), "node", "--no-warnings", "cli.mjs")
	cmd.Dir = at
	cmd.Env = append(os.Environ(), "npm_config_base=http://127.0.0.1:"+edge, "npm_package_config_id=")
	text, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	results := map[string]json.RawMessage{}
	if err := json.Unmarshal(text, &results); err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return results
}

// start starts a server that ends with the test.
func start(t *testing.T, folder string, env []string, name string, args ...string) {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = folder, append(os.Environ(), env...)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Signal(syscall.SIGTERM)
		limit := time.AfterFunc(10*time.Second, func() { _ = cmd.Process.Kill() })
		defer limit.Stop()
		_ = cmd.Wait() // a signal ended it
	})
}

// port returns one that is free.
func port(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// listening waits until somebody listens there.
func listening(t *testing.T, port string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
	defer cancel()
	for {
		nc, err := (&net.Dialer{}).DialContext(ctx, "tcp", "127.0.0.1:"+port)
		if err == nil {
			nc.Close()
			return
		}
		if ctx.Err() != nil {
			t.Fatal(err)
		}
	}
}

// judge prints the score, and holds it to the bars.
func judge(t *testing.T, tests []test, results map[string]json.RawMessage) {
	passed, all := map[string]int{}, map[string]int{}
	var missed, spared []string
	for _, test := range tests {
		ok := string(results[test.ID]) == "true"
		if why, not := against[test.ID]; not && test.Kind == "required" {
			spared = append(spared, fmt.Sprintf("  %-38s %s", test.ID, why))
			continue
		}
		all[test.Kind]++
		switch {
		case ok:
			passed[test.Kind]++
		case test.Kind != "check":
			var why []string
			_ = json.Unmarshal(results[test.ID], &why) // what is none is not shown
			missed = append(missed, fmt.Sprintf("  %-9s %-46s %s", test.Kind, test.ID, strings.Join(why, ": ")))
		}
	}
	slices.Sort(missed)
	fmt.Printf("%s: required %d of %d, optimal %d of %d, and %d of %d of those that only ask\n\n", suite,
		passed["required"], all["required"], passed["optimal"], all["optimal"], passed["check"], all["check"])
	fmt.Printf("missed:\n%s\n\nleft out, as they contradict RFC 9111 or have a defect of their own:\n%s\n", strings.Join(missed, "\n"), strings.Join(spared, "\n"))
	if len(spared) != len(against) {
		t.Errorf("%d tests are left out, and the suite has %d of them", len(against), len(spared))
	}
	if passed["required"] < leastRequired || passed["optimal"] < leastOptimal {
		t.Errorf("the bars are %d required and %d optimal", leastRequired, leastOptimal)
	}
}
