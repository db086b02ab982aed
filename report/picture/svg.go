// The drawing as SVG: a column for each layer, arrows with times between them.
package picture

import (
	"fmt"
	"strings"
)

const svgBoxes = 14 // in a column; more are too small to read on a page

// SVG renders the picture as one self-contained file.
func (p Picture) SVG() string {
	p = p.Grouped().Folded(svgBoxes)
	l := newLayout(p)
	var out strings.Builder
	fmt.Fprintf(&out, `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-label="%s">`+"\n",
		l.width, l.height, l.width, l.height, escapeXML(p.Title))
	fmt.Fprintf(&out, "<title>%s</title>\n", escapeXML(p.Title))
	out.WriteString(svgStyle)
	fmt.Fprintf(&out, `<rect width="%d" height="%d" fill="#ffffff"/>`+"\n", l.width, l.height)
	text(&out, margin, margin+16, "title", p.Title)
	for i, line := range l.subtitle {
		text(&out, margin, margin+38+i*lineHeight, "dim", line)
	}
	for i := range l.columns {
		l.columns[i].draw(&out, i)
	}
	for _, w := range l.ways {
		w.drawLine(&out)
	}
	for _, w := range l.ways {
		w.drawLabel(&out)
	}
	for i, line := range l.foot {
		text(&out, margin+line.in, l.footTop+i*lineHeight, "dim", line.text)
	}
	out.WriteString("</svg>\n")
	return out.String()
}

// svgStyle has light colours that print well, and a font that every system has.
const svgStyle = `<style>
text{font-family:-apple-system,"Segoe UI",Roboto,"DejaVu Sans",Arial,sans-serif;font-size:13px;fill:#1f2933}
.title{font-size:18px;font-weight:600}
.head{font-size:12px;font-weight:600;fill:#52606d;letter-spacing:.06em}
.name{font-weight:600;font-size:14px}
.dim{fill:#52606d;font-size:12px}
.time{font-weight:600;font-size:12px;text-anchor:middle}
.known{font-size:10px;fill:#52606d;text-anchor:middle}
.way{fill:none;stroke:#7b8794;stroke-width:1.5}
.modelled{stroke-dasharray:6 4}.assumed{stroke-dasharray:2 3}
</style>
<defs><marker id="tip" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="8" markerHeight="8" orient="auto"><path d="M0 0 10 5 0 10z" fill="#7b8794"/></marker></defs>
`

// colours of the layers' boxes: fill and stroke, in turn.
var colours = [][2]string{
	{"#eaf4ff", "#5b9bd5"}, {"#e9f9f0", "#4caf7d"}, {"#fff6e5", "#e0a030"}, {"#f6edff", "#9b6dd0"}, {"#ffeef0", "#d9707c"},
}

// draw draws a column: its heading, its boxes, its policies below them.
func (c *column) draw(out *strings.Builder, i int) {
	colour := colours[i%len(colours)]
	text(out, c.x, c.headTop, "head", strings.ToUpper(c.title))
	for _, b := range c.boxes {
		if b.stacked {
			fmt.Fprintf(out, `<rect x="%d" y="%d" width="%d" height="%d" rx="8" fill="%s" stroke="%s"/>`+"\n",
				b.x+5, b.y+5, boxWidth, b.height, colour[0], colour[1])
		}
		fmt.Fprintf(out, `<rect x="%d" y="%d" width="%d" height="%d" rx="8" fill="%s" stroke="%s" stroke-width="1.5"/>`+"\n",
			b.x, b.y, boxWidth, b.height, colour[0], colour[1])
		text(out, b.x+pad12, b.y+21, "name", b.name)
		for j, line := range b.lines {
			text(out, b.x+pad12, b.y+21+(j+1)*lineHeight, "dim", line)
		}
	}
	for j, line := range c.policies {
		text(out, c.x+4+line.in, c.policyTop+j*lineHeight, "dim", line.text)
	}
}

func (a *arrow) drawLine(out *strings.Builder) {
	from, to := a.x1+a.flat1, a.x2-a.flat2
	bend := (to - from) / 2
	fmt.Fprintf(out, `<path class="way %s" d="M%d %dH%dC%d %d %d %d %d %dH%d" marker-end="url(#tip)"/>`+"\n",
		a.class, a.x1, a.y1, from, from+bend, a.y1, to-bend, a.y2, to, a.y2, a.x2)
}

// drawLabel puts the time on the line, on white so that the line does not cross
// the letters.
func (a *arrow) drawLabel(out *strings.Builder) {
	width := a.labelWidth()
	fmt.Fprintf(out, `<rect x="%d" y="%d" width="%d" height="30" rx="4" fill="#ffffff" fill-opacity=".92"/>`+"\n", a.labelX-width/2, a.labelY-15, width)
	text(out, a.labelX, a.labelY-2, "time", a.time)
	text(out, a.labelX, a.labelY+10, "known", a.known)
}

func text(out *strings.Builder, x, y int, class, words string) {
	fmt.Fprintf(out, `<text x="%d" y="%d" class="%s">%s</text>`+"\n", x, y, class, escapeXML(words))
}

// escapeXML also drops what XML 1.0 cannot hold at all (2.2).
func escapeXML(s string) string {
	s = strings.Map(func(r rune) rune {
		if r < ' ' || r == 0xFFFE || r == 0xFFFF {
			return ' '
		}
		return r
	}, strings.ToValidUTF8(s, "?"))
	return strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;", `"`, "&quot;", "'", "&#39;").Replace(s)
}
