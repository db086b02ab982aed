// How a run becomes JSON.
package report

import (
	"bytes"
	"encoding/json"
	"math"
	"strings"
)

// marshalRun returns a run's JSON without the escapes meant for HTML. The keys
// of maps come sorted, so equal runs give equal bytes.
func marshalRun(run *Run) ([]byte, error) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(run); err != nil {
		return nil, err
	}
	return bytes.TrimSpace(out.Bytes()), nil
}

// nameOfBytes reports whether a count is one of bytes: those have "bytes" in
// their name, the ones of nodes too.
func nameOfBytes(name string) bool { return strings.Contains(name, "bytes") }

// limitOf bounds a count by its name: sums of nanoseconds and bytes may be far
// larger than counts.
func limitOf(name string) int64 {
	if strings.HasSuffix(name, "-ns") || nameOfBytes(name) {
		return math.MaxInt64 / 4
	}
	return maxCount
}
