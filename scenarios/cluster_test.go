// Tests of PoPs with several cache servers: whose an object is, what a death costs,
// and who hears of a purge.
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
	"cdnlab/sim/fault"
	"cdnlab/sim/live"
)

// clusterTOML is one PoP of four servers, with long-lived objects enough for each
// of them. Every time is constant.
const clusterTOML = `name = "cluster"
duration = "6s"
[cpu]
costs = "free"
[load]
rate = 500
[[clients]]
id = "users"
place = "Tokyo"
[[catalog]]
path = "/p/{n}"
objects = 400
popularity = "uniform"
cache-control = "max-age=600"
headers = { Surrogate-Key = "shop" }
[app]
service-time = "1ms"
distribution = "constant"
[edge.cluster]
servers = 4
[[pop]]
place = "Tokyo"
`

const deadServer = "[[event]]\nat = \"2s\"\nfault = \"crash\"\nnode = \"tokyo-pop-2\"\n"

func TestWhoIsInAPoP(t *testing.T) {
	top := topologyOf(t, clusterTOML+"[[pop]]\nplace = \"Paris\"\nservers = 1\n[[pop]]\nplace = \"London\"\nservers = 2\n")
	var names []string
	for _, n := range top.Nodes {
		names = append(names, n.Name+" "+n.Kind)
	}
	want := []string{"app-1 app", "tokyo-pop-1 pop", "tokyo-pop-2 pop", "tokyo-pop-3 pop", "tokyo-pop-4 pop", "tokyo-pop pop-balancer",
		"paris-pop pop", "london-pop-1 pop", "london-pop-2 pop", "london-pop pop-balancer"}
	if !slices.Equal(names, want) {
		t.Errorf("nodes %v", names)
	}
	if of := top.ClusterOf(); len(of) != 6 || of["london-pop-2"] != "london-pop" || of["paris-pop"] != "" {
		t.Errorf("clusters %v", of)
	}
	if rtt := top.Node("tokyo-pop").Peers[0].Path.Total(); rtt != roomRTT {
		t.Errorf("%v from the balancer to a server", rtt)
	}
	far := top.Node("tokyo-pop-1").Peers[0].Path.Total()
	if alone := topologyOf(t, clusterTOML, Setting{"edge.cluster.servers", int64(1)}); far != alone.Node("tokyo-pop").Peers[0].Path.Total() || len(alone.Nodes) != 2 {
		t.Errorf("a server is %v from the origin; alone there are %d nodes", far, len(alone.Nodes))
	}
	if reach := top.Reach(top.Groups[0].Clients); reach != "tokyo-pop" {
		t.Errorf("users go to %s", reach)
	}
	linked := topologyOf(t, clusterTOML+"[[link]]\nfrom = \"tokyo-pop\"\nto = \"New York\"\nrtt = \"77ms\"\n[[link]]\nfrom = \"tokyo-pop\"\nto = \"tokyo-pop-3\"\nrtt = \"5ms\"\n")
	for name, want := range map[string]time.Duration{"tokyo-pop-1": 77 * time.Millisecond, "tokyo-pop-3": 77 * time.Millisecond} { // any order
		if got := linked.Node(name).Peers[0].Path.Total(); got != want {
			t.Errorf("%s is %v from the origin, want %v", name, got, want)
		}
	}
	if got := linked.Node("tokyo-pop").Peers[2].Path.Total(); got != 5*time.Millisecond {
		t.Errorf("tokyo-pop-3 is %v from its balancer", got)
	}
}

func topologyOf(t *testing.T, text string, settings ...Setting) *Topology {
	t.Helper()
	x, err := Load("cluster.toml", []byte(text), settings...)
	if err != nil {
		t.Fatal(err)
	}
	return must(NewTopology(x.Base))
}

