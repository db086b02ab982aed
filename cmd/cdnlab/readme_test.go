// Tests: every command of the README is run, what it shows below a command is
// what comes, its tables are those of the registries, and its algorithm passes
// the balancer's own suite.
package main

import (
	"encoding/json"
	"errors"
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"cdnlab/sim/live"
)

var update = flag.Bool("update", false, "rewrite the README's tables and outputs")

const (
	root   = "../.."
	readme = root + "/README.md"
)

// A command is a line of a console block that begins with "$ ".
type command struct {
	line   string   // without the "$ " and without what follows a #
	status int      // that it must exit with: "# exit status 2" says so
	shown  []string // the lines below it, up to the next command
	from   int      // the first of them, as an index of the README's lines
}

// The README's lines, fences and all.
func readmeLines(t *testing.T) []string {
	t.Helper()
	text, err := os.ReadFile(readme)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(string(text), "\n")
}

// blocks calls f with each fenced block of a language: its lines, and the index
// of the first.
func blocks(lines []string, language string, f func(from int, block []string)) {
	for i := 0; i < len(lines); i++ {
		if lines[i] != "```"+language {
			continue
		}
		length := slices.Index(lines[i+1:], "```")
		f(i+1, lines[i+1:i+1+length])
		i += length + 1
	}
}

func readmeCommands(t *testing.T, lines []string) []command {
	t.Helper()
	var all []command
	blocks(lines, "console", func(from int, block []string) {
		if len(block) == 0 || !strings.HasPrefix(block[0], "$ ") {
			t.Fatalf("README.md:%d: a console block that does not begin with a command", from+1)
		}
		for i, line := range block {
			text, found := strings.CutPrefix(line, "$ ")
			if !found {
				last := &all[len(all)-1]
				last.shown = append(last.shown, line)
				continue
			}
			text, remark, _ := strings.Cut(text, " #")
			c := command{line: strings.TrimSpace(text), from: from + i + 1}
			if number, found := strings.CutPrefix(strings.TrimSpace(remark), "exit status "); found {
				var err error
				if c.status, err = strconv.Atoi(number); err != nil {
					t.Fatalf("README.md:%d: %v", c.from, err)
				}
			}
			all = append(all, c)
		}
	})
	return all
}

// notRun are commands that a test cannot run, and why.
var notRun = []struct{ prefix, why string }{
	{"git clone ", "this is the clone"},
	{"make test", "this is what it runs: it would never end"},
	{"make build", "the binary of this test is what it builds"},
}

// TestReadme runs the README's commands in one folder, in their order, with the
// README's scenarios and headers in it.
func TestReadme(t *testing.T) {
	lines := readmeLines(t)
	dir := t.TempDir()
	blocks(lines, "toml", func(from int, block []string) {
		name := regexp.MustCompile(`^# ([a-z-]+\.toml)\b`).FindStringSubmatch(block[0])
		if name == nil {
			t.Fatalf("README.md:%d: a scenario's first line gives its file's name", from+1)
		}
		if err := os.WriteFile(filepath.Join(dir, name[1]), []byte(strings.Join(block, "\n")+"\n"), 0o666); err != nil {
			t.Fatal(err)
		}
	})
	blocks(lines, "http", func(from int, block []string) {
		name := regexp.MustCompile(`^\* ([a-z-]+\.txt)\b`).FindStringSubmatch(block[0])
		if name == nil {
			t.Fatalf("README.md:%d: headers begin with a line \"* NAME.txt\", as curl's remarks do", from+1)
		}
		if err := os.WriteFile(filepath.Join(dir, name[1]), []byte(strings.Join(block, "\n")+"\n"), 0o666); err != nil {
			t.Fatal(err)
		}
	})
	commands := readmeCommands(t, lines)
	if len(commands) < 10 {
		t.Errorf("only %d commands", len(commands))
	}
	var came [][]string
	for _, c := range commands {
		var out []string
		t.Run(c.line, func(t *testing.T) { out = c.run(t, dir) })
		came = append(came, out)
	}
	if *update && !t.Failed() {
		rewrite(t, lines, commands, came)
	}
}

// rewrite puts what came below the commands that show all of it.
func rewrite(t *testing.T, lines []string, commands []command, came [][]string) {
	t.Helper()
	for i, c := range slices.Backward(commands) {
		if came[i] != nil && len(c.shown) > 0 && !slices.Contains(c.shown, "...") {
			lines = slices.Replace(lines, c.from, c.from+len(c.shown), came[i]...)
		}
	}
	if err := os.WriteFile(readme, []byte(strings.Join(lines, "\n")), 0o666); err != nil {
		t.Fatal(err)
	}
}

