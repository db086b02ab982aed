// Why: what was measured, in sentences.
package advice

import (
	"fmt"

	"cdnlab/report"
)

// why says what makes the best the best, and the others worse.
func (a *Advice) why() []string {
	best := a.Row(a.Best)
	if best == nil {
		return nil
	}
	var lines []string
	add := func(line string) {
		if line != "" {
			lines = append(lines, line)
		}
	}
	add(a.whyEven(best))
	add(a.whyIdeal(best))
	add(a.whyWaits(best))
	add(a.whySizes(best))
	add(a.whyShares(best))
	add(a.whyFree(best))
	return lines
}

// mostNamed bounds a list in a sentence.
const mostNamed = 4

// whyEven says who else is as good.
func (a *Advice) whyEven(best *Row) string {
	var even []string
	for _, r := range a.Rows {
		if r.Out == "" && r.Even && r.Algorithm != best.Algorithm {
			even = append(even, r.Algorithm)
		}
	}
	switch {
	case a.Runs < 2:
		return "one run says nothing of the spread, so nobody is told from anybody"
	case len(even) == 0:
		return fmt.Sprintf("it beats every other in %d runs of each", a.Runs)
	case len(even) > mostNamed:
		return fmt.Sprintf("%d runs cannot tell %d others from it (~); --runs %d tells more", a.Runs, len(even), 2*a.Runs)
	case a.Rows[0].Algorithm == best.Algorithm:
		return fmt.Sprintf("%d runs cannot tell %s from it", a.Runs, listed(even))
	}
	return fmt.Sprintf("%s was first by less than these %d runs can tell, and it needs less: it goes by %s", a.Rows[0].Algorithm, a.Runs, best.Traits)
}

// whyIdeal says how far from the best that there is.
func (a *Advice) whyIdeal(best *Row) string {
	if a.Ideal == nil || a.By == ByMaxShare || best.Even && best.by.Mean <= a.Ideal.of(a.By).Mean {
		return ""
	}
	bound := a.Ideal.of(a.By)
	return fmt.Sprintf("one line before all workers, where nobody waits while a worker is idle, would have a %s of %s; this has %s", a.By,
		report.FormatValue(bound.Mean, report.UnitTime), report.FormatValue(best.by.Mean, report.UnitTime))
}

// of is a row's number by a metric.
func (r Row) of(by string) report.Interval {
	return map[string]Number{ByMean: r.Mean, ByP50: r.P50, ByP99: r.P99, ByMaxShare: r.MaxShare}[by].Interval()
}

// whyFree says what it costs that users must stay.
func (a *Advice) whyFree(best *Row) string {
	if !a.Case.Sticky {
		return ""
	}
	for _, r := range a.Rows { // those that are out are in their order, too
		if r.Out != "" && !r.Traits.Sticks() && r.by.Mean < best.by.Mean {
			return fmt.Sprintf("that users stay has its price: %s has a %s of %s where they may go anywhere", r.Algorithm, a.By, report.FormatValue(r.by.Mean, UnitOf(a.By)))
		}
	}
	return ""
}

// whyWaits says what the waiting is with others.
func (a *Advice) whyWaits(best *Row) string {
	text := fmt.Sprintf("a request waits %s for a worker in the mean", report.FormatValue(best.Queue.Mean, report.UnitTime))
	for _, name := range []string{"round-robin", "random"} {
		if a.Case.Sticky {
			name += withCookie
		}
		if other := a.Row(name); other != nil && other.Algorithm != best.Algorithm {
			text += fmt.Sprintf(", %s with %s", report.FormatValue(other.Queue.Mean, report.UnitTime), name)
		}
	}
	return text
}

// whySizes says what ignored weights cost.
func (a *Advice) whySizes(best *Row) string {
	if a.Case.Sticky { // who is pinned ignores more than sizes
		return ""
	}
	blind := a.Row("round-robin")
	if a.Case.Equal() || blind == nil || blind.Algorithm == best.Algorithm {
		return ""
	}
	return fmt.Sprintf("who ignores the sizes, as round-robin does, gives a small server %.3g times its share%s", blind.MaxShare.Mean, a.drowns(blind))
}

// drowns says that a row's busiest server is asked for more than it can.
func (a *Advice) drowns(r *Row) string {
	if load := a.Load * r.MaxShare.Mean; load >= 1 {
		return fmt.Sprintf(", %.0f %% of what it can do: its line never ends", 100*load)
	}
	return ""
}

// whyShares says what hashing costs.
func (a *Advice) whyShares(best *Row) string {
	var worst *Row
	for i := range a.Rows {
		r := &a.Rows[i]
		if hashes := r.Traits.Request && !r.Traits.Loads; hashes && r.Out == "" && r.Algorithm != best.Algorithm &&
			(worst == nil || r.MaxShare.Mean > worst.MaxShare.Mean) {
			worst = r
		}
	}
	if worst == nil {
		return ""
	}
	return fmt.Sprintf("hashes share the requests unevenly: with %s the busiest server has %.3g times its share%s", worst.Algorithm, worst.MaxShare.Mean, a.drowns(worst))
}
