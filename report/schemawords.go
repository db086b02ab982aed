// What each key of a result means, for its JSON schema.
package report

import "fmt"

// cellLayout is how a duration finds its cell; TestLayoutInWords holds it to the code.
var cellLayout = fmt.Sprintf("Every histogram has one layout, so that any two add up cell by cell: HDR, %d ns to %d ns, %d significant digits, %d cells. "+
	"A duration of v ns (cut to 0 .. %d) falls into cell b*%d + (u >> b) with u = v >> %d and b = max(0, bits(u) - %d), bits(u) being the length of u in binary. "+
	"Cell c holds, with b = max(0, (c >> %d) - 1) and s = c - b*%d, the durations from s << (b+%d) to ((s+1) << (b+%d)) - 1 ns",
	histogramLow, histogramHigh, histogramDigits, histogramCells,
	histogramHigh, 1<<halfBits, unitBits, halfBits+1,
	halfBits, 1<<halfBits, unitBits, unitBits)

var resultWording = Wording{
	Title: fmt.Sprintf("A result of cdnlab, schema %d", Schema),
	Says:  resultWords,
	Values: map[string][]any{
		"Result.schema":  {Schema},
		"Run.world":      {Virtual, Live},
		"Measured.phase": {Before, During, After},
		"Expectation.op": {"<", "<=", ">", ">=", "==", "!=", "~"},
		"Threshold.op":   {">", ">=", "<", "<="},
	},
	Null: []string{"Expectation.measured", "Expectation.bound", "Receipt.cpu_pressure"},
}

