// Tests of several balancers: who is there, who hears whom, and what is lost with one.
package scenarios

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"cdnlab/report"
	"cdnlab/sim"
	"cdnlab/sim/live"
)

const balancersTOML = `name = "balancers"
duration = "6s"
[cpu]
costs = "free"
[load]
rate = 100
[[clients]]
id = "users"
place = "Boston"
connections = "per-user"
[[catalog]]
path = "/p/{n}"
objects = 100
cache-control = "no-store"
[origin]
servers = 2
[app]
service-time = "1ms"
distribution = "constant"
[balancer]
count = 2
retries = 0
vrrp = { interval = "200ms" }
dns = { ttl = "500ms", interval = "100ms", fall = 2 }
ecmp = { interval = "100ms" }
`

const aPoP = "[[pop]]\nplace = \"Boston\"\n"

func playBalancers(t *testing.T, worlds []string, text string, settings ...Setting) *report.Run {
	t.Helper()
	x, err := Load("balancers.toml", []byte(text), settings...)
	if err != nil {
		t.Fatal(err)
	}
	o := Options{Worlds: worlds, Progress: quiet()}
	if worlds[0] == report.Live {
		if err := live.Supported(); err != nil {
			t.Skip(err)
		}
		if o.Command, err = live.Self(); err != nil {
			t.Fatal(err)
		}
	}
	r, err := Run(context.Background(), x, o)
	if err != nil {
		t.Fatal(err)
	}
	return r.Runs[0]
}

var inVirtual = []string{report.Virtual}

// happened are the run's events of these kinds.
func happened(r *report.Run, kinds ...sim.EventKind) (all []string) {
	for _, e := range r.Events {
		if slices.Contains(kinds, e.Kind) {
			all = append(all, fmt.Sprintf("%.1f %s %s %s", time.Duration(e.At).Seconds(), e.Node, e.Kind, e.Subject))
		}
	}
	return all
}

var rerouted = []sim.EventKind{sim.EventTookOver, sim.EventGaveUp, sim.EventAnnounced, sim.EventWithdrawn, sim.EventRouted}

func TestWhoBalances(t *testing.T) {
	peers := func(n *Node) (names []string) {
		for _, p := range n.Peers {
			names = append(names, p.Name)
		}
		return names
	}
	for _, x := range []struct {
		settings []Setting
		nodes    string
		peers    map[string]string
	}{
		{[]Setting{{"balancer.count", int64(1)}}, "app-1 app-2 balancer boston-pop",
			map[string]string{"balancer": "app-1 app-2", "boston-pop": "balancer"}},
		{nil, "app-1 app-2 balancer-1 balancer-2 boston-pop",
			map[string]string{"balancer-1": "app-1 app-2 balancer-2", "balancer-2": "app-1 app-2 balancer-1", "boston-pop": "balancer-1 balancer-2"}},
		{[]Setting{{"balancer.count", int64(3)}, {"balancer.standby", "active-active"}}, "app-1 app-2 balancer-1 balancer-2 balancer-3 boston-pop",
			map[string]string{"balancer-3": "app-1 app-2", "boston-pop": "balancer-1 balancer-2 balancer-3"}},
	} {
		top := topologyOf(t, balancersTOML+aPoP, x.settings...)
		var names []string
		for i := range top.Nodes {
			n := &top.Nodes[i]
			names = append(names, n.Name)
			if want, told := x.peers[n.Name]; told && strings.Join(peers(n), " ") != want {
				t.Errorf("%s dials %v, want %s", n.Name, peers(n), want)
			}
		}
		if strings.Join(names, " ") != x.nodes {
			t.Errorf("nodes %v, want %s", names, x.nodes)
		}
	}
}

func TestWrongBalancers(t *testing.T) {
	for more, want := range map[string]string{ // any order
		"[[event]]\nat = \"1s\"\nfault = \"crash\"\nnode = \"balancer-3\"\n":              "balancer-3",
		"[[event]]\nat = \"1s\"\nfault = \"slow\"\nfactor = 2.0\nnode = \"balancer-2\"\n": "cannot be made slower",
		"[[event]]\nat = \"1s\"\ndo = \"set\"\nset = { balancer.count = 3 }\n":            "balancers neither come nor go",
		"[[pop]]\nname = \"balancer-2\"\nplace = \"Boston\"\n":                            "a second node",
		"[[variant]]\nname = \"a\"\nset = { balancer.count = 17 }\n":                      "at most 16",
		"[[variant]]\nname = \"a\"\nset = { balancer.vrrp.priorities = [1] }\n":           "are 1, of 2 balancers",
		"[[variant]]\nname = \"a\"\nset = { balancer.vrrp.priorities = [0, 1] }\n":        "0 is not in 1..254",
		"[[variant]]\nname = \"a\"\nset = { balancer.spread = \"anycast\" }\n":            "anycast",
	} {
		_, err := Load("balancers.toml", []byte(balancersTOML+more))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s:\n%v, want something of %q", more, err, want)
		}
	}
}

