// The drawing as text: a box for each layer, arrows with times between them.
package picture

import (
	"fmt"
	"strings"

	"github.com/olekukonko/tablewriter/pkg/twwidth"
)

const (
	textBoxes = 12 // in a layer; more do not fit on a screen
	minWidth  = 60
	indent    = "    " // before the arrows
)

// Text renders the picture for a terminal of so many columns.
func (p Picture) Text(width int) string {
	p = p.Grouped().Folded(textBoxes)
	t := &texter{width: max(width, minWidth), picture: p}
	t.paragraph(p.Title)
	t.paragraph(p.Subtitle)
	t.out.WriteByte('\n')
	for i, l := range p.Layers {
		t.layer(l, i < len(p.Layers)-1)
		t.arrows(p.leaving(i))
	}
	if len(p.Foot) > 0 {
		t.out.WriteByte('\n')
	}
	for _, line := range p.Foot {
		t.hanging(line)
	}
	return t.out.String()
}

// texter writes lines of at most its width.
type texter struct {
	width   int
	picture Picture
	out     strings.Builder
}

func (t *texter) paragraph(text string) {
	for _, line := range wrap(text, t.width, twwidth.Width) {
		t.out.WriteString(line + "\n")
	}
}

// hanging writes a line whose continuations stand further in.
func (t *texter) hanging(text string) {
	lead := text[:len(text)-len(strings.TrimLeft(text, " "))]
	for i, line := range wrap(text, t.width-len(lead)-2, twwidth.Width) {
		if i > 0 {
			line = "  " + line
		}
		t.out.WriteString(lead + line + "\n")
	}
}

// layer draws a layer; on says that arrows leave it.
func (t *texter) layer(l Layer, on bool) {
	inner := t.width - 4
	head := "┌─ " + l.Title + " "
	t.out.WriteString(head + strings.Repeat("─", t.width-twwidth.Width(head)-1) + "┐\n")
	line := func(text string) {
		t.out.WriteString("│ " + text + strings.Repeat(" ", max(0, inner-twwidth.Width(text))) + " │\n")
	}
	for _, row := range t.rows(l.Boxes, inner) {
		line(row)
	}
	if len(l.Policies) > 0 {
		line("")
	}
	for _, policy := range l.Policies {
		for i, part := range wrap(policy, inner-2, twwidth.Width) {
			if i > 0 {
				part = "  " + part
			}
			line(part)
		}
	}
	foot := "└" + strings.Repeat("─", t.width-2) + "┘\n"
	if on {
		foot = "└" + strings.Repeat("─", len(indent)-1) + "┬" + strings.Repeat("─", t.width-len(indent)-2) + "┘\n"
	}
	t.out.WriteString(foot)
}

// rows are the boxes of a layer as columns: name, place, notes. Notes that find
// no room beside the others go below.
func (t *texter) rows(boxes []Box, inner int) []string {
	name, place := 0, 0
	for _, b := range boxes {
		name, place = max(name, twwidth.Width(b.Name)), max(place, twwidth.Width(b.Place))
	}
	var rows []string
	for _, b := range boxes {
		row := pad(b.Name, name) + "   " + pad(b.Place, place)
		notes := strings.Join(b.notes(), ", ")
		room := inner - twwidth.Width(row) - 3
		beside, below := "   ", ""
		if room < 24 {
			rows = append(rows, strings.TrimRight(row, " "))
			row, beside, below, room = "", "    ", "    ", inner-4
		} else {
			below = strings.Repeat(" ", twwidth.Width(row)+3)
		}
		for i, part := range wrap(notes, room, twwidth.Width) {
			if i > 0 {
				row, beside = "", below
			}
			rows = append(rows, row+beside+part)
		}
		if notes == "" && row != "" {
			rows = append(rows, strings.TrimRight(row, " "))
		}
	}
	return rows
}

// notes are a box's own, with how many it stands for.
func (b Box) notes() []string {
	if b.Count > 1 && !strings.HasPrefix(b.Name, "and ") {
		return append([]string{fmt.Sprintf("%d alike", b.Count)}, b.Notes...)
	}
	return b.Notes
}

// arrows draws the ways from one layer to the next.
func (t *texter) arrows(ways []Way) {
	if len(ways) == 0 {
		return
	}
	names := t.picture.names()
	longest, widest := 0, 0
	for _, w := range ways {
		longest = max(longest, twwidth.Width(w.time()))
		widest = max(widest, twwidth.Width(names[w.From]+names[w.To])+3)
	}
	for _, w := range ways {
		ends := pad(names[w.From]+" → "+names[w.To], widest)
		times := strings.Repeat(" ", longest-twwidth.Width(w.time())) + w.time()
		lead := indent + "│  " + times + "  " + ends + "  "
		for i, part := range wrap(w.words(), max(20, t.width-twwidth.Width(lead)), twwidth.Width) {
			if i > 0 {
				lead = pad(indent+"│", twwidth.Width(lead))
			}
			t.out.WriteString(lead + part + "\n")
		}
	}
	t.out.WriteString(indent + "▼\n")
}

func pad(text string, width int) string {
	return text + strings.Repeat(" ", max(0, width-twwidth.Width(text)))
}