// run runs the command and holds what it prints to what is shown. It returns
// what it printed.
func (c command) run(t *testing.T, dir string) []string {
	for _, n := range notRun {
		if strings.HasPrefix(c.line, n.prefix) {
			t.Skip(n.why)
		}
	}
	words := shellWords(t, c.line)
	switch {
	case len(words) > 2 && words[0] == "go" && words[1] == "run" && words[2] == "./cmd/cdnlab":
		words = append([]string{"cdnlab"}, words[3:]...) // TestMain lets this binary be it
	case len(words) == 3 && words[0] == "go" && words[1] == "test":
		words, dir = append([]string{"go", "test", "-v", "-overlay", overlay(t)}, words[2:]...), root
	case words[0] != "cdnlab":
		t.Fatal("this test does not know how to run it")
	}
	if c.live(words) {
		if testing.Short() {
			t.Skip("real processes take real time")
		}
		if err := live.Supported(); err != nil {
			t.Skip(err)
		}
	}
	if c.live(words) && words[1] == "run" {
		words = append(words, "--set", "duration=3s") // all that it expects shows in its first seconds
	}
	run := exec.Command(words[0], words[1:]...)
	run.Dir = dir
	var out, errs strings.Builder
	run.Stdout, run.Stderr = &out, &errs
	err := run.Run()
	if failed := (*exec.ExitError)(nil); err != nil && !errors.As(err, &failed) {
		t.Fatal(err)
	}
	if got := run.ProcessState.ExitCode(); got != c.status && !(c.live(words) && doubtful(got, out.String())) {
		t.Fatalf("exit status %d, want %d\n%s%s", got, c.status, &out, &errs)
	}
	if words[0] == "go" && !strings.Contains(out.String(), "PASS: TestNeverAnIneligibleServer/"+added(t).name) {
		t.Errorf("the README's algorithm was not tested:\n%s", &out)
	}
	if out.Len() == 0 {
		out = errs
	}
	got := strings.Split(strings.TrimSuffix(out.String(), "\n"), "\n")
	if len(c.shown) > 0 && !match(c.shown, got) && (!*update || slices.Contains(c.shown, "...")) {
		t.Errorf("shown:\n%s\n\ncame (make golden rewrites the README):\n%s", strings.Join(c.shown, "\n"), strings.Join(got, "\n"))
	}
	return got
}

// live reports whether the command starts real processes, which is what run
// does when it is not told otherwise.
func (c command) live(words []string) bool {
	world := slices.Index(words, "--world")
	return words[0] == "cdnlab" && (words[1] == "run" && world < 0 || world > 0 && words[world+1] != "virtual")
}

// doubtful reports whether a live run failed an expectation on a machine that
// was too busy to be measured on, and whose receipt says so.
func doubtful(status int, out string) bool {
	return status == statusFails && regexp.MustCompile(`  (doubtful|not to be trusted)  `).MatchString(out)
}

// match reports whether lines came as they are shown; a line "..." is any
// number of lines.
func match(shown, came []string) bool {
	switch {
	case len(shown) == 0:
		return len(came) == 0
	case shown[0] == "...":
		return match(shown[1:], came) || len(came) > 0 && match(shown, came[1:])
	}
	return len(came) > 0 && shown[0] == came[0] && match(shown[1:], came[1:])
}

// shellWords splits a command as a shell does, as far as the README needs it.
func shellWords(t *testing.T, line string) []string {
	t.Helper()
	words := quotedWords(line)
	for i, word := range words {
		if strings.ContainsAny(singleQuoted.ReplaceAllString(word, ""), "|<>;&$`\\") {
			t.Fatalf("%s: this test has no shell", line)
		}
		words[i] = unquoted(word)
	}
	return words
}

var singleQuoted = regexp.MustCompile(`'[^']*'`)

// quotedWords splits at blanks, but not within quotes, which stay.
func quotedWords(line string) []string {
	return regexp.MustCompile(`('[^']*'|"[^"]*"|[^ '"]+)+`).FindAllString(line, -1)
}

func unquoted(word string) string { return strings.NewReplacer("'", "", `"`, "").Replace(word) }

// algorithm is the README's example of one.
type algorithm struct{ name, code string }

func added(t *testing.T) algorithm {
	t.Helper()
	var a algorithm
	blocks(readmeLines(t), "go", func(from int, block []string) {
		name := regexp.MustCompile(`^// ([a-z-]+): `).FindStringSubmatch(block[0])
		if name == nil || a.name != "" {
			t.Fatalf("README.md:%d: one algorithm, its name in the first line", from+1)
		}
		a = algorithm{name[1], strings.Join(block, "\n") + "\n"}
	})
	return a
}

