// The estimate before a run, and the line after it that plays it again.
package main

import (
	"cmp"
	"fmt"
	"runtime"
	"strings"
	"time"

	"cdnlab/report"
)

// overhead is what a live variant takes beside its load: to start and end the
// processes, and for the last answers.
const overhead = time.Second

// estimate says what will be played and how long it will take.
func (p *play) estimate() string {
	shortest, longest, total := p.durations()
	each := "of " + shortest.String()
	if longest != shortest {
		each = fmt.Sprintf("of %v to %v", shortest, longest)
	}
	what := plural(len(p.x.Variants), "variant")
	if p.runs > 1 {
		what += " × " + plural(p.runs, "seed")
	}
	runs := len(p.x.Variants) * p.runs
	wall := (time.Duration(p.runs)*total + time.Duration(runs)*overhead).Round(time.Second)
	text := fmt.Sprintf("%s: %s %s%s%s", p.x.Name, what, each, p.people(), p.pace())
	switch p.world {
	case report.Live:
		return fmt.Sprintf("%s, by real processes, one after the other: about %v", text, wall)
	case report.Virtual:
		return fmt.Sprintf("%s, in virtual time, %d at once", text, min(runs, runtime.GOMAXPROCS(0)))
	}
	return fmt.Sprintf("%s, first in virtual time, then by real processes, one after the other: about %v", text, wall)
}

// durations are those of the variants, and what all of them take of wall time.
func (p *play) durations() (shortest, longest, total time.Duration) {
	for i, v := range p.x.Variants {
		if i == 0 || v.Duration < shortest {
			shortest = v.Duration
		}
		longest = max(longest, v.Duration)
		total += time.Duration(float64(v.Duration) / cmp.Or(p.speed, v.Speed))
	}
	return shortest, longest, total
}

// pace says at which speed the live world plays, when the clock does not tell.
func (p *play) pace() string {
	speed := cmp.Or(p.speed, p.x.Base.Speed)
	if speed == 1 || p.world == report.Virtual {
		return ""
	}
	return fmt.Sprintf(" at speed %v", speed)
}

// again is the command that plays the same once more.
func (p *play) again() string {
	seed := p.seed
	if seed == 0 {
		seed = p.x.Base.Seed
	}
	words := []string{p.command, quote(p.name)}
	add := func(flag string, values ...string) {
		for _, v := range values {
			words = append(words, flag, quote(v))
		}
	}
	add("--vary", p.vary...)
	add("--variant", p.variants...)
	add("--set", p.set...)
	if len(p.columns) > 0 {
		add("--columns", strings.Join(p.columns, ","))
	}
	if p.sort != "" {
		add("--sort", p.sort)
	}
	if p.curve != "" {
		add("--curve", p.curve)
	}
	if p.world != p.home {
		add("--world", p.world)
	}
	if p.speed != 0 {
		add("--speed", fmt.Sprint(p.speed))
	}
	if p.strict {
		words = append(words, "--strict")
	}
	if p.runs > 1 {
		add("--runs", fmt.Sprint(p.runs))
	}
	add("--seed", fmt.Sprint(seed))
	return strings.Join(words, " ")
}

// reproduce says how.
func (p *play) reproduce() string {
	what := "The same numbers to the last digit"
	if p.world != report.Virtual {
		what = "The same users and the same dice"
	}
	return fmt.Sprintf("%s: %s", what, p.again())
}

// quote makes one word of a text for a shell.
func quote(text string) string {
	plain := func(r rune) bool {
		return r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("-_./=,:@%+", r)
	}
	if text != "" && strings.IndexFunc(text, func(r rune) bool { return !plain(r) }) < 0 {
		return text
	}
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
