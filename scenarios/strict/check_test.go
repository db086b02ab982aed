// Tests of Check and CheckTree beyond the golden files: overrides, and that a schema can be shared.

package strict

import (
	"fmt"
	"math"
	"strings"
	"testing"
	"time"
)

const variants = `name = "v"
[balancer]
algorithm = "p2c"
[[server]]
name = "app-1"
[[server]]
name = "app-2"
weight = 2

[[variant]]
name = "nested"
balancer.algorithm = "lotery"
server.app-1.weight = 5
server.app-2.weight = 0
server.1.up = "no"

[[variant]]
name = "quoted"
"balancer.algorithm" = "p2cc"
"server.app-2.weight" = "x"
"server.0.wait" = 3

[variant.load]
rate = -1
`

func TestCheckTreeOfVariants(t *testing.T) {
	d, schema := mustParse(t, variants), worldSchema(t)
	if ms := schema.Check(d); len(ms) > 0 {
		t.Fatalf("the file alone is good: %v", ms)
	}
	for i, c := range []struct {
		set  map[string]any
		want string
	}{
		{map[string]any{"balancer.algorithm": "lotery", "server.app-1.weight": int64(5), "server.app-2.weight": int64(0), "server.1.up": "no"},
			`my.toml:12:10: variant[0].balancer.algorithm: unknown "lotery"; known: round-robin, least-connections, p2c
my.toml:14:14: variant[0].server[1].weight: must be at least 1
my.toml:15:10: variant[0].server[1].up: must be true or false, not the string "no"`},
		{map[string]any{"balancer.algorithm": "p2cc", "server.app-2.weight": "x", "server.0.wait": int64(3), "load.rate": int64(-1)},
			`my.toml:19:1: variant[1].balancer.algorithm: unknown "p2cc"; did you mean "p2c"? known: round-robin, least-connections, p2c
my.toml:20:1: variant[1].server[1].weight: must be an integer, not the string "x"
my.toml:21:1: variant[1].server[0].wait: unknown key; known: name, up, weight
my.toml:24:1: variant[1].load.rate: must be at least 0`},
	} {
		tree := d.Tree()
		for key, value := range c.set {
			if err := Override(tree, key, value); err != nil {
				t.Fatal(err)
			}
		}
		if got := schema.CheckTree(d, tree, "variant", i).Error(); got != c.want {
			t.Errorf("got:\n%s\nwant:\n%s", got, c.want)
		}
	}
}

// A mistake that the doc has itself keeps its own position, whoever overrides other keys.
func TestCheckTreeKeepsTheDocsOwn(t *testing.T) {
	d, schema := mustParse(t, "name = \"x\"\nload.rate = -1\n[[variant]]\nseed = 2\n"), worldSchema(t)
	tree := d.Tree()
	if err := Override(tree, "seed", int64(2)); err != nil {
		t.Fatal(err)
	}
	oneMistake(t, schema.CheckTree(d, tree, "variant", 0), "my.toml:2:6: load.rate: must be at least 0")
}

// Without at, positions are the doc's where it knows the path, and the nearest it knows where not.
func TestCheckTreeWithoutAt(t *testing.T) {
	d, schema := mustParse(t, "name = \"x\"\n\n[balancer]\nalgorithm = \"p2c\"\n"), worldSchema(t)
	for key, want := range map[string]string{
		"balancer.algorithm": `my.toml:4:1: balancer.algorithm: must be a string, not the integer 7; known: round-robin, least-connections, p2c`,
		"balancer.retries":   `my.toml:3:2: balancer.retries: must be at most 5`,
		"load.rat":           `my.toml:1:1: load.rat: unknown key; did you mean "rate"?`,
	} {
		tree := d.Tree()
		if err := Override(tree, key, int64(7)); err != nil {
			t.Fatal(err)
		}
		oneMistake(t, schema.CheckTree(d, tree), want)
	}
}

// Values that only Go code can put into a tree are refused, not panicked over.
func TestCheckTreeOfStrangeValues(t *testing.T) {
	d, schema := mustParse(t, "name = \"x\""), worldSchema(t)
	for _, v := range []any{nil, time.Second, uint8(1), []string{"a"}, struct{}{}, math.Inf(-1), func() {}} {
		tree := d.Tree()
		tree["comment"] = v
		ms := schema.CheckTree(d, tree)
		if len(ms) != 1 || ms[0].Path != "comment" {
			t.Errorf("%T: %v", v, ms)
		}
	}
	if ms := schema.CheckTree(d, nil); len(ms) != 1 {
		t.Errorf("no tree at all: %v", ms)
	}
}

func TestCheckOfManyMistakes(t *testing.T) {
	var text strings.Builder
	text.WriteString("name = \"x\"\n")
	for i := range 200 {
		fmt.Fprintf(&text, "wrong%d = 1\n", i)
	}
	ms := worldSchema(t).Check(mustParse(t, text.String()))
	if len(ms) != 200 || ms[0].Line != 2 || ms[199].Line != 201 {
		t.Errorf("%d mistakes", len(ms))
	}
	if !strings.HasSuffix(ms.Error(), "\nand 150 more") {
		t.Error("not summed up")
	}
}

// The pattern of durations in the editors' schema is what the decoder takes.
func TestDurationPatternIsParseDuration(t *testing.T) {
	letters := []rune("0123.+-hmsnuµμ ")
	var try func(s []rune, depth int)
	try = func(s []rune, depth int) {
		_, err := time.ParseDuration(string(s))
		if durationText.MatchString(string(s)) != (err == nil) {
			t.Fatalf("%q: the pattern and ParseDuration (%v) disagree", string(s), err)
		}
		if depth > 0 {
			for _, r := range letters {
				try(append(s, r), depth-1)
			}
		}
	}
	try(nil, 4)
}

func benchmarkText() string {
	var text strings.Builder
	text.WriteString("name = \"big\"\n")
	for i := range 4 {
		fmt.Fprintf(&text, "[[pop]]\nname = \"p%d\"\nplace = \"tokyo\"\nttl = \"5s\"\n[pop.cache]\neviction = \"lru\"\nshare = 0.1\n", i)
	}
	for i := range 57 {
		fmt.Fprintf(&text, "[[server]]\nname = \"s%d\"\nweight = %d\n", i, i)
	}
	return text.String()
}

func BenchmarkNewSchema(b *testing.B) {
	for b.Loop() {
		worldSchema(b)
	}
}

func BenchmarkParse200Lines(b *testing.B) {
	for text := benchmarkText(); b.Loop(); {
		mustParse(b, text)
	}
}

func BenchmarkCheck200Lines(b *testing.B) {
	d, schema := mustParse(b, benchmarkText()), worldSchema(b)
	for b.Loop() {
		if ms := schema.Check(d); len(ms) != 1 { // one weight is 0
			b.Fatal(ms)
		}
	}
}
