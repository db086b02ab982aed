// The lines of test: one for each scenario, and what fails in it.
package main

import (
	"fmt"
	"strings"
	"time"

	"cdnlab/report"
)

// line says what became of a scenario.
func (t *tests) line(one tested) string {
	var text strings.Builder
	head := fmt.Sprintf("%-5s  %-28s %7s  %s", one.word(), one.Name, seconds(one.Took), one.about())
	fmt.Fprintln(&text, strings.TrimRight(head, " "))
	if one.Err != nil {
		for line := range strings.Lines(one.Err.Error()) {
			fmt.Fprintf(&text, "       %s\n", strings.TrimRight(line, "\n"))
		}
	}
	if one.Result == nil {
		return text.String()
	}
	for i := range one.Result.Expectations {
		e := &one.Result.Expectations[i]
		if word := verdict(e); word != "ok" || t.verbose {
			fmt.Fprintf(&text, "       %s: %s%s: %s\n", word, of(e, t.world == both), e.Says, e.Outcome())
		}
	}
	return text.String()
}

// word is the verdict on a scenario.
func (one tested) word() string {
	switch one.status {
	case statusHolds:
		if len(one.Result.Expectations) == 0 {
			return "-"
		}
		return "ok"
	case statusFails:
		return "FAIL"
	}
	return "ERROR"
}

// about is how many of its expectations hold.
func (one tested) about() string {
	if one.Result == nil {
		return ""
	}
	all := one.Result.Expectations
	switch {
	case len(all) == 0 && one.status == statusFails:
		return "every request failed"
	case len(all) == 0:
		return "it expects nothing"
	}
	hold := 0
	for _, e := range all {
		if e.Pass {
			hold++
		}
	}
	if hold == len(all) {
		return plural(hold, "expectation")
	}
	return fmt.Sprintf("%d of %s", hold, plural(len(all), "expectation"))
}

func verdict(e *report.Expectation) string {
	switch {
	case e.NotJudged:
		return "not judged"
	case e.Pass:
		return "ok"
	}
	return "FAIL"
}

// of names the variant that an expectation was judged of.
func of(e *report.Expectation, worlds bool) string {
	who := e.Variant
	if worlds {
		who = strings.TrimSpace(who + " (" + e.World + ")")
	}
	if who == "" {
		return ""
	}
	return who + ": "
}

// summary counts the scenarios.
func summary(all []tested, took time.Duration) string {
	words := map[string]int{}
	for _, one := range all {
		words[one.word()]++
	}
	text := fmt.Sprintf("\n%s in %s: %d ok", plural(len(all), "scenario"), seconds(took), words["ok"]+words["-"])
	if n := words["FAIL"]; n > 0 {
		text += fmt.Sprintf(", %d failed", n)
	}
	if n := words["ERROR"]; n > 0 {
		text += ", " + plural(n, "error")
	}
	return text + "\n"
}

func seconds(d time.Duration) string { return fmt.Sprintf("%.2fs", d.Seconds()) }
