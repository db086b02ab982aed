// What each key of an answer of find means, for its JSON schema.
package scenarios

import (
	"fmt"

	"cdnlab/report"
)

// FoundJSONSchema is the JSON schema of Found.
func FoundJSONSchema() ([]byte, error) {
	return report.JSONSchema(&Found{}, report.Wording{
		Title: fmt.Sprintf("An answer of cdnlab find, schema %d", FoundSchema),
		Says:  foundWords,
		Values: map[string][]any{
			"Found.schema":      {FoundSchema},
			"Found.goal":        {Largest, Smallest},
			"Found.world":       {report.Virtual, report.Live},
			"SeedFound.outcome": {Flips, Everywhere, Nowhere, Turned, Unfinished},
		},
		Null: []string{"Found.median", "Found.interval_low", "Found.interval_high", "Probe.measured", "SeedFound.holds", "SeedFound.fails"},
	})
}

var foundWords = map[string]string{
	"Found.Schema":       "version of this format",
	"Found.Scenario":     "name of the scenario",
	"Found.Hash":         "of the scenario's file as written",
	"Found.Variant":      "the variant that was played; empty is the scenario as written",
	"Found.World":        "virtual time or real processes",
	"Found.Key":          "the key that was searched",
	"Found.Unit":         "of every value of it: ns, B, s of a lifetime in a Cache-Control, or empty for a plain number",
	"Found.Goal":         "max: the largest value for which the expectation holds; min: the smallest",
	"Found.Until":        "the expectation",
	"Found.Metric":       "its metric",
	"Found.MetricIn":     "the unit of every measured number: ns, ratio, count, 1/s, B, B/s or none",
	"Found.Window":       "the time looked at",
	"Found.Precision":    "how narrow the bracket had to become, as a share of the value",
	"Found.Low":          "the search stayed above this",
	"Found.High":         "and below this",
	"Found.Complete":     "whether every seed's search reached its end",
	"Found.Seeds":        "what each seed came to",
	"Found.Median":       "median of the seeds' answers; null when a seed has none",
	"Found.IntervalLow":  "95 % interval of the median, from order statistics; null with fewer than six seeds",
	"Found.IntervalHigh": "its upper end",

	"SeedFound.Seed":    "of all dice",
	"SeedFound.Outcome": "flips: holds and fails are the bracket; everywhere or nowhere: it holds, or fails, as far as was looked; turned: it flips the other way round; unfinished: why says why",
	"SeedFound.Holds":   "the value looked for; null when there is none",
	"SeedFound.Fails":   "the next value beyond it that was tried, which fails",
	"SeedFound.Why":     "why the search went no further",
	"SeedFound.Belied":  "values that do not fit an expectation that flips but once",
	"SeedFound.Probes":  "every value that was played, ascending",

	"Probe.Value":    "value of the key",
	"Probe.Measured": "the metric; null when there was nothing to measure",
	"Probe.Holds":    "whether the expectation holds",
	"Probe.Why":      "why it does not, when that is not the number",
}
