// Tests of output files: nothing is lost, and nothing is left behind.
package main

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func content(t *testing.T, path string) string {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// left are the names in a folder.
func left(t *testing.T, dir string) string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	return strings.Join(names, " ")
}

func TestOutputReplacesWhole(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "result.json")
	o := output{"--json", path}
	for _, text := range []string{"first", "second"} {
		if err := o.check(); err != nil {
			t.Fatal(err)
		}
		if err := o.put([]byte(text)); err != nil {
			t.Fatal(err)
		}
		if got := content(t, path); got != text {
			t.Errorf("%q, want %q", got, text)
		}
	}
	if got := left(t, dir); got != "result.json" {
		t.Errorf("left: %s", got)
	}
}

// Whoever has the old file open reads all of it: the new one is another file.
func TestOutputLeavesTheOldFileToItsReaders(t *testing.T) {
	path := filepath.Join(t.TempDir(), "result.json")
	if err := os.WriteFile(path, []byte("the old one"), 0o640); err != nil {
		t.Fatal(err)
	}
	reader, err := os.Open(path)
	if err != nil {
		t.Fatal(err)
	}
	defer reader.Close()
	if runtime.GOOS == "windows" {
		t.Skip("an open file cannot be replaced there")
	}
	if err := (output{"--json", path}).put([]byte("new")); err != nil {
		t.Fatal(err)
	}
	var old bytes.Buffer
	if _, err := old.ReadFrom(reader); err != nil || old.String() != "the old one" {
		t.Errorf("%q, %v", &old, err)
	}
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o640 || content(t, path) != "new" {
		t.Errorf("%v, %v", info, err)
	}
}

// A link stays one, and what it leads to is replaced.
func TestOutputFollowsLinks(t *testing.T) {
	dir := t.TempDir()
	real, link := filepath.Join(dir, "real.json"), filepath.Join(dir, "link.json")
	if err := os.WriteFile(real, []byte("old"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink(real, link); err != nil {
		t.Skip(err)
	}
	if err := (output{"--json", link}).put([]byte("new")); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&os.ModeSymlink == 0 || content(t, real) != "new" {
		t.Errorf("%v, %v: %s", info, err, content(t, real))
	}
}

// What is no plain file is written to, and not replaced.
func TestOutputToADevice(t *testing.T) {
	if _, err := os.Stat(os.DevNull); err != nil {
		t.Skip(err)
	}
	o := output{"--json", os.DevNull}
	if err := o.check(); err != nil {
		t.Fatal(err)
	}
	if err := o.put([]byte("x")); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Stat(os.DevNull); err != nil || info.Mode().IsRegular() {
		t.Errorf("%v, %v", info, err)
	}
}

// A file that may be written in a folder that may not is written in place; one
// that may not be written is refused before.
func TestOutputWithoutRights(t *testing.T) {
	if os.Getuid() <= 0 {
		t.Skip("root may write everything, and Windows knows no such rights")
	}
	dir := t.TempDir()
	path := filepath.Join(dir, "result.json")
	if err := os.WriteFile(path, []byte("old"), 0o666); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(dir, 0o555); err != nil {
		t.Fatal(err)
	}
	defer os.Chmod(dir, 0o755)
	o := output{"--json", path}
	if err := o.check(); err != nil {
		t.Fatal(err)
	}
	if err := o.put([]byte("new")); err != nil || content(t, path) != "new" {
		t.Errorf("%v: %s", err, content(t, path))
	}
	if err := (output{"--json", filepath.Join(dir, "other.json")}).check(); err == nil {
		t.Error("a new file in a folder without rights")
	}
	if err := os.Chmod(path, 0o444); err != nil {
		t.Fatal(err)
	}
	if err := o.check(); err == nil || content(t, path) != "new" {
		t.Errorf("a file that may not be written: %v", err)
	}
}

// What could not be written is said, and the tables are shown nevertheless.
func TestTablesAreShownWhenAFileIsLost(t *testing.T) {
	if _, err := os.Stat("/dev/full"); err != nil {
		t.Skip(err)
	}
	var out, errs bytes.Buffer
	status := Main([]string{"run", "testdata/shop.toml", "--world", "virtual", "--quiet", "--json", "/dev/full"}, nil, &out, &errs)
	if status != statusBroken || !strings.Contains(errs.String(), "--json: write /dev/full: no space left on device") {
		t.Errorf("status %d: %s", status, &errs)
	}
	if !strings.Contains(out.String(), "2 of 2 expectations hold") {
		t.Errorf("no tables:\n%s", &out)
	}
}