// overlay adds the README's algorithm to the tree, for the go command only, and
// returns the file that says so.
func overlay(t *testing.T) string {
	t.Helper()
	a, dir := added(t), t.TempDir()
	file, says := filepath.Join(dir, "added.go"), filepath.Join(dir, "overlay.json")
	place, err := filepath.Abs(root + "/origin/balance/" + strings.ReplaceAll(a.name, "-", "") + ".go")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(place); err == nil {
		t.Fatalf("%s is there already: choose another example", place)
	}
	text, err := json.Marshal(map[string]any{"Replace": map[string]string{place: file}})
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{file: []byte(a.code), says: text} {
		if err := os.WriteFile(name, text, 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return says
}

// unlisted are kinds that the README names the command of.
var unlisted = []string{"places", "regions", "keys", "topics", "expectations"}

// The tables between <!-- KIND --> and <!-- /KIND --> are those of 'cdnlab list'.
func TestReadmeTables(t *testing.T) {
	text := strings.Join(readmeLines(t), "\n")
	for _, k := range kinds {
		if slices.Contains(unlisted, k.name) {
			continue
		}
		l, err := k.list()
		if err != nil {
			t.Fatal(err)
		}
		if k.name == "metrics" {
			l.rows = foldQuantiles(l.rows)
		}
		open, shut := "<!-- "+k.name+" -->\n", "<!-- /"+k.name+" -->"
		before, rest, found := strings.Cut(text, open)
		kept, after, closed := strings.Cut(rest, shut)
		if !found || !closed {
			t.Errorf("no table between %s and %s", strings.TrimSpace(open), shut)
			continue
		}
		want := markdown(l)
		if *update {
			text = before + open + want + shut + after
		} else if kept != want {
			t.Errorf("the table of %s is not that of the registry (make golden rewrites it); want\n%s", k.name, want)
		}
	}
	if *update && !t.Failed() {
		if err := os.WriteFile(readme, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// foldQuantiles makes one row of a distribution's max, mean and quantiles.
func foldQuantiles(rows [][]string) [][]string {
	var folded [][]string
	for _, row := range rows {
		family, of, _ := strings.Cut(row[0], ".")
		head, says, found := row[:len(row)-1], "", false
		if _, says, found = strings.Cut(row[len(row)-1], " of: "); !found || of == "" {
			folded = append(folded, row)
			continue
		}
		name := "`" + family + ".` with "
		if last := len(folded) - 1; last >= 0 && strings.HasPrefix(folded[last][0], name) {
			folded[last][0] += " `" + of + "`"
			continue
		}
		folded = append(folded, append(append([]string{name + "`" + of + "`"}, head[1:]...), says))
	}
	return folded
}

// Every entry of every registry is named, however the tables are folded.
func TestReadmeNamesEverything(t *testing.T) {
	text := strings.Join(readmeLines(t), "\n")
	for _, k := range kinds {
		if slices.Contains(unlisted, k.name) {
			continue
		}
		l, err := k.list()
		if err != nil {
			t.Fatal(err)
		}
		for _, row := range l.rows {
			family, of, _ := strings.Cut(row[0], ".")
			whole := strings.Contains(text, "`"+row[0]+"`")
			if !whole && !regexp.MustCompile("`"+regexp.QuoteMeta(family)+"\\.` with .*`"+regexp.QuoteMeta(of)+"`").MatchString(text) {
				t.Errorf("%s: %s is not in the README", k.name, row[0])
			}
		}
	}
}

// Links lead to files that are there.
func TestReadmeLinks(t *testing.T) {
	for i, line := range readmeLines(t) {
		for _, link := range regexp.MustCompile(`\]\(([^)#:]+)\)`).FindAllStringSubmatch(line, -1) {
			if _, err := os.Stat(filepath.Join(root, link[1])); err != nil {
				t.Errorf("README.md:%d: %v", i+1, err)
			}
		}
	}
}

func TestReadmeMatch(t *testing.T) {
	for _, c := range []struct {
		shown, came string
		want        bool
	}{
		{"a b", "a b", true},
		{"a b", "a c", false},
		{"a ...", "a", true},
		{"... c", "a b c", true},
		{"a ... c", "a b", false},
		{"a", "a b", false},
	} {
		if got := match(strings.Fields(c.shown), strings.Fields(c.came)); got != c.want {
			t.Errorf("%q, %q: %v", c.shown, c.came, got)
		}
	}
}
