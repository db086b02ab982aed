// Tests of the second tier: who fetches through whom, and what becomes of what
// somebody does to it.
package scenarios

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"cdnlab/report"
	"cdnlab/sim"
	"cdnlab/sim/live"
)

// tiersTOML has a PoP in Europe and one in Asia, and the same long-lived pages for
// both. Every time is constant.
const tiersTOML = `name = "tiers"
duration = "8s"
[cpu]
costs = "free"
[load]
rate = 40
[[clients]]
id = "europe"
place = "Paris"
[[clients]]
id = "asia"
place = "Tokyo"
[[catalog]]
path = "/p/{n}"
objects = 4
popularity = "uniform"
changes = "at deploy"
cache-control = "max-age=600"
[app]
service-time = "1ms"
distribution = "constant"
[[pop]]
place = "Paris"
[[pop]]
place = "Tokyo"
`

// oneShield puts one before the site, which is in New York.
const oneShield = "[[shield]]\nplace = \"Boston\"\n"

const (
	cutFromShield = "[[event]]\nat = \"0s\"\nfault = \"cut\"\nfrom = \"tokyo-pop\"\nto = \"boston-shield\"\n"
	deadShield    = "[[event]]\nat = \"0s\"\nfault = \"crash\"\nnode = \"boston-shield\"\n"
)

func TestWhoIsBehindWhichShield(t *testing.T) {
	const two = oneShield + "[[shield]]\nplace = \"Singapore\"\nname = \"east\"\ncache-size = \"1MB\"\n"
	for _, c := range []struct {
		name, more   string
		settings     []Setting
		paris, tokyo string
	}{
		{"none", "", nil, "app-1", "app-1"},
		{"one for all", oneShield, nil, "boston-shield", "boston-shield"},
		{"the nearest", two, nil, "boston-shield", "east"},
		{"as near, the first", oneShield + "[[shield]]\nplace = \"Boston\"\nname = \"other\"\n", nil, "boston-shield", "boston-shield"},
		{"near by a link of its own", two + "[[link]]\nfrom = \"paris-pop\"\nto = \"east\"\nrtt = \"1ms\"\n", nil, "east", "east"},
		{"chosen", two, []Setting{{"pop.1.shield", "boston-shield"}}, "boston-shield", "boston-shield"},
		{"not for one", two, []Setting{{"pop.0.shield", "none"}}, "app-1", "east"},
		{"off", two, []Setting{{"edge.shields", false}}, "app-1", "app-1"},
		{"behind a balancer", two, []Setting{{"origin.servers", int64(2)}, {"pop.0.shield", "none"}}, "balancer", "east"},
	} {
		x, err := Load("tiers.toml", []byte(tiersTOML+c.more), c.settings...)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		top, err := NewTopology(x.Base)
		if err != nil {
			t.Fatal(err)
		}
		if paris, tokyo := top.Node("paris-pop").Peers[0].Name, top.Node("tokyo-pop").Peers[0].Name; paris != c.paris || tokyo != c.tokyo {
			t.Errorf("%s: Paris fetches from %s and Tokyo from %s, want %s and %s", c.name, paris, tokyo, c.paris, c.tokyo)
		}
		if of := top.ShieldOf(); len(of) > 0 && of["tokyo-pop"] != top.Node("tokyo-pop").Peers[0].Name {
			t.Errorf("%s: told as %v", c.name, of)
		}
		if top.Has("east") && (top.cacheConfig(top.Node("east")).CacheSize != 1e6 || top.cacheConfig(top.Node("boston-shield")).CacheSize != x.Base.Edge.CacheSize) {
			t.Errorf("%s: caches of another size", c.name)
		}
		if got := top.Reach(top.Groups[0].Clients); got != "paris-pop" {
			t.Errorf("%s: users are steered to %s", c.name, got)
		}
	}
}

