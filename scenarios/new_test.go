// Tests: scenarios to start from load, and are what they were made of.
package scenarios

import (
	"strings"
	"testing"
)

func TestNewOfEveryBuiltin(t *testing.T) {
	for _, name := range Names() {
		text, err := New("mine", "# header\n\n", name, "")
		if err != nil {
			t.Fatal(err)
		}
		from, again := loadBuiltin(t, name), mustLoad(t, text)
		if again.Name != "mine" || len(again.Variants) != len(from.Variants) || again.Base.Lesson == nil {
			t.Errorf("%s became %s with %d variants", name, again.Name, len(again.Variants))
		}
		for i, v := range from.Variants {
			renamed := *v.Scenario
			renamed.Name = "mine"
			if renamed.hash() != again.Variants[i].Hash {
				t.Errorf("%s: %q is another", name, v.Variant)
			}
		}
		if !strings.HasPrefix(string(text), "# header\n\n# ") {
			t.Errorf("%s: its comments are lost", name)
		}
	}
}

// One variant alone resolves to what it was among the others.
func TestNewOfAVariant(t *testing.T) {
	for _, name := range Names() {
		x := loadBuiltin(t, name)
		for i, v := range x.Variants {
			if i > 0 && i < len(x.Variants)-1 && i%4 != 0 { // all are written alike
				continue
			}
			text, err := New(x.Name, "", name, v.Variant)
			if err != nil {
				t.Fatal(err)
			}
			alone := *v.Scenario
			alone.Variants, alone.Expect = nil, x.expects(v)
			if again := mustLoad(t, text); again.Base.hash() != alone.hash() {
				t.Errorf("%s %q: another\n%s", name, v.Variant, text)
			}
		}
	}
}

func TestNewNames(t *testing.T) {
	text, err := New(`a "b"`, "", "", "")
	if err != nil || mustLoad(t, text).Name != `a "b"` {
		t.Errorf("%v", err)
	}
	for body, want := range map[string]string{
		"name = \"x\"\n[a]\nname = \"y\"\n":       "name = \"new\"\n[a]\nname = \"y\"\n",
		"[a]\nname = \"y\"\n":                     "[a]\nname = \"y\"\n",
		"# c\nq = 1\nname = \"x\"\nz = \"[b]\"\n": "# c\nq = 1\nname = \"new\"\nz = \"[b]\"\n",
		"q = 1\n": "q = 1\n",
	} {
		if got := renamed(body, "new"); got != want {
			t.Errorf("%q, want %q", got, want)
		}
	}
}

func mustLoad(t *testing.T, text []byte, settings ...Setting) *Experiment {
	t.Helper()
	x, err := Load("mine.toml", text, settings...)
	if err != nil {
		t.Fatalf("%v\n%s", err, text)
	}
	return x
}
