// Tests: the code below the worlds is quiet. It starts no goroutine, holds no
// lock, reads no clock and no global dice, and no order of a map decides.
package house

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// quiet are the packages below the worlds. An adapter in a folder "live"
// beside its decider may do what real bytes need.
var quiet = []string{"./geo", "./sim", "./sim/check", "./sim/load", "./sim/fault", "./sim/inject", "./sim/network", "./sim/cpu", "./sim/byterange",
	"./origin/...", "./edge/...", "./report"}

// loud are imports that have no place there.
var loud = map[string]string{
	"sync":          "the code below the worlds runs on one thread at a time",
	"sync/atomic":   "the code below the worlds runs on one thread at a time",
	"context":       "cancellation is sim.Scope",
	"crypto/rand":   "dice come from the Env, by seed",
	"hash/maphash":  "its seed differs in each process",
	"net":           "connections are the worlds'",
	"os/exec":       "processes are the live world's",
	"os/signal":     "signals are the program's",
	"unsafe":        "nothing here needs it",
	"testing":       "that is for tests",
	"runtime":       "the machine must not decide",
	"runtime/debug": "the machine must not decide",
}

// wallClock are package time's functions that read it, or wait for it.
var wallClock = []string{"Now", "Since", "Until", "Sleep", "After", "AfterFunc", "NewTimer", "NewTicker", "Tick"}

// pkg is what go list says of a package.
type pkg struct {
	Dir, ImportPath, Export string
	GoFiles, IgnoredGoFiles []string
	DepOnly                 bool
}

// list asks the go command, which also compiles what the packages import, so
// that their types are known.
func list(t *testing.T) []pkg {
	t.Helper()
	args := append([]string{"list", "-export", "-deps", "-json=Dir,ImportPath,Export,GoFiles,IgnoredGoFiles,DepOnly"}, quiet...)
	command := exec.Command("go", args...)
	command.Dir = root
	var errs bytes.Buffer
	command.Stderr = &errs
	out, err := command.Output()
	if err != nil {
		t.Fatalf("go list: %v\n%s", err, &errs)
	}
	var all []pkg
	for decoder := json.NewDecoder(bytes.NewReader(out)); ; {
		var p pkg
		if err := decoder.Decode(&p); errors.Is(err, io.EOF) {
			return all
		} else if err != nil {
			t.Fatal(err)
		}
		all = append(all, p)
	}
}

func TestQuiet(t *testing.T) {
	all := list(t)
	exports := map[string]string{}
	for _, p := range all {
		exports[p.ImportPath] = p.Export
	}
	set := token.NewFileSet()
	known := importer.ForCompiler(set, "gc", func(name string) (io.ReadCloser, error) {
		return os.Open(exports[name])
	})
	t.Run("the test itself", func(t *testing.T) { testLoud(t, set, known) })
	checked := 0
	for _, p := range all {
		if p.DepOnly || slices.Contains(strings.Split(p.ImportPath, "/"), "live") {
			continue
		}
		checked++
		for _, name := range p.IgnoredGoFiles {
			t.Errorf("%s/%s: the code below the worlds is the same on every system", p.ImportPath, name)
		}
		for _, broken := range check(t, set, known, p) {
			t.Error(broken)
		}
	}
	if checked < len(quiet) {
		t.Errorf("only %d packages were checked", checked)
	}
}

// check returns what is loud in a package.
func check(t *testing.T, set *token.FileSet, from types.Importer, p pkg) []string {
	t.Helper()
	var parsed []*ast.File
	for _, name := range p.GoFiles {
		file, err := parser.ParseFile(set, filepath.Join(p.Dir, name), nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, file)
	}
	info := &types.Info{Types: map[ast.Expr]types.TypeAndValue{}, Uses: map[*ast.Ident]types.Object{}}
	config := types.Config{Importer: from}
	if _, err := config.Check(p.ImportPath, set, parsed, info); err != nil {
		t.Fatalf("%s: %v", p.ImportPath, err)
	}
	var broken []string
	for _, file := range parsed {
		l := &listener{set: set, info: info, comments: orderComments(set, file), sorted: map[ast.Node]bool{}}
		ast.Inspect(file, l.hear)
		broken = append(broken, l.broken...)
	}
	return broken
}