func TestWrongShields(t *testing.T) {
	for name, c := range map[string]struct { // any order
		more     string
		settings []Setting
		want     []string
	}{
		"unknown place":    {"[[shield]]\nplace = \"Bostn\"\n", nil, []string{`shield[0].place: unknown place "Bostn"; did you mean "Boston"`}},
		"unknown shield":   {oneShield, []Setting{{"pop.0.shield", "bostonshield"}}, []string{`pop[0].shield: unknown shield "bostonshield"; did you mean "boston-shield"?`}},
		"no shield at all": {"", []Setting{{"pop.0.shield", "london"}}, []string{`pop[0].shield: there is no shield "london", nor any other; add a [[shield]] with a place`}},
		"on without one":   {"", []Setting{{"edge.shields", true}}, []string{`edge.shields: is on, but there is no shield; add a [[shield]] with a place`}},
		"twice":            {oneShield + oneShield, nil, []string{`shield[1].name: a second node "boston-shield"; give it a name of its own`}},
		"named none":       {"[[shield]]\nplace = \"Boston\"\nname = \"none\"\n", nil, []string{`shield[0].name: is what a [[pop]] says that wants no shield; give it another name`}},
		"slow":             {oneShield + event("fault = \"slow\"\nnode = \"boston-shield\"\nfactor = 2"), nil, []string{`event[0].node: boston-shield cannot be made slower: only app servers, the database and the session store have work of their own`}},
		"drained":          {oneShield + event("do = \"drain\"\nnode = \"boston-shield\""), nil, []string{`event[0].node: boston-shield is no app server`}},
		"its own behind it": {oneShield, []Setting{{"pop.0.shield", "boston-shield"}, {"pop.0.backup-shield", "boston-shield"}},
			[]string{`pop[0].backup-shield: means something only beside another shield`}},
		"unknown behind it": {oneShield, []Setting{{"pop.0.backup-shield", "none"}}, []string{`pop[0].backup-shield: unknown shield "none"; known: boston-shield`}},
		"failing over later": {oneShield + event("do = \"set\"\nset = { edge.failover.on = false }"), nil,
			[]string{`event[0].set.edge.failover.on: cannot change while a run lasts: PoPs know from the start whom they may ask; give each a [[variant]]`}},
		"never out": {oneShield, []Setting{{"edge.failover.max-fails", int64(0)}, {"edge.failover.timeout", "-1s"}},
			[]string{`edge.failover.max-fails: must be at least 1`, `edge.failover.timeout: must not be negative`}},
		"moved":     {oneShield + event("do = \"set\"\nset = { pop.0.shield = \"none\" }"), nil, []string{`event[0].set.pop.0.shield: cannot change while a run lasts: PoPs neither come nor go nor move; take one out with fault = "crash"`}},
		"off later": {oneShield + event("do = \"set\"\nset = { edge.shields = false }"), nil, []string{`event[0].set.edge.shields: cannot change while a run lasts: a run has shields or has none; give each a [[variant]]`}},
	} {
		t.Run(name, func(t *testing.T) { holdWrongs(t, wrongs(t, tiersTOML+c.more, c.settings...), c.want...) })
	}
}

// TestParityShield: both tiers decide the same, to the nanosecond, in either world.
// Left out is the request that joins /news: with its leader it ends at one moment,
// which of their connections is free first a bubble does not say, and behind a
// shield these differ in what they have carried.
func TestParityShield(t *testing.T) {
	script := slices.DeleteFunc(slices.Clone(parityScript), func(s scripted) bool { return s.at == 8520*time.Millisecond })
	holdParity(t, "parity-shield", badly{more: oneShield, script: script})
}

// TestParityDeadShield: a shield dies and comes back, and PoPs go past it, to the
// nanosecond alike.
func TestParityDeadShield(t *testing.T) {
	const more = oneShield + "[edge.failover]\nfail-timeout = \"2s\"\n"
	holdParity(t, "parity-dead-shield", badly{more: more, lives: []lifeEvent{
		{at: 6400 * time.Millisecond, node: "boston-shield"}, // just before the 304 of 7s
		{at: 9300 * time.Millisecond, node: "boston-shield", up: true},
	}, script: slices.DeleteFunc(slices.Clone(parityScript), func(s scripted) bool { return s.at == 8520*time.Millisecond })})
}

