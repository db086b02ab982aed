// Grids of text, printed plain, as Markdown or as CSV.
package report

import (
	"encoding/csv"
	"fmt"
	"io"
	"strings"

	"github.com/olekukonko/tablewriter"
	"github.com/olekukonko/tablewriter/pkg/twwidth"
	"github.com/olekukonko/tablewriter/renderer"
	"github.com/olekukonko/tablewriter/tw"
)

// Format is how a table is printed.
type Format string

// The formats.
const (
	Plain    Format = "table"
	Markdown Format = "markdown"
	CSV      Format = "csv"
)

// Options say how tables are printed.
type Options struct {
	Color  bool   // pass and fail in green and red; nothing else has a colour
	Width  int    // of the terminal in columns; 0 means that it does not matter
	Format Format // "" is Plain
	// Columns are the metrics of a comparison; nil are the usual ones.
	Columns []string
	Window  string // of a comparison; "" is the whole run
	Sort    string // the metric by which a comparison has its best row first; "" keeps the runs' order
	Curve   *Curve // drawn of a comparison; nil is none
}

// grid is a table before it is printed.
type grid struct {
	head []string
	rows [][]string
	left int // so many columns are names, aligned left; the others are numbers
	tail int // so many columns at the end are text, aligned left too
}

func (g *grid) add(cells ...string) { g.rows = append(g.rows, cells) }

// print writes the grid in the format that the options ask for.
func (g *grid) print(w io.Writer, o Options) error {
	switch o.Format {
	case CSV:
		return g.csv(w)
	case Markdown:
		return g.markdown(w)
	case Plain, "":
		return g.plain(w, o.Width)
	}
	return fmt.Errorf("report: unknown format %q; known: %s, %s, %s", o.Format, Plain, Markdown, CSV)
}

func (g *grid) csv(w io.Writer) error {
	out := csv.NewWriter(w)
	_ = out.Write(g.head) // its errors are those of Error below
	_ = out.WriteAll(g.rows)
	return out.Error()
}

// plain prints columns with two blanks between them. What does not fit into
// the width goes on below, with the names repeated: a number cut off or wrapped
// is worse than a second table.
func (g *grid) plain(w io.Writer, width int) error {
	for from := g.left; ; {
		to := g.fit(from, width)
		part := g.columns(from, to)
		if err := part.render(w, tw.Rendition{
			Borders:  tw.BorderNone,
			Settings: tw.Settings{Lines: tw.LinesNone, Separators: tw.SeparatorsNone},
		}); err != nil {
			return err
		}
		if to >= len(g.head) {
			return nil
		}
		from = to
		if _, err := io.WriteString(w, "\n"); err != nil {
			return err
		}
	}
}

// fit returns up to which column those from from on fit beside the names; at
// the least one does.
func (g *grid) fit(from, width int) int {
	if width <= 0 {
		return len(g.head)
	}
	used := 0
	for i := range g.left {
		used += g.width(i) + 2
	}
	for i := from; i < len(g.head); i++ {
		if used += g.width(i) + 2; used > width && i > from {
			return i
		}
	}
	return len(g.head)
}

func (g *grid) width(column int) int {
	widest := twwidth.Width(g.head[column])
	for _, row := range g.rows {
		widest = max(widest, twwidth.Width(row[column]))
	}
	return widest
}

// columns returns the names and the columns from .. to.
func (g *grid) columns(from, to int) *grid {
	pick := func(cells []string) []string {
		return append(append([]string{}, cells[:g.left]...), cells[from:to]...)
	}
	part := &grid{head: pick(g.head), left: g.left, tail: max(0, g.tail-(len(g.head)-to))}
	for _, row := range g.rows {
		part.rows = append(part.rows, pick(row))
	}
	return part
}

func (g *grid) alignment() tw.Alignment {
	align := make(tw.Alignment, len(g.head))
	for i := range align {
		align[i] = tw.AlignRight
		if i < g.left || i >= len(g.head)-g.tail {
			align[i] = tw.AlignLeft
		}
	}
	return align
}

// render prints the grid through tablewriter, which knows how wide characters
// are. Its blanks at the ends of lines are taken away.
func (g *grid) render(w io.Writer, rendition tw.Rendition) error {
	return g.through(w, renderer.NewBlueprint(rendition), tw.Padding{Right: "  ", Overwrite: true})
}

func (g *grid) markdown(w io.Writer) error {
	escaped := &grid{head: escape(g.head), left: g.left, tail: g.tail}
	for _, row := range g.rows {
		escaped.rows = append(escaped.rows, escape(row))
	}
	return escaped.through(w, renderer.NewMarkdown(), tw.Padding{Left: " ", Right: " "})
}

// escape keeps a cell from ending early: the renderer does not.
func escape(cells []string) []string {
	out := make([]string, len(cells))
	for i, c := range cells {
		out[i] = strings.NewReplacer("|", `\|`, "*", `\*`, "\n", " ").Replace(c)
	}
	return out
}

func (g *grid) through(w io.Writer, r tw.Renderer, padding tw.Padding) error {
	var text strings.Builder
	cell := tw.CellConfig{
		Formatting: tw.CellFormatting{AutoFormat: tw.Off, AutoWrap: tw.WrapNone},
		Alignment:  tw.CellAlignment{PerColumn: g.alignment()},
		Padding:    tw.CellPadding{Global: padding},
	}
	table := tablewriter.NewTable(&text, tablewriter.WithRenderer(r),
		tablewriter.WithConfig(tablewriter.Config{Header: cell, Row: cell}),
		tablewriter.WithHeaderAutoFormat(tw.Off), tablewriter.WithTrimSpace(tw.Off))
	table.Header(g.head)
	if err := table.Bulk(g.rows); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	if err := table.Render(); err != nil {
		return fmt.Errorf("report: %w", err)
	}
	for line := range strings.Lines(text.String()) {
		if _, err := io.WriteString(w, strings.TrimRight(oneReset(line), " \n")+"\n"); err != nil {
			return err
		}
	}
	return nil
}

// oneReset takes out the resets of colour where none is on: the renderer leaves
// one in the cell after a coloured one too.
func oneReset(line string) string {
	var out strings.Builder
	on := false
	for i := 0; i < len(line); {
		if strings.HasPrefix(line[i:], reset) {
			if on {
				out.WriteString(reset)
			}
			on = false
			i += len(reset)
			continue
		}
		on = on || line[i] == '\x1b'
		out.WriteByte(line[i])
		i++
	}
	return out.String()
}
