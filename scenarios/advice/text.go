// Numbers in words.
package advice

import (
	"fmt"
	"strings"
	"time"

	"cdnlab/report"
	"cdnlab/sim"
)

func many(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return report.FormatValue(float64(n), report.UnitCount) + " " + noun + "s"
}

// number prints a rate without its unit.
func number(v float64) string { return report.FormatValue(v, report.UnitCount) }

func briefly(d time.Duration) string { return sim.Briefly(d) }

// percent prints a share as people say it.
func percent(share float64) string {
	if share < 0.1 {
		return fmt.Sprintf("%.1f %%", 100*share)
	}
	return fmt.Sprintf("%.0f %%", 100*share)
}

// listed joins words as a sentence does.
func listed(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return strings.Join(words[:last], ", ") + " and " + words[last]
}

func joined(words []string) string { return strings.Join(words, ", ") }
