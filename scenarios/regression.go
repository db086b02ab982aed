// Regressions: how much worse a metric may get from one result to the next.
package scenarios

import (
	"errors"
	"slices"
	"strings"

	"cdnlab/report"
)

// Regression is what `cdnlab diff` holds two results of the scenario to. It
// travels in the result.
type Regression struct {
	Metric  string `toml:"metric" json:"metric" jsonschema:"required,description=a name from 'cdnlab list metrics' that has a better way"`
	WorseBy string `toml:"worse-by" json:"worse-by" jsonschema:"required,description=more than so much worse is a regression: a share of the old value (5%) or an amount (2ms or 10)"`
	Variant string `toml:"variant" json:"variant" jsonschema:"description=the variant it is about; if not given every one"`
	Says    string `toml:"says" json:"says" jsonschema:"description=what it means in plain words; if not given the metric and the bound"`
}

func (r Regression) threshold() (report.Threshold, error) {
	if _, _, err := report.Find(r.Metric); err != nil {
		return report.Threshold{}, &wordsError{"metric", err}
	}
	t, err := report.WorseBy(r.Metric, r.WorseBy)
	t.Variant, t.Says = r.Variant, r.Says
	return t, err
}

// thresholds are the regressions as a result has them.
func (s *Scenario) thresholds() []report.Threshold {
	var all []report.Threshold
	for _, r := range s.Regress {
		if t, err := r.threshold(); err == nil { // checked when the file was read
			all = append(all, t)
		}
	}
	return all
}

// regressions checks the regressions' own words.
func (c *checker) regressions() {
	variants := []string{}
	for _, v := range c.s.Variants {
		variants = append(variants, v.Name)
	}
	for i, r := range c.s.Regress {
		if _, err := r.threshold(); err != nil {
			w := &wordsError{key: "worse-by"}
			errors.As(err, &w)
			says, hint, _ := strings.Cut(err.Error(), "; ")
			c.add(says, hint, "regression", i, w.key)
		}
		if r.Variant != "" && !slices.Contains(variants, r.Variant) && !c.lost("variant") {
			says, hint, _ := strings.Cut(unknown("variant", r.Variant, variants).Error(), "; ")
			c.add(says, hint, "regression", i, "variant")
		}
	}
}
