// Tests of what other programs read: the benchmark format, JUnit, the JSON schema.
package report

import (
	"bytes"
	"encoding/xml"
	"errors"
	"fmt"
	"math/bits"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"golang.org/x/perf/benchfmt"
)

// benchLines reads a text with the reader that benchstat has.
func benchLines(t *testing.T, text []byte) (all []*benchfmt.Result, units benchfmt.UnitMetadataMap) {
	t.Helper()
	r := benchfmt.NewReader(bytes.NewReader(text), "bench.txt")
	for r.Scan() {
		switch record := r.Result().(type) {
		case *benchfmt.Result:
			all = append(all, record.Clone())
		case *benchfmt.UnitMetadata:
		default:
			t.Errorf("%v", record)
		}
	}
	if err := r.Err(); err != nil {
		t.Fatal(err)
	}
	return all, r.Units()
}

func TestBench(t *testing.T) {
	result := experiment(3)
	result.Runs[0].Complete = false
	var text bytes.Buffer
	if err := Bench(&text, result); err != nil {
		t.Fatal(err)
	}
	all, units := benchLines(t, text.Bytes())
	if len(all) != 8 {
		t.Fatalf("%d lines of 9 runs, one of them partial:\n%s", len(all), &text)
	}
	name := func(i int) string { return string(all[i].Name) }
	if name(0) != "Scenario/variant=no-cdn/world=virtual" || name(1) != name(0) || name(7) != "Scenario/variant=cdn_|_far/world=virtual" {
		t.Errorf("names %s, %s, %s", name(0), name(1), name(7))
	}
	for i, line := range all {
		if got := line.GetConfig("scenario"); got != "tokyo-new-york" {
			t.Errorf("scenario %q", got)
		}
		run := result.Runs[i+1]
		for unit, metric := range map[string]string{"sec/op": "latency.mean", "p99-sec": "latency.p99", "first-ttfb-sec": "first-ttfb",
			"requests": "requests", "req/s": "rate", "errors": "errors", "hit-%": "hit-ratio", "error-%": "error-ratio"} {
			want, kind, err := Value(run, All, metric)
			got, found := line.Value(unit)
			switch kind {
			case UnitTime:
				want /= 1e9
			case UnitRatio:
				want *= 100
			}
			if found != (err == nil) || err == nil && relative(want, got) > 1e-9 {
				t.Errorf("%s of %s, seed %d: %v, want %v", unit, run.Variant, run.Seed, got, want)
			}
		}
	}
	for unit, want := range map[string]int{"p99-sec": -1, "hit-%": 1, "errors": -1, "requests": 0, "sec/op": -1} {
		if got := units.GetBetter(unit); got != want {
			t.Errorf("%s: better %d, want %d", unit, got, want)
		}
	}
}

// Whatever a variant is called, its line is one, and times that mean nothing
// are not there.
func TestBenchNames(t *testing.T) {
	result := bothWorlds()
	result.Scenario = "two\nlines"
	result.Runs[0].Variant = "a/b c\td\ne"
	result.Runs[1].Variant = ""
	var text bytes.Buffer
	if err := Bench(&text, result); err != nil {
		t.Fatal(err)
	}
	all, _ := benchLines(t, text.Bytes())
	if len(all) != 4 || string(all[0].Name) != "Scenario/variant=a_b_c_d_e/world=live" || string(all[1].Name) != "Scenario/variant=as-written/world=virtual" {
		t.Fatalf("%s", &text)
	}
	if _, found := all[2].Value("p99-sec"); found {
		t.Error("a drowned machine's times are there")
	}
	if _, found := all[2].Value("errors"); !found {
		t.Error("its counts are not")
	}
}

// decodedSuites is JUnit as a CI system reads it.
type decodedSuites struct {
	XMLName  xml.Name `xml:"testsuites"`
	Tests    int      `xml:"tests,attr"`
	Failures int      `xml:"failures,attr"`
	Errors   int      `xml:"errors,attr"`
	Suites   []struct {
		Name       string  `xml:"name,attr"`
		Tests      int     `xml:"tests,attr"`
		Failures   int     `xml:"failures,attr"`
		Errors     int     `xml:"errors,attr"`
		Skipped    *int    `xml:"skipped,attr"`
		Time       float64 `xml:"time,attr"`
		Properties []struct {
			Name  string `xml:"name,attr"`
			Value string `xml:"value,attr"`
		} `xml:"properties>property"`
		Cases []struct {
			Name    string         `xml:"name,attr"`
			Class   string         `xml:"classname,attr"`
			Time    float64        `xml:"time,attr"`
			Failure *decodedReason `xml:"failure"`
			Error   *decodedReason `xml:"error"`
			Out     string         `xml:"system-out"`
		} `xml:"testcase"`
	} `xml:"testsuite"`
}

