// Flips: how far one thing would have to change for another algorithm to be the best.
package advice

import (
	"context"
	"fmt"
	"math"

	"cdnlab/report"
)

// Flip is one thing that was changed as far as makes sense, and who is best then.
type Flip struct {
	Knob   string      `json:"knob"`
	From   string      `json:"from"`             // as it is
	To     string      `json:"to"`               // as far as was looked
	Flips  bool        `json:"flips"`            // another is better at the end of it
	Winner string      `json:"winner,omitempty"` // who
	At     string      `json:"at,omitempty"`     // from where on, as near as was looked
	Best   *Number     `json:"best,omitempty"`   // what the best had there, and the winner
	Other  *Number     `json:"other,omitempty"`
	Unit   report.Unit `json:"unit"`
}

// knob is one thing to change.
type knob struct {
	name     string
	from, to float64
	set      func(c Case, x float64) Case
	text     func(x float64) string
	switched bool // there is nothing between
}

// The ends of knobs: beyond, lines are not lines that settle within a run; a tail of
// that many medians is what services with caches and batches have.
const (
	lowLoad       = 0.4
	highLoad      = 0.95
	heavyTail     = 50
	fewNets       = 4
	manyBalancers = 10
	untoldBy      = 3 // how much larger half of the servers are, of which nobody told
)

// knobs are those that are worth a look in a case.
func (c Case) knobs() []knob {
	load := func(c Case, x float64) Case { return c.AtLoad(x) }
	busy := func(x float64) string { return fmt.Sprintf("%.0f %% busy", 100*x) }
	tail := func(c Case, x float64) Case { return c.WithTail(x) }
	times := func(x float64) string {
		if x <= constantTail {
			return "constant times"
		}
		return fmt.Sprintf("p99 = %.3g x p50", x)
	}
	var all []knob
	if c.Load() < highLoad {
		all = append(all, knob{name: "more load", from: c.Load(), to: highLoad, set: load, text: busy})
	}
	if c.Load() > lowLoad {
		all = append(all, knob{name: "less load", from: c.Load(), to: lowLoad, set: load, text: busy})
	}
	if c.Tail() < heavyTail {
		all = append(all, knob{name: "a heavier tail", from: c.Tail(), to: heavyTail, set: tail, text: times})
	}
	if c.Tail() > constantTail {
		all = append(all, knob{name: "a lighter tail", from: c.Tail(), to: 1, set: tail, text: times})
	}
	if c.Equal() && c.Servers%2 == 0 {
		all = append(all, knob{name: "sizes that nobody told", from: 1, to: untoldBy, switched: true, set: untold,
			text: func(x float64) string {
				if x == 1 {
					return "equal servers"
				}
				return fmt.Sprintf("half of them %.0f times as large", x)
			}})
	}
	if c.Balancers < manyBalancers {
		all = append(all, knob{name: "more balancers", from: float64(c.Balancers), to: manyBalancers,
			set:  func(c Case, x float64) Case { c.Balancers = int(math.Round(x)); return c },
			text: func(x float64) string { return many(int(math.Round(x)), "balancer") }})
	}
	if c.Sticky && c.Networks > fewNets {
		all = append(all, knob{name: "fewer networks", from: float64(c.Networks), to: fewNets,
			set:  func(c Case, x float64) Case { c.Networks = int(math.Round(x)); return c },
			text: func(x float64) string { return many(int(math.Round(x)), "network") }})
	}
	return all
}

// untold makes half of the servers larger, at the same load, and tells nobody.
func untold(c Case, by float64) Case {
	load := c.Load()
	c.Weights, c.Untold = []int{int(by), 1}, true
	return c.AtLoad(load)
}

// flipSteps is how often a knob's range is halved.
const flipSteps = 4

// flips turns each knob to its end, and where another is better there looks from where
// on it is.
func (a *Advice) flips(ctx context.Context, o Options) (all []Flip, complete bool, err error) {
	rivals := a.rivals()
	knobs := a.Case.knobs()
	for i, k := range knobs {
		f := Flip{Knob: k.name, From: k.text(k.from), To: k.text(k.to), Unit: UnitOf(a.By)}
		o.tell("%d of %d changes: %s, %s", i+1, len(knobs), f.Knob, f.To)
		far, complete, err := a.at(ctx, k, k.to, rivals, o)
		if err != nil || !complete {
			return all, false, err
		}
		if f.Winner = far.beats(a.Best); f.Winner != "" {
			f.Flips = true
			x, there, complete, err := a.where(ctx, k, far, f.Winner, o)
			if err != nil || !complete {
				return all, false, err
			}
			f.At = k.text(x)
			best, other := there.Row(a.Best), there.Row(f.Winner)
			f.Best, f.Other = new(numberOf(best.by)), new(numberOf(other.by))
		}
		all = append(all, f)
	}
	return all, true, nil
}

// rivals are who could be best when something changes: who is not far off now.
func (a *Advice) rivals() (names []string) {
	const far = 3
	for _, r := range a.Rows {
		if r.Out == "" && (r.by.Mean <= far*a.Rows[0].by.Mean || r.Algorithm == a.Best) {
			names = append(names, r.Algorithm)
		}
	}
	return names
}

// at is the ranking with a knob turned, in runs of half the length: it is large
// differences that are looked for.
func (a *Advice) at(ctx context.Context, k knob, x float64, algorithms []string, o Options) (*Advice, bool, error) {
	c := k.set(a.Case, x)
	c.Requests = max(c.Requests/2, minRequests)
	rows, complete, err := c.play(ctx, algorithms, o)
	if err != nil || !complete {
		return nil, false, err
	}
	there := &Advice{Case: c, By: a.By, Runs: a.Runs, Load: c.Load()}
	return there, true, there.rank(rows)
}

// beats names who is better than the best by more than luck and more than people would
// overlook; "" when nobody is.
func (a *Advice) beats(best string) string {
	row := a.Row(best)
	if len(a.Rows) == 0 || a.Rows[0].Out != "" || row == nil {
		return ""
	}
	if row.Out == "" && (row.Even || row.by.Mean <= practical*a.Rows[0].by.Mean) {
		return ""
	}
	return recommended(a.Rows)
}

// where halves a knob's range until it is known from where on the winner is better.
func (a *Advice) where(ctx context.Context, k knob, far *Advice, winner string, o Options) (float64, *Advice, bool, error) {
	holds, flipped := k.from, k.to
	for range flipSteps {
		if k.switched || math.Abs(flipped-holds) < 0.02*math.Abs(holds) {
			break
		}
		mid := math.Sqrt(holds * flipped)
		if k.text(mid) == k.text(holds) || k.text(mid) == k.text(flipped) {
			break // whole numbers have an end
		}
		o.tell("  %s, %s", k.name, k.text(mid))
		there, complete, err := a.at(ctx, k, mid, []string{a.Best, winner}, o)
		if err != nil || !complete {
			return 0, nil, false, err
		}
		if there.beats(a.Best) == winner {
			flipped, far = mid, there
		} else {
			holds = mid
		}
	}
	return flipped, far, true, nil
}

// String says the flip in words.
func (f Flip) String() string {
	if !f.Flips {
		return fmt.Sprintf("%s: no, not with %s", f.Knob, f.To)
	}
	when := "with "
	if f.At != f.To {
		when = "once it is "
	}
	return fmt.Sprintf("%s: %s, %s%s (%s in place of %s)", f.Knob, f.Winner, when, f.At,
		report.FormatValue(f.Other.Mean, f.Unit), report.FormatValue(f.Best.Mean, f.Unit))
}
