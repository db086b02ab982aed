// One suite over every registered action: its words, what it tells the world, and
// what is wrong with it.
package fault

import (
	"slices"
	"strings"
	"testing"
	"time"
)

// deeds has every action, what it is called, and what the world is told at its
// beginning and, if there is one, at its end.
var deeds = []struct {
	c         Config
	says      string
	does, end string
}{
	{Config{Do: "deploy"}, "a new version is deployed", "deploy", ""},
	{Config{Do: "purge"}, "everything is purged from every PoP", "purge  {Paths:/* List:[] Tags:[] Host: All:false Soft:false}", ""},
	{Config{Do: "purge", Node: "pop", Path: "/a.js"}, "/a.js is purged from pop", "purge pop {Paths:/a.js List:[] Tags:[] Host: All:false Soft:false}", ""},
	{Config{Do: "purge", Tags: []string{"a", "b"}}, "what is tagged a or b is purged from every PoP", "purge  {Paths: List:[] Tags:[a b] Host: All:false Soft:false}", ""},
	{Config{Do: "purge", Host: "a.com", Soft: true}, "everything of a.com is softly purged from every PoP", "purge  {Paths:/* List:[] Tags:[] Host:a.com All:false Soft:true}", ""},
	{Config{Do: "purge", All: true}, "everything is purged from every PoP", "purge  {Paths: List:[] Tags:[] Host: All:true Soft:false}", ""},
	{Config{Do: "purge", Paths: []string{"/a", "/b*"}}, "/a and /b* are purged from every PoP", "purge  {Paths: List:[/a /b*] Tags:[] Host: All:false Soft:false}", ""},
	{Config{Do: "purge", Paths: []string{"/a", "/b", "/c", "/d"}, Soft: true}, "/a, /b and 2 more are softly purged from every PoP", "purge  {Paths: List:[/a /b /c /d] Tags:[] Host: All:false Soft:true}", ""},
	{Config{Do: "warm"}, "every PoP is warmed up", "warm  /*", ""},
	{Config{Do: "warm", Node: "pop", Path: "/static/*"}, "pop is warmed up with /static/*", "warm pop /static/*", ""},
	{Config{Do: "drain", Node: "a"}, "a is drained", "drain a true", ""},
	{Config{Do: "drain", Node: "a", For: 5 * time.Second}, "a is drained for 5 s", "drain a true", "drain a false"},
	{Config{Do: "add-server", Node: "a", For: time.Second}, "a is added, leaves after 1 s", "add a", "remove a"},
	{Config{Do: "remove-server", Node: "a", For: time.Second}, "a is removed, comes back after 1 s", "remove a", "add a"},
	{Config{Do: "weight", Node: "a", Weight: 3, For: time.Second}, "a's weight becomes 3 for 1 s", "weight a 3", "weight a 0"},
	{Config{Do: "set", Set: map[string]any{"app": map[string]any{"workers": int64(3)}, "edge.cache": false}, For: time.Second},
		"app.workers becomes 3, edge.cache becomes false for 1 s", "set [{app.workers 3} {edge.cache false}] true", "set [{app.workers 3} {edge.cache false}] false"},
	{Config{Do: "release"}, "a new version is released", "release", ""},
	{Config{Do: "restart", Node: "a"}, "a is restarted without a drain", "roll {Servers:[a] AtOnce:1 Drain:0s Boot:0s Pause:0s}", ""},
	{Config{Do: "restart", Node: "a", Drain: time.Second, Boot: 2 * time.Second}, "a is restarted", "roll {Servers:[a] AtOnce:1 Drain:1s Boot:2s Pause:0s}", ""},
	{Config{Do: "rolling-restart"}, "the servers are restarted one after the other without a drain", "roll {Servers:[] AtOnce:1 Drain:0s Boot:0s Pause:0s}", ""},
	{Config{Do: "rolling-restart", Nodes: []string{"b", "a"}, AtOnce: 2, Drain: time.Second, Pause: time.Second}, "b, a are restarted 2 at a time", "roll {Servers:[b a] AtOnce:2 Drain:1s Boot:0s Pause:1s}", ""},
	{Config{Do: "deploy", Says: "release day"}, "release day", "deploy", ""},
}

func TestEveryAction(t *testing.T) {
	seen := map[string]bool{}
	for _, d := range deeds {
		seen[d.c.Do] = true
		if p := d.c.Check(minute); p != nil {
			t.Errorf("%+v: %v", d.c, p)
		}
		if got := Describe(d.c); got != d.says {
			t.Errorf("%+v is %q, want %q", d.c, got, d.says)
		}
		want := []string{d.does}
		if d.end != "" {
			want = append(want, d.end)
		}
		if got := play([]Config{d.c}, minute).log; strings.Join(got, "\n") != strings.Join(want, "\n") {
			t.Errorf("%s told the world %q, want %q", d.says, got, want)
		}
	}
	for _, name := range Actions.Names() {
		if !seen[name] {
			t.Errorf("no example of the action %s: add one", name)
		}
		if kind, _ := Actions.Get(name); !kind.Instant && kind.Until == nil {
			t.Errorf("the action %s may last, but has no words for its end", name)
		}
	}
}

