// The guide: three questions that are often asked in place of a measurement.
package advice

import "fmt"

// Guide is what the decision guide says of a case, and what that costs. Its questions:
// are all servers equal, does it vary how long requests take, must a user stay with a
// server?
type Guide struct {
	Equal     bool    `json:"equal"`
	Varies    bool    `json:"varies"`
	Sticky    bool    `json:"sticky"`
	Algorithm string  `json:"algorithm"`
	Loses     float64 `json:"loses"` // how much worse than the best: 0.1 is a tenth
	Even      bool    `json:"even"`  // it cannot be told from the best
}

// variesAbove is the P99/P50 above which times vary: a constant with some noise is below.
const variesAbove = 1.5

// GuideSays is the guide's answer: who must stay goes by the address; where times vary
// it is who has the fewest requests in flight, by weight where servers differ; else in
// turn, by weight where they differ.
func GuideSays(equal, varies, sticky bool) string {
	switch {
	case sticky:
		return "ip-hash"
	case varies:
		return "least-connections"
	case equal:
		return "round-robin"
	}
	return "weighted-round-robin"
}

// guide holds its answer against what was measured.
func (a *Advice) guide() *Guide {
	g := &Guide{Equal: a.Case.Equal(), Varies: a.Case.Tail() > variesAbove, Sticky: a.Case.Sticky}
	g.Algorithm = GuideSays(g.Equal, g.Varies, g.Sticky)
	row, first := a.Row(g.Algorithm), a.Rows[0]
	if row == nil || row.Out != "" || first.Out != "" || first.by.Mean <= 0 {
		return nil // it was not played, or nobody was ranked
	}
	g.Loses, g.Even = row.by.Mean/first.by.Mean-1, row.Even
	return g
}

// Answered is the case that the three answers describe: with servers of which half are
// three times as large, with a tail of twenty times the median.
func Answered(equal, varies, sticky bool) Case {
	c := Case{P50: defaultP50, P99: defaultP50, Sticky: sticky}
	if !equal {
		c.Weights = []int{3, 1}
	}
	if varies {
		c.P99 = 20 * c.P50
	}
	return c
}

// String says the guide's answer and what it costs.
func (g *Guide) String() string {
	servers, times, users := "equal servers", "times that vary", "users who may go anywhere"
	if !g.Equal {
		servers = "unequal servers"
	}
	if !g.Varies {
		times = "times that do not vary"
	}
	if g.Sticky {
		users = "users who must stay"
	}
	text := fmt.Sprintf("For %s, %s and %s the usual guide says %s", servers, times, users, g.Algorithm)
	switch {
	case g.Loses <= 0:
		return text + ", and so do these runs."
	case g.Even:
		return text + fmt.Sprintf(", which is %s worse than the best here, by less than these runs can tell.", percent(g.Loses))
	}
	return text + fmt.Sprintf(", which is %s worse than the best here.", percent(g.Loses))
}
