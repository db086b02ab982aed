// The test binary as a node of its own tests.
package live

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/netip"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"cdnlab/sim"
)

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "node" {
		beNode(os.Args[2:])
	}
	_ = os.Setenv("GORACE", "atexit_sleep_ms=0") // or a node under the race detector takes a second to end
	os.Exit(m.Run())
}

// beNode is a node: by its argument one that misbehaves.
func beNode(args []string) {
	switch strings.Join(args, " ") {
	case "":
		if err := RunNode(os.Stdin, os.Stdout, buildTiny); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
	case "silent": // never ready
		_, _ = io.Copy(io.Discard, os.Stdin)
	case "deaf": // does not even read, and does not end when told to
		time.Sleep(time.Minute)
	case "fails":
		fmt.Fprintln(os.Stderr, "no such luck")
		os.Exit(3)
	case "garbage":
		fmt.Println("hello, I am a node")
		fmt.Println(strings.Repeat("x", maxLine+1))
		_, _ = io.Copy(io.Discard, os.Stdin)
	case "twice":
		fmt.Println(`{"ready":true}`)
		fmt.Println("}{")
		fmt.Println(`{"ready":true}`)
		fmt.Println("null")
		_, _ = io.Copy(io.Discard, os.Stdin)
	}
	os.Exit(0)
}

// buildTiny makes the node of these tests: it answers, or ends as it is asked to.
func buildTiny(spec json.RawMessage) (sim.Blueprint, error) {
	var name string
	if err := json.Unmarshal(spec, &name); err != nil {
		return sim.Blueprint{}, err
	}
	build := func(site sim.Site) sim.Handler {
		asked := site.Counter("asked")
		slow := &tiny{Handler: sim.HandlerFunc(func(r *sim.Request, reply func(*sim.Response)) {
			asked.Add(1)
			switch r.Path {
			case "/exit":
				site.Exit(137)
			case "/die":
				fmt.Fprintln(os.Stderr, "the first word\nthe last word")
				os.Exit(4)
			case "/panic":
				panic("a broken invariant")
			case "/wait":
				r.Scope.OnCancel(func(c sim.Cause) { reply(sim.Fail(c)) })
				return
			}
			site.Note(sim.EventUp, name, r.Path)
			reply(sim.Answer(200, http.Header{"X-Path": {name + " " + r.Path}}, 0))
		})}
		slow.told = site.Counter("told to be slow")
		return slow
	}
	return sim.Blueprint{Build: build}, nil
}

type tiny struct {
	sim.Handler
	told *sim.Counter
}

func (s *tiny) Slow(float64) { s.told.Add(1) }

// loopback is the address that the servers of these tests have.
var loopback = netip.MustParseAddr("127.0.0.1")

// left counts what a World may leave behind in its own process.
func left(t *testing.T) (goroutines, descriptors int) {
	t.Helper()
	if runtime.GOOS == "linux" {
		files, err := os.ReadDir("/proc/self/fd")
		if err != nil {
			t.Fatal(err)
		}
		descriptors = len(files)
	}
	return runtime.NumGoroutine(), descriptors
}
