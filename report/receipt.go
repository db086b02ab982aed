// The fidelity receipt of a live run: how far its numbers can be trusted.
package report

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

// Receipt says how well the machine kept up with a live run. Its times are the
// scenario's, like all of the run's: at a speed of 0.1 a millisecond of the machine
// is 0.1 ms of them, and that is what a result is off by.
type Receipt struct {
	Generator Lateness `json:"generator"` // actual send after intended send
	Links     Lateness `json:"links"`     // delivery after due time
	// CPUPressure is the share of the run in which some task waited for a CPU
	// (Linux PSI "some"), nil where the system does not tell.
	CPUPressure *float64 `json:"cpu_pressure"`
	CPUs        int      `json:"cpus"`
	Addresses   string   `json:"addresses,omitempty"` // the address plan in words
	Speed       float64  `json:"speed,omitempty"`     // scenario seconds per second; 0 means 1
	RTTs        []RTT    `json:"rtts,omitempty"`      // of the links to clients
	Work        []Work   `json:"work,omitempty"`      // of the nodes that have workers
	Notes       []string `json:"notes,omitempty"`     // what else the reader should know
}

// RTT is a link's round-trip time: as the scenario has it, and the median of
// what was measured, from the actual send to the first byte less what the node
// took.
type RTT struct {
	From       string        `json:"from"`
	To         string        `json:"to"`
	Configured time.Duration `json:"configured_ns"`
	Measured   time.Duration `json:"measured_ns"`
	P99        time.Duration `json:"p99_ns,omitempty"` // of what was measured
}

// Work is how long a node's workers worked: as the dice had it, and as it was
// measured. What is more than asked is lateness, or the wait for a processor where
// the work is a processor's.
type Work struct {
	Node       string        `json:"node"`
	N          int64         `json:"n"`
	CPU        bool          `json:"cpu,omitempty"`
	Configured time.Duration `json:"configured_ns"`  // mean
	Measured   time.Duration `json:"measured_ns"`    // mean
	Median     time.Duration `json:"more_median_ns"` // of what one took more
	P99        time.Duration `json:"more_p99_ns"`
}

// off is how far the measured time is off.
func (r RTT) off() time.Duration { return (r.Measured - r.Configured).Abs() }

// Lateness is how late something came that had a due time.
type Lateness struct {
	N       int64         `json:"n"`
	Late    int64         `json:"late"` // of them by more than LateAfter
	Median  time.Duration `json:"median_ns"`
	P99     time.Duration `json:"p99_ns"`
	Max     time.Duration `json:"max_ns"`
	Missing bool          `json:"missing,omitempty"` // it was not measured
}

// LateAfter is how late an arrival may be sent and still count as on time, in the
// scenario's time.
const LateAfter = 5 * time.Millisecond

// OnTime returns the share that came within LateAfter of its time.
func (l Lateness) OnTime() float64 {
	if l.N == 0 {
		return 1
	}
	return 1 - float64(l.Late)/float64(l.N)
}

// Trust is how far a live run can be believed.
type Trust string

// The three answers.
const (
	Trusted  Trust = "good"
	Doubtful Trust = "doubtful"
	Useless  Trust = "not to be trusted"
)

// What the answers depend on. Lateness is judged against the latency that it
// enters into: a millisecond is nothing to 150 ms and everything to 2 ms.
const (
	onTimeGood       = 0.99 // share of arrivals within LateAfter
	onTimeUseless    = 0.90
	lateShareGood    = 0.05 // median lateness / median latency
	lateShareUseless = 1.0
	pressureGood     = 0.20 // pressure alone never makes a run useless: being late does
)

// Fidelity judges a run's receipt: how far to trust it, and why in plain words.
func Fidelity(run *Run) (Trust, []string) {
	r := run.Receipt
	if r == nil {
		return Trusted, []string{"virtual time: exact by construction"}
	}
	trust := Trusted
	var why []string
	doubts := late(run)
	if p := r.CPUPressure; p != nil && *p > pressureGood {
		doubts = append(doubts, misgiving{Doubtful, fmt.Sprintf("processes waited for a CPU in %s of the time", formatRatio(*p))})
	}
	for _, d := range doubts {
		if d.trust == Useless || trust == Trusted {
			trust = d.trust
		}
		why = append(why, d.why)
	}
	if trust == Trusted {
		why = append(why, "the machine kept up: its lateness is small against what was measured")
	}
	return trust, why
}

// Late says how lateness distorts a live run's numbers; nothing where it does not.
// To be doubtful is enough for that: lateness that is a twentieth of the latency
// is in every number. CPU pressure alone is not: who waits and is in time all the
// same changes nothing.
func Late(run *Run) []string {
	var why []string
	for _, d := range late(run) {
		why = append(why, d.why)
	}
	return why
}

// misgiving is why a run cannot be trusted wholly, and how far still.
type misgiving struct {
	trust Trust
	why   string
}

