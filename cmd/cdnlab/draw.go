// cdnlab show: a scenario's topology as a drawing, or all of its keys as TOML.
package main

import (
	"errors"
	"fmt"
	"os"
	"slices"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"cdnlab/report/picture"
)

// The columns of a drawing: what a terminal has, within reason.
const (
	usualWidth  = 90
	widestWidth = 110
)

// drawings are the ways to draw, and how.
var drawings = []struct {
	name string
	draw func(picture.Picture, int) string
}{
	{"text", func(p picture.Picture, width int) string { return p.Text(width) }},
	{"mermaid", func(p picture.Picture, _ int) string { return p.Mermaid() }},
	{"svg", func(p picture.Picture, _ int) string { return p.SVG() }},
}

func drawingNames() []string {
	var names []string
	for _, d := range drawings {
		names = append(names, d.name)
	}
	return names
}

// drawing is what the command line asks for.
type drawing struct {
	*app
	as, variant, output string
	set                 []string
	toml, comments      bool
}

func (a *app) showCommand() *cobra.Command {
	d := &drawing{app: a}
	c := &cobra.Command{
		Use:   "show NAME|FILE.toml",
		Short: "Draw a scenario's topology, or print all of its keys",
		Long: `Draw the topology of a scenario as layers, from the users to the database: who is
where, which policies are at work, and how far apart they are. A round-trip time
is the scenario's own (own link), measured, modelled where nobody measured it, or
assumed (2 ms within one metro). Equal servers are drawn as one.

--as mermaid is a flowchart that GitHub draws (in a fence of the language
mermaid), --as svg a picture.

--toml prints the variant as TOML with every default filled in: a scenario of its
own that plays the same. Its expectations are those that need no other variant.`,
		Example: `  cdnlab show product-hunt --variant CDN
  cdnlab show my.toml --as svg --output my.svg
  cdnlab show server-crash --as mermaid
  cdnlab show server-crash --variant 'passive: 3 fails' --toml --comments`,
		Args:              oneArgument("a scenario's name or file"),
		ValidArgsFunction: completeScenario,
		RunE:              func(_ *cobra.Command, args []string) error { return d.run(args[0]) },
	}
	f := c.Flags()
	f.SortFlags = false
	f.StringVar(&d.as, "as", drawings[0].name, "`FORM`: text, mermaid or svg")
	f.StringVar(&d.variant, "variant", "", "draw the variant of that `NAME`, not the scenario as written")
	f.StringArrayVar(&d.set, "set", nil, "change a key first: `KEY=VALUE` (repeatable)")
	f.BoolVar(&d.toml, "toml", false, "print the scenario with every default filled in")
	f.BoolVar(&d.comments, "comments", false, "with --toml: say above each key what it is")
	f.StringVar(&d.output, "output", "", "write to this `FILE`, not to standard output")
	complete(c, "as", completeWords(drawingNames()))
	complete(c, "variant", completeVariants)
	complete(c, "set", completeKeys(false))
	return c
}

func (d *drawing) run(name string) error {
	i := slices.Index(drawingNames(), d.as)
	switch {
	case i < 0:
		return fmt.Errorf("--as %s: %s", d.as, suggest(d.as, drawingNames(), "forms"))
	case d.comments && !d.toml:
		return errors.New("--comments: goes with --toml")
	case d.toml && i > 0:
		return fmt.Errorf("--toml and --as %s: either the keys or a drawing", d.as)
	}
	settings, err := parseSettings(d.set)
	if err != nil {
		return err
	}
	x, err := open(name, settings...)
	if err != nil {
		return blame(err, settings, nil)
	}
	r, err := x.Variant(d.variant)
	if err != nil {
		return fmt.Errorf("--variant: %w", err)
	}
	if d.toml {
		text, err := x.TOML(r, d.comments)
		if err != nil {
			return broken(err)
		}
		return d.write(text)
	}
	p, err := x.Picture(r)
	if err != nil {
		return broken(err)
	}
	return d.write([]byte(drawings[i].draw(p, d.width())))
}

// width is the terminal's.
func (a *app) width() int {
	file, ok := a.out.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return usualWidth
	}
	width, _, err := term.GetSize(int(file.Fd()))
	if err != nil {
		return usualWidth
	}
	return min(width, widestWidth)
}

func (d *drawing) write(text []byte) error {
	if d.output == "" || d.output == "-" {
		return d.print(text)
	}
	if err := os.WriteFile(d.output, text, 0o666); err != nil {
		return fmt.Errorf("--output: %w", err)
	}
	return nil
}
