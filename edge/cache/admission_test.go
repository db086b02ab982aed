// Tests of the admission policies: what each lets in, and how often it is wrong.
package cache

import (
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
)

// admission is a policy with the options of a scenario that gives none, with room.
func admission(t *testing.T, name string, s AdmissionSetup) Admission {
	t.Helper()
	policy, err := Admissions.Get(name)
	if err != nil {
		t.Fatal(err)
	}
	if s.Leaves == nil {
		s.Leaves, s.Stored = func(int64) (uint64, bool) { return 0, false }, func() int { return 0 }
	}
	return policy.With(s, rand.New(rand.NewPCG(5, 6)))(s)
}

func TestAdmitNone(t *testing.T) {
	if a := admission(t, "none", AdmissionSetup{}); a != nil {
		t.Error(a)
	}
}

func TestAdmitSize(t *testing.T) {
	a := admission(t, "size", AdmissionSetup{Size: 1000})
	for size, want := range map[int64]Reason{0: "", 1000: "", 1001: WhyOverSize} { // any order will do
		if got := a.Admit(Newcomer{Key: 1, Size: size, Cost: size + 200}); got != want {
			t.Errorf("%d: %q", size, got)
		}
	}
}

// TestAdmitChance: as many come in as the chance says, within five standard deviations.
func TestAdmitChance(t *testing.T) {
	const n = 100_000
	for _, c := range []struct {
		name   string
		setup  AdmissionSetup
		size   int64
		chance float64
		why    Reason
	}{
		{"chance", AdmissionSetup{Chance: 0.1}, 1, 0.1, WhyChance},
		{"chance", AdmissionSetup{Chance: 0.1}, 1 << 40, 0.1, WhyChance},
		{"chance", AdmissionSetup{Chance: 1}, 1, 1, ""},
		{"size-chance", AdmissionSetup{Size: 1000}, 1000, 1 / math.E, WhySizeChance},
		{"size-chance", AdmissionSetup{Size: 1000}, 100, math.Exp(-0.1), WhySizeChance},
		{"size-chance", AdmissionSetup{Size: 1000}, 0, 1, ""},
	} {
		a, in := admission(t, c.name, c.setup), 0
		for key := range uint64(n) {
			switch why := a.Admit(Newcomer{Key: key, Size: c.size, Cost: c.size}); why {
			case "":
				in++
			case c.why:
			default:
				t.Fatal(why)
			}
		}
		if off := math.Abs(float64(in) - n*c.chance); off > 5*math.Sqrt(n*c.chance*(1-c.chance)) {
			t.Errorf("%s of %d bytes: %d of %d", c.name, c.size, in, n)
		}
	}
}

// TestBloom: whoever was added is there, and of others one in a hundred, when it is full.
func TestBloom(t *testing.T) {
	const keys = 20_000
	b := newBloom(keys)
	for key := range uint64(keys) {
		b.add(key)
	}
	wrong := 0
	for key := range uint64(keys) {
		if !b.has(key) {
			t.Fatalf("%d is lost", key)
		}
		if b.has(keys + key) {
			wrong++
		}
	}
	if wrong < keys*7/1000 || wrong > keys*13/1000 {
		t.Errorf("%d of %d are taken for others", wrong, keys)
	}
	if b.clear(); b.has(7) {
		t.Error("cleared")
	}
}

