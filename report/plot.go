// Drawing curves in text.
package report

import (
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

const (
	// maxPlotWidth keeps a drawing readable on a wide terminal; plotWidth is for
	// one that has no width.
	maxPlotWidth, minPlotWidth, plotWidth = 72, 20, 80
	// rowsPerTick lines lie between two marks of the y axis, of which there are
	// about yTicks.
	rowsPerTick, yTicks = 3, 5
)

// draw draws the lines over one pair of axes:
//
//	100 ms ┤                ●
//	       │             ··
//	 50 ms ┤         ··●
//	       │  ●····●··
//	  0 ms ┼──┴────┴────┴───┴
//	          1    2    3   4
func draw(lines []line, unit Unit, width int) []string {
	if width <= 0 {
		width = plotWidth
	}
	low, high, step := span(lines)
	ticks := max(1, int(math.Round((high-low)/step)))
	labels := make([]string, ticks+1)
	margin := 0
	for i := range labels {
		labels[i] = tickLabel(low+float64(i)*step, step, max(high, -low), unit)
		margin = max(margin, utf8.RuneCountInString(labels[i]))
	}
	p := newPlot(lines, low, high, ticks*rowsPerTick+1, min(max(width-margin-8, minPlotWidth), maxPlotWidth))
	for i := range lines {
		p.line(&lines[i])
	}
	var text []string
	for row := p.rows - 1; row >= 0; row-- {
		label, axis := "", "│"
		if row%rowsPerTick == 0 {
			label, axis = labels[row/rowsPerTick], "┤"
		}
		if row == 0 {
			axis = "┼"
		}
		text = append(text, strings.Repeat(" ", margin-utf8.RuneCountInString(label))+label+" "+axis+
			strings.TrimRight(string(p.cells[row]), " "))
	}
	below := strings.Repeat(" ", margin+2)
	text = append(text, strings.TrimRight(below+p.values(), " "))
	if knees := p.knees(lines); knees != "" {
		text = append(text, below+knees)
	}
	return append(text, legend(lines, below)...)
}

// tickLabel prints a mark of the axis: all on one scale, with the decimals that
// the step between them needs.
func tickLabel(v, step, largest float64, unit Unit) string {
	per, suffix := scale(largest, unit)
	decimals := max(0, -int(math.Floor(math.Log10(step/per)+1e-9)))
	text := strconv.FormatFloat(v/per, 'f', decimals, 64)
	if strings.Trim(text, "-0.") == "" { // no -0
		text = strings.TrimPrefix(text, "-")
	}
	return thousands(text) + suffix
}

// legend names the lines when there are several.
func legend(lines []line, margin string) []string {
	if len(lines) < 2 {
		return nil
	}
	var names []string
	for _, l := range lines {
		names = append(names, string(l.mark)+" "+l.label)
	}
	return []string{"", margin + strings.Join(names, "   ")}
}

// span returns the ends of the y axis and the step between its marks: from 0
// unless all values lie far from it.
func span(lines []line) (low, high, step float64) {
	low, high = math.Inf(1), math.Inf(-1)
	for _, l := range lines {
		for _, p := range l.at {
			low, high = min(low, p.low()), max(high, p.y+p.half)
		}
	}
	switch {
	case low == high && low == 0:
		high = 1
	case low == high:
		low, high = min(low, 0), max(high, 0)
	case low > 0 && low < 0.7*high:
		low = 0
	}
	step = nice((high - low) / yTicks)
	return math.Floor(low/step+1e-9) * step, math.Ceil(high/step-1e-9) * step, step
}

// nice returns the next of 1, 2, 5, 10, 20, 50 …
func nice(v float64) float64 {
	unit := math.Pow(10, math.Floor(math.Log10(v)))
	for _, m := range []float64{1, 2, 5} {
		if v <= m*unit*(1+1e-9) {
			return m * unit
		}
	}
	return 10 * unit
}

// plot is a grid of characters, the lowest row first.
type plot struct {
	rows, columns int
	cells         [][]rune
	column        func(x float64) int
	row           func(y float64) int
	labels        map[int]string // by column
}

func newPlot(lines []line, low, high float64, rows, columns int) *plot {
	p := &plot{rows: rows, columns: columns, labels: map[int]string{}}
	for range rows {
		p.cells = append(p.cells, []rune(strings.Repeat(" ", columns+labelRoom)))
	}
	for i := range p.cells[0][:columns] {
		p.cells[0][i] = '─'
	}
	along := lines[0].scale()
	left, right := math.Inf(1), math.Inf(-1)
	for _, l := range lines {
		for _, at := range l.at {
			left, right = min(left, along(at.x)), max(right, along(at.x))
		}
	}
	p.column = func(x float64) int { return plotLeft + cellAt((along(x)-left)/(right-left), columns-2*plotLeft) }
	p.row = func(y float64) int { return cellAt((y-low)/(high-low), rows) }
	for _, l := range lines {
		for _, at := range l.at {
			p.labels[p.column(at.x)] = at.text
			p.cells[0][p.column(at.x)] = '┴'
		}
	}
	return p
}

// cellAt is the cell of n that a share of the axis falls into. An axis too short
// for a float64 (values alike in 15 digits) has all in the first.
func cellAt(share float64, n int) int {
	if !(share > 0) {
		return 0
	}
	return min(int(math.Round(min(share, 1)*float64(n-1))), n-1)
}

const (
	plotLeft  = 2 // columns between the axis and the first point
	labelRoom = 6 // columns beyond the last point for half of its label
)

// line draws one line: dots between the points, bars for the intervals, marks.
func (p *plot) line(l *line) {
	for i := 1; i < len(l.at); i++ {
		p.join(l.at[i-1], l.at[i])
	}
	for _, at := range l.at {
		for row := p.row(at.low()); row <= p.row(at.y+at.half); row++ {
			p.cells[row][p.column(at.x)] = '│'
		}
	}
	for _, at := range l.at {
		p.cells[p.row(at.y)][p.column(at.x)] = l.mark
	}
}

// join dots the way from a to b, column by column, and from row to row where it
// is steep.
func (p *plot) join(a, b linePoint) {
	from, to := p.column(a.x), p.column(b.x)
	last := p.row(a.y)
	for column := from + 1; column < to; column++ {
		share := float64(column-from) / float64(to-from)
		row := p.row(a.y + share*(b.y-a.y))
		for r := min(last, row); r <= max(last, row); r++ {
			if (r != last || r == row) && (p.cells[r][column] == ' ' || p.cells[r][column] == '─') {
				p.cells[r][column] = '·'
			}
		}
		last = row
	}
}

// values are the labels of the x axis: the first and the last, and of the others
// those that fit between.
func (p *plot) values() string {
	text := []rune(strings.Repeat(" ", p.columns+labelRoom))
	taken := make([]bool, len(text)+1)
	put := func(column int) {
		label := []rune(p.labels[column])
		from := min(max(0, column-len(label)/2), len(text)-len(label))
		if len(label) == 0 || from < 0 {
			return
		}
		for i := max(0, from-1); i <= from+len(label); i++ {
			if taken[i] {
				return
			}
		}
		for i, c := range label {
			text[from+i], taken[from+i] = c, true
		}
	}
	put(plotLeft)
	put(p.columns - 1 - plotLeft)
	for column := range p.columns {
		put(column)
	}
	return string(text)
}

// knees marks the knees below the axis.
func (p *plot) knees(lines []line) string {
	text := []rune(strings.Repeat(" ", p.columns+labelRoom))
	last := -1
	for i := range lines {
		if k, found := lines[i].knee(); found {
			column := p.column(lines[i].at[k.Index].x)
			text[column] = '▲'
			last = max(last, column)
		}
	}
	if last < 0 {
		return ""
	}
	return strings.TrimRight(string(text), " ") + " knee"
}
