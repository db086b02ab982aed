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

	Guard *ReplayGuard `json:"guard,omitempty"` // nil: all that may be stored is, and nothing gets stale

	Seconds float64        `json:"seconds"`          // from the first request to the last; 0: the trace has no times
	Tiers   []ReplayTier   `json:"tiers,omitempty"`  // none: the cache is one, and Room is its
	Pops    []ReplayPop    `json:"pops,omitempty"`   // where there are tiers
	Times   *ReplayTimes   `json:"times,omitempty"`  // in ns, where there are tiers that differ in them
	Series  []ReplayMoment `json:"series,omitempty"` // by time
}

// ReplayGuard is what an admission policy let in, and what got stale.
type ReplayGuard struct {
	Admission   string        `json:"admission,omitempty"` // "": none was asked for
	TTL         time.Duration `json:"ttl,omitempty"`       // in ns; 0: nothing gets stale
	NotAdmitted int64         `json:"not-admitted"`        // misses that could have been stored
	Stored      int64         `json:"stored"`              // objects, anew when they had been stale
	Written     int64         `json:"written-bytes"`       // of them
	Expired     int64         `json:"expired"`             // misses for what was there, but stale
}

// MissRatio is the share of requests that missed.
func (r Replayed) MissRatio() float64 { return float64(r.Misses) / float64(max(r.Requests, 1)) }

// ByteMissRatio is the share of bytes that were asked for and missed.
func (r Replayed) ByteMissRatio() float64 { return float64(r.MissedBytes) / float64(max(r.Bytes, 1)) }

// admission is the admission policy, where the user asked for some.
func (r Replayed) admission() string {
	if r.Guard == nil {
		return ""
	}
	return r.Guard.Admission
}

// policyText is the eviction in a table.
func (r Replayed) policyText() string {
	if r.Bound {
		return r.Policy + " (the bound)" // with sizes it is a guess that knows the future
	}
	return r.Policy
}

// name tells the row from others of its capacity.
func (r Replayed) name() string {
	if a := r.admission(); a != "" {
		return r.Policy + ", " + a
	}
	return r.Policy
}

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

// replayColumn is a column: its cells for people, and to the last digit.
type replayColumn struct {
	name        string
	text, exact func(Replayed) string
}

func countColumn(name string, of func(Replayed) int64) replayColumn {
	return replayColumn{name, func(r Replayed) string { return count(of(r)) }, func(r Replayed) string { return fmt.Sprint(of(r)) }}
}

func bytesColumn(name string, of func(Replayed) int64) replayColumn {
	return replayColumn{name, func(r Replayed) string { return FormatValue(float64(of(r)), UnitBytes) }, func(r Replayed) string { return fmt.Sprint(of(r)) }}
}

func ratioColumn(name string, of func(Replayed) float64) replayColumn {
	return replayColumn{name, func(r Replayed) string { return FormatValue(of(r), UnitRatio) }, func(r Replayed) string { return fmt.Sprintf("%.6f", of(r)) }}
}

func wordColumn(name string, of func(Replayed) string) replayColumn {
	return replayColumn{name, of, of}
}

// replayColumns are those of rows that are alike in what was played.
func replayColumns(r Replayed, all, speed bool) (columns []replayColumn, words int) {
	if all {
		columns = append(columns, wordColumn("capacity", func(r Replayed) string { return r.Capacity }))
	}
	columns = append(columns, replayColumn{"eviction", Replayed.policyText, func(r Replayed) string { return r.Policy }})
	if r.admission() != "" {
		columns = append(columns, wordColumn("admission", Replayed.admission))
	}
	words = len(columns)
	columns = append(columns, countColumn("misses", func(r Replayed) int64 { return r.Misses }),
		countColumn("but cold", func(r Replayed) int64 { return r.Misses - r.Cold }))
	if r.Guard != nil && r.Guard.TTL > 0 {
		columns = append(columns, countColumn("expired", func(r Replayed) int64 { return r.Guard.Expired }))
	}
	columns = append(columns, countColumn("bypassed", func(r Replayed) int64 { return r.Bypassed }), ratioColumn("miss ratio", Replayed.MissRatio),
		ratioColumn("byte miss ratio", Replayed.ByteMissRatio), bytesColumn("missed bytes", func(r Replayed) int64 { return r.MissedBytes }))
	if r.admission() != "" {
		columns = append(columns, countColumn("stored", func(r Replayed) int64 { return r.Guard.Stored }),
			bytesColumn("written", func(r Replayed) int64 { return r.Guard.Written }))
	}
	if speed {
		columns = append(columns, wordColumn("M requests/s", Replayed.speed))
	}
	return columns, words
}

func replayGrid(rows []Replayed, all, head, speed bool) *grid {
	columns, words := replayColumns(rows[0], all, speed)
	g := &grid{left: words}
	for _, c := range columns {
		if head || !all {
			g.head = append(g.head, c.name)
		}
	}
	for _, r := range rows {
		var cells []string
		for _, c := range columns {
			if all {
				cells = append(cells, c.exact(r))
			} else {
				cells = append(cells, c.text(r))
			}
		}
		g.add(cells...)
	}
	return g
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
		i := slices.Index(names, r.name())
		if i < 0 {
			names = append(names, r.name())
			lines = append(lines, line{label: r.name(), better: Lower})
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
