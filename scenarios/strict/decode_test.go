// Tests of Decode: the values arrive, defaults stay, errors name the key and no line.

package strict

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestDecode(t *testing.T) {
	w := world{Seed: 9, Balancer: balancer{Algorithm: "p2c", Retries: 2}}
	d := mustParse(t, `name = "x"
starts = 2026-01-31T12:00:00Z
comment = "kept"
balancer.retries = 4
balancer.timeouts = ["1s", "1h30m"]
extra = [1, "two", 3.0, { four = 4 }]
limits.step = 5
headers."a.b" = "c d"
pop = [{ place = "paris", cache.size = "64MB", cache.share = 1, ttl = "150ms" }]
[[variant]]
"x.y" = 3
`)
	if err := Decode(d.Tree(), &w); err != nil {
		t.Fatal(err)
	}
	want := world{
		Name: "x", Seed: 9, Balancer: balancer{Algorithm: "p2c", Retries: 4, Timeouts: []time.Duration{time.Second, 90 * time.Minute}},
		Starts: time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC), common: common{Comment: "kept"}, Limits: &limits{Step: 5},
		Extra:   []any{int64(1), "two", 3.0, map[string]any{"four": int64(4)}},
		Headers: map[string]string{"a.b": "c d"}, Variant: []map[string]any{{"x.y": int64(3)}},
		Pop: []pop{{Place: "paris", Cache: cache{Size: 64 << 20, Share: 1}, TTL: 150 * time.Millisecond}},
	}
	if !w.Starts.Equal(want.Starts) {
		t.Errorf("starts at %v", w.Starts)
	}
	w.Starts = want.Starts // equal, in a location of its own
	if !reflect.DeepEqual(w, want) {
		t.Errorf("got:\n%+v\nwant:\n%+v", w, want)
	}
}

func TestDecodeErrors(t *testing.T) {
	for text, want := range map[string]string{
		"pop = [{ cache = { size = \"big\" } }]": `pop.cache.size: "big" is no size such as 64MB`,
		"seed = \"x\"":                           "seed: incompatible types",
		"name = 3":                               "name: incompatible types",
	} {
		err := Decode(mustParse(t, text).Tree(), new(world))
		if err == nil || !strings.HasPrefix(err.Error(), want) || strings.Contains(err.Error(), "line") {
			t.Errorf("%s: got %v, want %s", text, err, want)
		}
	}
	if err := Decode(map[string]any{"extra": []any{nil}}, new(world)); err == nil {
		t.Error("a nil in an array was decoded")
	}
	if err := Decode(map[string]any{}, world{}); err == nil {
		t.Error("decoded into what is no pointer")
	}
}
