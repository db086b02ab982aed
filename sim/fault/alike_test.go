// Tests of events that are alike.
package fault

import (
	"testing"
	"time"
)

func TestDescribeAlike(t *testing.T) {
	crash := func(node string, at time.Duration) Config { return Config{Fault: "crash", Node: node, At: at} }
	all := []Config{crash("a", time.Second), crash("b", time.Second), crash("c", 2*time.Second), crash("d", time.Second), {Do: "deploy", At: time.Second}, {Do: "deploy", At: time.Second}}
	for i, want := range []string{"a crashes; so do b and d", "", "c crashes", "", Describe(all[4]), Describe(all[5])} {
		words, first := DescribeAlike(all, i)
		if words != want || first != (want != "") {
			t.Errorf("event %d: %q, first: %v; want %q", i, words, first, want)
		}
	}
	if words, _ := DescribeAlike(all[:2], 0); words != "a crashes; so does b" {
		t.Error(words)
	}
}
