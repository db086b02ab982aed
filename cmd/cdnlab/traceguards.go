// cdnlab trace, of what comes into a cache, and what gets stale there.
package main

import (
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/spf13/cobra"

	"cdnlab/edge"
	"cdnlab/edge/cache"
	"cdnlab/scenarios/replays"
	"cdnlab/sim"
)

// traceGuards is what the command line asks for before each cache.
type traceGuards struct {
	admissions []string
	size       string
	options    edge.Admitting
	ttl        string
}

func (t *traceGuards) flags(c *cobra.Command) {
	f := c.Flags()
	d := edge.Admitting{}.WithDefaults()
	f.StringSliceVar(&t.admissions, "admission", nil, "the `ADMISSIONS` to play with each policy, with commas between them ('cdnlab list admissions'), or all")
	f.StringVar(&t.size, "admission-size", d.AdmissionSize.String(), "`SIZE` of size: the largest object that comes in; of size-chance: the size whose chance is 1/e")
	f.Float64Var(&t.options.AdmissionChance, "admission-chance", d.AdmissionChance, "`CHANCE` of chance: that of each miss to come in")
	f.IntVar(&t.options.AdmissionWindow, "admission-window", d.AdmissionWindow, "how many `OBJECTS` second-request remembers at the least, and twice as many at the most")
	f.StringVar(&t.ttl, "ttl", "", "every object is stale so much `TIME` after it was fetched, by the trace's times, as 1h (default never)")
	complete(c, "admission", completeList(append(cache.Admissions.Names(), allEvictions)))
}

// plan checks the flags. given reports whether the user gave one; disk is the disk's
// admission, which has the same options.
func (t *traceGuards) plan(p *replays.Plan, given func(flag string) bool, disk string) error {
	g := replays.Guards{Admissions: t.admissions, Options: t.options}
	if slices.Contains(t.admissions, allEvictions) {
		g.Admissions = cache.Admissions.Names()
	}
	for _, name := range g.Admissions {
		if known := cache.Admissions.Names(); !slices.Contains(known, name) {
			return fmt.Errorf("--admission %s: %s", name, suggest(name, known, "admissions"))
		}
	}
	for flag, of := range map[string][]string{"admission-size": {"size", "size-chance"}, "admission-chance": {"chance"}, "admission-window": {"second-request"}} { // in any order: one is enough
		if given(flag) && !slices.Contains(of, disk) && !slices.ContainsFunc(g.Admissions, func(name string) bool { return slices.Contains(of, name) }) {
			return fmt.Errorf("--%s: it is of --admission %s, which is not played", flag, of[0])
		}
	}
	var size sim.Bytes
	if err := size.UnmarshalText([]byte(t.size)); err != nil || size <= 0 {
		return fmt.Errorf("--admission-size %q: write a size, as 64KB", t.size)
	}
	g.Options.AdmissionSize = size
	switch {
	case t.options.AdmissionChance == 0 || t.options.AdmissionWindow == 0: // none given, to Check
		return errors.New("--admission-chance and --admission-window must be above 0")
	case t.ttl != "":
		ttl, err := time.ParseDuration(t.ttl)
		if err != nil || ttl <= 0 {
			return fmt.Errorf("--ttl %q: give a time above 0, as 1h or 90s", t.ttl)
		}
		g.TTL = ttl
	}
	if bad := g.Options.Check(); len(bad) > 0 {
		return fmt.Errorf("--%w", bad[0])
	}
	p.Guards = g
	return nil
}
