// Curves: a metric over the values of a key.
package report

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
)

// Curve says which variants are the points of which curves.
type Curve struct {
	Metric string // "": the first column that has a better, or the p99
	Key    string // that varies along x
	Points []CurvePoint
}

// CurvePoint is the place of one variant. Points of one Line are joined.
type CurvePoint struct {
	Variant string
	Line    string  // what else varies; "" when nothing does
	X       float64 // the key's value
	Text    string  // as the user wrote it
}

const (
	// minCurve is the least number of points that make a curve.
	minCurve = 3
	// maxLines is how many curves in one drawing can be told apart.
	maxLines = 4
	// flatShare is the share of its largest value that a curve must span before a
	// bend in it is looked for.
	flatShare = 0.05
)

// line is one curve: its points in the order of x.
type line struct {
	label  string
	mark   rune
	better Better
	at     []linePoint

	overTime bool // what bends over time has no knee
}

type linePoint struct {
	x, y, half float64 // half of the interval; 0 when it is not known
	text       string
	sample     sample
}

// low is the lower end of the interval. What is counted or timed is not below 0,
// however wide its interval.
func (p linePoint) low() float64 {
	if p.y >= 0 {
		return max(0, p.y-p.half)
	}
	return p.y - p.half
}

// Curves draws the metric over the key that varies, and marks where it bends;
// nothing when the options ask for none or there are too few points.
func Curves(w io.Writer, result *Result, o Options) error {
	if o.Curve == nil || o.Format == CSV {
		return nil
	}
	groups, err := gather(result.Runs)
	if err != nil {
		return err
	}
	if o.Window == "" {
		o.Window = All
	}
	name, m, err := o.curveMetric()
	if err != nil {
		return err
	}
	_, arg, _ := strings.Cut(name, ".")
	heading, unit := m.heading(arg), m.Unit
	lines, left, err := o.lines(groups, name, m.Better)
	switch {
	case err != nil || len(lines) == 0 && len(left) == 0:
		return err
	case len(lines) == 0:
		return say(w, append([]string{fmt.Sprintf("no curve of %s: fewer than %d values were measured", name, minCurve)}, left...), o)
	}
	title := fmt.Sprintf("%s over %s", name, o.Curve.Key)
	if n := seeds(groups); n > 1 {
		title += fmt.Sprintf(", mean of %d seeds ± 95 %%", n)
	}
	drawing := draw(lines, unit, o.Width)
	text := append([]string{title, ""}, drawing...)
	if o.Format == Markdown {
		text = append([]string{title, "", "```text"}, append(drawing, "```")...)
	}
	if _, err := fmt.Fprintln(w, strings.Join(text, "\n")); err != nil {
		return err
	}
	var remarks []string
	for _, l := range lines {
		remarks = append(remarks, l.remark(o.Curve.Key, heading, unit))
	}
	return say(w, append(remarks, left...), o)
}

// curveMetric returns the metric to draw, and its name.
func (o Options) curveMetric() (string, Metric, error) {
	name := o.Curve.Metric
	if name == "" {
		name = histNames[histLatency] + ".p99"
		for _, column := range slices.Backward(o.Columns) {
			if m, _, err := Find(column); err == nil && m.Better != Neither {
				name = column // the first of them in the end
			}
		}
	}
	m, _, err := Find(name)
	return name, m, err
}

// lines measures the points, and says what was left out. Lines of fewer than
// minCurve points are none.
func (o Options) lines(groups []*group, metric string, better Better) (lines []line, left []string, err error) {
	worlds := byWorld(groups)
	var missing, more []string
	for _, p := range o.Curve.Points {
		for _, rows := range worlds {
			i := slices.IndexFunc(rows, func(i int) bool { return groups[i].runs[0].Variant == p.Variant })
			if i < 0 {
				continue
			}
			g := groups[rows[i]]
			label := p.Line
			switch {
			case len(worlds) > 1 && label == "":
				label = g.world
			case len(worlds) > 1:
				label = fmt.Sprintf("%s (%s)", p.Line, g.world)
			}
			s, err := g.measure(o.Window, metric)
			if err != nil {
				return nil, nil, err
			}
			if s.missing {
				missing = append(missing, g.label)
				continue
			}
			if !add(&lines, label, p, s) && !slices.Contains(more, label) {
				more = append(more, label)
			}
		}
	}
	lines = slices.DeleteFunc(lines, func(l line) bool { return len(l.at) < minCurve })
	for i := range lines {
		lines[i].mark, lines[i].better = lineMarks[i], better
		slices.SortStableFunc(lines[i].at, func(a, b linePoint) int { return cmp.Compare(a.x, b.x) })
	}
	left = append(named("not drawn, there was nothing to measure: ", missing),
		named(fmt.Sprintf("not drawn, only %d curves fit: ", maxLines), more)...)
	return lines, left, nil
}

