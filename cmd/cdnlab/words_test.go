// Tests: words of the command line, taken apart and put together.
package main

import (
	"slices"
	"testing"

	"cdnlab/scenarios"
	"cdnlab/scenarios/strict"
)

func TestSplitList(t *testing.T) {
	for _, c := range []struct {
		list string
		want []string
	}{
		{"a", []string{"a"}},
		{"a,b", []string{"a", "b"}},
		{"a, b ,", []string{"a", "b", ""}},
		{`"a,b",c`, []string{`"a,b"`, "c"}},
		{`"a`, []string{`"a`}},
	} {
		if got := splitList(c.list); !slices.Equal(got, c.want) {
			t.Errorf("%s: %q, want %q", c.list, got, c.want)
		}
	}
}

func TestQuote(t *testing.T) {
	for text, want := range map[string]string{
		"load.rate=500": "load.rate=500",
		"CDN warm":      "'CDN warm'",
		"it's":          `'it'\''s'`,
		"":              "''",
		"$(reboot)":     "'$(reboot)'",
	} {
		if got := quote(text); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func TestMatches(t *testing.T) {
	for _, c := range []struct {
		key  strict.Key
		name string
		want bool
	}{
		{strict.Key{Name: "app.workers", Type: "integer"}, "app.workers", true},
		{strict.Key{Name: "app.workers", Type: "integer"}, "app.workers.x", false},
		{strict.Key{Name: "app.workers", Type: "integer"}, "app", false},
		{strict.Key{Name: "server.*.weight", Type: "integer"}, "server.app-2.weight", true},
		{strict.Key{Name: "server.*.weight", Type: "integer"}, "server.2.weight", true},
		{strict.Key{Name: "server.*.weight", Type: "integer"}, "server.weight", false},
		{strict.Key{Name: "event.*.set", Type: "table of keys"}, "event.0.set", true},
		{strict.Key{Name: "event.*.set", Type: "table of keys"}, "event.0.set.app.workers", false},
		{strict.Key{Name: "catalog.*.headers", Type: "table of strings"}, "catalog.0.headers.Vary", true},
	} {
		if got := matches(c.key, c.name); got != c.want {
			t.Errorf("%s, %s: %v", c.key.Name, c.name, got)
		}
	}
}

// Every key that can be listed can be set by its name.
func TestEveryKeyIsFound(t *testing.T) {
	keys := allKeys()
	for _, k := range keys {
		if found, err := findKey(keys, k.Name); err != nil || found.Name != k.Name {
			t.Errorf("%s: found %q, %v", k.Name, found.Name, err)
		}
	}
}

// Every key says what it is.
func TestEveryKeyHasAText(t *testing.T) {
	for _, k := range allKeys() {
		if k.Says == "" {
			t.Errorf("%s: no text", k.Name)
		}
	}
}

func TestPresent(t *testing.T) {
	tree := map[string]any{"balancer": map[string]any{"algorithm": "random"}, "edge": "no table"}
	key := strict.Key{Default: `"round-robin"`}
	for name, want := range map[string]string{
		"balancer.algorithm": "random",
		"balancer.other":     "round-robin",
		"edge.eviction":      "round-robin",
		"clients.0.place":    "round-robin",
	} {
		if got := present(key, name, tree); got != want {
			t.Errorf("%s: %s, want %s", name, got, want)
		}
	}
}

// What a live run needs is an estimate, but it must be of the right size: at
// 10,000 requests a second from afar some thousand connections, at 50 few.
func TestNeeds(t *testing.T) {
	for _, c := range []struct {
		settings  []scenarios.Setting
		low, high int
	}{
		{nil, 50, 300},
		{[]scenarios.Setting{{Key: "load.rate", Value: int64(10_000)}, {Key: "edge.on", Value: false}}, 4000, 12_000},
		{[]scenarios.Setting{{Key: "clients.0.connections", Value: "per-user"}, {Key: "load.rate", Value: int64(1000)}}, 1000, 4000},
	} {
		x, err := open("testdata/shop.toml", c.settings...)
		if err != nil {
			t.Fatal(err)
		}
		n, err := needs(x.Variants[0])
		if err != nil {
			t.Fatal(err)
		}
		if n.files < c.low || n.files > c.high {
			t.Errorf("%v: %d files, want %d to %d", c.settings, n.files, c.low, c.high)
		}
	}
}