// orderComments returns the lines for which a comment says that any order will
// do: its own and the next.
func orderComments(set *token.FileSet, file *ast.File) map[int]bool {
	lines := map[int]bool{}
	for _, group := range file.Comments {
		if strings.Contains(group.Text(), "order") {
			lines[set.Position(group.Pos()).Line] = true
			lines[set.Position(group.End()).Line] = true
			lines[set.Position(group.End()).Line+1] = true
		}
	}
	return lines
}

// listener hears what is loud in a file.
type listener struct {
	set      *token.FileSet
	info     *types.Info
	comments map[int]bool
	sorted   map[ast.Node]bool // the name Keys in slices.Sorted(maps.Keys(m))
	broken   []string
}

func (l *listener) say(n ast.Node, format string, args ...any) {
	at := l.set.Position(n.Pos())
	if name, err := filepath.Rel(mustAbs(root), at.Filename); err == nil {
		at.Filename = name
	}
	l.broken = append(l.broken, fmt.Sprintf("%v: ", at)+fmt.Sprintf(format, args...))
}

func mustAbs(name string) string {
	abs, err := filepath.Abs(name)
	if err != nil {
		panic(err)
	}
	return abs
}

func (l *listener) hear(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.GoStmt:
		l.say(n, "a go statement below the worlds")
	case *ast.ChanType:
		l.say(n, "a channel below the worlds: nothing there blocks")
	case *ast.ImportSpec:
		l.hearImport(n)
	case *ast.RangeStmt:
		if l.isMap(n.X) {
			l.needsComment(n)
		}
	case *ast.CallExpr:
		l.hearCall(n)
	case *ast.Ident:
		if object := l.info.Uses[n]; object != nil && object.Pkg() != nil && object.Parent() == object.Pkg().Scope() {
			l.hearUse(n, object)
		}
	}
	return true
}

func (l *listener) hearImport(n *ast.ImportSpec) {
	name, err := strconv.Unquote(n.Path.Value)
	if err != nil {
		panic(err)
	}
	if why := loud[name]; why != "" {
		l.say(n, "imports %s: %s", name, why)
	}
	if n.Name != nil && n.Name.Name == "_" && name != "embed" {
		l.say(n, "imports %s for its effects alone", name)
	}
}

func (l *listener) needsComment(n ast.Node) {
	if !l.comments[l.set.Position(n.Pos()).Line] {
		l.say(n, "the order of a map, without a comment on this line or the one before that says why any order will do")
	}
}

// isMap reports whether a range over x has a map's order.
func (l *listener) isMap(x ast.Expr) bool {
	t := l.info.TypeOf(x)
	if p, generic := t.(*types.TypeParam); generic {
		constraint, _ := p.Constraint().Underlying().(*types.Interface)
		for i := range constraint.NumEmbeddeds() {
			if union, ok := constraint.EmbeddedType(i).(*types.Union); ok {
				for j := range union.Len() {
					if _, ok := union.Term(j).Type().Underlying().(*types.Map); ok {
						return true
					}
				}
			}
		}
		return false
	}
	_, ok := t.Underlying().(*types.Map)
	return ok
}

