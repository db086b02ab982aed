// Tests of the request's directives: what they mean, and what they change.
package cache

import (
	"fmt"
	"testing"
	"time"

	"cdnlab/sim"
)

// RFC 9111 5.2.1, one row a directive and a bound of it, for an answer that is fresh
// for 100 s.
func TestObey(t *testing.T) {
	const fresh, open = "Cache-Control: max-age=100", "Cache-Control: max-age=100, stale-while-revalidate=50"
	for _, test := range []struct {
		asked, answer string
		age           int
		want          string
	}{
		{"", fresh, 50, "hit"},
		{"Cache-Control: max-age=50", fresh, 50, "hit"},
		{"Cache-Control: max-age=49", fresh, 50, "miss request 5.2.1.1"},
		{"Cache-Control: max-age=0", fresh, 0, "miss request 5.2.1.1"},
		{"Cache-Control: max-age=x", fresh, 0, "miss request 5.2.1.1"},
		{"Cache-Control: max-age=\"50\"", fresh, 50, "hit"},
		{"Cache-Control: max-age=500", fresh, 120, "miss stale 4.2.4"},
		{"", open, 120, "stale"},
		{"Cache-Control: max-age=500", open, 120, "miss stale 5.2.1.1"},
		{"Cache-Control: max-age=500, max-stale=20", open, 120, "stale"},
		{"Cache-Control: max-stale=19", open, 120, "miss stale 5.2.1.2"},
		{"Cache-Control: max-stale=20", fresh, 120, "stale"},
		{"Cache-Control: max-stale=19", fresh, 120, "miss stale 4.2.4"},
		{"Cache-Control: max-stale", fresh, 99999, "stale"},
		{"Cache-Control: max-stale=x", fresh, 101, "miss stale 4.2.4"},
		{"Cache-Control: max-age=110, max-stale", fresh, 120, "miss stale 4.2.4"},
		{"Cache-Control: max-stale", fresh + ", must-revalidate", 101, "miss stale 5.2.2.2"},
		{"Cache-Control: max-stale", "Cache-Control: s-maxage=100", 101, "miss stale 5.2.2.10"},
		{"Cache-Control: max-stale", "Cache-Control: no-cache | Etag: \"1\"", 1, "miss stale 5.2.2.4"},
		{"Cache-Control: min-fresh=50", fresh, 50, "hit"},
		{"Cache-Control: min-fresh=51", fresh, 50, "miss request 5.2.1.3"},
		{"Cache-Control: min-fresh=x", fresh, 50, "hit"},
		{"Cache-Control: no-cache", fresh, 1, "miss request 5.2.1.4"},
		{"Cache-Control: NO-CACHE=x", fresh, 1, "miss request 5.2.1.4"},
		{"Cache-Control: no-cache", open, 120, "miss stale 5.2.1.4"},
		{"Cache-Control: no-cache, max-stale", fresh, 120, "miss stale 4.2.4"},
		{"Pragma: no-cache", fresh, 1, "miss request 5.2.1.4"},
		{"Pragma: no-cache | Cache-Control: max-age=9", fresh, 1, "hit"}, // 5.4: where there is Cache-Control
		{"Pragma: no-store", fresh, 200, "miss stale 4.2.4"},
		{"Cache-Control: no-store", fresh, 1, "hit"},
		{"Cache-Control: no-store", fresh, 101, "bypass stale 5.2.1.5"},
		{"Cache-Control: only-if-cached", fresh, 1, "hit"},
		{"Cache-Control: only-if-cached", fresh, 101, "miss stale 5.2.1.7"},
		{"Cache-Control: only-if-cached, no-cache", fresh, 1, "miss request 5.2.1.7"},
		{"Cache-Control: x=\"no-cache, no-store\"", fresh, 1, "hit"},
	} {
		rules := SharedRules()
		e, why := rules.Consider(came(200, test.answer, test.asked))
		if e == nil {
			t.Fatalf("%s: not stored: %s", test.answer, why)
		}
		var d Decision
		now := e.Received.Add(time.Duration(test.age)*time.Second - e.Initial)
		rules.Judge(now, e, true, &d)
		asking := ParseAsking(header(test.asked))
		rules.Obey(&asking, e, &d)
		got := d.Verdict.String()
		if !d.Verdict.FromStore() {
			got = fmt.Sprintf("%s %v %s", got, d.Fwd, d.Why.Rule()[len("RFC 9111 "):])
		}
		if got != test.want {
			t.Errorf("%s, age %d, after %s: %s (%s), want %s", test.asked, test.age, test.answer, got, d.Why, test.want)
		}
		if d.Fwd == sim.FwdRequest && !d.Alone {
			t.Errorf("%s: it may wait for an answer that was asked for before", test.asked)
		}
	}
}
