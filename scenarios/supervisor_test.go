// The supervisor of app servers: whom it restarts, and when.
package scenarios

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"cdnlab/sim"
)

const supervised = `duration = "12s"
[load]
rate = 20
[[clients]]
id = "users"
place = "New York"
[[catalog]]
path = "/p"
[origin]
servers = 2
[database]
[app]
restart-after = "1s"
liveness = { check = "http", interval = "500ms", timeout = "200ms", fall = 3 }
`

// befell are the events of one node by their time, to a tenth of a second.
func befell(t *testing.T, text, node string) string {
	t.Helper()
	var all []string
	for _, e := range playText(t, text).Events {
		if e.Node == node && e.Kind != sim.EventDown && e.Kind != sim.EventUp {
			all = append(all, fmt.Sprintf("%v %s", time.Duration(e.At).Round(100*time.Millisecond), e.Kind))
		}
	}
	return strings.Join(all, ", ")
}

func TestSupervisor(t *testing.T) {
	for _, c := range []struct{ name, events, node, want string }{
		{"a hang ends with the third failed check, and the new process is left in peace",
			"[[event]]\nat = \"2s\"\nfault = \"hang\"\nnode = \"app-2\"\nfor = \"8s\"\n", "app-2",
			"2s hung, 3.5s restarted, 3.5s crashed, 4.5s started"},
		{"who is killed otherwise is not watched meanwhile",
			"[[event]]\nat = \"2s\"\nfault = \"crash\"\nnode = \"app-2\"\nfor = \"6s\"\n", "app-2",
			"2s crashed, 8s started"},
		{"a crash by a fault while it waits for its restart lasts as long as the fault",
			"[[event]]\nat = \"2s\"\nfault = \"hang\"\nnode = \"app-2\"\nfor = \"1600ms\"\n[[event]]\nat = \"3700ms\"\nfault = \"crash\"\nnode = \"app-2\"\nfor = \"5s\"\n", "app-2",
			"2s hung, 3.5s restarted, 3.5s crashed, 8.7s started"},
		{"a hung database is nobody else's death",
			"[[event]]\nat = \"2s\"\nfault = \"hang\"\nnode = \"database\"\nfor = \"5s\"\n", "app-2", ""},
	} {
		if got := befell(t, supervised+c.events, c.node); got != c.want {
			t.Errorf("%s: %s, want %s", c.name, got, c.want)
		}
	}
	// ... unless the check of liveness asks it.
	deep := strings.Replace(supervised, "fall = 3", `fall = 3, path = "/health/ready"`, 1) + "[[event]]\nat = \"2s\"\nfault = \"hang\"\nnode = \"database\"\nfor = \"5s\"\n"
	if got := befell(t, deep, "app-1"); strings.Count(got, "restarted") != 2 {
		t.Errorf("a deep check of liveness: %s", got)
	}
}
