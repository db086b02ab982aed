// Metrics of time: means and quantiles of the histograms.
package report

import (
	"fmt"
	"math"
	"slices"
	"strings"
	"time"
)

// The quantiles that are metrics.
var quantiles = []struct {
	name string
	q    float64
}{{"p50", 0.5}, {"p90", 0.9}, {"p95", 0.95}, {"p99", 0.99}, {"p99.9", 0.999}}

func init() {
	const answered = "; failed requests have none"
	timed("latency", histLatency, "time from the intended send to the end of the answer's content"+answered)
	timed("sent-latency", histSentLatency, "time from the actual send to the end of the answer's content"+answered+"; hides what the generator was late")
	timed("ttfb", histTTFB, "time from the intended send to the answer's header"+answered)
	timed("sent-ttfb", histSentTTFB, "time from the actual send to the answer's header"+answered)
	timed("hit-ttfb", histHitTTFB, "time from the intended send to the header of answers from the store")
	timed("miss-ttfb", histMissTTFB, "time from the intended send to the header of answers fetched for this request (joined ones left out)")
	register(Metric{Name: "first-ttfb", Heading: "1st ttfb", Unit: UnitTime, Better: Lower,
		Definition: "ttfb of the first answered request of each place in the window, mean over the places: what the first user pays",
		Value:      firstTTFB})
}

// timed registers the metrics of one histogram.
func timed(name string, hist int, definition string) {
	what := "answers"
	if hist == histPageLoad {
		what = "pages"
	}
	one := func(stat, says string, value func(h *Histogram) float64, warn func(View) []Warning) {
		// In tables latency goes without saying.
		heading := strings.TrimLeft(strings.Replace(name, "latency", "", 1)+" "+stat, " ")
		heading = strings.ReplaceAll(heading, "-", " ")
		heading = strings.ReplaceAll(heading, "  ", " ")
		register(Metric{Name: name + "." + stat, Heading: heading, Unit: UnitTime, Better: Lower,
			Definition: says + " of: " + definition, Warn: warn,
			Value: func(v View, _ string) (float64, bool) {
				h := v.Window.Histograms[histNames[hist]]
				if h == nil || h.N == 0 {
					return 0, false
				}
				return value(h), true
			}})
	}
	one("mean", "mean", func(h *Histogram) float64 { return float64(h.Sum) / float64(h.N) }, nil)
	one("max", "largest", func(h *Histogram) float64 { return float64(h.Max) }, nil)
	for _, q := range quantiles {
		one(q.name, fmt.Sprintf("%s %% quantile (nearest rank)", trimZeros(fmt.Sprintf("%.1f", q.q*100))),
			func(h *Histogram) float64 { return float64(h.Quantile(q.q)) },
			func(v View) []Warning { return tooFew(v.Window.Histograms[histNames[hist]], q.name, q.q, what) })
	}
}

// tooFew warns of a quantile that fewer than ten values lie beyond: it is then
// the luck of a few requests.
func tooFew(h *Histogram, name string, q float64, what string) []Warning {
	need := int64(math.Ceil(10/(1-q) - 1e-6))
	if h == nil || h.N >= need {
		return nil
	}
	return []Warning{{Kind: fmt.Sprintf("%s of fewer than %s %s", name, formatNumber(float64(need)), what), Here: formatNumber(float64(h.N))}}
}

func firstTTFB(v View, _ string) (float64, bool) {
	var all []time.Duration
	for _, p := range v.Window.Places { // in any order: integers add up
		if p.First != nil {
			all = append(all, time.Duration(p.First.TTFB))
		}
	}
	if len(all) == 0 {
		return 0, false
	}
	slices.Sort(all) // and floats in a fixed one
	sum := 0.0
	for _, d := range all {
		sum += float64(d)
	}
	return sum / float64(len(all)), true
}
