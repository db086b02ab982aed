// Hops, and the names of verdicts, reasons and causes.
package sim

import "testing"

func TestHops(t *testing.T) {
	var h Hops
	if h.Last(HopCache) != nil || h.Len() != 0 {
		t.Error("no mark was made")
	}
	for i := range 2 * MaxHops {
		hop := HopCache
		if i%2 == 1 {
			hop = HopProxy
		}
		h.Add(Mark{Node: string(rune('a' + i)), Hop: hop})
	}
	if h.Len() != MaxHops || h.At(0).Node != "a" {
		t.Errorf("%d marks, from %s; the oldest are kept", h.Len(), h.At(0).Node)
	}
	if got := h.Last(HopCache); got == nil || got.Node != "i" {
		t.Errorf("the last cache is %+v", got)
	}
	h.Last(HopProxy).Tries = 9
	if h.At(MaxHops-1).Tries != 9 {
		t.Error("Last does not point into the hops")
	}
	if h.Last(HopDatabase) != nil {
		t.Error("a mark that was not made")
	}
	copied := h
	h.Reset()
	if h.Len() != 0 || h.Last(HopCache) != nil || copied.Len() != MaxHops {
		t.Error("Reset drops all marks, and those of a copy none")
	}
}

func TestNames(t *testing.T) {
	seen := map[string]bool{}
	unique := func(name string) {
		t.Helper()
		if name == "" || seen[name] {
			t.Errorf("name %q twice or empty", name)
		}
		seen[name] = true
	}
	for v := VerdictNone + 1; v < numVerdicts; v++ {
		unique("verdict " + v.String())
	}
	for f := FwdNone + 1; f < numFwd; f++ {
		unique("fwd " + f.String())
		if FwdOf(f.String()) != f {
			t.Errorf("%v is not read back", f)
		}
	}
	if FwdOf("nonsense") != FwdNone || FwdOf("") != FwdNone {
		t.Error("a reason out of nothing")
	}
	for _, c := range append(Causes(), OK) {
		unique("cause " + c.String())
		if got, ok := CauseOf(c.String()); got != c || !ok {
			t.Errorf("%v is not read back", c)
		}
	}
	if _, ok := CauseOf("nonsense"); ok || len(Causes()) != int(numCauses)-1 || Cause(200).String() != "unknown" {
		t.Error("causes that are none")
	}
}

func TestFromStore(t *testing.T) {
	for v := range numVerdicts {
		want := v == VerdictHit || v == VerdictStale || v == VerdictRevalidated
		if v.FromStore() != want {
			t.Errorf("%v from the store: %v", v, !want)
		}
	}
}

func TestDetails(t *testing.T) {
	seen := map[string]bool{}
	for d := DetailNone + 1; d < numDetails; d++ {
		if name := d.String(); name == "" || seen[name] || DetailOf(name) != d {
			t.Errorf("detail %d is %q", d, name)
		}
		seen[d.String()] = true
	}
	if DetailOf("") != DetailNone || DetailOf("nonsense") != DetailNone {
		t.Error("what is no detail says nothing")
	}
}
