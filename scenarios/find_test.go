// Tests of the search: queries that are wrong, answers that are right.
package scenarios

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"cdnlab/report"
	"cdnlab/scenarios/strict"
)

// kiosk is a scenario whose answers can be reckoned: each request waits for one
// of two workers, who take exactly 100 ms.
const kiosk = `
name = "kiosk"
duration = "10s"
load.rate = 5
[[clients]]
id = "here"
place = "New York"
[[catalog]]
path = "/"
cache-control = "no-store"
[origin]
place = "New York"
[app]
workers = 2
service-time = "100ms"
distribution = "constant"
queue = 2
[[variant]]
name = "two"
[[variant]]
name = "four"
set = { app.workers = 4 }
`

func search(t *testing.T, q Query, o Options) *Found {
	t.Helper()
	return searchIn(t, kiosk, q, o)
}

func searchIn(t *testing.T, scenario string, q Query, o Options) *Found {
	t.Helper()
	s, err := NewSearch("shop.toml", []byte(scenario), q)
	if err != nil {
		t.Fatal(err)
	}
	o.Worlds, o.Progress = []string{report.Virtual}, quiet()
	told := 0
	found, err := s.Play(t.Context(), o, func(uint64, Probe) { told++ })
	if err != nil {
		t.Fatal(err)
	}
	probes := 0
	for _, one := range found.Seeds {
		probes += len(one.Probes)
	}
	if told != probes {
		t.Errorf("told of %d probes, kept %d", told, probes)
	}
	return found
}

// Two workers of 100 ms carry 20 requests a second, four 40, and the number of
// workers that carry 55 is 6.
func TestSearchFindsWhatCanBeReckoned(t *testing.T) {
	for _, c := range []struct {
		q         Query
		low, high float64
	}{
		{Query{Key: "load.rate", Goal: Largest, Until: "errors = 0"}, 20, 20.5},
		{Query{Key: "load.rate", Goal: Largest, Until: "errors = 0", Variant: "four"}, 40, 41},
		{Query{Key: "load.rate", Goal: Largest, Until: "errors = 0", From: "1", To: "300"}, 20, 20.5},
		{Query{Key: "app.workers", Goal: Smallest, Until: "errors = 0", Settings: []Setting{{"load.rate", int64(55)}}}, 6, 6},
		{Query{Key: "app.workers", Goal: Smallest, Until: "errors = 0", Settings: []Setting{{"load.rate", int64(55)}}, From: "1", To: "64"}, 6, 6},
		{Query{Key: "app.service-time", Goal: Largest, Until: "errors = 0", Settings: []Setting{{"load.rate", int64(10)}}}, 198e6, 206e6},
		{Query{Key: "app.service-time", Goal: Largest, Until: "latency.p50 < 1.5 x four", Variant: "two",
			Settings: []Setting{{"load.rate", int64(10)}}, From: "10ms", To: "1s"}, 195e6, 215e6},
	} {
		c.q.Precision = 0.01
		one := search(t, c.q, Options{}).Seeds[0]
		if one.Outcome != Flips || one.Holds.Value < c.low || one.Holds.Value > c.high {
			t.Errorf("%+v: %s at %+v, want %v to %v", c.q, one.Outcome, one.Holds, c.low, c.high)
		}
	}
}

func TestSearchWithoutAFlip(t *testing.T) {
	for _, c := range []struct {
		q    Query
		want Outcome
		why  string
	}{
		{Query{Key: "app.workers", Goal: Smallest, Until: "errors = 0"}, Everywhere, "no further"},
		{Query{Key: "load.rate", Goal: Largest, Until: "latency.p50 < 1ms", From: "1", To: "64"}, Nowhere, ""},
		{Query{Key: "load.rate", Goal: Smallest, Until: "errors = 0", From: "1", To: "64"}, Turned, ""},
		{Query{Key: "load.rate", Goal: Largest, Until: "latency.p50 < 1ms"}, Nowhere, "nothing to measure"},
		{Query{Key: "clients.0.share", Goal: Largest, Until: "errors = 0"}, Everywhere, ""},
		{Query{Key: "clients.0.addresses", Goal: Largest, Until: "errors = 0"}, Everywhere, "must be at most 1000"},
	} {
		c.q.Precision = 0.01
		one := search(t, c.q, Options{}).Seeds[0]
		if one.Outcome != c.want || !strings.Contains(one.Why, c.why) {
			t.Errorf("%+v: %s (%s), want %s (%s)", c.q, one.Outcome, one.Why, c.want, c.why)
		}
		if n := len(one.Probes); n < 2 {
			t.Errorf("%+v: %d probes, want both ends", c.q, n)
		}
	}
}

