// Tests: the staircase, who may import whom.
package house

import (
	"go/parser"
	"go/token"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// staircase says which of our packages may import which. "a < b" means that b
// may import a, and all that a may. "a !< b" means that b must not import a,
// however the other lines change. The model is go/build's deps_test.go.
//
// It is a statement of policy: do not change it to make a build pass.
const staircase = `
	NONE < geo, sim, sim/byterange, report/progress, report/picture, sim/house;

	# The contract may know where things are, and nothing else.
	geo < sim;
	sim < sim/check, sim/cpu, sim/inject;
	sim < sim/network/golden;
	sim, sim/check < sim/network;
	sim, sim/check < sim/load, sim/fault;
	sim/inject, sim/network < sim/fault;

	# The two worlds know how to carry requests, not what nodes do with them.
	sim, sim/network, sim/cpu < sim/virtual;
	sim, sim/network < sim/live/kernel, sim/live/fabric < sim/live;
	sim/cpu < scenarios;
	sim/live/kernel < cmd/cdnlab;

	# Nodes and deciders.
	sim < origin/health < origin/balance < origin;
	sim/check < origin/autoscale < scenarios;
	sim, origin/health < origin/pair < scenarios;
	origin, origin/balance, origin/health < origin/theory;
	sim, sim/byterange < edge/cache, origin;
	geo, origin/balance < edge/steer;
	edge/cache, origin/balance, origin/health < edge;
	edge/cache < edge/judge < cmd/cdnlab;
	edge/cache < edge/replay < scenarios/replays < cmd/cdnlab;
	edge/replay < edge/theory;
	edge, report < scenarios/replays;
	scenarios/replays, sim/load < scenarios/fits < cmd/cdnlab;
	edge/cache < edge/browser < scenarios;
	edge < edge/purgeapi < cmd/cdnlab;

	# What is measured, and the user's language.
	sim < report;
	sim < scenarios/strict;
	edge/replay, testdata/traces < scenarios;
	edge, edge/steer, origin, report, report/picture, report/progress, scenarios/strict,
	sim/check, sim/load, sim/fault, sim/inject, sim/virtual, sim/live
	< scenarios
	< scenarios/calibrate, scenarios/advice
	< cmd/cdnlab;

	# Negative assertions, which no other line can undo.
	origin !< edge;
	edge, edge/browser, edge/cache, edge/judge, edge/purgeapi, edge/steer !< origin, origin/autoscale, origin/balance, origin/health;
	sim/virtual, sim/live !< edge, edge/browser, edge/cache, edge/judge, edge/purgeapi, edge/steer, origin, origin/autoscale, origin/balance, origin/health, report;
	edge, edge/browser, edge/cache, edge/judge, edge/purgeapi, edge/steer, origin, origin/autoscale, origin/balance, origin/health !< sim/virtual, sim/live;
	scenarios, cmd/cdnlab !< sim, edge, origin, report;
`

// rules are the staircase, parsed.
type rules struct {
	may   map[string][]string // package to what it may import, not yet what that may
	never map[string][]string
}

func parseStaircase(t *testing.T, text string) rules {
	t.Helper()
	var bare strings.Builder
	for line := range strings.Lines(text) {
		line, _, _ = strings.Cut(line, "#")
		bare.WriteString(line + " ")
	}
	r := rules{may: map[string][]string{}, never: map[string][]string{}}
	for rule := range strings.SplitSeq(bare.String(), ";") {
		if rule = strings.TrimSpace(rule); rule == "" {
			continue
		}
		if low, high, found := strings.Cut(rule, "!<"); found {
			for _, p := range packageList(high) {
				r.never[p] = append(r.never[p], packageList(low)...)
			}
			continue
		}
		steps := strings.Split(rule, "<")
		if len(steps) < 2 {
			t.Fatalf("the staircase has a rule without <: %s", rule)
		}
		for i, step := range steps[1:] {
			for _, p := range packageList(step) {
				r.may[p] = append(r.may[p], packageList(steps[i])...)
			}
		}
	}
	return r
}

func packageList(text string) []string {
	var list []string
	for p := range strings.SplitSeq(text, ",") {
		if p = strings.TrimSpace(p); p != "" {
			list = append(list, p)
		}
	}
	return list
}

// allowed reports whether a package may import another, through all steps.
func (r rules) allowed(from, to string) bool {
	return slices.ContainsFunc(r.may[from], func(p string) bool { return p == to || r.allowed(p, to) })
}

// Every import of ours in every file, those of other systems too, but not in tests.
func TestStaircase(t *testing.T) {
	r := parseStaircase(t, staircase)
	seen := map[string]bool{"NONE": true}
	for _, file := range goFiles(t) {
		if strings.HasSuffix(file, "_test.go") {
			continue
		}
		from := filepath.ToSlash(filepath.Dir(file))
		seen[from] = true
		if len(r.may[from]) == 0 {
			t.Errorf("%s: package %s is not on the staircase: enter it", file, from)
			continue
		}
		for _, to := range ownImports(t, file) {
			if !r.allowed(from, to) {
				t.Errorf("%s: %s must not import %s", file, from, to)
			}
			if slices.Contains(r.never[from], to) {
				t.Errorf("%s: %s must never import %s", file, from, to)
			}
		}
	}
	for p := range r.may { // in any order: each is judged alone
		if !seen[p] {
			t.Errorf("the staircase has package %s, which there is not", p)
		}
		for _, low := range r.never[p] {
			if r.allowed(p, low) {
				t.Errorf("the staircase says that %s must not import %s, and that it may", p, low)
			}
		}
	}
}

// ownImports returns the packages of this module that a file imports.
func ownImports(t *testing.T, file string) []string {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), filepath.Join(root, file), nil, parser.ImportsOnly)
	if err != nil {
		t.Fatal(err)
	}
	var own []string
	for _, spec := range parsed.Imports {
		path, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			t.Fatal(err)
		}
		if p, found := strings.CutPrefix(path, module+"/"); found {
			own = append(own, p)
		}
	}
	return own
}

// The parser of the staircase itself.
func TestParseStaircase(t *testing.T) {
	r := parseStaircase(t, "NONE < a < b, c; # why\n c < d\n < e; a !< d;")
	for _, c := range []struct {
		from, to string
		want     bool
	}{
		{"b", "a", true}, {"a", "b", false}, {"c", "b", false}, {"d", "c", true},
		{"d", "a", true}, {"d", "b", false}, {"e", "a", true}, {"e", "e", false},
	} {
		if got := r.allowed(c.from, c.to); got != c.want {
			t.Errorf("%s imports %s: %v", c.from, c.to, got)
		}
	}
	if !slices.Equal(r.never["d"], []string{"a"}) {
		t.Errorf("never: %v", r.never)
	}
}
