// Rates of links as people write them.
package sim

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Rate is how much a link carries, in bits per second. In a scenario it is a
// string with a decimal unit: "100Mbit" ("100Mbit/s" and "100Mbps" are the same), or
// a size: "10KB" in a second. 0 has no limit.
type Rate int64

var rateUnits = []struct {
	name string
	n    Rate
}{{"Tbit", 1e12}, {"Gbit", 1e9}, {"Mbit", 1e6}, {"kbit", 1e3}, {"bit", 1}}

// maxRate bounds a rate: a petabit per second is more than any cable carries.
const maxRate = 1e15

// UnmarshalText reads "100Mbit", "1.5 Mbit/s", "56kbit" or "10KB/s".
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
	var size Bytes
	if err := size.UnmarshalText([]byte(strings.TrimSuffix(s, "/s"))); err == nil && size > 0 && size <= maxRate/8 {
		*r = 8 * Rate(size)
		return nil
	}
	return fmt.Errorf("not a rate of at least 1bit: %q; write it like \"100Mbit\" (per second)", s)
}

// MarshalText writes the rate in the largest unit in which it has at most three
// decimals, so that reading it back gives the same rate.
func (r Rate) MarshalText() ([]byte, error) { return []byte(r.String()), nil }

// String is MarshalText's text; "unlimited" for 0.
func (r Rate) String() string {
	if r == 0 {
		return "unlimited"
	}
	for _, u := range rateUnits {
		if least := max(1, u.n/1000); r >= u.n && r%least == 0 {
			return strconv.FormatFloat(float64(r)/float64(u.n), 'f', -1, 64) + u.name
		}
	}
	return strconv.FormatInt(int64(r), 10) + "bit"
}
