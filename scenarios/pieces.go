// Pieces: an answer's text, and the numbers in braces between it.
package scenarios

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"time"

	"cdnlab/report"
)

// piece is words, or a number of a run, or the ratio of two.
type piece struct {
	words   string
	numbers []Expect // none, one or two; Metric, Variant, From and To, and as written in Says
}

// pieces takes a text apart. {{ and }} are braces that mean nothing.
func pieces(text string, variants []string) (all []piece, bad []error) {
	for text != "" {
		open := strings.IndexAny(text, "{}")
		switch {
		case open < 0:
			return append(all, piece{words: text}), bad
		case strings.HasPrefix(text[open:], "{{"), strings.HasPrefix(text[open:], "}}"):
			all, text = append(all, piece{words: text[:open+1]}), text[open+2:]
			continue
		case text[open] == '}':
			return all, append(bad, errors.New("a } without a {; write }} for a brace"))
		}
		inside, rest, closed := strings.Cut(text[open+1:], "}")
		if !closed {
			return all, append(bad, errors.New("a { without a }; write {{ for a brace"))
		}
		numbers, err := parseRatio(inside, variants)
		if err != nil {
			bad = append(bad, fmt.Errorf("{%s}: %w", inside, err))
		}
		all = append(all, piece{words: text[:open]}, piece{numbers: numbers})
		text = rest
	}
	return all, bad
}

// parseRatio reads "metric of variant", or two of them with a / between.
func parseRatio(text string, variants []string) ([]Expect, error) {
	top, below, found := strings.Cut(text, " / ")
	first, err := parseNumberOf(top, variants)
	if err != nil || !found {
		return []Expect{first}, err
	}
	second, err := parseNumberOf(below, variants)
	return []Expect{first, second}, err
}

// numberForm is "metric of variant from 3s to 13s".
var numberForm = regexp.MustCompile(`^(\S+)(?:\s+of\s+(.+?))??(?:\s+from\s+(\S+))?(?:\s+to\s+(\S+))?$`)

func parseNumberOf(text string, variants []string) (Expect, error) {
	text = strings.Join(strings.Fields(text), " ") // a line may break anywhere
	m := numberForm.FindStringSubmatch(text)
	if m == nil {
		return Expect{}, fmt.Errorf("cannot be read; write {metric of variant} or {metric of variant from 3s to 13s}")
	}
	e := Expect{Metric: m[1], Variant: m[2], Says: text}
	if _, _, err := report.Find(e.Metric); err != nil {
		return e, err
	}
	for _, v := range variants {
		if text == m[1]+" of "+v {
			e.Variant = v
			return e, nil
		}
	}
	if err := e.known(variants); err != nil {
		return e, err
	}
	for i, to := range []*time.Duration{&e.From, &e.To} {
		if m[3+i] == "" {
			continue
		}
		d, err := time.ParseDuration(m[3+i])
		if err != nil {
			return e, fmt.Errorf("%q is no time; write it as 1.5s", m[3+i])
		}
		*to = d
	}
	return e, nil
}

// known wants the variant of a number to be one of the scenario's.
func (e Expect) known(variants []string) error {
	switch {
	case e.Variant == "" && len(variants) > 0:
		return fmt.Errorf("of which variant? %s", strings.Join(variants, ", "))
	case e.Variant == "":
		return nil
	case len(variants) == 0:
		return fmt.Errorf("the scenario has no variants")
	}
	for _, v := range variants {
		if v == e.Variant {
			return nil
		}
	}
	return unknown("variant", e.Variant, variants)
}

// fill returns the piece as text. What is missing or withheld is a "?" with the
// reason.
func (p piece) fill(x *Experiment, runs []*report.Run, world string) (text, why string) {
	if len(p.numbers) == 0 {
		return p.words, ""
	}
	var values [2]float64
	unit := report.UnitNone
	for i, n := range p.numbers {
		j := report.Expectation{}
		these := those(runs, n.Variant, world)
		if len(these) == 0 {
			return "?", fmt.Sprintf("? the variant %q was not played", n.Variant)
		}
		v := mean(&j, these, n.window(x.Base.Duration), n.Metric, seeds{})
		if v == nil {
			return "?", fmt.Sprintf("? %s: %s", n.Says, j.Why)
		}
		values[i], unit = *v, j.Unit
	}
	if len(p.numbers) == 1 {
		return report.FormatValue(values[0], unit), ""
	}
	if values[1] == 0 {
		return "?", fmt.Sprintf("? %s is 0: there is no ratio to it", p.numbers[1].Says)
	}
	return report.FormatValue(values[0]/values[1], report.UnitNone), ""
}
