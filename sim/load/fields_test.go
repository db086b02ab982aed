// Tests: what users send.
package load

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"cdnlab/sim/check"
)

func TestFields(t *testing.T) {
	base := http.Header{"Accept": {"*/*"}, "User-Agent": {"cdnlab"}}
	f := NewFields(FieldValues{"user-agent": {"A/{1-3}", "B"}, "Cookie": {"id={user}"}, "X": {"{a}", "{2-1}", "{"}}, base, 1)
	agent, seen := regexp.MustCompile(`^(A/[123]|B)$`), map[string]int{}
	for user := range uint64(1000) {
		h := f.Of(user)
		if again := f.Of(user); again.Get("User-Agent") != h.Get("User-Agent") || again.Get("X") != h.Get("X") {
			t.Fatalf("user %d sends %v, then %v", user, h, again)
		}
		if got := h.Get("User-Agent"); !agent.MatchString(got) {
			t.Errorf("User-Agent: %s", got)
		}
		seen[h.Get("User-Agent")]++
		seen[h.Get("X")]++
		if h.Get("Accept") != "*/*" {
			t.Errorf("%v", h)
		}
	}
	if h := f.Of(7); h.Get("Cookie") != "id=7" {
		t.Errorf("Cookie: %s", h.Get("Cookie"))
	}
	for _, want := range []string{"A/1", "A/2", "A/3", "B", "{a}", "{2-1}", "{"} {
		if seen[want] < 100 {
			t.Errorf("%s was sent by %d of 1,000", want, seen[want])
		}
	}
	if f := NewFields(nil, base, 1); f.Of(1).Get("User-Agent") != "cdnlab" || testing.AllocsPerRun(100, func() { f.Of(2) }) != 0 {
		t.Error("who sends nothing of their own has the base itself")
	}
}

// TestSharedFields: who sends the same shares one header, and that costs nothing.
func TestSharedFields(t *testing.T) {
	f := NewFields(FieldValues{"Accept-Encoding": {"gzip", "br, gzip"}, "Accept-Language": {"de", "en"}}, http.Header{}, 1)
	user := uint64(0)
	for range 100 {
		f.Of(user)
		user++
	}
	if n := testing.AllocsPerRun(100, func() { user++; f.Of(user % 100) }); n != 0 || len(f.kept) != 4 {
		t.Errorf("%v allocations, %d headers", n, len(f.kept))
	}
}

func TestFieldValuesCheck(t *testing.T) {
	for want, v := range map[string]FieldValues{ // any order
		"":                         {"Accept-Encoding": {"br", ""}, "x": {"{user}"}},
		"not the name of a header": {"a b": {"x"}},
		"are the same header":      {"Cookie": {"x"}, "cookie": {"y"}},
		"whoever sends":            {"host": {"x"}},
		"whoever sends the":        {"Cdnlab-Client": {"x"}},
		"has no value":             {"Cookie": {}},
		"cannot stand":             {"Cookie": {"a\r\nX: b"}},
	} {
		var l check.List
		v.Check(&l)
		if got := len(l.Problems); (want == "") != (got == 0) || got > 0 && !strings.Contains(l.Problems[0].Says, want) {
			t.Errorf("%v: %v, want %s", v, l.Problems, want)
		}
	}
}
