// Tables of replays: what caches made of a trace.
package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"time"
)

// Replayed is what one policy made of a trace with one capacity.
type Replayed struct {
	Policy      string        `json:"policy"`
	Capacity    string        `json:"capacity"` // as the user wrote it
	Room        int64         `json:"room"`     // in objects, or in bytes
	Objects     bool          `json:"sizes-ignored"`
	Bound       bool          `json:"bound"` // nobody can do it: it knows the future
	Requests    int64         `json:"requests"`
	Misses      int64         `json:"misses"`
	Cold        int64         `json:"cold-misses"` // first requests for an object, which all miss
	Bypassed    int64         `json:"bypassed"`    // requests for objects larger than the cache
	Bytes       int64         `json:"bytes"`
	MissedBytes int64         `json:"missed-bytes"`
	Took        time.Duration `json:"-"` // of the cache alone, reading not counted

	Seconds float64        `json:"seconds"`          // from the first request to the last; 0: the trace has no times
	Tiers   []ReplayTier   `json:"tiers,omitempty"`  // none: the cache is one, and Room is its
	Pops    []ReplayPop    `json:"pops,omitempty"`   // where there are tiers
	Times   *ReplayTimes   `json:"times,omitempty"`  // in ns, where there are tiers that differ in them
	Series  []ReplayMoment `json:"series,omitempty"` // by time
}

// MissRatio is the share of requests that missed.
func (r Replayed) MissRatio() float64 { return float64(r.Misses) / float64(max(r.Requests, 1)) }

// ByteMissRatio is the share of bytes that were asked for and missed.
func (r Replayed) ByteMissRatio() float64 { return float64(r.MissedBytes) / float64(max(r.Bytes, 1)) }

// roomText says how much the cache held, or the caches.
func (r Replayed) roomText() string {
	if len(r.Tiers) > 0 {
		return r.tierText()
	}
	return r.sizeText(r.Capacity, r.Room)
}

func (r Replayed) sizeText(capacity string, room int64) string {
	if r.Objects {
		return FormatValue(float64(room), UnitCount) + " objects, sizes ignored"
	}
	text := FormatValue(float64(room), UnitBytes)
	if capacity[len(capacity)-1] == '%' {
		return capacity + " of the footprint, " + text
	}
	return text
}

// ReplayTables writes a table for each capacity, in the order in which they come, the
// fewest misses first; with speed it says how fast each cache was. Of several caches or
// with a series CSV is one table of all of it.
func ReplayTables(w io.Writer, rows []Replayed, speed bool, o Options) error {
	if more := len(rows) > 0 && len(rows[0].Tiers)+len(rows[0].Series) > 0; more && o.Format == CSV {
		return tidy(rows).print(w, o)
	}
	for i, group := range byCapacity(rows) {
		if o.Format != CSV {
			if i > 0 {
				fmt.Fprintln(w)
			}
			fmt.Fprintf(w, "Capacity %s\n\n", group[0].roomText())
		}
		if len(group[0].Tiers) > 0 {
			if err := tierTables(w, group, speed, o); err != nil {
				return err
			}
			continue
		}
		if err := replayGrid(group, o.Format == CSV, i == 0, speed).print(w, o); err != nil {
			return err
		}
	}
	if o.Format == CSV {
		return nil
	}
	return seriesTables(w, rows, o)
}

func byCapacity(rows []Replayed) (groups [][]Replayed) {
	for _, r := range rows {
		i := slices.IndexFunc(groups, func(g []Replayed) bool { return g[0].Capacity == r.Capacity })
		if i < 0 {
			groups = append(groups, nil)
			i = len(groups) - 1
		}
		groups[i] = append(groups[i], r)
	}
	for _, g := range groups {
		slices.SortStableFunc(g, func(a, b Replayed) int { return cmp.Compare(a.Misses, b.Misses) })
	}
	return groups
}

func replayGrid(rows []Replayed, all, head, speed bool) *grid {
	g := &grid{left: 1}
	names := []string{"eviction", "misses", "but cold", "bypassed", "miss ratio", "byte miss ratio", "missed bytes", "M requests/s"}
	if all {
		g.left = 2
		names = append([]string{"capacity"}, names...)
	}
	if head || !all {
		g.head = names
	}
	for _, r := range rows {
		name := r.Policy
		if r.Bound {
			name += " (the bound)" // with sizes it is a guess that knows the future
		}
		cells := []string{name, count(r.Misses), count(r.Misses - r.Cold), count(r.Bypassed), FormatValue(r.MissRatio(), UnitRatio),
			FormatValue(r.ByteMissRatio(), UnitRatio), FormatValue(float64(r.MissedBytes), UnitBytes), r.speed()}
		if all {
			cells = []string{r.Capacity, r.Policy, fmt.Sprint(r.Misses), fmt.Sprint(r.Misses - r.Cold), fmt.Sprint(r.Bypassed),
				fmt.Sprintf("%.6f", r.MissRatio()), fmt.Sprintf("%.6f", r.ByteMissRatio()), fmt.Sprint(r.MissedBytes), r.speed()}
		}
		g.add(cells...)
	}
	if !speed {
		g.drop()
	}
	return g
}

// drop takes the last column away.
func (g *grid) drop() {
	if n := len(g.head); n > 0 {
		g.head = g.head[:n-1]
	}
	for i, row := range g.rows {
		g.rows[i] = row[:len(row)-1]
	}
}

func count(n int64) string { return FormatValue(float64(n), UnitCount) }

func (r Replayed) speed() string {
	if r.Took <= 0 {
		return "-"
	}
	return fmt.Sprintf("%.1f", float64(r.Requests)/r.Took.Seconds()/1e6)
}

// ReplayCurve draws the miss ratio over the capacity, a line for each policy; nothing
// where there are too few capacities of one kind or too many policies.
func ReplayCurve(w io.Writer, rows []Replayed, o Options) error {
	var lines []line
	var names []string
	for _, r := range rows {
		if r.Objects != rows[0].Objects {
			continue
		}
		i := slices.Index(names, r.Policy)
		if i < 0 {
			names = append(names, r.Policy)
			lines = append(lines, line{label: r.Policy, better: Lower})
			i = len(lines) - 1
		}
		lines[i].at = append(lines[i].at, linePoint{x: float64(r.Room), y: r.MissRatio(), text: r.Capacity})
	}
	switch {
	case len(lines) == 0 || len(lines[0].at) < minCurve:
		return fmt.Errorf("report: a curve needs %d capacities or more, all of objects or all of bytes", minCurve)
	case len(lines) > maxLines:
		return fmt.Errorf("report: a curve has room for %d policies; there are %d", maxLines, len(lines))
	}
	for i := range lines {
		lines[i].mark = lineMarks[i]
		slices.SortFunc(lines[i].at, func(a, b linePoint) int { return cmp.Compare(a.x, b.x) })
	}
	fmt.Fprint(w, "\nMiss ratio over capacity\n\n")
	for _, text := range draw(lines, UnitRatio, o.Width) {
		if _, err := fmt.Fprintln(w, text); err != nil {
			return err
		}
	}
	return nil
}
