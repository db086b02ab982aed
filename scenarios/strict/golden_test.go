// Golden tests: every testdata/*.toml with the mistakes beside it in *.txt; -update rewrites those (read the diff).

package strict

import (
	"errors"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func TestGolden(t *testing.T) {
	schema := worldSchema(t)
	files, err := filepath.Glob("testdata/*.toml")
	if err != nil || len(files) < 5 {
		t.Fatalf("only %d files: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			golden(t, strings.TrimSuffix(file, ".toml")+".txt", readAll(t, schema, file))
		})
	}
}

// readAll is what a user sees of a file: its mistakes, or that it decodes.
func readAll(t *testing.T, schema *Schema, file string) string {
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	d, err := Parse(filepath.Base(file), data)
	if err != nil {
		var ms Mistakes
		if !errors.As(err, &ms) || len(ms) != 1 {
			t.Errorf("not one mistake: %v", err)
		}
		return err.Error() + "\n"
	}
	if ms := schema.Check(d); len(ms) > 0 {
		return ms.Error() + "\n"
	}
	if err := Decode(d.Tree(), new(world)); err != nil {
		t.Errorf("no mistake, and yet it does not decode: %v", err)
	}
	return "good\n"
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != string(want) {
		t.Errorf("%s\ngot:\n%s\nwant:\n%s", file, got, want)
	}
}

func TestSchemaGolden(t *testing.T) {
	first, second := worldSchema(t).JSON(), worldSchema(t).JSON()
	if string(first) != string(second) {
		t.Error("the JSON schema is not the same twice")
	}
	golden(t, "testdata/schema.json", string(first))
}
