// Tests of the data-sovereignty zones.

package geo

import "testing"

func TestZone(t *testing.T) {
	for name, want := range map[string]string{ // in any order: independent
		"Frankfurt": "EU/EEA", "Oslo": "EU/EEA", "aws:eu-west-1": "EU/EEA", "gcp:europe-north1": "EU/EEA",
		"London": "GB", "Zurich": "CH", "New York": "US", "gcp:us-central1": "US", "Tokyo": "JP", "Hong Kong": "HK",
		"Istanbul": "TR", "Kyiv": "UA", "Belgrade": "RS",
	} {
		if got := Zone(mustFind(t, name)); got != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	for iso2, want := range map[string]string{ // in any order: independent
		"IS": ZoneEEA, "LI": ZoneEEA, "RE": ZoneEEA, "AX": ZoneEEA, "SJ": "SJ", "GL": "GL", "CN": "CN", "": "",
	} {
		if got := Zone(Place{ISO2: iso2}); got != want {
			t.Errorf("%q: %q, want %q", iso2, got, want)
		}
	}
}

func TestEEAHasThirtyMembers(t *testing.T) {
	members := 0
	for a := 'A'; a <= 'Z'; a++ {
		for b := 'A'; b <= 'Z'; b++ {
			if inEEA(string(a) + string(b)) {
				members++
			}
		}
	}
	if members != 27+3+7 {
		t.Errorf("%d codes, want 27 of the Union, 3 of the EEA beside it, 7 of parts of France and Finland", members)
	}
}
