// --strict: a live run whose lateness distorts its numbers could not be done.
package main

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"cdnlab/report"
	"cdnlab/scenarios"
)

func (p *play) strictFlag(c *cobra.Command) {
	c.Flags().BoolVar(&p.strict, "strict", false, "status 3 when a live run was so late that its numbers are distorted (default: they are marked)")
}

// late says which live runs were, how, and what to do about it; nil when all were
// in time. They have been shown all the same.
func (p *play) late(x *scenarios.Experiment, r *report.Result) error {
	var text strings.Builder
	var late []*report.Run
	for _, run := range r.Runs {
		why := report.Late(run)
		if len(why) == 0 {
			continue
		}
		late = append(late, run)
		fmt.Fprintf(&text, "%s, seed %d: %s\n", run.Label(), run.Seed, strings.Join(why, "; "))
	}
	if len(late) == 0 {
		return nil
	}
	i := slices.IndexFunc(x.Variants, func(v *scenarios.Resolved) bool { return v.Variant == late[0].Variant })
	half := max(minSpeed, cmp.Or(late[0].Receipt.Speed, 1)/2)
	fmt.Fprintf(&text, "--strict: lateness distorts %s; play more slowly (--speed %v), lower the load (--set %s=…), "+
		"leave the machine to the run, or use --world virtual", plural(len(late), "live run"), half, loadKey(x.Variants[i]))
	return &exit{statusBroken, errors.New(text.String())}
}
