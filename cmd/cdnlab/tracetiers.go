// cdnlab trace, of several caches: PoPs, RAM over a disk, a shield; and over time.
package main

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"cdnlab/edge/cache"
	"cdnlab/edge/replay"
	"cdnlab/scenarios/replays"
)

// traceTiers is what the command line asks for beyond one cache.
type traceTiers struct {
	pops           int
	by             string
	shield, disk   string // capacities
	fill, promote  string
	diskEviction   string
	diskAdmission  string
	shieldEviction string
	latency        []string
	series         string
}

// seriesOfDay is the series by the hour of the day.
const seriesOfDay = "day"

// noAdmission lets in everything.
const noAdmission = "none"

func (t *traceTiers) flags(c *cobra.Command) {
	f := c.Flags()
	f.IntVar(&t.pops, "pops", 0, "spread the clients over so many `POPS`, each with a cache of the capacity")
	f.StringVar(&t.by, "by", replay.ByClient, "`WHAT` says the PoP: client, by a hash over --pops, or pop, a column that names it")
	f.StringVar(&t.shield, "shield", "", "put a shield of this `CAPACITY` behind the PoPs")
	f.StringVar(&t.disk, "disk", "", "put a disk of this `CAPACITY` under each PoP's cache, which is its RAM then")
	f.StringVar(&t.fill, "disk-fill", replay.Fills()[0], "`WHEN` the disk is written: insert (all that is fetched), evict (what leaves RAM and is not there), exclusive (what leaves RAM; what comes back leaves the disk)")
	f.StringVar(&t.promote, "promote", replay.Promotes()[0], "`WHEN` what is on the disk comes into RAM: hit, second-hit, fetch (with a hit, and at once when it is fetched), never")
	f.StringVar(&t.diskAdmission, "disk-admission", noAdmission, "`WHAT` of that is written: "+strings.Join(cache.Admissions.Names(), ", ")+" ('cdnlab list admissions')")
	f.StringVar(&t.diskEviction, "disk-eviction", "", "the disk's `POLICY` (default the one that is played)")
	f.StringVar(&t.shieldEviction, "shield-eviction", "", "the shield's `POLICY` (default the one that is played)")
	d := replays.DefaultLatencies()
	f.StringSliceVar(&t.latency, "latency", nil, fmt.Sprintf("what an answer from a place takes, as `PLACE=TIME`, with commas between them (default ram=%v,disk=%v,shield=%v,origin=%v)", d.RAM, d.Disk, d.Shield, d.Origin))
	f.StringVar(&t.series, "series", "", "tell over time, too: in stretches of this `TIME`, as 1h, or day: by the hour of the day, UTC")
	policies := cache.Evictions.Names()
	complete(c, "by", completeWords(replay.Bys()))
	complete(c, "disk-fill", completeWords(replay.Fills()))
	complete(c, "promote", completeWords(replay.Promotes()))
	complete(c, "disk-admission", completeWords(cache.Admissions.Names()))
	complete(c, "disk-eviction", completeWords(policies))
	complete(c, "shield-eviction", completeWords(policies))
	complete(c, "latency", completeList([]string{"ram=", "disk=", "shield=", "origin="}))
	complete(c, "series", completeWords([]string{"1h", "10m", seriesOfDay}))
}

// plan checks the flags. given reports whether the user gave one.
func (t *traceTiers) plan(p *replays.Plan, given func(flag string) bool) error {
	x := replays.Tiers{Pops: t.pops, Fill: replay.Fill(t.fill), Promote: replay.Promote(t.promote), DiskEviction: t.diskEviction, DiskAdmission: t.diskAdmission, ShieldEviction: t.shieldEviction}
	for _, w := range []struct {
		flag, value string
		known       []string
	}{{"by", t.by, replay.Bys()}, {"disk-fill", t.fill, replay.Fills()}, {"promote", t.promote, replay.Promotes()},
		{"disk-admission", t.diskAdmission, cache.Admissions.Names()}, {"disk-eviction", t.diskEviction, cache.Evictions.Names()}, {"shield-eviction", t.shieldEviction, cache.Evictions.Names()}} {
		if w.value != "" && !slices.Contains(w.known, w.value) {
			return fmt.Errorf("--%s %s: %s", w.flag, w.value, suggest(w.value, w.known, "values"))
		}
	}
	if err := t.needs(given); err != nil {
		return err
	}
	if given("by") || given("pops") {
		x.By = t.by
	}
	var err error
	if x.Disk, err = optional("disk", t.disk); err != nil {
		return err
	}
	if x.Shield, err = optional("shield", t.shield); err != nil {
		return err
	}
	if x.Disk != nil {
		if err := replay.CheckLayers(x.Fill, x.Promote); err != nil {
			return err
		}
	}
	if x.Latencies, err = t.latencies(); err != nil {
		return err
	}
	p.Tiers = x
	p.Series, err = t.seriesOf()
	return err
}

// needs returns which flag lacks another.
func (t *traceTiers) needs(given func(flag string) bool) error {
	switch byPop := t.by == replay.ByPop; {
	case given("pops") && byPop:
		return fmt.Errorf("--pops %d: with --by pop the column says how many there are", t.pops)
	case given("pops") && t.pops < 1:
		return fmt.Errorf("--pops %d: give 1 or more", t.pops)
	case given("by") && !byPop && !given("pops"):
		return errors.New("--by client: say over how many PoPs, as --pops 4")
	case given("latency") && !given("pops") && !given("by") && t.disk == "" && t.shield == "":
		return errors.New("--latency: of one cache times say no more than its misses; give --disk, --shield or --pops")
	}
	for _, flag := range []string{"disk-fill", "promote", "disk-eviction", "disk-admission"} {
		if given(flag) && t.disk == "" {
			return fmt.Errorf("--%s: there is no --disk", flag)
		}
	}
	if given("shield-eviction") && t.shield == "" {
		return errors.New("--shield-eviction: there is no --shield")
	}
	return nil
}

// optional reads a capacity, if there is one.
func optional(flag, text string) (*replays.Capacity, error) {
	if text == "" {
		return nil, nil
	}
	c, err := replays.ParseCapacity(text)
	if err != nil {
		return nil, fmt.Errorf("--%s: %w", flag, err)
	}
	return &c, nil
}

// latencies are the defaults, but for what the user gave; nil: PoPs alone, and nobody
// asked.
func (t *traceTiers) latencies() (*replays.Latencies, error) {
	if t.disk == "" && t.shield == "" && len(t.latency) == 0 {
		return nil, nil
	}
	l := replays.DefaultLatencies()
	places := map[string]*time.Duration{"ram": &l.RAM, "disk": &l.Disk, "shield": &l.Shield, "origin": &l.Origin}
	for _, text := range t.latency {
		place, took, _ := strings.Cut(text, "=")
		d, err := time.ParseDuration(took)
		if places[place] == nil || err != nil || d < 0 {
			return nil, fmt.Errorf("--latency %s: write a place (ram, disk, shield, origin), =, and a time, as disk=8ms", text)
		}
		*places[place] = d
	}
	return &l, nil
}

func (t *traceTiers) seriesOf() (replays.Series, error) {
	switch t.series {
	case "":
		return replays.Series{}, nil
	case seriesOfDay:
		return replays.Series{OfDay: true}, nil
	}
	d, err := time.ParseDuration(t.series)
	if err != nil || d < time.Millisecond {
		return replays.Series{}, fmt.Errorf("--series %s: write a time of a millisecond or more, as 1h or 10m, or %s", strconv.Quote(t.series), seriesOfDay)
	}
	return replays.Series{Every: d}, nil
}
