// Tests of traces: the parts add up whatever the clocks say, and two worlds are
// laid beside each other.
package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"cdnlab/sim"
)

// stepsOf makes steps of lines: time in µs, node, peer or -, kind.
func stepsOf(text string) (steps []sim.Step) {
	for line := range strings.Lines(strings.TrimSpace(text)) {
		var at int64
		var node, peer, kind string
		if _, err := fmt.Sscan(line, &at, &node, &peer, &kind); err != nil {
			panic(err)
		}
		s := sim.Step{At: sim.Time(at) * 1000, Node: node, Kind: sim.StepKind(kind), Says: strings.TrimSpace(line)}
		if peer != "-" {
			s.Peer = peer
		}
		if kind == "answer" || kind == "header" {
			s.Status = 200
		}
		steps = append(steps, s)
	}
	return steps
}

const missSteps = `
1000 user pop ask
1000 user pop connect
3000 user pop open
3000 user pop leave
4000 user pop reach
4100 pop - enter
4100 pop - cache
4100 pop app ask
4100 pop app reuse
4100 pop app leave
8100 pop app reach
8200 app - enter
8200 app - queue
9200 app - service
9900 app - answer
10000 pop app return
14000 pop app header
14000 pop app end
14000 pop - store
14200 pop - answer
14300 user pop return
15300 user pop header
15900 user pop end`

func assembled(steps []sim.Step, took time.Duration) *Trace {
	t := &Trace{World: Virtual, Number: 1, Method: "GET", Path: "/", Place: "Tokyo", Status: 200, Took: took}
	t.Assemble(sim.Time(time.Millisecond), steps)
	return t
}

func partsOf(t *Trace) string {
	var text strings.Builder
	for _, p := range t.Parts {
		fmt.Fprintf(&text, "%s %s %v\n", p.Where, p.Part, p.Took)
	}
	return text.String()
}

func TestAssemble(t *testing.T) {
	want := `user -> pop connect 2ms
user -> pop handover 200µs
user -> pop travel 2ms
pop work 200µs
pop -> app handover 200µs
pop -> app travel 8ms
app queue 1ms
app service 700µs
user -> pop transfer 600µs
`
	if got := partsOf(assembled(stepsOf(missSteps), 14900*time.Microsecond)); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
}

// TestAssembleOfSkewedClocks: processes' clocks may be a little apart. The parts
// still add up, none is negative, and no step is lost or late.
func TestAssembleOfSkewedClocks(t *testing.T) {
	for _, skew := range []sim.Time{-150_000, -90_000, 90_000, 150_000} {
		steps := stepsOf(missSteps)
		for i := range steps {
			if steps[i].Node == "pop" {
				steps[i].At += skew
			}
		}
		trace := assembled(steps, 14900*time.Microsecond)
		sum := time.Duration(0)
		for _, p := range trace.Parts {
			sum += p.Took
			if p.Took < 0 {
				t.Errorf("skew %v: %s %s took %v", skew, p.Where, p.Part, p.Took)
			}
		}
		if sum != trace.Took || len(trace.Steps) != len(steps) {
			t.Errorf("skew %v: the parts add up to %v of %v; %d steps\n%s", skew, sum, trace.Took, len(trace.Steps), partsOf(trace))
		}
		if slices.ContainsFunc(trace.Steps, func(s TraceStep) bool { return s.Late }) {
			t.Errorf("skew %v: a step counts as late", skew)
		}
	}
}

// TestAssembleOfGivenUp: what a node does for one who waits no more takes no part
// of the time.
func TestAssembleOfGivenUp(t *testing.T) {
	steps := stepsOf(`
1000 user lb ask
1000 user lb reuse
1000 user lb leave
2000 user lb reach
2000 lb - enter
2000 lb a ask
2000 lb a reuse
2000 lb a leave
2000 lb a reach
2000 a - enter
2000 a - service
7000 lb - retry
7000 lb b ask
7000 lb b reuse
7000 lb b leave
7000 lb b reach
7000 b - enter
7000 b - service
7000 lb a header
7000 lb a end
7500 a db ask
7500 a db reuse
7500 a db leave
8000 b - answer
8000 lb b return
8000 lb b header
8000 lb b end
8000 lb - answer
8000 user lb return
9000 user lb header
9000 user lb end
9500 a - answer`)
	trace := assembled(steps, 8*time.Millisecond)
	want := "user -> lb travel 2ms\na service 5ms\nb service 1ms\n"
	if got := partsOf(trace); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	var late []string
	for _, s := range trace.Steps {
		if s.Late {
			late = append(late, s.Says)
		}
	}
	if got := strings.Join(late, "; "); got != "7000 lb a header; 7000 lb a end; 7500 a db ask; 7500 a db reuse; 7500 a db leave; 9500 a - answer" {
		t.Errorf("late: %s", got)
	}
}

