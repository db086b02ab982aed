// Sizes as people write them.
package sim

import (
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Bytes is a size in bytes. In a scenario it is a string with a decimal unit
// ("10KB" = 10,000) or a binary one ("64MiB").
type Bytes int64

var byteUnits = []struct {
	name string
	n    int64
}{
	{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30}, {"TiB", 1 << 40},
	{"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"TB", 1e12}, {"B", 1},
}

// UnmarshalText reads "10KB", "1.5 MiB" or "512B".
func (b *Bytes) UnmarshalText(text []byte) error {
	s := strings.TrimSpace(string(text))
	for _, u := range byteUnits {
		number, ok := strings.CutSuffix(s, u.name)
		if !ok {
			continue
		}
		n, ok := scale(strings.TrimSpace(number), u.n)
		if !ok {
			break
		}
		*b = n
		return nil
	}
	return fmt.Errorf("not a size: %q; write it like \"10KB\" or \"64MiB\"", s)
}

// maxBytes bounds a size, so that two can be added.
const maxBytes = 1 << 62

// scale reads a number and multiplies it by a unit: in integers where it is
// one, as a float64 holds every integer only up to 2^53.
func scale(number string, unit int64) (Bytes, bool) {
	if n, err := strconv.ParseInt(number, 10, 64); err == nil {
		return Bytes(n * unit), n >= 0 && n <= maxBytes/unit
	}
	n, err := strconv.ParseFloat(number, 64)
	n *= float64(unit)
	// 134.2 million is a little less than that as a float64: it is rounded.
	return Bytes(math.Round(n)), err == nil && n >= 0 && n <= maxBytes // NaN is neither
}

// MarshalText writes the size in the largest decimal unit that is exact, so
// that reading it back gives the same size.
func (b Bytes) MarshalText() ([]byte, error) { return []byte(b.String()), nil }

// String is MarshalText's text.
func (b Bytes) String() string {
	for _, u := range []struct {
		name string
		n    Bytes
	}{{"TB", 1e12}, {"GiB", 1 << 30}, {"GB", 1e9}, {"MiB", 1 << 20}, {"MB", 1e6}, {"KiB", 1 << 10}, {"KB", 1e3}} {
		if b >= u.n && b%u.n == 0 {
			return fmt.Sprintf("%d%s", b/u.n, u.name)
		}
	}
	return fmt.Sprintf("%dB", int64(b))
}