func TestCheckAction(t *testing.T) {
	long := "/" + strings.Repeat("a", maxPath)
	for _, x := range []struct {
		c    Config
		want string
	}{
		{Config{Do: "deploi"}, `do: unknown action "deploi"; did you mean "deploy"?`},
		{Config{Do: "crash"}, `do: "crash" is no action; write fault = "crash"`},
		{Config{Fault: "purge"}, `fault: "purge" is no fault; write do = "purge"`},
		{Config{Do: "deploy", Fault: "crash"}, "do: stands beside fault: an event is one thing that happens; write two"},
		{Config{Do: "deploy", Node: "a"}, "node: means nothing to the action deploy, whose keys are: at, says"},
		{Config{Do: "purge", For: time.Second}, "for: means nothing to the action purge, whose keys are: node, path, paths, tags, host, everything, soft, at, says"},
		{Config{Do: "purge", Path: "/a", All: true}, "everything: stands beside path: a purge is about one of them; write two"},
		{Config{Do: "purge", Tags: []string{"a b"}}, `tags: "a b" is no tag`},
		{Config{Do: "purge", Paths: []string{"/a"}, Tags: []string{"a"}}, "tags: stands beside paths"},
		{Config{Do: "purge", Paths: []string{"/a", "b"}}, `paths: must begin with /, not "b"`},
		{Config{Do: "purge", Paths: []string{"/a", ""}}, "paths: one of them is empty"},
		{Config{Do: "purge", Paths: slices.Repeat([]string{"/a"}, 3001)}, "paths: are 3001; the limit is 3000"},
		{Config{Do: "purge", Tags: []string{"a", "b,c"}}, `tags: "b,c" is no tag`},
		{Config{Do: "purge", Tags: []string{long}}, `tags: "/aaa`},
		{Config{Do: "purge", Tags: slices.Repeat([]string{"a"}, 257)}, "tags: are 257; the limit is 256"},
		{Config{Do: "warm", Soft: true}, "soft: means nothing to the action warm"},
		{Config{Do: "drain"}, "node: is missing: the action drain needs it"},
		{Config{Do: "weight", Node: "a"}, "weight: is missing"},
		{Config{Do: "weight", Node: "a", Weight: 65536}, "weight: must be between 1 and 65535, not 65536"},
		{Config{Do: "weight", Node: "a", Weight: -1}, "weight: must be between 1 and 65535, not -1"},
		{Config{Do: "set"}, "set: is missing"},
		{Config{Do: "set", Set: map[string]any{}}, "set: is empty: name a key and what it becomes"},
		{Config{Do: "purge", Path: "a.js"}, `path: must begin with /, not "a.js"`},
		{Config{Do: "purge", Path: "/a*b"}, `path: "/a*b": a * stands at the end or nowhere`},
		{Config{Do: "warm", Path: "/a b"}, `path: "/a b" has letters`},
		{Config{Do: "warm", Path: long}, "path: has 2049 bytes; the limit is 2048"},
		{Config{Do: "drain", Node: "a", At: minute}, "at: 1m0s is not within the run (0s to 1m0s)"},
	} {
		problems := x.c.Check(minute)
		if len(problems) != 1 || !strings.HasPrefix(problems[0].String(), x.want) {
			t.Errorf("%+v:\n got %v\nwant %s", x.c, problems, x.want)
		}
	}
}

func TestCovers(t *testing.T) {
	for _, x := range []struct {
		pattern, path string
		want          bool
	}{
		{"/*", "/", true}, {"/*", "/a/b?c=d", true}, {"/a.js", "/a.js", true}, {"/a.js", "/a.js?v=2", false},
		{"/a*", "/abc", true}, {"/a/*", "/a", false}, {"/a", "/a/b", false},
	} {
		if got := Covers(x.pattern, x.path); got != x.want {
			t.Errorf("%s about %s: %v", x.pattern, x.path, got)
		}
	}
}

// Two drain one server: it comes back when neither wants it drained.
func TestDrainsOverlap(t *testing.T) {
	w := play([]Config{
		{At: time.Second, Do: "drain", Node: "a", For: 5 * time.Second},
		{At: 2 * time.Second, Do: "drain", Node: "a", For: time.Second},
		{At: 2 * time.Second, Do: "drain", Node: "b"},
	}, minute)
	if got, want := strings.Join(w.log, ", "), "drain a true, drain b true, drain a false"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
