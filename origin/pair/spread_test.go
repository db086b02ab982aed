// Tests: which balancer DNS and ECMP give, and who moves when one goes.
package pair

import (
	"math"
	"net/netip"
	"testing"
	"time"

	"cdnlab/sim"
)

func addr(i int) netip.Addr { return netip.AddrFrom4([4]byte{127, 10, byte(i >> 8), byte(i)}) }

func TestDNSHoldsForTheTTL(t *testing.T) {
	const n, holders = 3, 3000
	ttl := 30 * time.Second
	d := NewDNS(DNSConfig{TTL: ttl}, n, sim.Stream(1, "network", "dns"))
	held, got := make([]int, holders), make([]int, n)
	for i := range holders {
		held[i] = d.Pick(0, addr(i))
		got[held[i]]++
	}
	for at, count := range got {
		if count != holders/n {
			t.Errorf("balancer %d is told to %d of %d", at, count, holders)
		}
	}
	// One is found dead: who holds it asks again when its time is over, spread over the
	// TTL as first leases are.
	d.Set(0, false)
	for _, part := range []float64{0, 0.25, 0.5, 0.75, 1} {
		still := 0
		for i := range holders {
			if d.Pick(sim.Time(part*float64(ttl)), addr(i)) == 0 {
				still++
			}
		}
		if want := float64(holders/n) * (1 - part); math.Abs(float64(still)-want) > 4*math.Sqrt(float64(holders/n)/4) {
			t.Errorf("after %v of the TTL %d still hold the dead one, want about %.0f", part, still, want)
		}
	}
	d.Set(1, false)
	d.Set(2, false)
	if at := d.Pick(sim.Time(5*ttl), addr(0)); at < 0 || at >= n {
		t.Errorf("with none well an answer is %d", at)
	}
}

func TestDNSNextAddress(t *testing.T) {
	d := NewDNS(DNSConfig{TTL: time.Minute}, 3, sim.Stream(1, "network", "dns"))
	first := d.Pick(0, addr(1))
	second := d.Refused(addr(1), first, 1)
	if second == first || d.Pick(0, addr(1)) != second {
		t.Errorf("refused at %d it goes to %d and then to %d", first, second, d.Pick(0, addr(1)))
	}
	third := d.Refused(addr(1), second, 2)
	if third == second || d.Refused(addr(1), third, 3) != -1 {
		t.Errorf("after %d and %d it tries %d, and then no end", first, second, third)
	}
}

// Modulo: of n routes n-1 stay, and a hash keeps its place with 1/n (h mod n = h mod (n-1) for
// that part of those that still have a route, over whole periods). Resilient: only those of
// the route that is gone move, and as many come back.
func TestECMPMoves(t *testing.T) {
	const flows = 200_000
	dice := sim.Stream(1, "test", "flows")
	hashes := make([]uint64, flows)
	for i := range hashes {
		hashes[i] = dice.Uint64()
	}
	for _, n := range []int{2, 3, 4, 8, 16} {
		for _, resilient := range []bool{false, true} {
			e := NewECMP(n, resilient)
			before := make([]int, flows)
			for i, h := range hashes {
				before[i] = e.Pick(h)
			}
			e.Set(n-1, false)
			out := moved(e, hashes, before)
			// The last route goes, so the others keep their numbers: who had place p keeps it
			// where h mod n = h mod (n-1), which is once in n.
			want := 1 - 1/float64(n)
			if resilient {
				want = 1 / float64(n)
			}
			if math.Abs(out-want) > 0.03 {
				t.Errorf("%d routes, resilient %v: %.3f of the connections move, want %.3f", n, resilient, out, want)
			}
			for _, h := range hashes[:1000] {
				if e.Pick(h) == n-1 {
					t.Fatalf("%d routes, resilient %v: a connection goes to who has none", n, resilient)
				}
			}
			for i, h := range hashes {
				before[i] = e.Pick(h)
			}
			e.Set(n-1, true)
			if back := moved(e, hashes, before); math.Abs(back-want) > 0.03 {
				t.Errorf("%d routes, resilient %v: %.3f move when it comes back, want %.3f", n, resilient, back, want)
			}
			share := make([]int, n)
			for _, h := range hashes {
				share[e.Pick(h)]++
			}
			for at, got := range share {
				if math.Abs(float64(got)/flows-1/float64(n)) > 0.01 {
					t.Errorf("%d routes, resilient %v: balancer %d has %d of %d in the end", n, resilient, at, got, flows)
				}
			}
		}
	}
}

func moved(e *ECMP, hashes []uint64, before []int) float64 {
	n := 0
	for i, h := range hashes {
		if e.Pick(h) != before[i] {
			n++
		}
	}
	return float64(n) / float64(len(hashes))
}

func TestLastRouteStays(t *testing.T) {
	for _, resilient := range []bool{false, true} {
		e := NewECMP(2, resilient)
		e.Set(0, false)
		e.Set(1, false)
		if at := e.Pick(7); at != 1 {
			t.Errorf("resilient %v: %d", resilient, at)
		}
		e.Set(0, true)
		for h := range uint64(100) {
			if at := e.Pick(h); at != 0 {
				t.Errorf("resilient %v: with a route to 0 alone %d is asked", resilient, at)
			}
		}
	}
}