func TestWrongClusters(t *testing.T) {
	for name, c := range map[string]struct { // any order
		more     string
		settings []Setting
		want     []string
	}{
		"a name that is a server's": {"[[pop]]\nname = \"tokyo-pop-3\"\nplace = \"Paris\"\nservers = 1\n", nil,
			[]string{`pop[0].name: a second node "tokyo-pop-3"; give it a name of its own`}},
		"too many":        {"", []Setting{{"edge.cluster.servers", int64(65)}}, []string{`edge.cluster.servers: must be at most 64`}},
		"too many of one": {"", []Setting{{"pop.0.servers", int64(65)}}, []string{`pop[0].servers: must be at most 64`}},
		"unknown":         {"", []Setting{{"edge.cluster.sharding", "consistant"}}, []string{`edge.cluster.sharding: unknown "consistant"; did you mean "consistent"?`}},
		"no such server":  {event("fault = \"crash\"\nnode = \"tokyo-pop-5\""), nil, []string{`event[0].node: unknown node "tokyo-pop-5"; did you mean "tokyo-pop-1"?`}},
		"slow":            {event("fault = \"slow\"\nnode = \"tokyo-pop-2\"\nfactor = 2"), nil, []string{`event[0].node: tokyo-pop-2 cannot be made slower: only app servers, the database and the session store have work of their own`}},
		"more later": {event("do = \"set\"\nset = { edge.cluster.servers = 5 }"), nil,
			[]string{`event[0].set.edge.cluster.servers: cannot change while a run lasts: cache servers neither come nor go; take one out with fault = "crash"`}},
	} {
		t.Run(name, func(t *testing.T) { holdWrongs(t, wrongs(t, clusterTOML+c.more, c.settings...), c.want...) })
	}
}

// What the servers share they fetch once for the PoP, and what they do not each for
// itself; the PoP's numbers are the sums of theirs.
func TestClusterPlayed(t *testing.T) {
	stampede := []Setting{{"catalog.0.path", "/"}, {"catalog.0.objects", int64(1)}, {"duration", "1s"}}
	with := func(of []Setting, more ...Setting) []Setting { return append(slices.Clone(of), more...) }
	for _, c := range []struct {
		name, more string
		settings   []Setting
		want       map[string]float64
	}{
		{"none", "", []Setting{{"edge.cluster.sharding", "none"}, {"duration", "20s"}, {"load.rate", 1000.0}}, map[string]float64{"fetches": 1600, "imbalance": 1, "errors": 0}},
		{"consistent", "", []Setting{{"duration", "20s"}}, map[string]float64{"fetches": 400, "errors": 0}},
		{"a stampede on four", "", with(stampede, Setting{"edge.cluster.sharding", "none"}), map[string]float64{"fetches": 4, "misses": 4, "imbalance": 1}},
		{"a stampede on its server", "", stampede, map[string]float64{"fetches": 1, "misses": 1, "imbalance": 4}},
		{"a stampede on two copies", "", with(stampede, Setting{"duration", "4s"}, Setting{"edge.cluster.hot-share", 0.5}),
			map[string]float64{"fetches": 2, "misses": 2}},
		{"warm", "", []Setting{{"edge.warm", true}}, map[string]float64{"fetches": 0, "hit-ratio": 1}},
		{"warm, each for itself", "", []Setting{{"edge.warm", true}, {"edge.cluster.sharding", "none"}}, map[string]float64{"fetches": 0, "hit-ratio": 1}},
		{"warmed by name", event("do = \"warm\"\nnode = \"tokyo-pop\""), []Setting{{"load.rate", 0.1}, {"edge.cluster.sharding", "none"}}, map[string]float64{"fetches": 1600}},
		{"its way to the site is cut", "[[event]]\nat = \"0s\"\nfault = \"cut\"\nfrom = \"tokyo-pop\"\nto = \"New York\"\n", nil, map[string]float64{"origin-requests": 0}},
		{"behind a shield", oneShield, nil, map[string]float64{"errors": 0}},
	} {
		run := playText(t, clusterTOML+c.more, c.settings...)
		for metric, want := range c.want { // any order
			got, _, err := report.Value(run, report.All, metric)
			if err != nil || got != want {
				t.Errorf("%s: %s = %v (%v), want %v", c.name, metric, got, err, want)
			}
		}
		if m := run.Windows[0]; m.PoPs["tokyo-pop"] != m.Counts["requests"] && c.more == "" {
			t.Errorf("%s: answers by PoP %v of %d", c.name, m.PoPs, m.Counts["requests"])
		}
		if shields := run.Shields; c.more == oneShield && len(shields) != 4 {
			t.Errorf("%s: shields %v", c.name, shields)
		}
	}
}