// hearUse judges the use of something another package declares at its top.
func (l *listener) hearUse(n *ast.Ident, object types.Object) {
	name := object.Name()
	_, function := object.(*types.Func)
	switch from := object.Pkg().Path(); from {
	case "time":
		if slices.Contains(wallClock, name) {
			l.say(n, "time.%s: time comes from sim.Clock", name)
		}
	case "math/rand", "math/rand/v2":
		if function && !strings.HasPrefix(name, "New") {
			l.say(n, "rand.%s: the global dice have no seed", name)
		}
	case "net/http":
		if !quietHTTP(name) {
			l.say(n, "http.%s: of net/http only headers, statuses, methods and dates", name)
		}
	case "maps":
		if slices.Contains([]string{"Keys", "Values", "All"}, name) && !l.sorted[n] {
			l.needsComment(n)
		}
	case "os":
		l.say(n, "os.%s: the machine must not decide", name)
	}
}

// quietHTTP reports whether a name of net/http does nothing.
func quietHTTP(name string) bool {
	return strings.HasPrefix(name, "Status") || strings.HasPrefix(name, "Method") ||
		slices.Contains([]string{"Header", "TimeFormat", "ParseTime", "CanonicalHeaderKey"}, name)
}

// hearCall marks the inner name of slices.Sorted(maps.Keys(m)): sorting gives an
// order of its own. The outer call is seen before the inner one.
func (l *listener) hearCall(n *ast.CallExpr) {
	outer, ok := n.Fun.(*ast.SelectorExpr)
	if !ok || l.info.Uses[outer.Sel] == nil || l.info.Uses[outer.Sel].Pkg() == nil ||
		l.info.Uses[outer.Sel].Pkg().Path() != "slices" || !strings.HasPrefix(outer.Sel.Name, "Sorted") {
		return
	}
	if inner, ok := n.Args[0].(*ast.CallExpr); ok {
		if of, ok := inner.Fun.(*ast.SelectorExpr); ok {
			l.sorted[of.Sel] = true
		}
	}
}

// loudLines are lines of a function with a map m, each with what must be heard.
var loudLines = []struct{ line, want string }{
	{"go func() {}()", "go statement"},
	{"_ = make(chan int)", "channel"},
	{"_ = new(sync.Mutex)", "imports sync"},
	{"_ = time.Now()", "time.Now"},
	{"f := time.Since; _ = f", "time.Since"},
	{"_ = time.Duration(1)", ""},
	{"_ = rand.IntN(3)", "rand.IntN"},
	{"_ = rand.New(rand.NewPCG(1, 2)).IntN(3)", ""},
	{"_ = http.DefaultClient", "http.DefaultClient"},
	{"var s http.Server; _ = s.Close()", "http.Server"},
	{"_ = http.Header{}.Get(http.MethodGet)", ""},
	{"for range m {}", "order of a map"},
	{"for range m {} // in any order: nothing happens", ""},
	{"// in any order\nfor range m {}", ""},
	{"for range m {} // counts", "order of a map"},
	{"for range maps.Keys(m) {}", "order of a map"},
	{"for range slices.Sorted(maps.Keys(m)) {}", ""},
	{"for range slices.Collect(maps.Keys(m)) {}", "order of a map"},
	{"for range []int{} {}", ""},
}

func testLoud(t *testing.T, set *token.FileSet, known types.Importer) {
	for _, c := range loudLines {
		var text strings.Builder
		fmt.Fprintln(&text, "package loud")
		for _, name := range []string{"maps", "math/rand/v2", "net/http", "slices", "sync", "time"} {
			if base := path.Base(strings.TrimSuffix(name, "/v2")); strings.Contains(c.line, base+".") {
				fmt.Fprintf(&text, "import %q\n", name)
			}
		}
		fmt.Fprintf(&text, "func f(m map[int]int) {\n%s\n}\n", c.line)
		dir := t.TempDir()
		if err := os.WriteFile(filepath.Join(dir, "loud.go"), []byte(text.String()), 0o666); err != nil {
			t.Fatal(err)
		}
		got := strings.Join(check(t, set, known, pkg{Dir: dir, ImportPath: "loud", GoFiles: []string{"loud.go"}}), "; ")
		if !strings.Contains(got, c.want) || c.want == "" && got != "" {
			t.Errorf("%s: heard %q, want %q", c.line, got, c.want)
		}
	}
}