// Six seeds have a median with an interval; the same search gives the same
// bytes, on however many cores, and they are as the schema says.
func TestSearchOverSeeds(t *testing.T) {
	schema := compiled(t)
	var texts [2][]byte
	for i, parallel := range []int{1, 0} {
		q := Query{Key: "load.rate", Goal: Largest, Until: "errors = 0", Precision: 0.05, Settings: []Setting{{"app.distribution", "exponential"}}}
		found := search(t, q, Options{Runs: 6, Seed: 3, Parallel: parallel})
		if found.Median == nil || found.IntervalLow == nil || *found.IntervalLow > *found.Median || *found.IntervalHigh < *found.Median {
			t.Fatalf("no median with an interval: %+v", found)
		}
		if first, last := found.Seeds[0].Seed, found.Seeds[5].Seed; first != 3 || last != 8 {
			t.Errorf("seeds %d to %d", first, last)
		}
		if *found.IntervalLow == *found.IntervalHigh {
			t.Error("all seeds came to the same: they are not searched for themselves")
		}
		var err error
		if texts[i], err = json.Marshal(found); err != nil {
			t.Fatal(err)
		}
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(texts[i]))
		if err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(doc); err != nil {
			t.Error(err)
		}
	}
	if !bytes.Equal(texts[0], texts[1]) {
		t.Error("the number of cores shows")
	}
}

