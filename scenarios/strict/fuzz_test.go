// Fuzzing: whatever the bytes, nothing panics, and what the parts of the package say of them agrees.

package strict

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/BurntSushi/toml"
)

func FuzzParse(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.toml")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	for _, seed := range []string{
		"a.b.c=1\n[a.d]\n[[a.e]]\n[a.e.f]\n[[a.e]]\nx={y.z=[1,[2],{w=3}]}", `"" = 1`, "[[a]]\n[[a.b]]\n[[a.b]]\n[a.b.c]\n",
		"x = '''\n'a'''\ny=\"\"\"\\\n  b\"\"\"", "x=0x1f\ny=1e3\nz=-0.0\nd=07:32:00", "a=[[],[[]],{}]", "a=[]\n[a.b]", "x = 1\r\ny = 2\r",
		"[a]\n[a.b]\n[a]", "[[a]]\n[a]", "a={b=1}\n[a.c]", "a.b=1\n[a]\nc=1",
	} {
		f.Add([]byte(seed))
	}
	schema := worldSchema(f)
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := Parse("f.toml", data)
		if err != nil {
			var ms Mistakes
			if !errors.As(err, &ms) || len(ms) != 1 {
				t.Fatalf("not one mistake: %v", err)
			}
			inFile(t, data, ms)
			return
		}
		ms := schema.Check(d)
		inFile(t, data, ms)
		if err := Decode(d.Tree(), new(world)); err != nil && len(ms) == 0 {
			t.Fatalf("no mistake, and yet it does not decode: %v", err)
		}
		everythingStands(t, d, d.Tree(), nil)
		survives(t, d.Tree())
	})
}

// inFile wants every mistake inside the file.
func inFile(t *testing.T, data []byte, ms Mistakes) {
	lines := bytes.Count(data, []byte("\n")) + 1
	for _, m := range ms {
		if m.Line < 1 || m.Line > lines || m.Column < 1 || m.Column > len(data)+1 || m.Says == "" {
			t.Fatalf("outside of the file of %d lines: %v", lines, m)
		}
	}
	if shown := strings.Count(ms.Error(), "\n"); len(ms) > maxShown && shown < maxShown {
		t.Fatalf("%d mistakes shown in %d lines", len(ms), shown)
	}
}

// everythingStands wants a place for every value that the other parser found: the two must read a file alike.
func everythingStands(t *testing.T, d *Doc, v any, path []any) {
	if p, _ := d.places.find(path); p == nil {
		t.Fatalf("no place for %s", pathText(path))
	}
	if line, column := d.Position(path...); line < 1 || column < 1 {
		t.Fatalf("%s stands at %d:%d", pathText(path), line, column)
	}
	if table, ok := v.(map[string]any); ok {
		for k, inner := range table {
			everythingStands(t, d, inner, extend(path, k))
		}
	}
	if n, ok := elements(v); ok {
		for i := range n {
			inner, _ := child(v, i)
			everythingStands(t, d, inner, extend(path, i))
		}
	}
}

// survives wants the tree to come back from the text that Decode makes of it.
func survives(t *testing.T, tree map[string]any) {
	var text bytes.Buffer
	if err := toml.NewEncoder(&text).Encode(tree); err != nil {
		t.Fatalf("cannot be written: %v", err)
	}
	var back map[string]any
	if _, err := toml.Decode(text.String(), &back); err != nil {
		t.Fatalf("cannot be read back: %v\n%s", err, &text)
	}
	if strings.Contains(text.String(), "nan") {
		return // nan is not equal to itself
	}
	if got, want := plain(back), plain(tree); !reflect.DeepEqual(got, want) {
		t.Fatalf("came back as\n%v\nwas\n%v", got, want)
	}
}