// resultWords are by type and field. Times and durations are integers in
// nanoseconds, times counted from the start of the run.
var resultWords = map[string]string{
	"Result.Schema":       "version of this format: raised when a key changes its meaning or goes; keys may be added within a version, and who reads refuses those it does not know",
	"Result.Scenario":     "name of the scenario",
	"Result.Question":     "the question that it answers",
	"Result.Columns":      "the metrics that its tables show, as the scenario has them; left out: the usual ones",
	"Result.Hash":         "of the scenario's file as written",
	"Result.Runs":         "one for each variant, seed, shard and world",
	"Result.Expectations": "what the scenario expects, judged",
	"Result.Environment":  "the machine; only with live runs",
	"Result.Regressions":  "what must not happen between this result and a later one: the scenario's [[regression]]",
	"Result.Settings":     "by a run's hash: the scenario as it was played, under the keys of its file, every default filled in",

	"Environment.OS":      "operating system, as Go names it",
	"Environment.Arch":    "processor architecture, as Go names it",
	"Environment.CPU":     "processor",
	"Environment.CPUs":    "how many processors",
	"Environment.Go":      "version of Go",
	"Environment.Version": "version of cdnlab",
	"Environment.Started": "date and time, RFC 3339",

	"Expectation.Says":      "the expectation in plain words",
	"Expectation.Variant":   "the variant it was judged of",
	"Expectation.World":     "the world it was judged in",
	"Expectation.Metric":    "name of the metric ('cdnlab list metrics')",
	"Expectation.Window":    "name of the window looked at",
	"Expectation.Op":        "how measured and bound compare; ~ is equal within the tolerance",
	"Expectation.Against":   "the variant that gave the bound",
	"Expectation.Unit":      "of measured and bound: ns, ratio, count, 1/s, B, B/s or none",
	"Expectation.Measured":  "mean over the seeds; null when there was nothing to measure or it is withheld",
	"Expectation.Half":      "half of the 95 % interval of measured over the seeds; left out with one",
	"Expectation.Bound":     "what it is held against; null when there is none",
	"Expectation.Tolerance": "share of the bound that ~ allows to either side",
	"Expectation.Pass":      "whether it holds",
	"Expectation.NotJudged": "true: it neither held nor failed, and why says why",
	"Expectation.Why":       "why it failed or was not judged",
	"Expectation.Warnings":  "what is doubtful about the measured number",

	"Threshold.Metric":  "name of the metric",
	"Threshold.Variant": "the only variant it is about; without it every one",
	"Threshold.Op":      "a change beyond is a regression",
	"Threshold.Change":  "new - old, in the metric's unit or as a share",
	"Threshold.Share":   "the change is a share of the old value",
	"Threshold.Says":    "what it means in plain words",

	"Identity.Hash":    "of the scenario as this variant resolves it, all defaults filled in",
	"Identity.Variant": "name of the variant; empty is the scenario as written",
	"Identity.Seed":    "of all dice",
	"Identity.Shards":  "which parts of the run these are: runs that differ only here add up",
	"Identity.World":   "virtual time or real processes",

	"Run.Complete":      "whether it reached its planned end; else what was measured until then is kept",
	"Run.Duration":      "how long the load lasted",
	"Run.Warmup":        "the start of the load that was played and not measured",
	"Run.Steady":        "of runs that should settle to a steady state: what queueing theory needs to know of them",
	"Steady.Workers":    "by node: how many requests it works on at the same time",
	"Steady.ArrivalSCV": "squared coefficient of variation of the gaps between requests: 0 when all are equal, 1 when exponential",
	"Steady.ServiceSCV": "likewise of the app servers' service times",
	"Run.ClosedLoop":    "users waited for answers before they asked again",
	"Run.Nodes":         "node to kind: app, balancer, database, pop (of a PoP with several servers each of these), pop-balancer, proxy, shield",
	"Run.Clusters":      "cache server to its PoP, of PoPs that have several",
	"Run.Shields":       "PoP to the shield that it fetches through; PoPs that are not here fetch from the origin",
	"Run.Windows":       "spans of the run: the whole (all) first, then before, during and after each event, then those of expectations",
	"Run.Step":          "time between two points of a series",
	"Run.Series":        "counts for each step: of users by plain names, of nodes as node.counter; what is missing at an end is 0",
	"Run.Events":        "what happened to nodes and links, in order",
	"Run.EventsDropped": "events beyond the limit",
	"Run.CountsDropped": "counters beyond the limit",
	"Run.Receipt":       "how well the machine kept up; only of live runs",

	"Window.Name":  "name of the window",
	"Window.Fault": "the event, a fault or an action, that it is a phase of",
	"Window.Phase": "which phase",
	"Window.From":  "start, included; a request belongs to every window that holds its intended time",
	"Window.To":    "end, not included",

	"Measured.Counts":      "integer counts by name; those that end in -ns are sums of nanoseconds",
	"Measured.Histograms":  "distributions of latency, sent-latency, ttfb, sent-ttfb, hit-ttfb and miss-ttfb",
	"Measured.Counters":    "what nodes counted, as node.counter",
	"Measured.Servers":     "answers that users got from each server",
	"Measured.PoPs":        "answers through each PoP",
	"Measured.Groups":      "requests of each group of clients",
	"Measured.GroupErrors": "those of them that failed",
	"Measured.Places":      "what the clients of each place saw",

	"Histogram.N":      "how many durations",
	"Histogram.Sum":    "their exact sum",
	"Histogram.Min":    "the exact smallest",
	"Histogram.Max":    "the exact largest",
	"Histogram.Counts": "cell, count, cell, count …, of the cells that are not empty, by ascending cell. " + cellLayout,

	"PlaceCount.Requests": "requests of clients there",
	"PlaceCount.Errors":   "those without a whole answer, or answered 5xx",
	"PlaceCount.First":    "the first request that was answered",
	"First.Intended":      "when it was to be sent",
	"First.Client":        "who asked",
	"First.TTFB":          "time from then to the answer's header",

	"Event.At":      "when, in nanoseconds",
	"Event.Node":    "the node that noted it",
	"Event.Kind":    "what happened",
	"Event.Subject": "whom it happened to, when not the node itself",
	"Event.Detail":  "more about it",

	"Receipt.Generator":   "how long after their intended time requests were sent, in the scenario's time",
	"Receipt.Links":       "how long after their due time the links delivered, in the scenario's time",
	"Receipt.CPUPressure": "share of the run in which some task waited for a processor; null where the system does not tell",
	"Receipt.CPUs":        "how many processors",
	"Receipt.Addresses":   "the address plan in words",
	"Receipt.Speed":       "scenario seconds per second; without it 1. All times of a run are the scenario's: divided by it they are the machine's",
	"Receipt.RTTs":        "round-trip times of the links to clients",
	"Receipt.Work":        "how long the workers of nodes worked for a request",
	"Receipt.Notes":       "what else the reader should know",

	"Work.Node":       "whose workers",
	"Work.N":          "how many requests they worked on",
	"Work.CPU":        "the work is a processor's; else it is to wait",
	"Work.Configured": "mean, as the dice had it",
	"Work.Measured":   "mean, as it was measured",
	"Work.Median":     "median of what one took more: lateness, or the wait for a processor",
	"Work.P99":        "99 % quantile of it",

	"RTT.From":       "one end",
	"RTT.To":         "the other",
	"RTT.Configured": "as the scenario has it",
	"RTT.Measured":   "the median of what was measured, less what the node took",
	"RTT.P99":        "its 99th percentile",

	"Lateness.N":       "how many were measured",
	"Lateness.Late":    "of them by more than 5 ms",
	"Lateness.Median":  "median lateness",
	"Lateness.P99":     "99 % quantile",
	"Lateness.Max":     "largest",
	"Lateness.Missing": "it was not measured",
}