// TestAssembleAnything: steps in any order, doubled or missing, are put somewhere.
func TestAssembleAnything(t *testing.T) {
	all := stepsOf(missSteps)
	for i := range all {
		for k := range all {
			steps := slices.Clone(all)
			steps[i], steps[k] = steps[k], steps[i]
			steps = append(slices.Delete(steps, i, i+1), all[k])
			trace := assembled(steps, time.Second)
			if len(trace.Steps) != len(steps) {
				t.Fatalf("%d steps of %d", len(trace.Steps), len(steps))
			}
			if (i+k)%9 > 0 {
				continue // to print takes most of the time
			}
			var text bytes.Buffer
			if err := PrintTraces(&text, &Traces{Requests: []*Trace{trace}}, Options{Color: true, Width: 60}); err != nil {
				t.Fatal(err)
			}
		}
	}
	if trace := assembled(nil, 0); len(trace.Steps) != 0 || len(trace.Parts) != 0 {
		t.Errorf("of nothing comes %+v", trace)
	}
}

func TestAlign(t *testing.T) {
	steps := func(text string) []TraceStep { return assembled(stepsOf(text), 0).Steps }
	virtual := steps("0 user pop ask\n0 user pop connect\n2 user pop open\n2 user pop leave\n3 user pop reach\n3 pop - enter")
	live := steps("0 user pop ask\n0 user pop reuse\n0 user pop leave\n1 user pop reach\n1 pop - enter\n2 pop - cache")
	pairs, same := align(virtual, live)
	want := []pair{{0, 0}, {1, -1}, {2, -1}, {-1, 1}, {3, 2}, {4, 3}, {5, 4}, {-1, 5}}
	if same || !slices.Equal(pairs, want) {
		t.Errorf("got %v, want %v", pairs, want)
	}
	miss := assembled(stepsOf(missSteps), 0).Steps // with the end of a content between two nodes
	if pairs, same := align(miss, miss); !same || len(pairs) != len(miss)-1 {
		t.Errorf("the same: %v %v", same, pairs)
	}
}

func TestCompareFields(t *testing.T) {
	before := &TraceAsk{Header: http.Header{"A": {"1"}, "Gone": {"x"}, "List": {"a", "b"}, "Other": {"1"}, "Empty": {""}}}
	h := http.Header{"A": {"1"}, "List": {"a, b, c"}, "New": {"n"}, "Other": {"2"}, "Empty": {""}}
	want := []fieldChange{{fieldGone, "Gone: x"}, {fieldAdded, "List: … c"}, {fieldAdded, "New: n"}, {fieldChanged, "Other: 2"}}
	if got := compareFields(h, before); !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	if got := compareFields(http.Header{"A": {"1"}}, nil); !slices.Equal(got, []fieldChange{{fieldKept, "A: 1"}}) {
		t.Errorf("of the first: %v", got)
	}
}

// TestTracesOfBothWorlds: the two worlds stand beside each other, and in a
// terminal what went wrong is red.
func TestTracesOfBothWorlds(t *testing.T) {
	virtual := assembled(stepsOf(missSteps), 14900*time.Microsecond)
	live := assembled(stepsOf(strings.Replace(missSteps, "pop app reuse", "pop app connect", 1)), 14900*time.Microsecond)
	live.World, live.Status, live.Cause = Live, 0, "reset"
	traces := &Traces{Schema: TraceSchema, Scenario: "test", Seed: 1, Notes: []string{"a note"}, Requests: []*Trace{virtual, live}}
	golden(t, "trace-both.txt", func(w io.Writer) error { return PrintTraces(w, traces, Options{}) })
	colored := golden(t, "trace-color.txt", func(w io.Writer) error { return PrintTraces(w, traces, Options{Color: true}) })
	if !strings.Contains(colored, red) || !strings.Contains(colored, green) {
		t.Error("nothing is red or green")
	}
}

// TestTraceJSON: the documented shape, names and all.
func TestTraceJSON(t *testing.T) {
	trace := assembled(stepsOf(missSteps), 14900*time.Microsecond)
	text, err := json.Marshal(&Traces{Schema: TraceSchema, Scenario: "test", Hash: "h", Seed: 1, Requests: []*Trace{trace}})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`{"schema":1,"scenario":"test","hash":"h","seed":1,"requests":[{"world":"virtual","number":1,"method":"GET","path":"/",` +
		`"place":"Tokyo","loaded":false,"at_ns":0,"status":200,"bytes":0,"took_ns":14900000,"parts":[{"where":"user -\u003e pop","part":"connect","took_ns":2000000}`,
		`"steps":[{"at_ns":0,"part":"wait","depth":0,"node":"user","peer":"pop","kind":"ask"`, `"hops":[{"from":"user","to":"pop","request":{"header":null},"answer":{"status":200,"header":null}}`} {
		if !strings.Contains(string(text), want) {
			t.Errorf("%s\nis not in\n%s", want, text)
		}
	}
}
