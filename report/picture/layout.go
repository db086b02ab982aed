// Layout: where each box, line and label of the SVG stands. Pixels.
package picture

import (
	"strings"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
)

const (
	margin     = 24
	boxWidth   = 216
	gap        = 150 // between columns: room for a time
	step       = 12  // how much further in a line's continuations stand
	rowGap     = 18
	lineHeight = 17
	pad12      = 12
	letter     = 7 // mean width of a letter at 12 to 13 px, generously

	minTextWidth = 560 // for the title of a picture with few columns
)

// layout is a picture with its measures.
type layout struct {
	width, height int
	subtitle      []string
	columns       []column
	ways          []arrow
	footTop       int
	foot          []line
}

// line is a line of text, so much further in.
type line struct {
	text string
	in   int
}

// column is a layer.
type column struct {
	title     string
	x         int
	headTop   int
	boxes     []placed
	policies  []line
	policyTop int
}

// placed is a box.
type placed struct {
	x, y, height int
	name         string
	lines        []string
	stacked      bool // stands for several
}

// arrow is a way. One that is level has its time in the middle. Any other runs
// level for a while at its start, and its time stands there; where many start in
// one box, at its end.
type arrow struct {
	x1, y1, x2, y2 int
	flat1, flat2   int // how far it runs level at its ends
	labelX, labelY int
	time, known    string
	class          string
}

func textWidth(s string, letter int) int { return twwidth.Width(s) * letter }

// lines wraps a text to a width in pixels.
func lines(text string, width int) []string { return wrap(text, width/letter, twwidth.Width) }

func newLayout(p Picture) *layout {
	n := len(p.Layers)
	l := &layout{width: max(2*margin+n*boxWidth+(n-1)*gap, minTextWidth)}
	l.width = max(l.width, 2*margin+textWidth(p.Title, 11))
	l.subtitle = lines(p.Subtitle, l.width-2*margin)
	top := margin + 34 + len(l.subtitle)*lineHeight + 34
	tallest := 0
	for i, layer := range p.Layers {
		room := boxWidth + gap/2
		if i == n-1 {
			room = boxWidth + margin/2
		}
		c := newColumn(layer, margin+i*(boxWidth+gap), room)
		l.columns = append(l.columns, c)
		tallest = max(tallest, c.boxesHeight())
	}
	l.place(top, tallest)
	l.join(p)
	for _, text := range p.Foot {
		in := (len(text) - len(strings.TrimLeft(text, " "))) * step / 2
		l.foot = append(l.foot, hanging(text, in, l.width-2*margin)...)
	}
	l.height = l.footTop + len(l.foot)*lineHeight + margin/2
	return l
}

// hanging wraps a text into lines of which all but the first stand further in.
func hanging(text string, in, width int) []line {
	var all []line
	for i, part := range lines(text, width-in-step) {
		at := in
		if i > 0 {
			at += step
		}
		all = append(all, line{part, at})
	}
	return all
}

// newColumn lays out a layer at x, its policies within a width.
func newColumn(layer Layer, x, room int) column {
	c := column{title: layer.Title, x: x}
	for _, b := range layer.Boxes {
		box := placed{x: x, stacked: b.Count > 1}
		names := lines(b.Name, (boxWidth-2*pad12)*10/12) // bold, and larger
		box.name, box.lines = names[0], names[1:]
		for _, text := range append([]string{b.Place}, b.notes()...) {
			box.lines = append(box.lines, lines(text, boxWidth-2*pad12)...)
		}
		box.height = 34 + len(box.lines)*lineHeight
		c.boxes = append(c.boxes, box)
	}
	for _, policy := range layer.Policies {
		c.policies = append(c.policies, hanging(policy, 0, room)...)
	}
	return c
}

func (c *column) boxesHeight() int {
	h := -rowGap
	for _, b := range c.boxes {
		h += b.height + rowGap
	}
	return h
}

// place gives every box its height on the page: columns stand centred, so that
// arrows rise and fall as little as can be.
func (l *layout) place(top, tallest int) {
	l.footTop = top + tallest + 30
	for i := range l.columns {
		c := &l.columns[i]
		c.headTop = top - 12
		y := top + (tallest-c.boxesHeight())/2
		for j := range c.boxes {
			c.boxes[j].y = y
			y += c.boxes[j].height + rowGap
		}
		c.policyTop = top + tallest + 30
		l.footTop = max(l.footTop, c.policyTop+len(c.policies)*lineHeight+14)
	}
}

// join lays the ways.
func (l *layout) join(p Picture) {
	at := map[string]placed{}
	for i, layer := range p.Layers {
		for j, b := range layer.Boxes {
			at[b.ID] = l.columns[i].boxes[j]
		}
	}
	starts, ends := map[string]int{}, map[string]int{}
	for _, w := range p.Ways {
		starts[w.From]++
		ends[w.To]++
	}
	for _, w := range p.Ways {
		a := newArrow(w, at[w.From], at[w.To])
		width := a.labelWidth() + 8
		switch {
		case starts[w.From] == 1 && (ends[w.To] > 1 || a.y1 != a.y2):
			a.flat1, a.labelX, a.labelY = width, a.x1+width/2, a.y1
		case starts[w.From] > 1 && ends[w.To] == 1:
			a.flat2, a.labelX, a.labelY = width+8, a.x2-8-width/2, a.y2
		}
		l.ways = append(l.ways, a)
	}
}

// newArrow joins two boxes, its time in the middle.
func newArrow(w Way, from, to placed) arrow {
	a := arrow{
		x1: from.x + boxWidth, y1: from.y + from.height/2, x2: to.x - 2, y2: to.y + to.height/2,
		time: w.rounded(), known: w.Known, class: strings.ReplaceAll(w.Known, " ", "-"),
	}
	if from.stacked {
		a.x1 += 5
	}
	a.labelX, a.labelY = (a.x1+a.x2)/2, (a.y1+a.y2)/2
	return a
}

// labelWidth is that of the time, with room at its sides.
func (a *arrow) labelWidth() int { return max(textWidth(a.time, 7), textWidth(a.known, 6)) + 8 }