type decodedReason struct {
	Message string `xml:"message,attr"`
	Type    string `xml:"type,attr"`
	Text    string `xml:",chardata"`
}

func TestJUnit(t *testing.T) {
	hopeless := play("cdn", 1, Virtual, 0.9, ms)
	hopeless.Windows[0].Counts["errors"] = hopeless.Windows[0].Counts["requests"]
	suites := []Suite{
		{Name: "./tests/a.b.toml", File: "a.toml", Result: experiment(1), Took: 3 * time.Second,
			Variants: map[string]time.Duration{TookKey("cdn", ""): 2 * time.Second, TookKey("no-cdn", ""): time.Second}},
		{Name: "wrong.toml", Err: errors.New("wrong.toml:1:1: what is \"this\" <&>\x00?\nmore")},
		{Name: "calm", Result: &Result{Runs: []*Run{play("cdn", 1, Virtual, 0.9, ms)}}},
		{Name: "hopeless", Result: &Result{Runs: []*Run{hopeless}}},
		{Name: "both", Result: bothWorlds()},
	}
	var text bytes.Buffer
	if err := JUnit(&text, suites, 4*time.Second); err != nil {
		t.Fatal(err)
	}
	strict := xml.NewDecoder(bytes.NewReader(text.Bytes()))
	var got decodedSuites
	if err := strict.Decode(&got); err != nil {
		t.Fatalf("%v\n%s", err, &text)
	}
	if !strings.HasPrefix(text.String(), "<?xml") {
		t.Error("no declaration")
	}
	s := got.Suites
	if len(s) != 5 || s[0].Tests != 5 || s[0].Failures != 2 || s[0].Errors != 1 || s[0].Skipped == nil || s[0].Time != 3 {
		t.Fatalf("%+v", s)
	}
	first := s[0].Cases[0]
	if first.Name != "cdn: the CDN answers within 5 ms" || first.Class != "cdnlab._.tests.a_b" || first.Failure != nil || first.Error != nil ||
		first.Out != "latency.p50 is 3.20 ms, expected < 5.00 ms" {
		t.Errorf("%+v", first)
	}
	sum := 0.0
	for _, c := range s[0].Cases {
		sum += c.Time
	}
	if fmt.Sprintf("%.3f", sum) != "3.000" || first.Time != 0.5 {
		t.Errorf("the cases took %v, of which the first %v", sum, first.Time)
	}
	if f := s[0].Cases[1].Failure; f == nil || f.Type != "expectation" || !strings.Contains(f.Message, "offload is 90.1 %, expected >= 95 %; too many misses; doubtful: few answers") {
		t.Errorf("%+v", f)
	}
	if e := s[0].Cases[4].Error; e == nil || e.Type != "not-judged" || !strings.Contains(e.Message, "interrupted") {
		t.Errorf("%+v", e)
	}
	if e := s[1].Cases[0].Error; s[1].Errors != 1 || e == nil || !strings.HasPrefix(e.Message, `wrong.toml:1:1: what is "this" <&>`) ||
		strings.Contains(e.Message, "more") || !strings.Contains(e.Text, "more") {
		t.Errorf("%+v", e)
	}
	if s[2].Failures+s[2].Errors != 0 || s[2].Tests != 1 || s[3].Failures != 1 {
		t.Errorf("%+v, %+v", s[2], s[3])
	}
	if name := s[4].Cases[0].Name; name != "cdn: the CDN answers within 5 ms (live)" {
		t.Errorf("%s", name)
	}
	if got.Tests != 5+1+1+1+4 || got.Failures != 3 || got.Errors != 2 {
		t.Errorf("%d tests, %d failures, %d errors", got.Tests, got.Failures, got.Errors)
	}
}

func resultSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := ResultSchema()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("result.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("result.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// What is written is as the schema says; what the schema refuses is not.
func TestResultsFitTheirSchema(t *testing.T) {
	schema := resultSchema(t)
	fits := func(text string) error {
		doc, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		return schema.Validate(doc)
	}
	full := experiment(1)
	full.Environment = &Environment{OS: "linux"}
	for _, r := range []*Result{full, bothWorlds(), small(), {Scenario: "empty"}} {
		if err := fits(string(written(t, r))); err != nil {
			t.Errorf("%s: %v", r.Scenario, err)
		}
	}
	good := string(written(t, small()))
	for old, new := range map[string]string{
		`"schema":1`:         `"schema":2`,
		`"world":"virtual"`:  `"world":"mars"`,
		`"complete":true`:    `"complete":1`,
		`"duration_ns":`:     `"duration":`,
		`"step_ns":`:         `"steps":1,"step_ns":`,
		`"op":">","change":`: `"op":"~","change":`,
		`"measured":null`:    `"measured":"none"`,
	} {
		edited := strings.Replace(good, old, new, 1)
		if edited == good {
			t.Fatalf("nothing to edit: %s", old)
		}
		if fits(edited) == nil {
			t.Errorf("%s fits", new)
		}
	}
}

// Every field has its words, and there are no words without a field.
func TestResultWords(t *testing.T) {
	left := map[string]bool{}
	for key := range resultWords {
		left[key] = true
	}
	seen := map[reflect.Type]bool{}
	var walk func(of reflect.Type)
	walk = func(of reflect.Type) {
		switch of.Kind() {
		case reflect.Pointer, reflect.Slice, reflect.Map:
			walk(of.Elem())
			return
		case reflect.Struct:
		default:
			return
		}
		if seen[of] {
			return
		}
		seen[of] = true
		for i := range of.NumField() {
			f := of.Field(i)
			walk(f.Type)
			if key := of.Name() + "." + f.Name; !f.Anonymous {
				if resultWords[key] == "" {
					t.Errorf("no words for %s", key)
				}
				delete(left, key)
			}
		}
	}
	walk(reflect.TypeFor[Result]())
	if len(left) > 0 {
		t.Errorf("words of what there is not: %v", left)
	}
	for key := range resultWording.Values {
		if name, _, _ := strings.Cut(key, "."); !strings.Contains(fmt.Sprint(seen), "."+name+":") {
			t.Errorf("values of %s, which there is not", key)
		}
	}
}

// The layout as the words tell it, reckoned with numbers and not with our code,
// is what recorded durations fall into.
func TestLayoutInWords(t *testing.T) {
	for _, want := range []string{"1000 ns to 3600000000000 ns, 3 significant digits, 24576 cells",
		"cell b*1024 + (u >> b) with u = v >> 9 and b = max(0, bits(u) - 11)",
		"b = max(0, (c >> 10) - 1) and s = c - b*1024, the durations from s << (b+9) to ((s+1) << (b+9)) - 1 ns"} {
		if !strings.Contains(cellLayout, want) {
			t.Errorf("%q is not in %q", want, cellLayout)
		}
	}
	for v := int64(0); v <= histogramHigh; v = v + v/777 + 1 {
		u := v >> 9
		b := max(0, bits.Len64(uint64(u))-11)
		c := int64(b)*1024 + u>>b
		if got := cellOf(v); got != c { // which TestLayoutIsHdrHistogram holds to the library
			t.Fatalf("%d ns is in cell %d, in words %d", v, got, c)
		}
		back := max(0, c>>10-1)
		s := c - back*1024
		if from, to := s<<(back+9), (s+1)<<(back+9)-1; v < from || v > to || to != cellEnd(c) {
			t.Fatalf("cell %d holds %d to %d ns in words, and %d is in it", c, from, to, v)
		}
	}
}

func TestJoin(t *testing.T) {
	part := func(shard int, seeds ...uint64) *Result {
		r := experiment(1)
		r.Runs = nil
		for _, seed := range seeds {
			run := play("cdn", seed, Virtual, 0.9, 20*ms)
			run.Shards = []int{shard}
			r.Runs = append(r.Runs, run)
		}
		return r
	}
	sum, err := Join([]*Result{part(0, 1), part(1, 1, 2)}, []string{"a", "b"})
	if err != nil {
		t.Fatal(err)
	}
	if len(sum.Runs) != 2 || sum.Expectations != nil || fmt.Sprint(sum.Runs[0].Shards) != "[0 1]" {
		t.Errorf("%d runs, shards %v", len(sum.Runs), sum.Runs[0].Shards)
	}
	if n := sum.Runs[0].Windows[0].Counts["requests"]; n != 4000 {
		t.Errorf("%d requests of two shards of 2,000", n)
	}
	other := part(0, 3)
	other.Runs[0].Hash = "def"
	stranger := part(0, 3)
	stranger.Hash = "def"
	for want, r := range map[string]*Result{
		"b: cannot add cdn: shard 0 is in both":       part(0, 1),
		"b: cdn was played differently there (hash":   other,
		`a is of the scenario "tokyo-new-york" (abc)`: stranger,
	} {
		if _, err := Join([]*Result{part(0, 1), r}, []string{"a", "b"}); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("want %q, got %v", want, err)
		}
	}
	if one, err := Join([]*Result{experiment(1)}, []string{"a"}); err != nil || len(one.Expectations) == 0 {
		t.Error("a single result loses its expectations")
	}
}
