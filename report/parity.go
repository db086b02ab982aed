// Parity: the live world beside the virtual one.
package report

import (
	"fmt"
	"io"
	"math"
	"time"
)

// How far the worlds may differ and still agree: a point of hit ratio; of the
// median latency 3 % or a millisecond, whichever is more.
const (
	parityPoints  = 0.01
	parityShare   = 0.03
	parityLatency = time.Millisecond
)

// Agreement is one variant's live world beside its virtual one.
type Agreement struct {
	Variant                       string
	HitRatioLive, HitRatioVirtual float64 // NaN when nothing passed a cache
	MedianLive, MedianVirtual     time.Duration
	Agrees                        bool
	// Withheld says why the live times must not be shown; then nothing agrees.
	Withheld string
}

// Agreements compares the worlds of every variant that was played in both.
func Agreements(result *Result) ([]Agreement, error) {
	groups, err := gather(result.Runs)
	if err != nil {
		return nil, err
	}
	var all []Agreement
	for _, live := range groups {
		for _, virtual := range groups {
			if live.world != Live || virtual.world != Virtual || live.runs[0].Variant != virtual.runs[0].Variant {
				continue
			}
			a, err := agreement(live, virtual)
			if err != nil {
				return nil, err
			}
			all = append(all, a)
		}
	}
	return all, nil
}

func agreement(live, virtual *group) (Agreement, error) {
	a := Agreement{Variant: live.runs[0].Label(), Withheld: live.untrusted()}
	var medians, ratios [2]sample
	for i, g := range []*group{live, virtual} {
		var err error
		if ratios[i], err = g.measure(All, "hit-ratio"); err != nil {
			return a, err
		}
		if medians[i], err = g.measure(All, "latency.p50"); err != nil {
			return a, err
		}
	}
	a.HitRatioLive, a.HitRatioVirtual = ratios[0].interval.Mean, ratios[1].interval.Mean
	if !medians[1].missing {
		a.MedianVirtual = time.Duration(medians[1].interval.Mean)
	}
	if medians[0].missing || medians[1].missing {
		a.Agrees = a.Withheld == "" && medians[0].missing == medians[1].missing
		return a, nil
	}
	a.MedianLive = time.Duration(medians[0].interval.Mean)
	allowed := max(parityShare*float64(a.MedianVirtual), float64(parityLatency))
	a.Agrees = math.Abs(float64(a.MedianLive-a.MedianVirtual)) <= allowed &&
		ratios[0].missing == ratios[1].missing &&
		(ratios[0].missing || math.Abs(a.HitRatioLive-a.HitRatioVirtual) <= parityPoints)
	return a, nil
}

// Parity prints how far the two worlds agree; nothing when only one was played.
func Parity(w io.Writer, result *Result, o Options) error {
	all, err := Agreements(result)
	if err != nil || len(all) == 0 {
		return err
	}
	table := &grid{head: []string{"variant", "hit ratio live", "virtual", "difference",
		"median live", "virtual", "difference", "", ""}, left: 1, tail: 1}
	var lines []string
	for _, a := range all {
		verdict := "agree"
		if !a.Agrees {
			verdict = "DIFFER"
		}
		if a.Withheld != "" {
			verdict = "cannot tell"
			lines = append(lines, a.Variant+": "+a.Withheld)
		}
		cells := []string{a.Variant, FormatValue(a.HitRatioLive, UnitRatio), FormatValue(a.HitRatioVirtual, UnitRatio),
			points(a.HitRatioLive - a.HitRatioVirtual)}
		table.add(append(append(cells, a.medians()...), colored(o, a.Agrees, verdict))...)
	}
	if err := table.print(w, o); err != nil || o.Format == CSV {
		return err
	}
	lines = append(lines, "agree: hit ratios within 1 point, median latencies within 3 % or 1 ms")
	return say(w, lines, o)
}

// medians returns the cells of the median latency and its difference.
func (a Agreement) medians() []string {
	virtual := formatTime(float64(a.MedianVirtual))
	if a.Withheld != "" {
		return []string{"?", virtual, "?", "?"}
	}
	late, share := a.MedianLive-a.MedianVirtual, "-"
	if a.MedianVirtual > 0 {
		share = fmt.Sprintf("%+.1f %%", 100*float64(late)/float64(a.MedianVirtual))
	}
	return []string{formatTime(float64(a.MedianLive)), virtual, fmt.Sprintf("%+.2f ms", float64(late)/1e6), share}
}

func points(d float64) string {
	if math.IsNaN(d) {
		return "-"
	}
	return fmt.Sprintf("%+.2f points", 100*d)
}
