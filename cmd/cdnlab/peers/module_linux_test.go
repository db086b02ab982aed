// Modules: peers that are Go programs, built outside the lab's own module.
package peers

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// module builds a program of another module (MODULE@VERSION), or one that uses
// it, in a temporary folder. It returns "" with a word when that cannot be had.
func module(b *testing.B, at, source string) string {
	b.Helper()
	folder := b.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "main.go"), []byte(source), 0o644); err != nil {
		b.Fatal(err)
	}
	for _, command := range []string{"mod init peer", "get " + at, "build -mod=mod -o peer ."} {
		if said, err := goIn(folder, strings.Fields(command)...); err != nil {
			b.Logf("%s: not to be had: go %s: %v: %s", at, command, err, lastLine(said))
			return ""
		}
	}
	return filepath.Join(folder, "peer")
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
