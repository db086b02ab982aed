// The answer of find in words.
package main

import (
	"fmt"
	"slices"
	"strings"

	"cdnlab/report"
	"cdnlab/scenarios"
)

// text is the whole answer.
func (s *find) text(f *scenarios.Found) string {
	var text strings.Builder
	fmt.Fprintf(&text, "%s: %s\n\n", f.Scenario, s.search.Explain())
	if len(f.Seeds) == 1 {
		s.one(&text, f.Seeds[0])
	} else {
		s.many(&text, f)
	}
	for _, line := range s.doubts(f) {
		fmt.Fprintf(&text, "  %s\n", line)
	}
	fmt.Fprintf(&text, "\n%s\n", s.reproduceFind())
	return text.String()
}

// one is the answer of one seed.
func (s *find) one(text *strings.Builder, one scenarios.SeedFound) {
	if one.Holds != nil && one.Outcome != scenarios.Turned {
		fmt.Fprintf(text, "%s = %s\n\n", s.q.Key, s.search.Text(one.Holds.Value))
		metric := strings.Fields(s.search.Until())[0]
		align(text, [][]string{
			{"  holds at", s.search.Text(one.Holds.Value), metric + " = " + s.measured(one.Holds)},
			{"  fails at", s.search.Text(one.Fails.Value), metric + " = " + s.measured(one.Fails)},
		})
		fmt.Fprintf(text, "  %s, within %s\n", plural(len(one.Probes), "probe"), s.precision)
		return
	}
	fmt.Fprint(text, "No answer: "+s.none(one)+"\n\n")
	var rows [][]string
	if n := len(one.Probes); n > 0 { // the two ends
		for _, p := range slices.CompactFunc([]scenarios.Probe{one.Probes[0], one.Probes[n-1]}, func(a, b scenarios.Probe) bool { return a.Value == b.Value }) {
			rows = append(rows, []string{"  " + s.q.Key + " = " + s.search.Text(p.Value), s.outcome(p)})
		}
	}
	align(text, rows)
}

// none says why there is no answer.
func (s *find) none(one scenarios.SeedFound) string {
	why := ""
	if one.Why != "" {
		why = " (" + one.Why + ")"
	}
	other, better := "--max", "smaller"
	if s.q.Goal == scenarios.Largest {
		other, better = "--min", "larger"
	}
	switch one.Outcome {
	case scenarios.Everywhere:
		return fmt.Sprintf("%s does not flip it; it holds wherever it was tried%s%s", s.q.Key, why, s.matters(one))
	case scenarios.Nowhere:
		return fmt.Sprintf("%s does not flip it; it holds nowhere it was tried%s%s", s.q.Key, why, s.matters(one))
	case scenarios.Turned:
		return fmt.Sprintf("it holds for the %s values of %s and fails for the others, so %s has an answer", better, s.q.Key, other)
	}
	if len(one.Probes) == 0 {
		return "nothing was tried yet" + why
	}
	return "it has not flipped so far" + why
}

// matters says that a key has nothing to do with what is measured, if so.
func (s *find) matters(one scenarios.SeedFound) string {
	for _, p := range one.Probes {
		if p.Measured == nil || *p.Measured != *one.Probes[0].Measured {
			return ""
		}
	}
	return fmt.Sprintf("; with each of the %d values %s is the same to the last digit: the key has no part in it here",
		len(one.Probes), strings.Fields(s.search.Until())[0])
}

// many is the answer over several seeds.
func (s *find) many(text *strings.Builder, f *scenarios.Found) {
	switch {
	case f.Median == nil:
		fmt.Fprintln(text, "No answer over all seeds: not every seed has one")
	case f.IntervalLow == nil:
		fmt.Fprintf(text, "%s = %s (median of %d seeds; six are needed for its interval)\n", s.q.Key, s.search.Text(*f.Median), len(f.Seeds))
	default:
		fmt.Fprintf(text, "%s = %s (median of %d seeds; 95 %% interval %s to %s)\n",
			s.q.Key, s.search.Text(*f.Median), len(f.Seeds), s.search.Text(*f.IntervalLow), s.search.Text(*f.IntervalHigh))
	}
	rows := [][]string{{"", "seed", "holds at", "measured", "fails at", "measured", "probes"}}
	for _, one := range f.Seeds {
		row := []string{"", fmt.Sprint(one.Seed), string(one.Outcome), "", "", "", fmt.Sprint(len(one.Probes))}
		if one.Holds != nil && one.Fails != nil {
			row[2], row[3] = s.search.Text(one.Holds.Value), s.measured(one.Holds)
			row[4], row[5] = s.search.Text(one.Fails.Value), s.measured(one.Fails)
		}
		rows = append(rows, row)
	}
	fmt.Fprintln(text)
	align(text, rows)
}

// doubts say what must be known beside the answer.
func (s *find) doubts(f *scenarios.Found) []string {
	var lines []string
	for _, one := range f.Seeds {
		who := ""
		if len(f.Seeds) > 1 {
			who = fmt.Sprintf("seed %d: ", one.Seed)
		}
		if len(one.Belied) > 0 {
			var values []string
			for _, v := range one.Belied {
				values = append(values, s.search.Text(v))
			}
			lines = append(lines, fmt.Sprintf("doubtful: %sit flips more than once, as %s tells: the answer is one of several",
				who, strings.Join(values, ", ")))
		}
		if hint := s.search.Hint(); hint != "" && (one.Outcome == scenarios.Everywhere || one.Outcome == scenarios.Nowhere) {
			lines = append(lines, who+hint)
		}
		if one.Outcome == scenarios.Unfinished && one.Why != "" {
			lines = append(lines, who+"stopped early: "+one.Why)
		}
	}
	if !f.Complete {
		lines = append(lines, "the search is not finished: the bracket is what is known so far")
	}
	return lines
}

// reproduceFind is the command that searches once more.
func (s *find) reproduceFind() string {
	words := []string{s.command, quote(s.name), "--key", quote(s.q.Key), "--" + string(s.q.Goal), "--until", quote(s.q.Until)}
	for _, f := range []struct{ option, value string }{
		{"--variant", s.q.Variant}, {"--from", s.q.From}, {"--to", s.q.To}, {"--window", s.window},
	} {
		if f.value != "" {
			words = append(words, f.option, quote(f.value))
		}
	}
	if s.precision != "1%" {
		words = append(words, "--precision", s.precision)
	}
	for _, set := range s.set {
		words = append(words, "--set", quote(set))
	}
	seed := s.seed
	if seed == 0 {
		seed = s.search.Scenario().Base.Seed
	}
	if s.world != s.home {
		words = append(words, "--world", s.world)
	}
	if s.speed != 0 {
		words = append(words, "--speed", fmt.Sprint(s.speed))
	}
	if s.runs > 1 {
		words = append(words, "--runs", fmt.Sprint(s.runs))
	}
	what := "The same numbers to the last digit"
	if s.world != report.Virtual {
		what = "The same users and the same dice"
	}
	return fmt.Sprintf("%s: %s --seed %d", what, strings.Join(words, " "), seed)
}
