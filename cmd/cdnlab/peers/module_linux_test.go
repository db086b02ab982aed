// Modules: peers that are Go programs, built outside the lab's own module.
package peers

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// goProgram is a program of another module.
type goProgram struct {
	name   string
	module string // with its version
	main   string // the package
}

// programs are those that were built, "" for those that could not be: each is
// tried once.
var programs = map[string]string{}

// build builds the program in a temporary folder, if it is not installed. It
// returns "" with a word when that cannot be done.
func (p goProgram) build(b *testing.B) string {
	b.Helper()
	if file := installed(p.name); file != "" {
		return file
	}
	return p.buildOf(b, "package peer\n", p.main)
}

// buildWith builds a program of ours that uses the module.
func (p goProgram) buildWith(b *testing.B, source string) string {
	b.Helper()
	return p.buildOf(b, source, ".")
}

func (p goProgram) buildOf(b *testing.B, source, main string) string {
	b.Helper()
	if file, tried := programs[p.name]; tried {
		return file
	}
	programs[p.name] = ""
	folder := filepath.Join(work, p.name)
	if err := os.Mkdir(folder, 0o755); err != nil {
		b.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "main.go"), []byte(source), 0o644); err != nil {
		b.Fatal(err)
	}
	file := filepath.Join(folder, "program")
	for _, command := range []string{"mod init peer", "get " + p.module, "build -mod=mod -o " + file + " " + main} {
		if said, err := goIn(folder, strings.Fields(command)...); err != nil {
			b.Logf("%s: not to be had: go %s: %v: %s", p.name, command, err, lastLine(said))
			return ""
		}
	}
	programs[p.name] = file
	return file
}

// goIn runs the go command outside any module but that of the folder.
func goIn(folder string, args ...string) (string, error) {
	cmd := exec.Command("go", args...)
	cmd.Dir = folder
	cmd.Env = append(os.Environ(), "GOWORK=off", "GOFLAGS=")
	said, err := cmd.CombinedOutput()
	return string(said), err
}

func lastLine(text string) string {
	lines := strings.Split(strings.TrimSpace(text), "\n")
	return lines[len(lines)-1]
}
