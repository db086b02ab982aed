// Tests of Parse: limits, encodings, what the main parser alone would let pass.

package strict

import (
	"strings"
	"testing"
)

func TestParseRefuses(t *testing.T) {
	deep := strings.Repeat("[", 70) + strings.Repeat("]", 70)
	for name, c := range map[string]struct{ text, want string }{
		"too large":        {strings.Repeat("#", MaxFileBytes+1), ":1:1: too large: 1048577 bytes, and the limit is 1048576"},
		"deep array":       {"x = 1\ny = " + deep, ":2:1: nested more than 64 levels deep"},
		"deep table":       {"x = " + strings.Repeat("{a=", 70) + "1" + strings.Repeat("}", 70), " nested more than 64 levels deep"},
		"deep dotted key":  {strings.Repeat("a.", 70) + "a = 1", ":1:131: nested more than 64 levels deep"},
		"deep header":      {"[" + strings.Repeat("a.", 70) + "a]", " nested more than 64 levels deep"},
		"deep array table": {"[[" + strings.Repeat("a.", 70) + "a]]", " nested more than 64 levels deep"},
		"endless brackets": {"x = " + strings.Repeat("[", 900_000), "deep"},
		"blind brackets":   {"x = \n" + strings.Repeat("[", 900_000), ":1:5: unexpected character"},
		"endless key":      {strings.Repeat("a.", 500_000) + "a = 1", "nested more than 64 levels deep"},
		"two marks":        {"\ufeff\ufeffa = 1", ":1:1: starts with two byte order marks; save the file as UTF-8"},
		"twice in array":   {"x = [{a = [], a = 1}]", ":1:15: x[0].a: given twice; first on line 1"},
		"inline extended":  {"a = {b = 1}\n[a.c]", ":2:2: a: has its value already, and nothing can be added to it; first on line 1"},
		"array extended":   {"a = []\na.b.c = 2", ":2:1: a: has its value already, and nothing can be added to it; first on line 1"},
		"table by key":     {"[a.b]\n[a]\nb.c = 2", ":3:1: a.b: has a [header] of its own, and its keys can only stand below that; first on line 1"},
		"array as table":   {"[[a.b]]\n[[a.b]]\n[a.b]", ":3:4: a.b: is an array of tables: its header has two brackets; first on line 1"},
		"table as array":   {"[a.b]\n[[a]]", ":2:3: a: is not an array of tables; first on line 1"},
		"dotted as table":  {"a.b = 1\n[a]", ":2:2: a: given twice; first on line 1"},
		"header twice":     {"[[x]]\n[x.a]\n[[x]]\n[x.a]\n[x.a]", ":5:4: x[1].a: given twice; first on line 4"},
		"in a deep table":  {"[a.b.c]\nk = 1\nk = 2\nz = 3", ":3:1: a.b.c.k: given twice; first on line 2"},
		"slip before":      {"a = \n[b]\n[b]", ":1:"},
		"spaced duration":  {"d = 10 ms", `; text and durations are written in quotes: "10ms"`},
		"shouted":          {"x = TRUE", `; write true`},
		"control":          {"x = 1\ny = \x01", "0x01'"},
		"large number":     {"x = 1e400", ":1:5: 1e400 is out of range for float64\n"},
		"lost":             {"[[v]]\na = {b = [1]}\n[[v]]\na = {b.x = 1, b.y = 2}", ":4:8: the TOML library loses v.1.a.b.x here"},
		"two breaches":     {"x = [{a = [], a = 1}]\ny = [{a = [], a = 1}]", ":1:15: x[0].a: given twice"},
		"breach after":     {"a = 2026-02-30\n[b]\n[b]", ":1:5: invalid datetime"},
	} {
		t.Run(name, func(t *testing.T) {
			d, err := Parse("f.toml", []byte(c.text))
			ms, ok := err.(Mistakes)
			if d != nil || !ok || len(ms) != 1 || !strings.Contains(ms[0].String()+"\n", c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func TestParseTakes(t *testing.T) {
	for _, text := range []string{
		"", "\ufeff", "\ufeff# mark\r\na = 1\r\n", strings.Repeat("#", MaxFileBytes), "x = " + strings.Repeat("[", 60) + strings.Repeat("]", 60),
		"a.b = 1\na.c = 2\n[d.e]\n[d]", "[[a]]\n[[a.b]]\n[[a]]\n[[a.b]]\n[a.b.c]", "t = {\n  a = 1,\n}", `"" = 1`,
	} {
		if _, err := Parse("f.toml", []byte(text)); err != nil {
			t.Errorf("%.40q: %v", text, err)
		}
	}
}

func TestTreeIsACopy(t *testing.T) {
	d := mustParse(t, "a = [1, [2], {b = 3}]\n[[t]]\nx = {y = 1}")
	tree := d.Tree()
	tree["a"].([]any)[1].([]any)[0] = "spoilt"
	tree["a"].([]any)[2].(map[string]any)["b"] = "spoilt"
	tree["t"].([]map[string]any)[0]["x"].(map[string]any)["y"] = "spoilt"
	tree["new"] = true
	everythingStands(t, d, d.Tree(), nil)
	again := d.Tree()
	if len(again) != 2 || strings.Contains(literal(again), "spoilt") {
		t.Errorf("the doc changed with its copy: %v", again)
	}
}

func TestDocKeepsItsText(t *testing.T) {
	data := []byte("t = { \"éé\" = 1, key = 1 }")
	d, err := Parse("f.toml", data)
	if err != nil {
		t.Fatal(err)
	}
	clear(data)
	if line, column := d.Position("t", "key"); line != 1 || column != 17 {
		t.Errorf("key stands at %d:%d after the caller used its bytes again", line, column)
	}
}