// Each object is fetched once for both PoPs: hits at the shield are what the
// second PoP asks for. What happens to a way or a shield happens to who uses it.
func TestTiersPlayed(t *testing.T) {
	for _, c := range []struct {
		name, more string
		settings   []Setting
		want       map[string]float64
	}{
		{"without", "", nil, map[string]float64{"fetches": 8, "origin-requests": 8, "errors": 0}},
		{"with one", oneShield, nil, map[string]float64{"fetches": 4, "origin-requests": 4, "shield-requests": 8, "errors": 0}},
		{"one PoP without", oneShield, []Setting{{"pop.0.shield", "none"}}, map[string]float64{"fetches": 8, "shield-requests": 4, "shield-hit-ratio": 0}},
		{"warm", oneShield, []Setting{{"edge.warm", true}}, map[string]float64{"fetches": 0, "shield-requests": 0, "hit-ratio": 1}},
		{"a cold PoP behind a warm shield", oneShield + "[[event]]\nat = \"2s\"\nfault = \"crash\"\nnode = \"paris-pop\"\nfor = \"1s\"\n", []Setting{{"edge.warm", true}},
			map[string]float64{"fetches": 0, "shield-requests": 4, "shield-hit-ratio": 1}},
		{"a shield warmed by name", oneShield + event("do = \"warm\"\nnode = \"boston-shield\""), []Setting{{"load.rate", 0.1}}, map[string]float64{"shield-requests": 5, "fetches": 4}},
		{"who has everything needs no shield", oneShield + "[[event]]\nat = \"2s\"\nfault = \"crash\"\nnode = \"boston-shield\"\n", nil,
			map[string]float64{"errors": 0, "fetches": 4}},
		{"the way to the shield is cut", oneShield + cutFromShield, []Setting{{"clients.0.share", 0.001}, {"clients.0.users", int64(1)}, {"edge.failover.on", false}},
			map[string]float64{"shield-requests": 0, "hit-ratio": -1}},
		{"past a shield that is not reached", oneShield + cutFromShield, nil,
			map[string]float64{"errors": 0, "fetches": 8, "shield-requests": 4, "past-shield": 4}},
		{"past a dead shield", oneShield + deadShield, nil,
			map[string]float64{"errors": 0, "fetches": 8, "past-shield": 8, "shield-requests": 0, "origin-requests": 8}},
		{"not past it", oneShield + deadShield, []Setting{{"edge.failover.on", false}},
			map[string]float64{"fetches": 0, "past-shield": 0, "hit-ratio": -1}},
		{"to the backup shield", oneShield + "[[shield]]\nplace = \"Singapore\"\n" + deadShield, []Setting{{"pop.0.backup-shield", "singapore-shield"}, {"pop.1.shield", "boston-shield"}, {"pop.1.backup-shield", "singapore-shield"}},
			map[string]float64{"errors": 0, "fetches": 4, "past-shield": 0, "shield-requests": 8}},
		{"back at the shield", oneShield + deadShield + "for = \"2s\"\n", []Setting{{"edge.failover.fail-timeout", "3s"}, {"catalog.0.cache-control", "max-age=1"}},
			map[string]float64{"errors": 0, "past-shield": 26, "shield-requests": 33}},
	} {
		run := playText(t, tiersTOML+c.more, c.settings...)
		for metric, want := range c.want { // any order
			got, _, err := report.Value(run, report.All, metric)
			if err != nil {
				got = -1
			}
			if got != want {
				t.Errorf("%s: %s = %v, want %v", c.name, metric, got, want)
			}
		}
	}
}

// A purge reaches the shield before the PoPs behind it, however near those are:
// none of them fetches the old answer from it again.
func TestPurgeFromTheOriginOutwards(t *testing.T) {
	// The shield is far off in Sydney, and one of the PoPs next to the site.
	far := strings.ReplaceAll(tiersTOML, "place = \"Paris\"", "place = \"Boston\"") + "[[shield]]\nplace = \"Sydney\"\n" +
		"[[event]]\nat = \"3s\"\ndo = \"deploy\"\n[[event]]\nat = \"4s\"\ndo = \"purge\"\n"
	for name, how := range map[string]string{ // any order
		"everything": "", "paths": `path = "/p/*"`, "tag": `tags = ["shop"]`, "softly": "soft = true",
	} {
		run := playText(t, far+how, Setting{"load.rate", 400.0}, Setting{"catalog.0.headers", map[string]any{"Surrogate-Key": "shop"}})
		var purged []string
		told := 0
		for _, e := range run.Events {
			switch e.Kind {
			case sim.EventPurging:
				if told++; time.Duration(e.At) != 4*time.Second {
					t.Errorf("%s: %s is to be purged at %v", name, e.Node, e.At)
				}
			case sim.EventPurged:
				purged = append(purged, e.Node)
			}
		}
		if told != 3 || len(purged) != 3 || purged[0] != "sydney-shield" {
			t.Errorf("%s: %d told, purged: %v", name, told, purged)
		}
		took, _, err := report.Value(run, report.All, "purge-time")
		if err != nil {
			t.Fatal(err)
		}
		gone := 4*time.Second + time.Duration(took)
		if n := sum(run.Series["outdated"][3:5]); n == 0 {
			t.Errorf("%s: nothing was outdated before", name)
		}
		for i, n := range run.Series["outdated"] {
			if at := time.Duration(i) * run.Step; at >= gone && n > 0 {
				t.Errorf("%s: %d outdated answers from %v on, and all had forgotten at %v", name, n, at, gone)
			}
		}
	}
	if alone := playText(t, tiersTOML+oneShield+"[[event]]\nat = \"4s\"\ndo = \"purge\"\nnode = \"tokyo-pop\"\n"); strings.Contains(story(alone), "boston-shield purged") {
		t.Errorf("a purge of one PoP:\n%s", story(alone))
	}
}

