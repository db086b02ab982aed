// Tests: users of datagrams in virtual time, what is lost and what is counted.
package scenarios

import (
	"fmt"
	"testing"

	"cdnlab/report"
)

// castTOML is 40 users who send 100 datagrams a second for four seconds.
const castTOML = `
name = "casts"
duration = "4s"
[load]
shape = "constant"
rate = 100
[[clients]]
id = "users"
place = "New York"
users = 40
addresses = 4
[[catalog]]
path = "/state"
size = "200B"
udp = { timeout = "200ms" }
[origin]
place = "New York"
servers = 4
[app]
workers = 8
service-time = "1ms"
distribution = "constant"
[balancer]
mode = "l4"
algorithm = "least-connections"
health = { interval = "500ms", timeout = "50ms", fall = 1, rise = 1 }
`

// casts are what is counted of datagrams in a run.
func casts(r *report.Run) (sent, answered, lost, late, moved int64) {
	n := r.Windows[0].Counters
	of := func(c string) int64 { return n[report.Datagrams+"."+c] }
	return of("sent"), of("answered"), of("lost"), of("late"), of("moved")
}

func TestCastsFaults(t *testing.T) {
	for _, c := range []struct {
		name, more               string
		lost, mostLost, mostLate int64
		errors, mostErrors       int64
	}{
		{"well", "", 0, 0, 0, 0, 0},
		{"a server dies", "[[event]]\nat = \"1100ms\"\nfault = \"crash\"\nnode = \"app-2\"\n", 1, 20, 0, 1, 20},
		{"one hangs and goes on", "[[event]]\nat = \"1s\"\nfault = \"hang\"\nnode = \"app-2\"\nfor = \"250ms\"\n", 1, 10, 10, 1, 10}, // what was sent meanwhile is answered, too late
		{"all are lost on the way", "[[event]]\nat = \"1s\"\nfault = \"cut\"\nfrom = \"users\"\nto = \"balancer\"\nfor = \"1s\"\n", 98, 102, 0, 98, 102},
		{"half are", "[[event]]\nat = \"0s\"\nfault = \"loss\"\nfrom = \"users\"\nto = \"balancer\"\nloss = 0.5\n", 250, 350, 0, 250, 350}, // 3/4, either way
		{"the balancer dies", "[[event]]\nat = \"1s\"\nfault = \"crash\"\nnode = \"balancer\"\nfor = \"1s\"\n", 98, 102, 0, 98, 102},
		{"a slow server", "[[event]]\nat = \"1s\"\nfault = \"slow\"\nnode = \"app-2\"\nfactor = 300\nfor = \"1s\"\n", 5, 40, 40, 5, 40},
	} {
		r := playText(t, castTOML+c.more)
		sent, answered, lost, late, _ := casts(r)
		if errors := r.Windows[0].Counts["errors"]; sent != 400 || sent != answered+lost || lost < c.lost || lost > c.mostLost || late > c.mostLate || errors < c.errors || errors > c.mostErrors || r.Windows[0].Counts["requests"] != 400 {
			t.Errorf("%s: %d sent, %d answered, %d lost, %d late, %d errors", c.name, sent, answered, lost, late, errors)
		}
	}
}

// Who tries again sees less of it, and an answer to an earlier try is as good.
func TestCastsRetries(t *testing.T) {
	const half = "[[event]]\nat = \"0s\"\nfault = \"loss\"\nfrom = \"users\"\nto = \"balancer\"\nloss = 0.3\n"
	before := int64(400)
	for retries := range 4 {
		r := playText(t, castTOML+half, Setting{"catalog.0.udp.retries", int64(retries)})
		sent, answered, lost, late, _ := casts(r)
		errors := r.Windows[0].Counts["errors"]
		if sent != answered+lost+0 || sent-400 > lost || errors >= before || late != 0 {
			t.Errorf("%d retries: %d sent, %d answered, %d lost, %d late, %d errors, %d before", retries, sent, answered, lost, late, errors, before)
		}
		before = errors
	}
}

// Any key of flows can change while they go on, and back, and no datagram is lost for it.
func TestFlowKeys(t *testing.T) {
	for _, key := range []string{"balancer.flows.table = false", `balancer.flows.idle = "50ms"`, "balancer.flows.limit = 5", `balancer.flows = { limit = 40, when-full = "drop" }`,
		`balancer.hash-by = "address"`, `balancer.algorithm = "maglev"`, `catalog.0.udp.timeout = "300ms"`, `catalog.0.udp.query-size = "1000B"`, "catalog.0.udp.retries = 2"} {
		t.Run(key, func(t *testing.T) {
			r := playText(t, castTOML+set("1s", key, `for = "1s"`))
			if sent, answered, lost, _, _ := casts(r); sent != 400 || answered != 400 || lost != 0 {
				t.Errorf("%d sent, %d answered, %d lost", sent, answered, lost)
			}
		})
	}
}

// TestCastsByTCPChecks: the checks of a pool that passes connections on may open one and
// ask nothing.
func TestCastsByTCPChecks(t *testing.T) {
	r := playText(t, castTOML+"[[event]]\nat = \"1100ms\"\nfault = \"crash\"\nnode = \"app-2\"\n", Setting{"balancer.health.check", "tcp"})
	if _, _, lost, _, moved := casts(r); lost == 0 || lost > 20 || moved == 0 {
		t.Errorf("%d lost, %d moved", lost, moved)
	}
}

// Users of one address are told apart by their ports, and none has another's.
func TestCastPorts(t *testing.T) {
	r := playText(t, castTOML, Setting{"balancer.flows.table", false}, Setting{"balancer.algorithm", "maglev"})
	w := r.Windows[0]
	if len(w.Servers) != 4 || w.Counters[report.Datagrams+".moved"] != 0 {
		t.Errorf("40 users of 4 addresses are spread over %v, %d moved", fmt.Sprint(w.Servers), w.Counters[report.Datagrams+".moved"])
	}
}