// late are the misgivings that lateness gives rise to.
func late(run *Run) (all []misgiving) {
	r := run.Receipt
	if r == nil {
		return nil
	}
	doubt := func(useless bool, format string, args ...any) {
		trust := Doubtful
		if useless {
			trust = Useless
		}
		all = append(all, misgiving{trust, fmt.Sprintf(format, args...)})
	}
	if on := r.Generator.OnTime(); on < onTimeGood {
		doubt(on < onTimeUseless, "only %s of the requests were sent within %d ms of their time: this machine could not hold the load",
			formatRatio(on), LateAfter.Milliseconds())
	}
	// From the actual send: a generator's own lateness must not excuse itself.
	if h := run.Windows[0].Histograms[histNames[histSentLatency]]; h != nil && h.N > 0 {
		median := float64(max(h.Quantile(withBrowsers(run.Windows[0], h.N)), time.Microsecond))
		for _, l := range []struct {
			what string
			late time.Duration
		}{{"requests were sent", r.Generator.Median}, {"links delivered", r.Links.Median}} {
			if share := float64(l.late) / median; share > lateShareGood && l.late > 100*time.Microsecond {
				doubt(share > lateShareUseless, "%s %s late (median), which is %s of the median latency",
					l.what, formatTime(float64(l.late)), formatRatio(share))
			}
		}
	}
	return all
}

// withBrowsers is the quantile that is the median of what went over the network: what a
// browser had took no time, so it comes first, and nothing of it can be late.
func withBrowsers(w Measured, n int64) float64 {
	had := float64(w.Counts["browser.hit"]+w.Counts["browser.stale"]) / float64(n)
	return 0.5 + min(had, 1)/2
}

// worseReceipt returns a receipt for two shards: the worse of each number, as
// quantiles do not add up.
func worseReceipt(a, b *Receipt) *Receipt {
	if a == nil || b == nil {
		return cmp.Or(a, b)
	}
	sum := *a
	sum.Generator, sum.Links = worse(a.Generator, b.Generator), worse(a.Links, b.Links)
	if a.CPUPressure == nil || b.CPUPressure != nil && *b.CPUPressure > *a.CPUPressure {
		sum.CPUPressure = b.CPUPressure
	}
	sum.RTTs = worseRTTs(a.RTTs, b.RTTs)
	sum.Work = worseWork(a.Work, b.Work)
	sum.Notes = slices.Concat(a.Notes, b.Notes)
	slices.Sort(sum.Notes)
	sum.Notes = slices.Compact(sum.Notes)
	return &sum
}

// worseRTTs returns of each link the one that is further off.
func worseRTTs(a, b []RTT) []RTT {
	all := slices.Clone(a)
	for _, r := range b {
		i := slices.IndexFunc(all, func(q RTT) bool { return q.From == r.From && q.To == r.To })
		switch {
		case i < 0:
			all = append(all, r)
		case r.off() > all[i].off():
			all[i] = r
		}
	}
	return all
}

// worseWork returns of each node the work that is further off.
func worseWork(a, b []Work) []Work {
	all := slices.Clone(a)
	for _, w := range b {
		i := slices.IndexFunc(all, func(v Work) bool { return v.Node == w.Node })
		switch {
		case i < 0:
			all = append(all, w)
		case w.Median > all[i].Median:
			all[i] = w
		}
	}
	return all
}

func worse(a, b Lateness) Lateness {
	return Lateness{
		N:       saturatingAdd(a.N, b.N),
		Late:    saturatingAdd(a.Late, b.Late),
		Median:  max(a.Median, b.Median),
		P99:     max(a.P99, b.P99),
		Max:     max(a.Max, b.Max),
		Missing: a.Missing && b.Missing,
	}
}

func (r *Receipt) validate() error {
	if r == nil {
		return nil
	}
	for _, l := range []Lateness{r.Generator, r.Links} {
		if l.N < 0 || l.Late < 0 || l.Late > l.N || l.N > maxCount || min(l.Median, l.P99, l.Max) < 0 {
			return errors.New("the receipt's lateness cannot be")
		}
	}
	if len(r.RTTs) > maxKeys {
		return fmt.Errorf("%d links in the receipt; at most %d", len(r.RTTs), maxKeys)
	}
	for _, rtt := range r.RTTs {
		if min(rtt.Configured, rtt.Measured, rtt.P99) < 0 {
			return errors.New("a round trip in the receipt takes less than no time")
		}
	}
	if len(r.Work) > maxKeys {
		return fmt.Errorf("work of %d nodes in the receipt; at most %d", len(r.Work), maxKeys)
	}
	for _, w := range r.Work {
		if w.N < 0 || w.N > maxCount || min(w.Configured, w.Measured, w.Median, w.P99) < 0 {
			return errors.New("the receipt's work cannot be")
		}
	}
	if p := r.CPUPressure; bad(p) || p != nil && (*p < 0 || *p > 1) {
		return errors.New("the receipt's CPU pressure is not a share")
	}
	if math.IsNaN(r.Speed) || r.Speed < 0 {
		return errors.New("the receipt's speed cannot be")
	}
	return nil
}
