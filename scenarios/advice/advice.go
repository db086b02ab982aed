// Advice: a case answered, from the first run to the last flip.
package advice

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"
	"strings"

	"cdnlab/origin/balance"
	"cdnlab/report"
)

// Schema is the version of an advice's JSON.
const Schema = 1

// Advice is the answer to a case.
type Advice struct {
	Schema   int      `json:"schema"`
	Case     Case     `json:"case"`
	Assumed  []string `json:"assumed,omitempty"` // what was not given
	Law      Law      `json:"law"`
	Load     float64  `json:"load"`
	By       string   `json:"by"`
	Runs     int      `json:"runs"`
	Seed     uint64   `json:"seed"`
	Complete bool     `json:"complete"` // not interrupted
	Best     string   `json:"best"`     // to be taken: of those that are even with the first, the one that needs least
	Rows     []Row    `json:"rows"`     // the first is the best by the metric
	Ideal    *Row     `json:"ideal,omitempty"`
	Why      []string `json:"why"`
	Guide    *Guide   `json:"guide,omitempty"`
	Flips    []Flip   `json:"flips,omitempty"`
}

// Row is what came of an algorithm.
type Row struct {
	Algorithm string          `json:"algorithm"`
	Traits    Traits          `json:"goes_by"`
	Mean      Number          `json:"mean"`
	P50       Number          `json:"p50"`
	P99       Number          `json:"p99"`
	Queue     Number          `json:"queue_mean"`
	MaxShare  Number          `json:"max_share"` // the largest share of a server over its fair one
	Errors    float64         `json:"error_ratio"`
	Even      bool            `json:"even"`          // cannot be told from the first
	P         *float64        `json:"p,omitempty"`   // of its gap to the first, after Holm
	Out       string          `json:"out,omitempty"` // why it is not ranked
	by        report.Interval // what ranks it
}

// Number is a mean over the seeds and half of its 95 % interval, in ns or as a share.
type Number struct {
	Mean float64  `json:"mean"`
	Half *float64 `json:"half,omitempty"` // nil: of one seed nothing is known
}

// numberOf is 0 where nothing was measured, which JSON has no number for: such a row
// is out, and says why.
func numberOf(i report.Interval) Number {
	if math.IsNaN(i.Mean) {
		return Number{}
	}
	n := Number{Mean: i.Mean}
	if i.Known() {
		n.Half = &i.Half
	}
	return n
}

// Interval is the number as the report has it.
func (n Number) Interval() report.Interval {
	if n.Half == nil {
		return report.Interval{Mean: n.Mean, Half: math.NaN()}
	}
	return report.Interval{Mean: n.Mean, Half: *n.Half}
}

// Value is what ranks the row.
func (r Row) Value() report.Interval { return r.by }

// practical is how much worse an algorithm may be and still be as good to people.
const practical = 1.05

// For answers a case: all algorithms, ranked, and where that would change. A case that
// makes no sense is an error. When ctx ends it returns what is known by then.
func For(ctx context.Context, given Case, o Options) (*Advice, error) {
	c, assumed := given.Filled()
	if err := c.Check(); err != nil {
		return nil, err
	}
	a := &Advice{Schema: Schema, Case: c, Assumed: assumed, Law: c.Law(), Load: c.Load(), By: o.By, Runs: o.Runs, Seed: o.Seed}
	all, err := c.Variants()
	if err != nil {
		return nil, err
	}
	rows, complete, err := c.play(ctx, all, o)
	if err != nil {
		return nil, err
	}
	if a.Complete = complete; len(rows) == 0 {
		return a, nil
	}
	if err := a.rank(rows); err != nil {
		return nil, err
	}
	a.Best = recommended(a.Rows)
	a.Guide = a.guide()
	a.Why = a.why()
	if !o.Stays && complete {
		a.Flips, a.Complete, err = a.flips(ctx, o)
	}
	return a, err
}

// Variants are what is played: every algorithm; where users must stay, those that do not
// see to it themselves with a cookie, and one without, for the price of it.
func (c Case) Variants() (names []string, err error) {
	for _, name := range balance.Policies.Names() {
		if c.Sticky {
			t, err := traits(name, true)
			if err != nil {
				return nil, err
			}
			if !t.Sticks() {
				name += withCookie
			}
		}
		names = append(names, name)
	}
	if c.Sticky {
		names = append(names, unbound)
	}
	return names, nil
}

// unbound is who is played without stickiness all the same.
const unbound = "least-connections"

// rank makes the rows, the best first; those that are out stand at the end.
func (a *Advice) rank(all []measured) error {
	var in, out []Row
	var readings []map[uint64]report.Reading
	for _, m := range all {
		row := rowOf(m)
		if m.algorithm == ideal {
			a.Ideal = &row
			continue
		}
		var err error
		if row.Traits, err = traits(m.algorithm, a.Case.Sticky); err != nil {
			return err
		}
		switch {
		case a.Case.Sticky && !row.Traits.Sticks():
			row.Out = "a user does not stay with a server"
		case row.Errors > 0: // their times are not counted, so the others' look good
			row.Out = fmt.Sprintf("%s of the requests fail", percent(row.Errors))
		}
		if row.by = m.interval(a.By); row.Out != "" {
			out = append(out, row)
			continue
		}
		in, readings = append(in, row), append(readings, m.by[a.By])
	}
	for _, s := range report.Rank(readings) {
		row := in[s.Row]
		if row.Even = s.Even(); !math.IsNaN(s.P) {
			row.P = &s.P
		}
		a.Rows = append(a.Rows, row)
	}
	slices.SortStableFunc(out, func(x, y Row) int { return cmp.Compare(x.by.Mean, y.by.Mean) })
	a.Rows = append(a.Rows, out...)
	return nil
}

func rowOf(m measured) Row {
	return Row{Algorithm: m.algorithm, Mean: numberOf(m.interval(ByMean)), P50: numberOf(m.interval(ByP50)), P99: numberOf(m.interval(ByP99)),
		Queue: numberOf(m.interval(queued)), MaxShare: numberOf(m.interval(ByMaxShare)), Errors: m.interval(failed).Mean}
}

// recommended is, of those that are even with the first and not worse by what people
// would notice, the one that needs the least; "" when there is none.
func recommended(rows []Row) string {
	best := -1
	for i, r := range rows {
		if r.Out != "" || i > 0 && !(r.Even && r.by.Mean <= practical*rows[0].by.Mean) {
			continue
		}
		if best < 0 || r.Traits.Effort() < rows[best].Traits.Effort() {
			best = i
		}
	}
	if best < 0 {
		return ""
	}
	return rows[best].Algorithm
}

// Row returns that of an algorithm; nil when there is none.
func (a *Advice) Row(algorithm string) *Row {
	i := slices.IndexFunc(a.Rows, func(r Row) bool { return r.Algorithm == algorithm })
	if i < 0 {
		return nil
	}
	return &a.Rows[i]
}

// Out says why some are not ranked, each reason with those that it is about.
func (a *Advice) Out() (lines []string) {
	by := map[string][]string{}
	var reasons []string
	for _, r := range a.Rows {
		if r.Out == "" {
			continue
		}
		if by[r.Out] == nil {
			reasons = append(reasons, r.Out)
		}
		by[r.Out] = append(by[r.Out], r.Algorithm)
	}
	for _, reason := range reasons {
		lines = append(lines, fmt.Sprintf("%s (%s)", reason, strings.Join(by[reason], ", ")))
	}
	return lines
}
