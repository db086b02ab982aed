// Tests of results: the same bytes each time, back without loss, never a panic.
package report

import (
	"bytes"
	"encoding/json"
	"io"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"cdnlab/sim"
)

func written(t testing.TB, r *Result) []byte {
	t.Helper()
	var out bytes.Buffer
	if err := r.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func TestRoundTrip(t *testing.T) {
	for _, want := range []*Result{experiment(2), bothWorlds()} {
		text := written(t, want)
		if again := written(t, experimentLike(want)); !bytes.Equal(text, again) {
			t.Error("the same experiment gives other bytes")
		}
		got, err := Read(bytes.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		if want.Expectations == nil {
			want.Expectations = []Expectation{}
		}
		if !bytes.Equal(text, written(t, got)) {
			t.Error("what is read writes other bytes")
		}
		if !reflect.DeepEqual(got.Runs[0].Windows[0].Histograms, want.Runs[0].Windows[0].Histograms) {
			t.Error("histograms are lost")
		}
		if got.Question != want.Question || !reflect.DeepEqual(got.Expectations, want.Expectations) ||
			!reflect.DeepEqual(got.Runs[0].Events, want.Runs[0].Events) {
			t.Error("something is lost")
		}
	}
}

// experimentLike plays the same experiment again.
func experimentLike(r *Result) *Result {
	if r.Scenario == "both" {
		return bothWorlds()
	}
	return experiment(2)
}

func TestReadRefuses(t *testing.T) {
	good := string(written(t, &Result{Scenario: "s", Runs: []*Run{play("cdn", 1, Virtual, 0.9, 20*ms)}}))
	edit := func(old, new string) string {
		if !strings.Contains(good, old) {
			t.Fatalf("nothing to edit: %s", old)
		}
		return strings.Replace(good, old, new, 1)
	}
	for want, text := range map[string]string{
		"not a result":             "hello",
		"no schema":                "{}",
		"schema 2":                 edit(`"schema":1`, `"schema":2`),
		"unexpected end":           good[:len(good)/2],
		"cannot unmarshal":         edit(`"seed":1`, `"seed":"one"`),
		`world "mars"`:             edit(`"world":"virtual"`, `"world":"mars"`),
		"no shard":                 edit(`"shards":[0]`, `"shards":[]`),
		"first window":             edit(`"name":"all"`, `"name":"some"`),
		"twice":                    edit(`"name":"during crash app-1"`, `"name":"before crash app-1"`),
		"add up":                   edit(`"n":1999`, `"n":1998`),
		"negative":                 edit(`"requests":2000`, `"requests":-1`),
		"unknown histogram":        edit(`"latency":{`, `"lateness":{`),
		"step":                     edit(`"step_ns":1000000000`, `"step_ns":5`),
		"run 0 is null":            `{"schema":1,"runs":[null]}`,
		"100001 runs":              `{"schema":1,"runs":[` + strings.Repeat("null,", maxRuns) + `null]}`,
		"warm-up -3":               edit(`"step_ns"`, `"warmup_ns":-3,"step_ns"`),
		"0 workers":                edit(`"step_ns"`, `"steady":{"workers":{"a":0},"arrival_scv":1,"service_scv":1},"step_ns"`),
		"cannot be":                edit(`"step_ns"`, `"steady":{"arrival_scv":-1,"service_scv":1},"step_ns"`),
		"receipt":                  edit(`"step_ns"`, `"receipt":{"cpu_pressure":7},"step_ns"`),
		"outside its cells":        edit(`"min_ns":`, `"min_ns":9`),
		"errors of":                edit(`"Tokyo":{"requests":2000,"errors":`, `"Tokyo":{"requests":2000,"errors":7000`),
		"duration -5":              edit(`"duration_ns":10000000000`, `"duration_ns":-5`),
		"holds -1":                 edit(`"errors":[0,`, `"errors":[-1,`),
		"from 5 to 1 ns":           edit(`"from_ns":0,"to_ns":10000000000`, `"from_ns":5,"to_ns":1`),
		"a first answer before":    edit(`"ttfb_ns":`, `"ttfb_ns":-`),
		"a cell without its count": edit(`"counts":[`, `"counts":[1,`),
		`unknown key "sead"`:       edit(`"seed":1`, `"sead":1`),
		`unknown key "pages"`:      edit(`"runs":[`, `"pages":1,"runs":[`),
		"are no table":             edit(`"runs":[`, `"settings":{"abc":7},"runs":[`),
		"regression 0":             edit(`"runs":[`, `"regressions":[{"metric":"errors","op":"~","change":1}],"runs":[`),
		"after top-level value":    good + "{}",
	} {
		if _, err := Read(strings.NewReader(text)); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}

func TestMergeIsPlayingBoth(t *testing.T) {
	all := NewRecorder(testPlan())
	plan := testPlan()
	parts := []*Recorder{NewRecorder(plan), nil, nil}
	for i := 1; i < 3; i++ {
		plan.Shards = []int{i}
		parts[i] = NewRecorder(plan)
	}
	for i := range 3000 {
		o := seenAt(time.Duration(i)*3*ms, time.Duration(i%97)*ms)
		o.Client, o.Verdict, o.Place = uint64(i), sim.Verdict(i%7), []string{"Tokyo", "Osaka"}[i%2]
		if i%50 == 0 {
			o.Status = 502
		}
		e := sim.Event{At: o.Intended, Node: "app-1", Kind: sim.EventDown}
		for _, r := range []*Recorder{all, parts[i%3]} {
			r.Observe(&o)
			r.Count(o.Intended, "app-1", "requests", int64(i%4))
			r.Note(e)
		}
	}
	end := at(10 * time.Second)
	want := all.Finish(end, true)
	want.Shards = []int{0, 1, 2}
	a, b, c := parts[0].Finish(end, true), parts[1].Finish(end, true), parts[2].Finish(end, true)
	for _, order := range [][]*Run{{a, b, c}, {c, a, b}, {b, c, a}} {
		sum, err := Merge(order[0], order[1])
		if err == nil {
			sum, err = Merge(sum, order[2])
		}
		if err != nil {
			t.Fatal(err)
		}
		left, right := written(t, &Result{Runs: []*Run{sum}}), written(t, &Result{Runs: []*Run{want}})
		if !bytes.Equal(left, right) {
			t.Error("the sum of the shards is not the whole")
		}
	}
}

func TestMergeRefuses(t *testing.T) {
	base := play("cdn", 1, Virtual, 0.9, 20*ms)
	for want, change := range map[string]func(*Run){
		"shard 0 is in both":  func(r *Run) {},
		"different seeds":     func(r *Run) { r.Seed = 2 },
		"different variants":  func(r *Run) { r.Variant = "x" },
		"different scenarios": func(r *Run) { r.Hash = "x" },
		"different worlds":    func(r *Run) { r.World = Live },
		"different length":    func(r *Run) { r.Duration++ },
		"different warm-ups":  func(r *Run) { r.Warmup++ },
		"different windows":   func(r *Run) { r.Windows = r.Windows[:1] },
	} {
		other := *base
		change(&other)
		if _, err := Merge(base, &other); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
}

// small is a result of a few kilobytes: two shards, both worlds.
func small() *Result {
	plan := testPlan()
	plan.Duration = 2 * time.Second
	plan.Windows = Phases("crash app-1", 0, at(time.Second), plan.Duration)
	plan.Warmup = 5 * time.Nanosecond
	plan.Steady = &Steady{Workers: map[string]int{"app-1": 2}, ArrivalSCV: 1, ServiceSCV: 0.5}
	r := NewRecorder(plan)
	for i := range 5 {
		o := seenAt(time.Duration(i)*100*ms, time.Duration(i)*ms)
		r.Observe(&o)
	}
	r.Note(sim.Event{At: 5, Node: "app-1", Kind: sim.EventCrashed})
	r.Note(sim.Event{At: 6, Node: "lb", Subject: "app-1", Kind: sim.EventDown})
	r.Count(7, "app-1", "requests", 3)
	run := r.Finish(at(2*time.Second), true)
	shard, live, pressure := *run, *run, 0.1
	shard.Shards = []int{1}
	live.World = Live
	live.Receipt = &Receipt{Generator: Lateness{N: 5, P99: ms}, CPUPressure: &pressure}
	return &Result{Runs: []*Run{run, &shard, &live}, Expectations: experiment(1).Expectations,
		Regressions: []Threshold{{Metric: "errors", Op: ">", Change: 10}},
		Settings:    map[string]json.RawMessage{run.Hash: json.RawMessage(`{"load":{"rate":50},"pop":[{"place":"Tokyo"}]}`)}}
}

// use does all that can be done with what was read; a panic is the failure.
func use(t *testing.T, text []byte) {
	result, err := Read(bytes.NewReader(text))
	if err != nil {
		return
	}
	for _, print := range []func(io.Writer, *Result, Options) error{Comparison, Timeline, Expectations, Receipts, Parity} {
		_ = print(io.Discard, result, Options{Width: 80}) // an error is an answer too
	}
	if err := result.Write(io.Discard); err != nil {
		t.Errorf("what was read cannot be written: %v", err)
	}
	useRuns(result)
	useDiffs(result)
}

// useRuns derives every metric of every run, and adds each run to itself.
func useRuns(result *Result) {
	for _, run := range result.Runs {
		shard := *run
		shard.Shards = []int{slices.Max(run.Shards) + 1}
		if shard.Shards[0] > 0 { // the largest number has none behind it
			if sum, err := Merge(run, &shard); err == nil {
				run = sum
			}
		}
		for _, m := range Metrics.All() {
			for i := range run.Windows {
				_, _ = Measure(run, run.Windows[i].Name, strings.ReplaceAll(m.Name, perNode, ".app-1"))
			}
		}
	}
	_ = Bench(io.Discard, result)
	_ = JUnit(io.Discard, []Suite{{Name: "x", Result: result}}, time.Second)
	_, _ = Join([]*Result{result, result}, []string{"a", "b"})
	_, _ = Join([]*Result{intact(), result}, []string{"a", "b"})
}

// intact is small, read again: to make it anew takes longer than all the rest.
func intact() *Result {
	result, err := Read(bytes.NewReader(smallText()))
	if err != nil {
		panic(err)
	}
	return result
}

var smallText = sync.OnceValue(func() []byte {
	var out bytes.Buffer
	if err := small().Write(&out); err != nil {
		panic(err)
	}
	return out.Bytes()
})

// useDiffs compares what was read with itself and with what it was.
func useDiffs(result *Result) {
	other := intact()
	other.Scenario = result.Scenario
	limit := Threshold{Metric: "latency.p99", Op: ">", Change: 0.05, Share: true}
	for _, pair := range [][2]*Result{{result, result}, {result, other}, {other, result}} {
		d, err := NewDiff(pair[0], pair[1], DiffOptions{Force: true, Thresholds: []Threshold{limit}})
		if err != nil {
			continue
		}
		for _, format := range []Format{Plain, Markdown, CSV} {
			_ = d.Print(io.Discard, Options{Format: format, Width: 80})
		}
		_ = d.Passed()
	}
}

// Random bytes rarely get past the JSON, so every value is edited by plan too:
// each in turn to the next two of a list, as all with all would take long.
func TestEditedValuesNeverPanic(t *testing.T) {
	text := string(written(t, small()))
	rounds := 2
	if testing.Short() {
		rounds = 1
	}
	values := []string{"-1", "0", "7", "9223372036854775807", "1125899906842624", "null", `""`, "[]", "{}"}
	places := regexp.MustCompile(`-?[0-9]+|true|"[a-z.-]*"`).FindAllStringIndex(text, -1)
	for j := range rounds {
		t.Run(strconv.Itoa(j), func(t *testing.T) {
			t.Parallel()
			for i, place := range places {
				use(t, []byte(text[:place[0]]+values[(2*i+j)%len(values)]+text[place[1]:]))
			}
		})
	}
}

// FuzzRead needs -fuzzminimizetime 20x, or it spends its time making inputs small.
func FuzzRead(f *testing.F) {
	f.Add(written(f, small()))
	f.Fuzz(use)
}
