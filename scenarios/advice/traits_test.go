// Tests: what the algorithms go by, against what their sources say.
package advice

import "testing"

func TestTraits(t *testing.T) {
	for name, want := range map[string]string{ // in any order: each is asked alone
		"round-robin": "turns", "weighted-round-robin": "weights", "random": "dice", "weighted-random": "weights, dice", "first": "order",
		"least-connections": "weights, loads", "p2c": "weights, loads, dice", "join-idle-queue": "weights, loads, dice",
		"peak-ewma": "weights, loads, times, dice", "least-response-time": "weights, loads, times",
		"prequal": "loads, times, probes, dice", "ip-hash": "weights, user", "ring-hash": "weights, URI", "maglev": "weights, URI", "bounded-load": "weights, loads, URI",
	} {
		got, err := traits(name, false)
		if err != nil || got.String() != want {
			t.Errorf("%s goes by %s, want %s (%v)", name, got, want, err)
		}
	}
	for name, want := range map[string]bool{ // in any order: each is asked alone
		"ip-hash": true, "ring-hash": true, "rendezvous": true, "maglev": true, "bounded-load": false, "first": false, "p2c": false, "round-robin": false,
	} {
		if got, err := traits(name, true); err != nil || got.Sticks() != want {
			t.Errorf("%s keeps a user at a server: %v, want %v (%v)", name, got.Sticks(), want, err)
		}
	}
	if _, err := traits("leest-connections", false); err == nil {
		t.Error("an algorithm that there is not has traits")
	}
}