const balancerDies = "[[event]]\nat = \"1s\"\nfault = \"crash\"\nnode = \"balancer\"\nfor = \"3s\"\n"

// The standby takes over, and the first has it again when it has stood by in vain for as
// long: users and PoPs hear of both.
func TestStandbyTakesOver(t *testing.T) {
	for _, cdn := range []string{"", aPoP} {
		r := playBalancers(t, inVirtual, balancersTOML+cdn+balancerDies)
		// 3.609 intervals after the last advert, and 3.605 after the restart.
		got := strings.Join(happened(r, rerouted...), ", ")
		if got != "1.7 balancer-2 took-over balancer-1, 4.7 balancer-1 took-over balancer-2, 4.7 balancer-2 gave-up balancer-1" {
			t.Errorf("CDN %q: %s", cdn, got)
		}
		wantValue(t, r, "reroute-after", float64(r.Events[slices.IndexFunc(r.Events, func(e sim.Event) bool { return e.Kind == sim.EventTookOver })].At)-1e9)
		// 100/s fail from the crash to the takeover; a few are cut when the address moves back.
		if n, _, err := report.Value(r, report.All, "errors"); err != nil || n < 55 || n > 75 {
			t.Errorf("CDN %q: %v errors, %v", cdn, n, err)
		}
		if a, b := r.Windows[0].Counters["balancer-1.requests"], r.Windows[0].Counters["balancer-2.requests"]; a+b < 530 || b < 300 || b > 320 {
			t.Errorf("CDN %q: %d and %d requests", cdn, a, b)
		}
	}
}

// A cut between the two alone: both have the address, and nobody fails but by the moves.
func TestSplitBalancers(t *testing.T) {
	r := playBalancers(t, inVirtual, balancersTOML+"[[event]]\nat = \"1s\"\nfault = \"cut\"\nfrom = \"balancer-1\"\nto = \"balancer-2\"\nfor = \"3s\"\n")
	got := strings.Join(happened(r, rerouted...), ", ")
	if got != "1.7 balancer-2 took-over balancer-1, 4.1 balancer-1 announced balancer-2, 4.1 balancer-2 gave-up balancer-1" {
		t.Errorf("%s", got)
	}
	if b := r.Windows[0].Counters["balancer-2.requests"]; b < 220 || b > 260 {
		t.Errorf("the one that took it last had it for %d requests", b)
	}
	if n, _, err := report.Value(r, report.All, "errors"); err != nil || n > 4 {
		t.Errorf("%v errors, %v", n, err)
	}
}

// Of active ones each has its part; a dead one is left out as DNS or the routers learn
// of it.
func TestActiveBalancers(t *testing.T) {
	for spread, most := range map[string]float64{"dns": 1, "ecmp": 40} { // any order
		for _, cdn := range []string{"", aPoP} {
			r := playBalancers(t, inVirtual, balancersTOML+cdn+balancerDies, Setting{"balancer.standby", "active-active"}, Setting{"balancer.spread", spread})
			by := "network"
			if cdn != "" {
				by = "boston-pop"
			}
			got := happened(r, rerouted...)
			if len(got) != 2 || !strings.HasSuffix(got[0], by+" withdrawn balancer-1") || !strings.HasSuffix(got[1], by+" routed balancer-1") {
				t.Errorf("%s, CDN %q: %q", spread, cdn, got)
			}
			if n, _, err := report.Value(r, report.All, "errors"); err != nil || n > most {
				t.Errorf("%s, CDN %q: %v errors, %v", spread, cdn, n, err)
			}
			if a := r.Windows[0].Counters["balancer-1.requests"]; a < 100 || a > 300 {
				t.Errorf("%s, CDN %q: the one that died had %d of 600", spread, cdn, a)
			}
		}
	}
}

// TestLiveBalancers: the two are processes that advertise to each other, and the PoP
// hears from the run who has the address.
func TestLiveBalancers(t *testing.T) {
	r := playBalancers(t, []string{report.Live}, balancersTOML+aPoP+balancerDies, Setting{"event.0.for", "1500ms"}, Setting{"duration", "4s"})
	var got []string
	for _, e := range happened(r, rerouted...) {
		got = append(got, e[strings.IndexByte(e, ' ')+1:])
	}
	slices.Sort(got) // two processes tell of the move back
	if want := []string{"balancer-1 took-over balancer-2", "balancer-2 gave-up balancer-1", "balancer-2 took-over balancer-1"}; !slices.Equal(got, want) {
		t.Errorf("%q", got)
	}
	if n, _, err := report.Value(r, report.All, "errors"); err != nil || n < 30 || n > 100 {
		t.Errorf("%v errors (%v), want about 65", n, err)
	}
	if b := r.Windows[0].Counters["balancer-2.requests"]; b < 100 {
		t.Errorf("the standby had %d requests", b)
	}
}
