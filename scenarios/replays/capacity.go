// Capacities, as a user writes them.
package replays

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"cdnlab/edge/replay"
	"cdnlab/sim"
)

// Capacity is how much a cache holds: a share of the footprint's bytes, a number of
// bytes, or a number of objects, with sizes ignored.
type Capacity struct {
	Text    string
	share   float64 // above 0
	bytes   int64   // above 0
	objects int64   // above 0
}

// ParseCapacity reads 0.1%, 64MB or 1000.
func ParseCapacity(text string) (Capacity, error) {
	c := Capacity{Text: strings.TrimSpace(text)}
	wrong := fmt.Errorf("%q is no capacity: write 1%% (of the bytes of all objects), 64MB, or 1000 (objects, sizes ignored)", text)
	if percent, found := strings.CutSuffix(c.Text, "%"); found {
		p, err := strconv.ParseFloat(percent, 64)
		if err != nil || !(p > 0 && p <= 100) {
			return c, wrong
		}
		c.share = p / 100
		return c, nil
	}
	if n, err := strconv.ParseInt(c.Text, 10, 64); err == nil {
		if n <= 0 {
			return c, wrong
		}
		c.objects = n
		return c, nil
	}
	var b sim.Bytes
	if err := b.UnmarshalText([]byte(c.Text)); err != nil || b <= 0 {
		return c, wrong
	}
	c.bytes = int64(b)
	return c, nil
}

// ofObjects reports whether sizes are ignored.
func (c Capacity) ofObjects() bool { return c.objects > 0 }

// NeedsFootprint reports whether the footprint has to be known first.
func (c Capacity) NeedsFootprint() bool { return c.share > 0 }

// in returns it in the unit of sizes.
func (c Capacity) in(f *replay.Footprint) int64 {
	switch {
	case c.ofObjects():
		return c.objects
	case c.share > 0:
		return max(1, int64(math.Round(c.share*float64(f.Bytes))))
	}
	return c.bytes
}

// Of returns how much that is of a footprint, in bytes, or in objects with sizes ignored.
func (c Capacity) Of(f *replay.Footprint) (size int64, objects bool) { return c.in(f), c.ofObjects() }
