// Who comes again when a server says when.
package scenarios

import (
	"fmt"
	"testing"
)

// A server of one worker, and more users than it can carry: those who are told to come
// again in a second, and do, are refused a few times; those who do not heed it again and
// again.
func TestRetryAfterIsHeeded(t *testing.T) {
	const users = `duration = "10s"
[load]
shape = "users"
users = 20
think-time = "50ms"
[[clients]]
id = "users"
place = "New York"
heed-retry-after = %v
[[catalog]]
path = "/p"
cache-control = "no-store"
[app]
workers = 1
service-time = "20ms"
queue = 1
retry-after = "%ds"
`
	const people = users + "[[journey]]\nname = \"j\"\nthink-time = \"50ms\"\n[[journey.step]]\npage = \"/p\"\ntimes = 5\n"
	for _, text := range []string{users, people} {
		refused := map[string]int64{}
		for _, c := range []struct {
			heed    bool
			seconds int
		}{{true, 0}, {true, 1}, {false, 1}} {
			run := playText(t, fmt.Sprintf(text, c.heed, c.seconds))
			refused[fmt.Sprint(c.heed, c.seconds)] = run.Windows[0].Counters["app-1.rejected"]
			if n := run.Windows[0].Counters["app-1.requests"]; !run.Complete || n == 0 {
				t.Errorf("%v: %d requests, complete: %v", c, n, run.Complete)
			}
		}
		if refused["true 0"] != refused["false 1"] || refused["false 1"] < 4*refused["true 1"] || refused["true 1"] == 0 {
			t.Errorf("refused: %v", refused)
		}
	}
}