// TestSecondRequest: the second request lets in, up to two windows after the first and
// never sooner than one window after it is it forgotten; few first ones are taken for
// second ones.
func TestSecondRequest(t *testing.T) {
	const window = 10_000
	a := admission(t, "second-request", AdmissionSetup{Window: window}).(*secondRequest)
	ask := func(key uint64) Reason { return a.Admit(Newcomer{Key: key, Size: 1, Cost: 1}) }
	wrong := 0
	for key := range uint64(5 * window) { // each once, in the tens of thousands
		if ask(key) == "" {
			wrong++
		}
	}
	if wrong < 4*window*8/1000 || wrong > 5*window*15/1000 {
		t.Errorf("%d of %d first requests are taken for second ones; the mean over rotations is 1.2 %%", wrong, 5*window)
	}
	a = admission(t, "second-request", AdmissionSetup{Window: window}).(*secondRequest)
	rng, lost := rand.New(rand.NewPCG(1, 2)), 0
	for range 100 {
		key := rng.Uint64()
		ask(key)
		for range window - 10 {
			ask(rng.Uint64())
		}
		if ask(key) != "" {
			lost++
		}
	}
	if lost > 0 {
		t.Errorf("%d of 100 are forgotten within a window", lost)
	}
	for key := range uint64(100) {
		ask(key)
	}
	for range 2*window + window/10 { // that some are taken for others makes it longer
		ask(rng.Uint64())
	}
	known := 0
	for key := range uint64(100) {
		if ask(key) == "" {
			known++
		}
	}
	if known > 8 { // taken for others
		t.Errorf("%d of 100 are known after two windows", known)
	}
	ask(2)
	for range 10 {
		for range window / 2 {
			ask(rng.Uint64())
		}
		a.Asked(2) // hits
	}
	if ask(2) != "" {
		t.Error("who is asked for again and again is forgotten")
	}
	if bytes := 8 * float64(len(a.now.bits)+len(a.before.bits)) / window; bytes > 2.41 {
		t.Errorf("%.2f bytes for each key", bytes)
	}
}

// TestAdmitTinyLFU: with room all come in, without it who came more often than the victim.
func TestAdmitTinyLFU(t *testing.T) {
	full := false
	a := admission(t, "tiny-lfu", AdmissionSetup{Leaves: func(cost int64) (uint64, bool) { return 1, full }, Stored: func() int { return 10 }}).(*admitTinyLFU)
	if a.Admit(Newcomer{Key: 1}) != "" {
		t.Fatal("there is room")
	}
	full = true
	for n, want := range []Reason{WhyNotOftener, ""} { // the victim came once
		if got := a.Admit(Newcomer{Key: 2}); got != want {
			t.Errorf("request %d: %q", n+1, got)
		}
	}
	a.Asked(1)
	if a.Admit(Newcomer{Key: 2}) != "" { // three to two
		t.Error("3 requests are more than 2")
	}
	a.Asked(1)
	if a.Admit(Newcomer{Key: 3}) != WhyNotOftener {
		t.Error("1 request against 3")
	}
	for range admitLeast { // what was popular is forgotten in time
		a.Asked(4)
	}
	for range admitLeast {
		a.Asked(4)
	}
	a.Asked(3)
	if a.Admit(Newcomer{Key: 3}) != "" {
		t.Error("what was popular long ago counts as ever")
	}
	for range 50 * admitLeast {
		if a.Asked(5); a.counts.estimate(5) > 2*uint32(a.sample) {
			t.Fatal("counts grow without bounds")
		}
	}
}

// TestGuarded holds every admission over every eviction to the store's bookkeeping: what
// is not let in was not asked for before, or is not the largest, as its policy says, and
// nobody leaves for it.
func TestGuarded(t *testing.T) {
	for _, policy := range Evictions.All() {
		for _, guard := range Admissions.All() {
			t.Run(policy.Name+" "+guard.Name, func(t *testing.T) {
				rng := rand.New(rand.NewPCG(1, 1))
				s := NewStore(30_000, 4, policy.Value.With(rng))
				s.Guard(guard.Value.With(AdmissionSetup{Size: 150, Chance: 0.3, Window: 100}, rng))
				out := 0
				for range 5000 {
					e := entry(fmt.Sprintf("/%d", rng.IntN(600)), int64(1+rng.IntN(300)), []string{"", "x"}[rng.IntN(2)])
					twin := s.Twin(e)
					if twin != nil && rng.IntN(2) == 0 {
						s.Hit(twin)
						continue
					}
					used, evicted := s.used, s.evicted
					why := s.Admits(e, rng.IntN(10)/9)
					if s.used != used || s.evicted != evicted || why != "" && twin != nil {
						t.Fatalf("%q changed %d bytes to %d, %d evicted to %d; twin %v", why, used, s.used, evicted, s.evicted, twin)
					}
					if why != "" {
						out++
						continue
					}
					s.Put(e)
					if s.used > 30_000 {
						t.Fatalf("%d bytes", s.used)
					}
				}
				if (out == 0) != (guard.Name == "none") || s.Len() == 0 {
					t.Errorf("%d did not come in, %d are stored", out, s.Len())
				}
			})
		}
	}
}
