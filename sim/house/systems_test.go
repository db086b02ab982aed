// Tests: the tree compiles for the systems that these tests do not run on.
package house

import (
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// listed is a package as go list tells of it.
type listed struct {
	ImportPath, Dir string
	GoFiles         []string
	ImportMap       map[string]string
	Module          *struct{ Main bool }
}

// TestOtherSystems checks the types of all our packages and tests as a compiler
// does. It reads the source of what they import, and only its declarations: to
// compile that for each system, as go vet does (make systems), takes a minute.
func TestOtherSystems(t *testing.T) {
	for _, system := range []string{"darwin", "windows"} {
		t.Run(system, func(t *testing.T) {
			t.Parallel()
			typeCheck(t, system)
		})
	}
}

func typeCheck(t *testing.T, system string) {
	list := exec.Command("go", "list", "-deps", "-test", "-json=ImportPath,Dir,GoFiles,ImportMap,Module", "./...")
	list.Dir = "../.."
	list.Env = append(os.Environ(), "GOOS="+system, "CGO_ENABLED=0") // as go does for another system
	var said strings.Builder
	list.Stderr = &said
	out, err := list.Output()
	if err != nil {
		t.Fatalf("%v\n%s", err, &said)
	}
	done, own := map[string]*types.Package{"unsafe": types.Unsafe}, 0
	for d := json.NewDecoder(strings.NewReader(string(out))); ; {
		var p listed
		if err := d.Decode(&p); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			t.Fatal(err)
		}
		if p.ImportPath == "unsafe" || strings.HasSuffix(p.ImportPath, ".test") { // the latter are programs that go test writes
			continue
		}
		if p.ours() {
			own++
		}
		done[p.ImportPath] = p.check(t, done)
	}
	if own < 50 {
		t.Errorf("only %d packages of our own", own)
	}
}

func (p *listed) ours() bool { return p.Module != nil && p.Module.Main }

// check reports what is wrong with the package, all whose imports are done.
func (p *listed) check(t *testing.T, done map[string]*types.Package) *types.Package {
	files := token.NewFileSet()
	var parsed []*ast.File
	for _, name := range p.GoFiles {
		if !filepath.IsAbs(name) {
			name = filepath.Join(p.Dir, name)
		}
		f, err := parser.ParseFile(files, name, nil, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, f)
	}
	config := types.Config{
		IgnoreFuncBodies: !p.ours(),
		Sizes:            types.SizesFor("gc", "amd64"),
		Error:            func(err error) { t.Error(err) },
		Importer:         importing{done, p.ImportMap},
	}
	checked, _ := config.Check(p.ImportPath, files, parsed, nil) // the error is the first of those told
	return checked
}

// importing finds the packages that another imports.
type importing struct {
	done  map[string]*types.Package
	stand map[string]string // what stands for an import path: a test's own form of it, or a vendored one
}

func (i importing) Import(path string) (*types.Package, error) {
	if other, found := i.stand[path]; found {
		path = other
	}
	if found := i.done[path]; found != nil {
		return found, nil
	}
	return nil, fmt.Errorf("%s does not come before who imports it", path)
}
