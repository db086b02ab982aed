// What a rate may look like.
package sim

import "testing"

func TestRate(t *testing.T) {
	for text, want := range map[string]Rate{
		"100Mbit": 100e6, "1.5 Mbit/s": 1.5e6, "56kbps": 56e3, "2Gbit": 2e9, "8bit": 8, "13.6Mbit": 13.6e6,
		"10KB": 80e3, "10KB/s": 80e3, "1MiB/s": 8 << 20, "1000Tbit": 1e15,
	} {
		var r Rate
		if err := r.UnmarshalText([]byte(text)); err != nil || r != want {
			t.Errorf("%s is %d (%v), want %d", text, r, err, want)
		}
		var again Rate
		if err := again.UnmarshalText([]byte(r.String())); err != nil || again != r {
			t.Errorf("%s is written %s and read as %d", text, r, again)
		}
	}
	for _, text := range []string{"", "0Mbit", "-1Mbit", "0.4bit", "100", "fast", "100MBit", "2000Tbit", "0KB", "NaNbit", "Infbit", "200TB/s"} {
		var r Rate
		if err := r.UnmarshalText([]byte(text)); err == nil {
			t.Errorf("%q is %d", text, r)
		}
	}
	for r, want := range map[Rate]string{0: "unlimited", 13_600_000: "13.6Mbit", 1500: "1.5kbit", 999: "999bit", 1e9: "1Gbit", 1_234_567: "1234.567kbit"} {
		if r.String() != want {
			t.Errorf("%d is written %s, want %s", int64(r), r, want)
		}
	}
}