func sum(all []int64) (n int64) {
	for _, v := range all {
		n += v
	}
	return n
}

// A shield has the fault's hop, its own core count and the settings of [edge].
func TestShieldIsANode(t *testing.T) {
	run := playText(t, tiersTOML+oneShield+"cores = 1\n"+event("fault = \"status\"\nnode = \"boston-shield\"\nstatus = 429")+
		"[[event]]\nat = \"1s\"\ndo = \"set\"\nset = { edge.cache = false }\n", Setting{"cpu.costs", "calibrated"})
	if busy, _, err := report.Value(run, report.All, "cpu.boston-shield"); err != nil || busy <= 0 {
		t.Errorf("its core: %v, %v", busy, err)
	}
	if n, _, err := report.Value(run, report.All, "injected"); err != nil || n == 0 {
		t.Errorf("injected: %v, %v", n, err)
	}
	if n, _, _ := report.Value(run, report.All, "shield-hit-ratio"); n > 0.2 {
		t.Errorf("without a cache from 1s on it has %v hits", n)
	}
}

// TestLiveDeadShield: a shield's process is killed, nobody notices, and it is asked
// again when it is back.
func TestLiveDeadShield(t *testing.T) {
	if err := live.Supported(); err != nil {
		t.Skip(err)
	}
	command, err := live.Self()
	if err != nil {
		t.Fatal(err)
	}
	x, err := Load("tiers.toml", []byte(tiersTOML+oneShield+"[[event]]\nat = \"1s\"\nfault = \"crash\"\nnode = \"boston-shield\"\nfor = \"1s\"\n"),
		Setting{"duration", "5s"}, Setting{"catalog.0.cache-control", "max-age=1"}, Setting{"edge.failover.fail-timeout", "2s"})
	if err != nil {
		t.Fatal(err)
	}
	r, err := Run(context.Background(), x, Options{Worlds: []string{report.Live}, Command: command, Progress: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	wantValue(t, r.Runs[0], "errors", 0)
	for _, metric := range []string{"past-shield", "up-after"} {
		if n, _, err := report.Value(r.Runs[0], report.All, metric); err != nil || n <= 0 {
			t.Errorf("%s = %v, %v", metric, n, err)
		}
	}
}

// TestLiveShield: by real processes the tiers count what they count in virtual
// time.
func TestLiveShield(t *testing.T) {
	if err := live.Supported(); err != nil {
		t.Skip(err)
	}
	command, err := live.Self()
	if err != nil {
		t.Fatal(err)
	}
	x, err := Load("tiers.toml", []byte(tiersTOML+oneShield+"[[event]]\nat = \"1500ms\"\ndo = \"purge\"\n"+
		"[[event]]\nat = \"3s\"\nfault = \"crash\"\nnode = \"boston-shield\"\nfor = \"1s\"\n"), Setting{"duration", "5s"})
	if err != nil {
		t.Fatal(err)
	}
	r, err := Run(context.Background(), x, Options{Worlds: []string{report.Live}, Command: command, Progress: quiet()})
	if err != nil {
		t.Fatal(err)
	}
	for metric, want := range map[string]float64{"fetches": 8, "shield-requests": 16, "origin-requests": 8, "errors": 0} { // any order
		wantValue(t, r.Runs[0], metric, want)
	}
}
