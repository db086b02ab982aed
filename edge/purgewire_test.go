// Tests: a purge of many targets, to the wire and back; whom to tell when.
package edge

import (
	"fmt"
	"net/http"
	"reflect"
	"strings"
	"testing"

	"cdnlab/edge/cache"
	"cdnlab/sim"
)

func TestPurgeWire(t *testing.T) {
	targets := []cache.Target{
		{Tag: "shoes"}, {Tag: "red shoes\r\nX: y %2"}, {Prefix: true}, {Key: cache.Key{Host: "a.example", Path: "/"}, Prefix: true}, {Key: cache.Key{Host: "a.example", Path: "/x?y=z"}},
		{Key: cache.Key{Scheme: "https", Host: "a.example:8443", Path: "/b"}}, {Key: cache.Key{Path: "/only"}}, {Key: cache.Key{Path: ""}, Prefix: true},
	}
	x := NewPurging(targets, true)
	if x.Says != "tag shoes and 7 more, softly" {
		t.Errorf("it says %q", x.Says)
	}
	req := &sim.Request{Method: MethodPurge, Host: "ignored", Path: "/", Control: true, Header: x.Fields()}
	if got := ReadPurge(req); !reflect.DeepEqual(got, x) {
		t.Errorf("%+v came as %+v", x, got)
	}
	for _, bad := range []string{"", "tag", "tag ", "shoes", "at -", "at", "over - - /a"} {
		req.Header = http.Header{PurgeField: {"tag shoes", bad}}
		if got := ReadPurge(req); len(got.Targets) != 0 || got.Says == "" {
			t.Errorf("%q is %+v", bad, got)
		}
	}
	req.Control = false // anybody's field means nothing
	if got := ReadPurge(req); len(got.Targets) != 1 || got.Targets[0].Path != "/" {
		t.Errorf("a client's field: %+v", got)
	}
}

// Every target of a large purge is in one of its parts, and each part fits.
func TestPurgeSplit(t *testing.T) {
	for _, length := range []int{1, 30, 300, 2000} {
		var targets []cache.Target
		for i := range 3000 {
			targets = append(targets, cache.Target{Key: cache.Key{Host: "www.example.com", Path: fmt.Sprintf("/%d/%s", i, strings.Repeat("x", length))}})
		}
		var back []cache.Target
		for _, part := range NewPurging(targets, false).Split() {
			size := 0
			for _, text := range part.Fields()[PurgeField] {
				size += len(text)
			}
			if len(part.Targets) > maxPurgeLines || size > maxPurgeBytes {
				t.Errorf("a part with %d targets, %d bytes", len(part.Targets), size)
			}
			back = append(back, ReadPurge(&sim.Request{Control: true, Header: part.Fields()}).Targets...)
		}
		if !reflect.DeepEqual(back, targets) {
			t.Errorf("paths of %d letters: %d targets became %d", length, len(targets), len(back))
		}
	}
}

func FuzzPurgeLine(f *testing.F) {
	for _, seed := range []string{"tag a", "at - - /", "under http h /a b", "at http h"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		target, err := readLine(text)
		if err != nil {
			return
		}
		if again, err := readLine(line(target)); err != nil || again != target {
			t.Errorf("%q is %+v, and that again %+v, %v", text, target, again, err)
		}
	})
}

func TestFanout(t *testing.T) {
	parents := map[string][]string{"tokyo": {"asia"}, "sydney": {"asia", "america"}, "boston": {"america"}}
	f := NewFanout([]string{"asia", "america", "tokyo", "sydney", "paris", "boston"}, func(name string) []string { return parents[name] })
	for _, step := range []struct {
		says string
		got  []string
		want string
	}{
		{"at first", f.First(), "[asia america paris]"},
		{"paris heard", f.Heard("paris"), "[]"},
		{"asia cannot be told", f.Failed("asia"), "[tokyo]"},
		{"nor again", f.Failed("asia"), "[]"},
		{"tokyo cannot either", f.Failed("tokyo"), "[]"},
		{"america heard: of both of sydney's something is known", f.Heard("america"), "[sydney boston]"},
		{"asia heard at last: what was fetched from it is old", f.Heard("asia"), "[tokyo sydney]"},
	} {
		if got := fmt.Sprint(step.got); got != step.want {
			t.Errorf("%s: %s, want %s", step.says, got, step.want)
		}
	}
}