// The death of one of four servers costs its share of the objects a fetch, nobody an
// answer, and its return as many, as it comes back empty.
func TestServerOfAPoPDies(t *testing.T) {
	const back = deadServer + "for = \"2s\"\n"
	settings := []Setting{{"edge.warm", true}, {"load.rate", 2000.0}, {"edge.cluster.fail-timeout", "500ms"}, {"duration", "10s"}, {"edge.cluster.health.interval", "200ms"}}
	run := playText(t, clusterTOML+back, settings...)
	if n, _, _ := report.Value(run, report.All, "errors"); n != 0 {
		t.Errorf("%v errors", n)
	}
	if after, _, err := report.Value(run, report.All, "down-after"); err != nil || time.Duration(after) > 50*time.Millisecond {
		t.Errorf("out after %v (%v): the first request that it refuses takes it out", time.Duration(after), err)
	}
	for phase, bounds := range map[string][2]float64{"before": {0, 0}, "during": {70, 130}, "after": {70, 150}} { // any order; a quarter of 400 is 100
		n, _, err := report.Value(run, phase+" "+run.Windows[1].Fault, "fetches")
		if err != nil || n < bounds[0] || n > bounds[1] {
			t.Errorf("%s: %v fetches (%v), want %v", phase, n, err, bounds)
		}
	}
	each := playText(t, clusterTOML+back, append(settings, Setting{"edge.cluster.sharding", "none"})...)
	if n, _, _ := report.Value(each, "during "+each.Windows[1].Fault, "fetches"); n != 0 {
		t.Errorf("%v fetches when every server has everything", n)
	}
}

// A server that hangs is found out by its checks: the kernel accepts for it, so no
// request fails for long.
func TestServerOfAPoPHangs(t *testing.T) {
	run := playText(t, clusterTOML+strings.ReplaceAll(deadServer, "crash", "hang"), Setting{"edge.warm", true},
		Setting{"edge.cluster.health", map[string]any{"interval": "200ms", "timeout": "100ms", "fall": int64(2)}})
	if after, _, err := report.Value(run, report.All, "down-after"); err != nil || time.Duration(after) > 500*time.Millisecond {
		t.Errorf("out after %v, %v", time.Duration(after), err)
	}
	if n, _, _ := report.Value(run, report.All, "retries"); n != 0 {
		t.Errorf("%v retries", n)
	}
}

// A purge reaches every server, be it of everything, of a PoP or of a server.
func TestPurgeReachesEveryServer(t *testing.T) {
	for _, c := range []struct {
		how    string
		purged []string
	}{
		{"", []string{"tokyo-pop-1", "tokyo-pop-2", "tokyo-pop-3", "tokyo-pop-4"}},
		{`tags = ["shop"]`, []string{"tokyo-pop-1", "tokyo-pop-2", "tokyo-pop-3", "tokyo-pop-4"}},
		{`node = "tokyo-pop"`, []string{"tokyo-pop-1", "tokyo-pop-2", "tokyo-pop-3", "tokyo-pop-4"}},
		{`node = "tokyo-pop-3"`, []string{"tokyo-pop-3"}},
	} {
		run := playText(t, clusterTOML+"[[event]]\nat = \"3s\"\ndo = \"purge\"\n"+c.how, Setting{"edge.warm", true}, Setting{"edge.cluster.sharding", "none"})
		var purged []string
		entries := 0
		for _, e := range run.Events {
			if e.Kind == sim.EventPurged {
				purged = append(purged, e.Node)
				n := 0
				_, _ = fmt.Sscan(e.Detail, &n) // 0 is wanted by nobody
				entries += n
			}
		}
		slices.Sort(purged)
		if !slices.Equal(purged, c.purged) || entries != 400*len(c.purged) {
			t.Errorf("%s: %v purged, %d entries", c.how, purged, entries)
		}
		if _, _, err := report.Value(run, report.All, "purge-time"); err != nil {
			t.Errorf("%s: %v", c.how, err)
		}
	}
}

// Its sharding can change while a PoP runs.
func TestShardingChanges(t *testing.T) {
	run := playText(t, clusterTOML+"[[event]]\nat = \"3s\"\ndo = \"set\"\nset = { edge.cluster.sharding = \"none\" }\n", Setting{"edge.warm", true})
	series := run.Series["tokyo-pop-1.fetches"]
	if sum(series[:3]) != 0 || sum(series[3:]) == 0 {
		t.Errorf("fetches %v: from 3s on each caches for itself", series)
	}
}

