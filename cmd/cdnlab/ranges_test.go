// Tests: ranges of values, and the curves that they make.
package main

import (
	"slices"
	"strings"
	"testing"

	"cdnlab/report"
	"cdnlab/scenarios"
	"cdnlab/scenarios/strict"
)

func TestExpandRanges(t *testing.T) {
	for _, c := range []struct {
		kind, list, want string // want "" or "!words of the error"
	}{
		{"number", "500..4000/8", "500 1000 1500 2000 2500 3000 3500 4000"},
		{"number", "1..1000/4log", "1 10 100 1000"},
		{"number", "0..1/5", "0 0.25 0.5 0.75 1"},
		{"number", "-1..1/3", "-1 0 1"},
		{"number", "500..4000/4log", "500 1000 2000 4000"},
		{"number", "100..200/7", "100 117 133 150 167 183 200"},
		{"integer", "1..10/5", "1 3 6 8 10"},
		{"integer", "1..3/9", "1 2 3"},
		{"integer", "1_000..3000/3", "1_000 2000 3000"},
		{"duration", "100ms..2s/3", "100ms 1.05s 2s"},
		{"duration", "1ms..10s/5log", "1ms 10ms 100ms 1s 10s"},
		{"string", "64MB..1GB/3log", "64MB 253MB 1GB"},
		{"string", "1KB..3KB/3", "1KB 2KB 3KB"},
		{"string", "/a/../b/8", "/a/../b/8"},
		{"string", "round-robin", "round-robin"},
		{"boolean", "a..b/3", "a..b/3"},
		{"number", "5,10..30/3,7", "5 10 20 30 7"},
		{"number", "500..4000", "!LOW..HIGH/COUNT"},
		{"number", "500..x/8", `!"x" is no value`},
		{"number", "4000..500/8", "!the low end comes first"},
		{"number", "5..5/8", "!the low end comes first"},
		{"number", "0..10/8log", "!equal ratios begin above 0"},
		{"number", "1..10/1", "!1 values; a range has 2 to 1000"},
		{"number", "1..10/5000", "!5000 values"},
		{"number", "1..10/99999999999999999999", "!9999"},
		{"number", "1..10/5lin", "!LOW..HIGH/COUNT"},
	} {
		got, err := expandRanges(strict.Key{Type: c.kind}, splitList(c.list))
		if words, wrong := strings.CutPrefix(c.want, "!"); wrong {
			if err == nil || !strings.Contains(err.Error(), words) {
				t.Errorf("%s %s: %v, %v, want an error with %q", c.kind, c.list, got, err, words)
			}
			continue
		}
		if err != nil || strings.Join(got, " ") != c.want {
			t.Errorf("%s %s: %q, %v, want %q", c.kind, c.list, got, err, c.want)
		}
	}
}

// Every value that a range makes can be read back, and they ascend.
func TestRangesReadBack(t *testing.T) {
	for kind, ends := range map[string][2]string{"number": {"0.001", "12345"}, "integer": {"1", "99999"},
		"duration": {"1ms", "10m"}, "string": {"10B", "5GiB"}} { // in any order: each alone
		for _, end := range []string{"/50", "/50log"} {
			words, err := expandRanges(strict.Key{Type: kind}, []string{ends[0] + ".." + ends[1] + end})
			if err != nil || len(words) < 20 {
				t.Fatalf("%s%s: %q, %v", kind, end, words, err)
			}
			last := 0.0
			for _, word := range words {
				v, ok := quantities[kind].read(word)
				if !ok || v <= last {
					t.Errorf("%s%s: %s after %v", kind, end, word, last)
				}
				last = v
			}
		}
	}
}

func TestCurveOf(t *testing.T) {
	values := func(words ...any) []any { return words }
	rate := scenarios.Vary{Key: "load.rate", Values: values(int64(1), 2.5, int64(3))}
	ttl := scenarios.Vary{Key: "edge.default-ttl", Values: values("1s", "500ms")}
	size := scenarios.Vary{Key: "edge.cache-size", Values: values("1MB", "2MB", "1GB", "2GB")}
	policy := scenarios.Vary{Key: "balancer.algorithm", Values: values("random", "geo", "ip-hash")}
	for _, c := range []struct {
		name  string
		vary  []scenarios.Vary
		key   string // "": no curve
		point report.CurvePoint
	}{
		{"one number", []scenarios.Vary{rate}, "load.rate", report.CurvePoint{X: 2.5, Text: "2.5"}},
		{"a number and words", []scenarios.Vary{policy, rate}, "load.rate", report.CurvePoint{Line: "algorithm=random", X: 2.5, Text: "2.5"}},
		{"the one with most values", []scenarios.Vary{rate, size}, "edge.cache-size", report.CurvePoint{Line: "rate=1", X: 2e6, Text: "2MB"}},
		{"two values are no curve", []scenarios.Vary{ttl}, "", report.CurvePoint{}},
		{"words are no curve", []scenarios.Vary{policy}, "", report.CurvePoint{}},
		{"two others", []scenarios.Vary{policy, ttl, rate}, "load.rate",
			report.CurvePoint{Line: "algorithm=random default-ttl=1s", X: 2.5, Text: "2.5"}},
	} {
		p := &play{x: &scenarios.Experiment{}}
		for range combinationsOf(c.vary) {
			p.x.Variants = append(p.x.Variants, &scenarios.Resolved{})
		}
		curve, err := p.curveOf(c.vary)
		if err != nil || (curve != nil) != (c.key != "") {
			t.Errorf("%s: %+v, %v", c.name, curve, err)
			continue
		}
		if curve != nil && (curve.Key != c.key || !slices.Contains(curve.Points, c.point) || len(curve.Points) != len(p.x.Variants)) {
			t.Errorf("%s: over %s %+v, want %+v", c.name, curve.Key, curve.Points, c.point)
		}
		p.curve = noCurve
		if curve, err := p.curveOf(c.vary); curve != nil || err != nil {
			t.Errorf("%s: not asked for: %+v, %v", c.name, curve, err)
		}
	}
	p := &play{x: &scenarios.Experiment{}, curve: "latency.p99"}
	if _, err := p.curveOf([]scenarios.Vary{policy}); err == nil {
		t.Error("a curve over words was asked for")
	}
}

// combinationsOf is a list as long as there are combinations.
func combinationsOf(vary []scenarios.Vary) []struct{} { return make([]struct{}, size(vary)) }

// TestValueOf: a word that a key knows is that word, and no number.
func TestValueOf(t *testing.T) {
	keys := allKeys()
	for _, c := range []struct {
		key, text string
		want      any
	}{
		{"clients.0.limits.tls", "1.3", "1.3"}, {"clients.0.limits.http", "2", "2"}, {"clients.0.limits.http", "7", int64(7)},
		{"load.rate", "1.5", 1.5}, {"edge.on", "true", true}, {"name", "x", "x"},
	} {
		k, err := findKey(keys, c.key)
		if err != nil {
			t.Fatal(err)
		}
		if got := valueOf(k, c.text); got != c.want {
			t.Errorf("%s=%s is %v (%T), want %v", c.key, c.text, got, got, c.want)
		}
	}
}
