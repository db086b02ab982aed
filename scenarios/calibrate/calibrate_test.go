// Tests: how costs are derived, and that what is measured is what it says.
package calibrate

import (
	"bytes"
	"compress/gzip"
	"context"
	"crypto/tls"
	"errors"
	"net"
	"slices"
	"testing"
	"time"

	"cdnlab/report"
	"cdnlab/scenarios"
)

// The variants of world.toml are those that are looked for.
func TestWorld(t *testing.T) {
	x, err := scenarios.Load("calibrate.toml", world)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, v := range x.Variants {
		names = append(names, v.Variant)
	}
	if want := []string{hits, misses, bigHits, bigMisses, newConns}; !slices.Equal(names, want) {
		t.Errorf("variants %q, want %q", names, want)
	}
}

// fake is a run in which each of n requests cost a node so many µs beside the
// 2,000 µs that every process takes to live.
func fake(variant string, n, pop, balancer int64) *report.Run {
	counters := map[string]int64{"pop.requests": n, "pop.cpu-busy-ns": 2e6 + n*pop*1000, "balancer.cpu-busy-ns": 2e6 + n*balancer*1000}
	if balancer > 0 {
		counters["balancer.requests"] = n
	}
	return &report.Run{Identity: report.Identity{Variant: variant, Seed: 1},
		Windows: []report.Measured{{Window: report.Window{Name: report.All}, Counters: counters, Counts: map[string]int64{"requests": n}}}}
}

func TestNodeRound(t *testing.T) {
	runs := []*report.Run{fake(hits, 2000, 40, 0), fake(misses, 2000, 90, 70), fake(bigHits, 100, 40+999, 0),
		fake(bigMisses, 100, 80+999*3, 80+999*3), fake(newConns, 1000, 190, 0)}
	got, err := nodeRound(runs, 1)
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []float64{40e3, 1000e3, 40e3, 2000e3, 150e3} {
		if diff := got[i] - want; diff > 1 || diff < -1 {
			t.Errorf("%s costs %v ns, want %v", nodeKinds[i].name, got[i], want)
		}
	}
	if _, err := nodeRound(runs[1:], 1); err == nil {
		t.Error("costs without a run of hits")
	}
	runs[2].Windows[0].Counts["errors"] = 1
	if _, err := nodeRound(runs, 1); err == nil {
		t.Error("costs of requests that failed")
	}
}

func TestMedians(t *testing.T) {
	two := []kind{{"a", "so"}, {"b", "thus"}}
	got, err := costs(two, [][]float64{{5, 1, 9}, {4, 2, 3, 1}})
	want := []scenarios.MeasuredCost{{Kind: "a", Cost: 5, Low: 1, High: 9, How: "so"}, {Kind: "b", Cost: 2, Low: 1, High: 4, How: "thus"}}
	if err != nil || !slices.Equal(got, want) {
		t.Errorf("%+v, %v", got, err)
	}
	if got, err := costs(two, [][]float64{{5}, {-1}}); err == nil {
		t.Errorf("a cost below nothing: %+v", got)
	}
}

// Every sampler gives a value for each of its kinds, and stops when told to.
func TestSamplers(t *testing.T) {
	stopped, stop := context.WithCancel(t.Context())
	stop()
	for _, s := range samplers {
		t.Run(s.name, func(t *testing.T) {
			round, err := s.measure()
			if err != nil || len(round) != len(s.kinds) {
				t.Errorf("%v, %v", round, err)
			}
			if all, err := s.rounds(stopped, 3); !errors.Is(err, context.Canceled) || all != nil {
				t.Errorf("when stopped: %v, %v", all, err)
			}
		})
	}
}

// A relay passes all on, both ways, and ends with either side.
func TestRelay(t *testing.T) {
	target, err := serve(answer)
	if err != nil {
		t.Fatal(err)
	}
	relay, err := serve(func(c net.Conn) { pass(c, target.address) })
	if err != nil {
		t.Fatal(err)
	}
	if err := ask(relay.address, 3, 5, 100_000); err != nil {
		t.Error(err)
	}
	relay.close()
	target.close()
	if err := ask(relay.address, 1, 1, 1); err == nil {
		t.Error("a closed relay answers")
	}
}

// A handshake is of the version that its price is for, resumed from the second
// on, and the server's work is a part of the time it takes.
func TestHandshake(t *testing.T) {
	server, client, err := tlsConfigs()
	if err != nil {
		t.Fatal(err)
	}
	client.ClientSessionCache = tls.NewLRUClientSessionCache(1)
	for i := range 3 {
		began := time.Now()
		took, state, err := handshake(server, client, 1000)
		if err != nil || state.Version != tls.VersionTLS13 || state.DidResume != (i > 0) {
			t.Errorf("handshake %d: %v, version %#x, resumed: %v", i, err, state.Version, state.DidResume)
		}
		if all := time.Since(began); took.handshake <= 0 || took.content <= 0 || took.handshake+took.content >= all {
			t.Errorf("of %v it worked %v and %v", all, took.handshake, took.content)
		}
	}
	client.RootCAs = nil
	client.ClientSessionCache = nil
	if _, _, err := handshake(server, client, 1000); err == nil {
		t.Error("a certificate that nobody knows is good")
	}
}

// The page is as compressible as gzip's price says.
func TestPage(t *testing.T) {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	text := html()
	if _, err := w.Write([]byte(text)); err != nil || w.Close() != nil {
		t.Fatal(err)
	}
	if share := float64(out.Len()) / float64(len(text)); share < 0.15 || share > 0.25 {
		t.Errorf("gzip makes it %.2f of what it was, not a fifth", share)
	}
	if len(text) < 1_000_000 || len(text) > 1_001_000 || text != html() {
		t.Errorf("%d bytes, or another page each time", len(text))
	}
}