// An HTTP fault at a PoP strikes at its balancer, one at a server there, and what
// a server answers is no failure of the server.
func TestInjectedIntoAPoP(t *testing.T) {
	for _, node := range []string{"tokyo-pop", "tokyo-pop-2"} {
		run := playText(t, clusterTOML+event("fault = \"status\"\nnode = \""+node+"\"\nstatus = 429"))
		injected, _, err := report.Value(run, report.All, "injected")
		if all := run.Windows[0].Counters[node+".requests"]; err != nil || injected == 0 || all == 0 && node == "tokyo-pop-2" && injected == 0 {
			t.Errorf("%s: %v injected (%v) of %d", node, injected, err, all)
		}
		if n, _, _ := report.Value(run, report.All, "retries"); n != 0 {
			t.Errorf("%s: %v retries", node, n)
		}
	}
}

// TestParityCluster: the servers of a PoP are picked alike, die, are missed and come
// back, to the nanosecond alike. /page is tokyo-pop-1's.
func TestParityCluster(t *testing.T) {
	for _, sharding := range []string{ShardingNone, ShardingConsistent, ShardingBounded} {
		t.Run(sharding, func(t *testing.T) {
			more := "[edge.cluster]\nservers = 3\nfail-timeout = \"2s\"\nhot-share = 0.3\nhot-window = \"4s\"\nsharding = \"" + sharding + "\"\n"
			holdParity(t, "parity-cluster-"+sharding, badly{more: more, lives: []lifeEvent{
				{at: 6400 * time.Millisecond, node: "tokyo-pop-1"},
				{at: 9300 * time.Millisecond, node: "tokyo-pop-1", up: true},
			}})
		})
	}
}

// TestLiveCluster: the servers are processes of their own, of which one is killed
// and another hangs.
func TestLiveCluster(t *testing.T) {
	if err := live.Supported(); err != nil {
		t.Skip(err)
	}
	command, err := live.Self()
	if err != nil {
		t.Fatal(err)
	}
	x, err := Load("cluster.toml", []byte(clusterTOML+strings.ReplaceAll(deadServer, "2s", "1s")+"for = \"1s\"\n"+
		"[[event]]\nat = \"3s\"\ndo = \"purge\"\nnode = \"tokyo-pop\"\n"),
		Setting{"edge.warm", true}, Setting{"load.rate", 200.0}, Setting{"duration", "4s"}, Setting{"catalog.0.objects", int64(40)}, Setting{"edge.cluster.fail-timeout", "500ms"})
	if err != nil {
		t.Fatal(err)
	}
	r, err := Run(context.Background(), x, Options{Worlds: []string{report.Live}, Command: command, Progress: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	run := r.Runs[0]
	wantValue(t, run, "errors", 0)
	if n, _, err := report.Value(run, "before "+run.Windows[1].Fault, "fetches"); err != nil || n != 0 {
		t.Errorf("%v fetches before, %v", n, err)
	}
	if n, _, err := report.Value(run, "during "+run.Windows[1].Fault, "fetches"); err != nil || n < 1 || n > 25 {
		t.Errorf("%v fetches while one of four was dead (%v), want about 10 of 40", n, err)
	}
	for _, metric := range []string{"down-after", "up-after", "purge-time"} {
		if _, _, err := report.Value(run, report.All, metric); err != nil {
			t.Error(err)
		}
	}
	if m := run.Windows[0]; m.PoPs["tokyo-pop"] != m.Counts["requests"] {
		t.Errorf("answers by PoP %v of %d", m.PoPs, m.Counts["requests"])
	}
}

// Who a name means.
func TestCachesOf(t *testing.T) {
	top := topologyOf(t, clusterTOML+oneShield)
	for name, want := range map[string]string{"tokyo-pop": "tokyo-pop-1 tokyo-pop-2 tokyo-pop-3 tokyo-pop-4", "tokyo-pop-2": "tokyo-pop-2", "boston-shield": "boston-shield", "app-1": ""} { // any order
		if got := strings.Join(top.cachesOf(name), " "); got != want {
			t.Errorf("%s: %s", name, got)
		}
	}
	if e := (fault.Config{Do: "purge", Node: "tokyo-pop"}); !top.concerns(e) {
		t.Error("a purge of a PoP is nobody's")
	}
}
