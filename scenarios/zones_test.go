// Tests of zones: how far they are apart, who is lost with one, and what is wrong with
// them.
package scenarios

import (
	"strings"
	"testing"
	"time"

	"cdnlab/report"
)

const zonesTOML = balancersTOML + `standby = "active-active"
spread = "ecmp"
zones = ["a", "b"]
zone-aware = { on = true, min-servers = 2 }
[[server]]
name = "app-1"
zone = "a"
[[server]]
name = "app-2"
zone = "b"
`

func TestZonesApart(t *testing.T) {
	link := "[[link]]\nfrom = \"a\"\nto = \"b\"\nrtt = \"7ms\"\n"
	for _, x := range []struct {
		more     string
		settings []Setting
		same     time.Duration
		other    time.Duration
	}{
		{"", nil, 0, zoneRTT},
		{"", []Setting{{"origin.zone-rtt", "0s"}}, 0, 0},
		{"", []Setting{{"origin.zone-rtt", "3ms"}}, 0, 3 * time.Millisecond},
		{link, nil, 0, 7 * time.Millisecond},
		{strings.Replace(link, "\"b\"", "\"app-2\"", 1), nil, 0, 7 * time.Millisecond},
	} {
		top := topologyOf(t, zonesTOML+x.more, x.settings...)
		for _, way := range [][2]string{{"balancer-1", "app-2"}, {"balancer-2", "app-1"}} {
			for _, p := range top.Node(way[0]).Peers {
				want := x.same
				if p.Name == way[1] && (way[0] == "balancer-1" || !strings.Contains(x.more, "app-2")) {
					want = x.other
				} else if p.Name == way[1] {
					want = zoneRTT
				}
				if got := p.Path.Total(); got != want {
					t.Errorf("%s %v: from %s to %s %v, want %v", x.more, x.settings, way[0], p.Name, got, want)
				}
			}
		}
	}
}

func TestWrongZones(t *testing.T) {
	for more, want := range map[string]string{ // any order
		"[[event]]\nat = \"1s\"\nfault = \"zone-outage\"\nzone = \"c\"\n":               `no node is in a zone "c"`,
		"[[event]]\nat = \"1s\"\nfault = \"zone-outage\"\n":                             "zone: is missing",
		"[[event]]\nat = \"1s\"\nfault = \"cut\"\nfrom = \"a\"\nto = \"d\"\n":           `"d"`,
		"[[event]]\nat = \"1s\"\ndo = \"set\"\nset = { server.app-1.zone = \"b\" }\n":   "servers do not move",
		"[[variant]]\nname = \"x\"\nset = { balancer.zones = [\"a\"] }\n":               "are 1, of 2 balancers",
		"[[variant]]\nname = \"x\"\nset = { balancer.zones = [] }\n":                    "the balancer is in no zone",
		"[[variant]]\nname = \"x\"\nset = { balancer.zones = [\"a\", \"app-1\"] }\n":    `"app-1" is the name of something else`,
		"[[variant]]\nname = \"x\"\nset = { balancer.zones = [\"a\", \"New York\"] }\n": `"New York" is no name`,
	} {
		_, err := Load("zones.toml", []byte(zonesTOML+more))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s:\n%v, want something of %q", more, err, want)
		}
	}
}

const zoneFault = "[[event]]\nat = \"2s\"\nfor = \"2s\"\n"

// A zone that is lost takes its balancer and its server; the other goes on. One that is cut off
// from the other changes nothing where all stay in theirs, and all that would cross
// where they do not.
func TestZoneLost(t *testing.T) {
	r := playBalancers(t, inVirtual, zonesTOML+zoneFault+"fault = \"zone-outage\"\nzone = \"a\"\n")
	down := happened(r, "crashed", "started")
	if got := strings.Join(down, ", "); got != "2.0 app-1 crashed , 2.0 balancer-1 crashed , 4.0 app-1 started , 4.0 balancer-1 started " {
		t.Errorf("%s", got)
	}
	wantValue(t, r, "cross-zone", 0)
	if n, _, err := report.Value(r, report.All, "errors"); err != nil || n < 5 || n > 40 {
		t.Errorf("%v errors, %v", n, err)
	}
	cut := zonesTOML + zoneFault + "fault = \"cut\"\nfrom = \"a\"\nto = \"b\"\n"
	r = playBalancers(t, inVirtual, cut)
	wantValue(t, r, "errors", 0)
	wantValue(t, r, "cross-zone", 0)
	r = playBalancers(t, inVirtual, cut, Setting{"balancer.zone-aware.on", false})
	if n, _, err := report.Value(r, report.All, "cross-zone-share"); err != nil || n < 0.3 || n > 0.6 {
		t.Errorf("%v cross, %v", n, err)
	}
}
