// Parity of slices: a content put together while it is sent is the same in both
// worlds, and so is what those who leave have had fetched.
package scenarios

import (
	"strings"
	"testing"
	"time"

	"cdnlab/sim/network"
)

var sliceScript = []scripted{
	{1 * time.Millisecond, "GET", "/movie", 0},                         // slice by slice, the next one ahead
	{20 * time.Millisecond, "GET", "/movie", 0},                        // joins each
	{2503 * time.Millisecond, "GET", "/movie", 0},                      // all are there
	{2601 * time.Millisecond, "GET", "/movie bytes=150000-349999", 0},  // of three slices
	{2701 * time.Millisecond, "GET", "/movie bytes=-100", 0},           // of the last
	{3000 * time.Millisecond, "GET", "/other bytes=250000-260000", 0},  // one slice alone
	{4001 * time.Millisecond, "GET", "/other", 0},                      // and the others
	{6007 * time.Millisecond, "GET", "/other bytes=400000-", 0},        // there is no such byte
	{6100 * time.Millisecond, "GET", "/third", 290 * time.Millisecond}, // leaves in the middle
	{8009 * time.Millisecond, "GET", "/third bytes=100000-", 0},        // another goes on
	{11003 * time.Millisecond, "GET", "/small", 0},
	{11503 * time.Millisecond, "GET", "/small", 0},
	{12001 * time.Millisecond, "GET", "/me", 0}, // an origin that answers no range of this
	{12503 * time.Millisecond, "GET", "/me", 0},
	{13001 * time.Millisecond, "GET", "/news", 0}, // its version changes on the way
	{16003 * time.Millisecond, "GET", "/news", 0},
	{21001 * time.Millisecond, "GET", "/movie", 0}, // stale: each is asked about
}

const sliceCatalog = `
[edge]
slice = "100KB"
[[catalog]]
path = "/movie"
size = "350KB"
cache-control = "max-age=15"
[[catalog]]
path = "/other"
size = "400KB"
cache-control = "max-age=60"
[[catalog]]
path = "/third"
size = "800KB"
cache-control = "max-age=60"
[[catalog]]
path = "/small"
size = "30KB"
cache-control = "max-age=60"
`

func TestParitySlices(t *testing.T) {
	for name, more := range map[string]string{"parity-slices": "", "parity-slices-alone": "slice-ahead = 0"} { // any order
		t.Run(name, func(t *testing.T) {
			more := strings.Replace(sliceCatalog, "[edge]", "[edge]\n"+more, 1)
			holdParity(t, name, badly{script: sliceScript, far: network.Plain(150 * time.Millisecond), more: more})
		})
	}
}
