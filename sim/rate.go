// Rates of links as people write them.
package sim

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Rate is how much a link carries, in bits per second. In a scenario it is a
// string with a decimal unit: "100Mbit" ("100Mbit/s" and "100Mbps" are the same).
// 0 has no limit.
type Rate int64

var rateUnits = []struct {
	name string
	n    Rate
}{{"Tbit", 1e12}, {"Gbit", 1e9}, {"Mbit", 1e6}, {"kbit", 1e3}, {"bit", 1}}

// maxRate bounds a rate: a petabit per second is more than any cable carries.
const maxRate = 1e15

// UnmarshalText reads "100Mbit", "1.5 Mbit/s" or "56kbit".
func (r *Rate) UnmarshalText(text []byte) error {
	s := strings.TrimSpace(string(text))
	bits := strings.TrimSuffix(s, "/s")
	if short, ok := strings.CutSuffix(bits, "bps"); ok {
		bits = short + "bit"
	}
	for _, u := range rateUnits {
		number, ok := strings.CutSuffix(bits, u.name)
		if !ok {
			continue
		}
		n, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		n *= float64(u.n)
		if err != nil || !(n >= 1 && n <= maxRate) { // NaN is neither
			break
		}
		*r = Rate(math.Round(n))
		return nil
	}
	return fmt.Errorf("not a rate of at least 1bit: %q; write it like \"100Mbit\" (per second)", s)
}

// MarshalText writes the rate in the largest unit that is exact, so that reading
// it back gives the same rate.
func (r Rate) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// String is MarshalText's text; "unlimited" for 0.
func (r Rate) String() string {
	if r == 0 {
		return "unlimited"
	}
	for _, u := range rateUnits {
		if r >= u.n && r%u.n == 0 {
			return strconv.FormatInt(int64(r/u.n), 10) + u.name
		}
	}
	return strconv.FormatInt(int64(r), 10) + "bit"
}
