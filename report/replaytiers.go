// What became of a trace where there are several caches: PoPs, tiers, stretches of time.
package report

import (
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Asked counts what was asked for at one place, and what of it was there.
type Asked struct {
	Requests int64 `json:"requests"`
	Hits     int64 `json:"hits"`
	Bytes    int64 `json:"bytes"`
	HitBytes int64 `json:"hit-bytes"`
}

// Add counts a request.
func (a *Asked) Add(bytes int64, hit bool) {
	a.Requests++
	a.Bytes += bytes
	if hit {
		a.Hits++
		a.HitBytes += bytes
	}
}

// HitRatio is the share of requests that were there.
func (a Asked) HitRatio() float64 { return float64(a.Hits) / float64(max(a.Requests, 1)) }

// ByteHitRatio is the share of bytes that were there.
func (a Asked) ByteHitRatio() float64 { return float64(a.HitBytes) / float64(max(a.Bytes, 1)) }

// ReplayTier is one tier of caches: all PoPs' of one kind, or the shield.
type ReplayTier struct {
	Name     string `json:"tier"`
	Capacity string `json:"capacity"` // as the user wrote it, of each of its caches
	Room     int64  `json:"room"`     // the same, in objects, or in bytes
	Caches   int    `json:"caches"`
	Eviction string `json:"eviction"`
	Asked
	Expired int64       `json:"expired,omitempty"` // misses for what was there, but stale; of RAM and its disk they stand with RAM
	Disk    *ReplayDisk `json:"disk,omitempty"`    // nil: it is in memory, or how it is kept makes no difference
}

// ReplayDisk is what the disks of a tier were for.
type ReplayDisk struct {
	Fill      string `json:"fill"`
	Promote   string `json:"promote"`
	Admission string `json:"admission"`
	Refused   int64  `json:"not-admitted"` // objects that it kept out
	Writes    int64  `json:"writes"`       // of objects
	Written   int64  `json:"written"`      // the same, in the unit of Room
}

// ReplayPop is what was asked of one PoP, and what it had, in RAM or on its disk.
type ReplayPop struct {
	Name string `json:"pop"`
	Asked
}

// ReplayMoment is what was asked for in a stretch of time, and what of it any tier had.
type ReplayMoment struct {
	At   float64 `json:"at"` // its beginning: seconds as the trace counts, or of the day
	Name string  `json:"from"`
	Asked
}

// ReplayTimes is how long answers took, in ns, by where they came from alone.
type ReplayTimes struct {
	Mean time.Duration `json:"mean"`
	P50  time.Duration `json:"p50"`
	P99  time.Duration `json:"p99"`
	From []ReplayPlace `json:"from"` // the quickest first
}

// ReplayPlace is where answers came from.
type ReplayPlace struct {
	Name    string        `json:"place"`
	Took    time.Duration `json:"took"` // of each
	Answers int64         `json:"answers"`
}

// all is what was asked for in all, and what of it no origin was asked for.
func (r Replayed) all() Asked {
	return Asked{r.Requests, r.Requests - r.Misses, r.Bytes, r.Bytes - r.MissedBytes}
}

// day is a day in seconds.
const day = 24 * 60 * 60

// writtenADay is what the disks of a tier that has some wrote together in a day, if the trace has times.
func (r Replayed) writtenADay(t ReplayTier) (float64, bool) {
	return float64(t.Disk.Written) / r.Seconds * day, r.Seconds > 0
}

// tierText says where the room of a capacity is.
func (r Replayed) tierText() string {
	var b strings.Builder
	for _, t := range r.Tiers {
		if b.Len() > 0 {
			b.WriteString("; ")
		}
		fmt.Fprintf(&b, "%s (%s", r.sizeText(t.Capacity, t.Room), t.Name)
		if t.Caches > 1 {
			fmt.Fprintf(&b, ", each of %d", t.Caches)
		}
		b.WriteByte(')')
	}
	return b.String()
}

// tierTables writes what became of the requests with one capacity: in all, by tier, by
// PoP.
func tierTables(w io.Writer, rows []Replayed, speed bool, o Options) error {
	grids := []*grid{tiersTogether(rows, speed)}
	if len(rows[0].Tiers) > 1 || hasDisk(rows[0].Tiers) {
		grids = append(grids, tiersApart(rows))
	}
	for i, g := range grids {
		if i > 0 {
			fmt.Fprintln(w)
		}
		if err := g.print(w, o); err != nil {
			return err
		}
	}
	if len(rows[0].Pops) < 2 {
		return nil
	}
	return pivot(w, "PoP", rows, o, func(r Replayed) (names []string, at []Asked) {
		for _, p := range r.Pops {
			names, at = append(names, p.Name), append(at, p.Asked)
		}
		return names, at
	})
}

func tiersTogether(rows []Replayed, speed bool) *grid {
	g := &grid{left: 1, head: []string{"eviction", "hit ratio", "byte hit ratio", "bypassed", "origin requests", "origin bytes", "saved bytes"}}
	times, written := rows[0].Times != nil, rows[0].admission() != ""
	if written {
		g.head = append(g.head, "stored", "written")
	}
	if times {
		g.head = append(g.head, "mean", "p50", "p99")
	}
	if speed {
		g.head = append(g.head, "M requests/s")
	}
	for _, r := range rows {
		a := r.all()
		cells := []string{r.name(), FormatValue(a.HitRatio(), UnitRatio), FormatValue(a.ByteHitRatio(), UnitRatio), count(r.Bypassed),
			count(r.Misses), FormatValue(float64(r.MissedBytes), UnitBytes), FormatValue(float64(a.HitBytes), UnitBytes)}
		if written {
			cells = append(cells, count(r.Guard.Stored), FormatValue(float64(r.Guard.Written), UnitBytes))
		}
		if times {
			for _, d := range []time.Duration{r.Times.Mean, r.Times.P50, r.Times.P99} {
				cells = append(cells, FormatValue(float64(d), UnitTime))
			}
		}
		if speed {
			cells = append(cells, r.speed())
		}
		g.add(cells...)
	}
	return g
}

func hasDisk(tiers []ReplayTier) bool {
	return slices.ContainsFunc(tiers, func(t ReplayTier) bool { return t.Disk != nil })
}

func tiersApart(rows []Replayed) *grid {
	g := &grid{left: 2, head: []string{"eviction", "tier", "requests", "hit ratio", "byte hit ratio", "hit bytes"}}
	disk, expired := hasDisk(rows[0].Tiers), rows[0].Guard != nil && rows[0].Guard.TTL > 0
	if expired {
		g.head = append(g.head, "expired")
	}
	if disk {
		g.head = append(g.head, "writes", "written", "written a day", "drive writes a day")
	}
	for _, r := range rows {
		for _, t := range r.Tiers {
			name := t.Name
			if t.Eviction != r.Policy {
				name += " (" + t.Eviction + ")"
			}
			cells := []string{r.name(), name, count(t.Requests), FormatValue(t.HitRatio(), UnitRatio),
				FormatValue(t.ByteHitRatio(), UnitRatio), FormatValue(float64(t.HitBytes), UnitBytes)}
			if expired {
				cells = append(cells, count(t.Expired))
			}
			if disk {
				cells = append(cells, r.writes(t)...)
			}
			g.add(cells...)
		}
	}
	return g
}

// writes are the cells of what a tier's disks wrote.
func (r Replayed) writes(t ReplayTier) []string {
	if t.Disk == nil {
		return []string{"", "", "", ""}
	}
	cells := []string{count(t.Disk.Writes), "-", "-", "-"}
	unit := UnitCount
	if !r.Objects {
		unit = UnitBytes
		cells[1] = FormatValue(float64(t.Disk.Written), unit)
	}
	if a, known := r.writtenADay(t); known {
		cells[2] = FormatValue(a, unit)
		cells[3] = FormatValue(a/float64(t.Room)/float64(t.Caches), UnitCount)
	}
	return cells
}

// seriesTables writes what became of the requests over time, a table for each capacity.
func seriesTables(w io.Writer, rows []Replayed, o Options) error {
	for _, group := range byCapacity(rows) {
		if len(group[0].Series) == 0 {
			continue
		}
		fmt.Fprintf(w, "\nCapacity %s, over time\n", group[0].roomText())
		if err := pivot(w, "from", group, o, Replayed.series); err != nil {
			return err
		}
	}
	return nil
}

func (r Replayed) series() (names []string, at []Asked) {
	for _, m := range r.Series {
		names, at = append(names, m.Name), append(at, m.Asked)
	}
	return names, at
}

// pivot writes a line for each place or time and a column for each policy: hit ratios,
// and in a second table byte hit ratios.
func pivot(w io.Writer, what string, rows []Replayed, o Options, of func(Replayed) ([]string, []Asked)) error {
	names, first := of(rows[0])
	for _, measure := range []struct {
		name string
		of   func(Asked) float64
	}{{"hit ratio", Asked.HitRatio}, {"byte hit ratio", Asked.ByteHitRatio}} {
		g := &grid{left: 1, head: []string{what, "requests", "bytes"}}
		for i, name := range names {
			g.add(name, count(first[i].Requests), FormatValue(float64(first[i].Bytes), UnitBytes))
		}
		for _, r := range rows {
			g.head = append(g.head, r.name())
			_, at := of(r)
			for i := range g.rows {
				g.rows[i] = append(g.rows[i], FormatValue(measure.of(at[i]), UnitRatio))
			}
		}
		fmt.Fprintf(w, "\n%s\n\n", strings.ToUpper(measure.name[:1])+measure.name[1:])
		if err := g.print(w, o); err != nil {
			return err
		}
	}
	return nil
}

// tidy is all of it as one table: a line for each policy in all, and of each its tiers,
// PoPs and stretches of time.
func tidy(rows []Replayed) *grid {
	g := &grid{left: 4, head: []string{"capacity", "eviction", "of", "name", "requests", "hits", "hit ratio", "bytes", "hit bytes", "byte hit ratio",
		"writes", "written", "mean seconds", "p50 seconds", "p99 seconds"}}
	for _, r := range rows {
		line := func(of, name string, a Asked, more ...string) {
			cells := []string{r.Capacity, r.name(), of, name, fmt.Sprint(a.Requests), fmt.Sprint(a.Hits), fmt.Sprintf("%.6f", a.HitRatio()),
				fmt.Sprint(a.Bytes), fmt.Sprint(a.HitBytes), fmt.Sprintf("%.6f", a.ByteHitRatio())}
			g.add(append(append(cells, more...), make([]string, len(g.head)-len(cells)-len(more))...)...)
		}
		all := []string{"", "", "", "", ""}
		if r.admission() != "" {
			all[0], all[1] = fmt.Sprint(r.Guard.Stored), fmt.Sprint(r.Guard.Written)
		}
		if r.Times != nil {
			all[2], all[3], all[4] = inSeconds(r.Times.Mean), inSeconds(r.Times.P50), inSeconds(r.Times.P99)
		}
		line("all", "", r.all(), all...)
		for _, t := range r.Tiers {
			if t.Disk != nil {
				line("tier", t.Name, t.Asked, fmt.Sprint(t.Disk.Writes), fmt.Sprint(t.Disk.Written))
			} else {
				line("tier", t.Name, t.Asked)
			}
		}
		for _, p := range r.Pops {
			line("pop", p.Name, p.Asked)
		}
		for _, m := range r.Series {
			line("from", m.Name, m.Asked)
		}
	}
	return g
}

func inSeconds(d time.Duration) string { return strconv.FormatFloat(d.Seconds(), 'g', 9, 64) }

// SeriesCurve draws the hit ratio over time, for each capacity, a line for each policy.
func SeriesCurve(w io.Writer, rows []Replayed, o Options) error {
	for _, group := range byCapacity(rows) {
		var lines []line
		for i, r := range group {
			switch {
			case len(r.Series) < minCurve:
				return fmt.Errorf("report: a curve needs %d stretches of time or more; there are %d", minCurve, len(r.Series))
			case i == maxLines:
				return fmt.Errorf("report: a curve has room for %d policies; there are %d", maxLines, len(group))
			}
			l := line{label: r.name(), mark: lineMarks[i], overTime: true}
			for _, m := range r.Series {
				l.at = append(l.at, linePoint{x: m.At, y: m.HitRatio(), text: m.Name})
			}
			lines = append(lines, l)
		}
		fmt.Fprintf(w, "\nHit ratio over time, capacity %s\n\n", group[0].roomText())
		for _, text := range draw(lines, UnitRatio, o.Width) {
			if _, err := fmt.Fprintln(w, text); err != nil {
				return err
			}
		}
	}
	return nil
}