func compiled(t *testing.T) *jsonschema.Schema {
	t.Helper()
	text, err := FoundJSONSchema()
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("found.json", doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile("found.json")
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// Every field of an answer has its words, and there are no words without one.
func TestFoundWords(t *testing.T) {
	left := map[string]bool{}
	for key := range foundWords {
		left[key] = true
	}
	for _, v := range []any{Found{}, SeedFound{}, Probe{}} {
		of := reflect.TypeOf(v)
		for i := range of.NumField() {
			if key := of.Name() + "." + of.Field(i).Name; of.Field(i).Tag.Get("json") != "-" {
				if foundWords[key] == "" {
					t.Errorf("no words for %s", key)
				}
				delete(left, key)
			}
		}
	}
	if len(left) > 0 {
		t.Errorf("words of what there is not: %v", left)
	}
}

// What was interrupted is kept: the bracket so far, not finished.
func TestSearchInterrupted(t *testing.T) {
	s, err := NewSearch("kiosk.toml", []byte(kiosk), Query{Key: "load.rate", Goal: Largest, Until: "errors = 0", Precision: 0.01})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	probes := 0
	found, err := s.Play(ctx, Options{Worlds: []string{report.Virtual}, Progress: quiet()}, func(uint64, Probe) {
		if probes++; probes == 4 {
			cancel()
		}
	})
	if err != nil {
		t.Fatal(err)
	}
	one := found.Seeds[0]
	if found.Complete || one.Outcome != Unfinished || len(one.Probes) != 4 {
		t.Errorf("%+v", found)
	}
	if one.Holds == nil || one.Fails == nil || one.Holds.Value != 20 || one.Fails.Value != 40 {
		t.Errorf("the bracket so far is %+v, %+v", one.Holds, one.Fails)
	}
	if found.Median != nil {
		t.Error("a median of what is not finished")
	}
}

// A search goes no further where a probe plays more and more requests.
func TestSearchTires(t *testing.T) {
	s, err := NewSearch("kiosk.toml", []byte(kiosk), Query{Key: "load.rate", Goal: Largest, Until: "requests > 0", Precision: 0.01})
	if err != nil {
		t.Fatal(err)
	}
	s.most = 300
	found, err := s.Play(t.Context(), Options{Worlds: []string{report.Virtual}, Progress: quiet()}, func(uint64, Probe) {})
	if err != nil {
		t.Fatal(err)
	}
	one := found.Seeds[0]
	if last := one.Probes[len(one.Probes)-1]; one.Outcome != Everywhere || last.Value != 40 || !strings.Contains(one.Why, "400 requests; --from and --to go on") {
		t.Errorf("%s at %v: %s", one.Outcome, last, one.Why)
	}
}

// A live machine that cannot play a value bounds the search.
func TestSearchWithinWhatIsAllowed(t *testing.T) {
	q := Query{Key: "load.rate", Goal: Largest, Until: "requests > 0", Precision: 0.01, Allow: func(x *Experiment) error {
		if x.Variants[0].Load.Rate > 33 {
			return errors.New("too many open files")
		}
		return nil
	}}
	one := search(t, q, Options{}).Seeds[0]
	if last := one.Probes[len(one.Probes)-1]; last.Value > 33 || last.Value < 32.9 || one.Why != "too many open files" {
		t.Errorf("at %v: %s", last, one.Why)
	}
}

func TestSearchRefuses(t *testing.T) {
	for want, q := range map[string]Query{
		"did you mean \"latency.p99\"":          {Key: "load.rate", Until: "latncy.p99 < 1s"},
		"with a unit (10ms, 1.5s)":              {Key: "load.rate", Until: "latency.p99 < 1"},
		"write METRIC < BOUND":                  {Key: "load.rate", Until: "errors"},
		"unknown variant \"tow\"":               {Key: "load.rate", Until: "errors = 0", Variant: "tow"},
		"not a number, a duration or a size":    {Key: "balancer.algorithm", Until: "errors = 0"},
		"nothing depends on it":                 {Key: "seed", Until: "errors = 0"},
		"\"x\" is no number":                    {Key: "load.rate", Until: "errors = 0", From: "x"},
		"--from 30: must be less than --to 20":  {Key: "load.rate", Until: "errors = 0", From: "30", To: "20"},
		"--from 0: must not be 0":               {Key: "load.rate", Until: "errors = 0", From: "0", To: "20"},
		"--to 2000: must be at most 1000":       {Key: "clients.0.addresses", Until: "errors = 0", From: "1", To: "2000"},
		"12s to 15s is no time within the run":  {Key: "load.rate", Until: "errors = 0", WindowFrom: 12 * time.Second, WindowTo: 15 * time.Second},
		"unknown name \"app-9\"":                {Key: "load.rate", Until: "share.app-9 < 1"},
		"no element \"7\"":                      {Key: "clients.7.share", Until: "errors = 0"},
		"\"1.5\" is no duration; write it like": {Key: "app.service-time", Until: "errors = 0", To: "1.5"},
		"1.5 is no whole number":                {Key: "app.workers", Until: "errors = 0", To: "1.5"},
		"neither a number nor a variant":        {Key: "load.rate", Until: "errors < 2 x three"},
		"± goes with = and a percentage":        {Key: "load.rate", Until: "errors < 2 ± 5%"},
	} {
		q.Goal, q.Precision = Largest, 0.01
		_, err := NewSearch("kiosk.toml", []byte(kiosk), q)
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: want %q, got %v", q, want, err)
		}
	}
}

// Every numeric key that can be listed is found by its name, with its type.
func TestKeyed(t *testing.T) {
	x, err := Load("kiosk.toml", []byte(kiosk+"[[app.shed]]\npath = \"/low\"\n[database]\n[autoscale]\nmax = 2\n[[autoscale.schedule]]\nmin = 2\n[[event]]\nat = \"1s\"\nfault = \"crash\"\nnode = \"app-1\"\n[[expect]]\nmetric = \"errors\"\nis = \"= 0\"\n"+
		"[[journey]]\nname = \"j\"\n[[journey.step]]\nsign-in = true\n"))
	if err != nil {
		t.Fatal(err)
	}
	types := map[string]bool{"integer": true, "number": true, "duration": true}
	for _, k := range strict.Keys(&Scenario{}) {
		if !types[k.Type] || strings.HasPrefix(k.Name, "place.") || strings.HasPrefix(k.Name, "link.") || strings.HasPrefix(k.Name, "pop.") || strings.HasPrefix(k.Name, "shield.") || strings.HasPrefix(k.Name, "edge.rule.") {
			continue
		}
		of, _, found := keyed(reflect.ValueOf(x.Base), strings.Split(strings.ReplaceAll(k.Name, "*", "0"), "."))
		if !found {
			t.Errorf("%s is not found", k.Name)
			continue
		}
		a, numeric := newAxis(of, 0.01)
		if got := map[bool]string{true: "duration", false: map[bool]string{true: "number", false: "integer"}[of.String() == "float64" || of.String() == "*float64"]}[a.of == durationType]; !numeric || got != k.Type {
			t.Errorf("%s is %v (%s), want %s", k.Name, of, got, k.Type)
		}
	}
	for name, want := range map[string]float64{"app.workers": 2, "server.app-1.weight": 1, "load.rate": 5, "edge.cache-size": 1 << 28, "app.service-time": 1e8} {
		if _, v, found := keyed(reflect.ValueOf(x.Base), strings.Split(name, ".")); !found || v == nil || *v != want {
			t.Errorf("%s is %v, want %v", name, v, want)
		}
	}
	for _, name := range []string{"app.nothing", "clients.9.share", "server.app-7.weight", "app.workers.more"} {
		if _, _, found := keyed(reflect.ValueOf(x.Base), strings.Split(name, ".")); found {
			t.Errorf("%s is found", name)
		}
	}
}
