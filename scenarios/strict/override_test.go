// Tests of Override and ParseValue, and the property that what was set is there.

package strict

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
)

const overridden = `
seed = 1
places = ["tokyo", "paris"]
server = [{ name = "app-1" }, { name = "app-2", weight = 2 }, { weight = 3 }]
[[pop]]
name = "1"
[[pop]]
name = "twin"
[[pop]]
name = "twin"
[empty]
list = []
`

func TestOverride(t *testing.T) {
	for _, c := range []struct {
		key   string
		value any
		path  []any
	}{
		{"seed", int64(2), []any{"seed"}},
		{"new", true, []any{"new"}},
		{"balancer.algorithm", "p2c", []any{"balancer", "algorithm"}},
		{"a.b.c.d", 1.5, []any{"a", "b", "c", "d"}},
		{`headers."x.y"`, "z", []any{"headers", "x.y"}},
		{`"headers".z`, "z", []any{"headers", "z"}},
		{"places.1", "lagos", []any{"places", 1}},
		{"server.2.weight", int64(9), []any{"server", 2, "weight"}},
		{"server.app-2.weight", int64(9), []any{"server", 1, "weight"}},
		{"server.app-1.deep.er", int64(9), []any{"server", 0, "deep", "er"}},
		{"server.0", map[string]any{"name": "x"}, []any{"server", 0}},
		{"pop.1.name", "one", []any{"pop", 1, "name"}}, // a number is a number before it is a name
		{"pop.0", map[string]any{"name": "x"}, []any{"pop", 0}},
		{"server", []any{int64(1)}, []any{"server"}},
	} {
		tree := mustParse(t, overridden).Tree()
		if err := Override(tree, c.key, c.value); err != nil {
			t.Errorf("%s: %v", c.key, err)
			continue
		}
		if got, _ := lookup(tree, c.path); !reflect.DeepEqual(got, c.value) {
			t.Errorf("%s: got %v, want %v", c.key, got, c.value)
		}
	}
}

func TestOverrideRefuses(t *testing.T) {
	for key, want := range map[string]string{
		"":                 `"" is not a dotted key such as balancer.algorithm`,
		"a..b":             `"a..b" is not a dotted key such as balancer.algorithm`,
		"a.":               `"a." is not a dotted key`,
		`a."b`:             `a quote that does not end`,
		`"a"b`:             `a dot must follow a quoted part`,
		"seed.x":           `seed.x: "seed" is the integer 1, not a table`,
		"seed.x.y":         `seed.x.y: "seed" is the integer 1, not a table`,
		"server.3.weight":  `server.3.weight: no element "3"; known: app-1, app-2, or 0 to 2`,
		"server.app2.name": `server.app2.name: no element "app2"; did you mean "app-2"?; known: app-1, app-2, or 0 to 2`,
		"server.-1.name":   `no element "-1"`,
		"server.01.name":   `no element "01"`,
		"pop.twin.name":    `2 elements are named "twin"; use a number from 0 to 2`,
		"pop.2.name.x":     `"pop.2.name" is the string "twin", not a table`,
		"pop.2":            `pop.2: must be a table, not the integer 7`,
		"empty.list.0":     `no element "0": the array is empty`,
		"places.tokyo":     `no element "tokyo"; known: 0 to 1`,
	} {
		d := mustParse(t, overridden)
		tree := d.Tree()
		err := Override(tree, key, int64(7))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want %s", key, err, want)
		}
		if !reflect.DeepEqual(tree, d.Tree()) {
			t.Errorf("%s: refused, and yet it changed the tree", key)
		}
	}
}