// lineMarks tell the curves apart without colour.
var lineMarks = [maxLines]rune{'●', '○', '◆', '◇'}

// add adds a point to the line of that label; false when there are too many.
func add(lines *[]line, label string, p CurvePoint, s sample) bool {
	i := slices.IndexFunc(*lines, func(l line) bool { return l.label == label })
	if i < 0 {
		if len(*lines) == maxLines {
			return false
		}
		i, *lines = len(*lines), append(*lines, line{label: label})
	}
	point := linePoint{x: p.X, y: s.interval.Mean, text: p.Text, sample: s}
	if s.interval.Known() {
		point.half = s.interval.Half
	}
	(*lines)[i].at = append((*lines)[i].at, point)
	return true
}

// knee finds where the line bends, as it is drawn. Where less is better the
// convex knee is asked for first: a time begins to climb there, or falls no
// more; where more is better, or nothing is, the concave one.
func (l *line) knee() (Knee, bool) {
	if l.overTime || l.flat() != "" {
		return Knee{}, false
	}
	var x, y []float64
	along := l.scale()
	for _, p := range l.at {
		x, y = append(x, along(p.x)), append(y, p.y)
	}
	if k, found := Kneedle(x, y, l.better == Lower, Sensitivity); found {
		return k, true
	}
	return Kneedle(x, y, l.better != Lower, Sensitivity)
}

// flat says why a bend of the line would be one of its noise; "" when the line
// really changes.
func (l *line) flat() string {
	low, high := l.at[0], l.at[0]
	for _, p := range l.at {
		if p.y < low.y {
			low = p
		}
		if p.y > high.y {
			high = p
		}
	}
	d := low.sample.compare(high.sample)
	switch {
	case high.y-low.y <= flatShare*max(math.Abs(high.y), math.Abs(low.y)):
		return "hardly changes"
	case d.N > 1 && d.Noise():
		return "changes by no more than its noise"
	}
	return ""
}

// remark says where the line has its knee and what that means.
func (l *line) remark(key, heading string, unit Unit) string {
	name := ""
	if l.label != "" {
		name = fmt.Sprintf("%c %s: ", l.mark, l.label)
	}
	method := fmt.Sprintf("(Kneedle, sensitivity %g)", Sensitivity)
	k, found := l.knee()
	switch {
	case !found && l.flat() != "":
		return fmt.Sprintf("%sno knee: %s %s", name, heading, l.flat())
	case !found:
		return fmt.Sprintf("%sno knee in %s %s", name, heading, method)
	}
	before, beyond := "stays low", "climbs"
	switch {
	case k.Rising && !k.Convex:
		before, beyond = "climbs", "levels off"
	case !k.Rising && k.Convex:
		before, beyond = "falls", "levels off"
	case !k.Rising:
		before, beyond = "holds", "falls"
	}
	p := l.at[k.Index]
	return fmt.Sprintf("%sknee at %s = %s, where %s is %s: up to there it %s, beyond it %s %s",
		name, key, p.text, heading, FormatValue(p.y, unit), before, beyond, method)
}

// scale returns how x is laid out: in equal steps or, when the values are more
// even that way, in equal ratios.
func (l *line) scale() func(float64) float64 {
	uneven := func(f func(float64) float64) float64 {
		least, most := math.Inf(1), 0.0
		for i := 1; i < len(l.at); i++ {
			gap := f(l.at[i].x) - f(l.at[i-1].x)
			least, most = min(least, gap), max(most, gap)
		}
		return most / least
	}
	same := func(x float64) float64 { return x }
	if l.at[0].x > 0 && uneven(math.Log) < uneven(same)/1.5 {
		return math.Log
	}
	return same
}
