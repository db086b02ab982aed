// Tests: what holds for every file, and for the top of the tree.
package house

import (
	"bytes"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const (
	root   = "../.."
	module = "cdnlab"

	maxFunctionLines = 70
	maxFileLines     = 400 // not in tests
)

// topLevel are the entries of the tree beside those that begin with a dot.
var topLevel = []string{"cmd", "edge", "geo", "origin", "report", "scenarios", "sim", "testdata",
	"Makefile", "README.md", "go.mod", "go.sum"}

// files returns every file of the tree but those in testdata and those whose
// name, or folder, begins with a dot, by its path from the top.
func files(t *testing.T) []string {
	t.Helper()
	var list []string
	err := filepath.WalkDir(root, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if name != root && (d.Name() == "testdata" || d.Name() == "bin" || strings.HasPrefix(d.Name(), ".")) {
			if d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		if !d.IsDir() {
			from, err := filepath.Rel(root, name)
			list = append(list, from)
			return err
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func goFiles(t *testing.T) []string {
	t.Helper()
	return slices.DeleteFunc(files(t), func(name string) bool { return filepath.Ext(name) != ".go" })
}

func read(t *testing.T, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, file))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

func TestTopLevel(t *testing.T) {
	entries, err := os.ReadDir(root)
	if err != nil {
		t.Fatal(err)
	}
	var ignored []string // what a build leaves behind, and git does not see
	for line := range strings.Lines(string(read(t, ".gitignore"))) {
		ignored = append(ignored, strings.Trim(strings.TrimSpace(line), "/"))
	}
	for _, e := range entries {
		name := e.Name()
		known := strings.HasPrefix(name, ".") || slices.Contains(topLevel, name)
		known = known || slices.ContainsFunc(ignored, func(pattern string) bool {
			match, err := path.Match(pattern, name)
			return err == nil && match
		})
		if !known {
			t.Errorf("%s at the top: put it into one of the folders", name)
		}
	}
}

// Work that is not done is said in the README or not at all.
func TestNothingLeftForLater(t *testing.T) {
	later := regexp.MustCompile(`\b(TO` + `DO|FIX` + `ME)\b`)
	for _, file := range files(t) {
		text := read(t, file)
		if at := later.FindIndex(text); at != nil {
			t.Errorf("%s:%d: %s", file, 1+bytes.Count(text[:at[0]], []byte("\n")), text[at[0]:at[1]])
		}
	}
}

// The first line of each file says what it is for; a build constraint may stand
// before it.
func TestFirstLine(t *testing.T) {
	for _, file := range goFiles(t) {
		lines := slices.Collect(strings.Lines(string(read(t, file))))
		if strings.HasPrefix(lines[0], "//go:build ") {
			lines = lines[2:] // it and the empty line that belongs to it
		}
		if !strings.HasPrefix(lines[0], "// ") {
			t.Errorf("%s: its first line does not say what it is for: %s", file, lines[0])
		}
	}
}

func TestLengths(t *testing.T) {
	for _, file := range goFiles(t) {
		text := read(t, file)
		if n := bytes.Count(text, []byte("\n")); n >= maxFileLines && !strings.HasSuffix(file, "_test.go") {
			t.Errorf("%s: %d lines; files stay under %d", file, n, maxFileLines)
		}
		set := token.NewFileSet()
		parsed, err := parser.ParseFile(set, file, text, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(parsed, func(n ast.Node) bool {
			switch n.(type) {
			case *ast.FuncDecl, *ast.FuncLit:
				from, to := set.Position(n.Pos()), set.Position(n.End())
				if lines := to.Line - from.Line + 1; lines > maxFunctionLines {
					t.Errorf("%v: a function of %d lines; at most %d", from, lines, maxFunctionLines)
				}
				return false // what is within is no longer
			}
			return true
		})
	}
}