// Setting any key of random trees gives the value back, and changes nothing that is not below the key.
func TestOverrideProperty(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	done := 0
	for range 20_000 {
		d, err := Parse("f.toml", []byte(randomFile(r)))
		if err != nil {
			continue
		}
		path := randomPath(r, d.tree)
		steps := make([]string, len(path))
		for i, p := range path {
			steps[i] = pathText([]any{fmt.Sprint(p)}) // quoted where it has dots
		}
		tree, value := d.Tree(), ParseValue(fmt.Sprint(r.IntN(100)))
		if _, isTable := lookup(d.tree, path); isTable && r.IntN(2) == 0 {
			value = map[string]any{"v": value}
		}
		if err := Override(tree, strings.Join(steps, "."), value); err != nil {
			if _, whole := path[len(path)-1].(int); whole && strings.Contains(err.Error(), "must be a table") {
				continue
			}
			t.Fatalf("%v: %v", path, err)
		}
		if got, _ := lookup(tree, path); !reflect.DeepEqual(got, value) {
			t.Fatalf("%s: got %v, want %v", pathText(path), got, value)
		}
		othersStay(t, d.tree, tree, nil, path)
		done++
	}
	if done < 2000 {
		t.Errorf("only %d keys were set: the test has lost its point", done)
	}
}

// randomPath goes a random way into a tree, sometimes one step further than it goes.
func randomPath(r *rand.Rand, v any) []any {
	var path []any
	for {
		var steps []any
		if table, ok := v.(map[string]any); ok {
			for k := range table {
				steps = append(steps, k)
			}
			steps = append(steps, "new")
		}
		if n, ok := elements(v); ok && n > 0 {
			steps = append(steps, r.IntN(n))
		}
		if len(steps) == 0 || len(path) > 0 && r.IntN(3) == 0 {
			return path
		}
		step := steps[r.IntN(len(steps))]
		path = append(path, step)
		v, _ = child(v, step)
	}
}

// othersStay wants every scalar of the tree before to be there still, but for what is below path.
func othersStay(t *testing.T, before, after any, at, path []any) {
	if len(at) >= len(path) && reflect.DeepEqual(at[:len(path)], path) {
		return
	}
	if table, ok := before.(map[string]any); ok {
		for k, v := range table {
			othersStay(t, v, after, extend(at, k), path)
		}
		return
	}
	if n, ok := elements(before); ok {
		for i := range n {
			v, _ := child(before, i)
			othersStay(t, v, after, extend(at, i), path)
		}
		return
	}
	if got, _ := lookup(after, at); !reflect.DeepEqual(got, before) {
		t.Fatalf("%s was %v and is %v after setting %s", pathText(at), before, got, pathText(path))
	}
}

func FuzzOverride(f *testing.F) {
	for _, key := range []string{"seed", "server.app-2.weight", `headers."x.y"`, "pop.0.name.x", `"`, "..", "server.9"} {
		f.Add(key)
	}
	d := mustParse(f, overridden)
	f.Fuzz(func(t *testing.T, key string) {
		tree := d.Tree()
		if err := Override(tree, key, "set"); err == nil && reflect.DeepEqual(tree, d.Tree()) {
			t.Errorf("%q: no error, and nothing was set", key)
		}
	})
}

func TestOverrideKeepsItsOwnValue(t *testing.T) {
	tree, value := map[string]any{}, map[string]any{"x": 1}
	if err := Override(tree, "a", value); err != nil {
		t.Fatal(err)
	}
	value["x"] = "spoilt"
	if got, _ := lookup(tree, []any{"a", "x"}); got != 1 {
		t.Errorf("the tree changed with the caller's value: %v", got)
	}
}

func TestParseValue(t *testing.T) {
	for text, want := range map[string]any{
		"1": int64(1), "-3": int64(-3), "+7": int64(7), "1_000": int64(1000), "0": int64(0),
		"1.5": 1.5, "1e3": 1000.0, "-0.25": -0.25, "2E-2": 0.02, "true": true, "false": false,
		"p2c": "p2c", "": "", "150ms": "150ms", "007": "007", "1.": "1.", ".5": ".5", "0x10": "0x10", "nan": "nan", "inf": "inf", "True": "True",
		"1__0": "1__0", "99999999999999999999": "99999999999999999999", "1e999": "1e999", `"5"`: "5", `"`: `"`, `"a`: `"a`, "1 2": "1 2", " 1": " 1",
	} {
		if got := ParseValue(text); got != want {
			t.Errorf("%q: got %v (%T), want %v (%T)", text, got, got, want, want)
		}
	}
}
