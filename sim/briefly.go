// Times in a sentence.
package sim

import (
	"strconv"
	"strings"
	"time"
)

// Briefly prints a time for a step's words: "12.3 ms", "3 s", "80 µs".
func Briefly(d time.Duration) string {
	switch a := max(d, -d); {
	case a >= 10*time.Second:
		return trimmed(d.Seconds(), 0, " s")
	case a >= time.Second:
		return trimmed(d.Seconds(), 1, " s")
	case a >= 100*time.Millisecond:
		return trimmed(float64(d)/1e6, 0, " ms")
	case a >= 100*time.Microsecond || a == 0:
		return trimmed(float64(d)/1e6, 1, " ms")
	}
	return trimmed(float64(d)/1e3, 1, " µs")
}

// trimmed prints a number with so many decimals at the most.
func trimmed(v float64, decimals int, unit string) string {
	text := strconv.FormatFloat(v, 'f', decimals, 64)
	if strings.Contains(text, ".") {
		text = strings.TrimRight(strings.TrimRight(text, "0"), ".")
	}
	return text + unit
}
