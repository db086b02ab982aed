// Tests: the decision guide's eight answers, and where measurement beats them.
package advice

import (
	"flag"
	"fmt"
	"os"
	"strconv"
	"strings"
	"testing"
)

var update = flag.Bool("update", false, "rewrite the golden table")

// The guide asks three questions. All eight answers, what it then says, what the runs
// say, and what it loses to them, with a ~ where so few runs cannot tell: the golden table
// is of short runs, those of 'make theory' are long.
func TestGuide(t *testing.T) {
	o, requests := quietly(4), minRequests
	n, _ := strconv.Atoi(os.Getenv("CDNLAB_THEORY"))
	if n > 1 {
		o.Runs, requests = 6, 1000*n
	}
	var table strings.Builder
	row := func(cells ...any) { fmt.Fprintf(&table, "%-9s %-7s %-6s %-21s %10s   %-29s %10s  %s\n", cells...) }
	row("servers", "times", "users", "the guide", "its p99", "the best", "its p99", "the guide loses")
	for i := range 8 {
		equal, varies, sticky := i&4 == 0, i&2 == 0, i&1 == 1
		c := Answered(equal, varies, sticky)
		c.Requests, c.Networks = requests, 20
		a := mustAdvise(t, c, o)
		g, first := a.Guide, a.Rows[0]
		if g == nil || g.Algorithm != GuideSays(equal, varies, sticky) || g.Equal != equal || g.Varies != varies || g.Sticky != sticky {
			t.Fatalf("the answers %v, %v, %v make the guide %+v", equal, varies, sticky, g)
		}
		loses := "nothing"
		if g.Loses > 0 {
			loses = fmt.Sprintf("%.0f %%", 100*g.Loses)
			if g.Even {
				loses += " ~"
			}
		}
		row(either(equal, "equal", "unequal"), either(varies, "vary", "do not"), either(sticky, "stay", "roam"),
			g.Algorithm, fmt.Sprintf("%.1f ms", a.Row(g.Algorithm).P99.Mean/1e6), first.Algorithm, fmt.Sprintf("%.1f ms", first.P99.Mean/1e6), loses)
	}
	if t.Log("\n" + table.String()); n > 1 {
		return
	}
	const file = "testdata/guide.txt"
	if *update {
		if err := os.WriteFile(file, []byte(table.String()), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	golden, err := os.ReadFile(file)
	if err != nil || string(golden) != table.String() {
		t.Errorf("the table is not %s (%v); if it should be: go test ./scenarios/advice -run TestGuide -update", file, err)
	}
}

func either(is bool, yes, no string) string {
	if is {
		return yes
	}
	return no
}
