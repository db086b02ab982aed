// Showing a result: tables for people, JSON for programs.
package main

import (
	"bytes"
	"cmp"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"golang.org/x/term"

	"cdnlab/report"
)

// section is one table under a caption.
type section struct {
	caption string
	print   func(io.Writer, *report.Result, report.Options) error
}

var sections = []section{
	{"", report.Comparison},
	{"", report.Curves},
	{"Before, during and after each event", report.Timeline},
	{"What the autoscaler did", report.Scalings},
	{"What was expected", report.Expectations},
	{"How far to trust the live runs", report.Receipts},
	{"Live beside virtual", report.Parity},
}

// show writes the result where the flags say.
func (p *play) show(r *report.Result) error {
	p.leaveOut(r)
	if r.Environment != nil {
		r.Environment.Version = release()
	}
	lost := p.files(r)
	if p.json == standard || p.bench == standard {
		return lost
	}
	var text bytes.Buffer
	if err := p.tables(&text, r); err != nil {
		return broken(err)
	}
	return cmp.Or(p.print(text.Bytes()), lost) // the tables are all that is left then
}

// leaveOut drops the expectations that compare with a variant that was not
// chosen: nothing can be said of them.
func (p *play) leaveOut(r *report.Result) {
	if len(p.variants) == 0 {
		return
	}
	before := len(r.Expectations)
	r.Expectations = slices.DeleteFunc(r.Expectations, func(e report.Expectation) bool {
		return e.Against != "" && !slices.Contains(p.variants, e.Against)
	})
	if n := before - len(r.Expectations); n > 0 && !p.quiet {
		fmt.Fprintf(p.err, "%s not judged: compared with a variant that was not chosen\n", plural(n, "expectation"))
	}
}

func (p *play) tables(w io.Writer, r *report.Result) error {
	about := ""
	if len(p.vary) > 0 {
		about = p.varies()
	}
	return tables(w, r, p.look(), about, p.reproduce())
}

// tables prints all tables of a result, with lines of the caller's own above and
// below.
func tables(w io.Writer, r *report.Result, o report.Options, about, below string) error {
	if o.Format == report.CSV {
		return report.Comparison(w, r, o)
	}
	heading, caption := "%s\n", "\n%s\n\n"
	if o.Format == report.Markdown {
		heading, caption = "## %s\n\n", "\n### %s\n\n"
	}
	fmt.Fprintf(w, heading, r.Scenario)
	for _, line := range []string{r.Question, about} {
		if line != "" {
			fmt.Fprintln(w, line)
		}
	}
	if len(r.Runs) == 0 {
		fmt.Fprintln(w, "\nNothing was measured.")
		return nil
	}
	if err := printSections(w, r, o, caption); err != nil || below == "" {
		return err
	}
	_, err := fmt.Fprintf(w, "\n%s\n", below)
	return err
}

// printSections prints every table that has something in it.
func printSections(w io.Writer, r *report.Result, o report.Options, caption string) error {
	for _, s := range sections {
		var text bytes.Buffer
		if err := s.print(&text, r, o); err != nil {
			return err
		}
		switch {
		case text.Len() == 0:
			continue
		case s.caption == "":
			fmt.Fprintln(w)
		default:
			fmt.Fprintf(w, caption, s.caption)
		}
		if _, err := text.WriteTo(w); err != nil {
			return err
		}
	}
	return nil
}

// varies says what the rows of a grid are: they are named by the values alone.
func (p *play) varies() string {
	var keys []string
	for _, text := range p.vary {
		key, _, _ := strings.Cut(text, "=")
		keys = append(keys, key)
	}
	of := "the scenario as written"
	if len(p.variants) > 0 {
		of = "its variant " + p.variants[0]
	}
	return fmt.Sprintf("Varied: %s, in %s", strings.Join(keys, " and "), of)
}

// look is how the tables look: colour and width are those of a terminal.
func (p *play) look() report.Options {
	o := report.Options{Format: report.Format(p.format), Columns: p.columns, Sort: p.sort, Curve: p.drawn}
	p.fit(&o, p.plain)
	return o
}

// fit suits tables to a terminal: its width, and colour unless it is not wanted.
func (a *app) fit(o *report.Options, plain bool) {
	file, ok := a.out.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return
	}
	o.Color = !plain && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	if width, _, err := term.GetSize(int(file.Fd())); err == nil {
		o.Width = width
	}
}

// files writes what the flags ask for beside the tables.
func (p *play) files(r *report.Result) error { return p.store(r, p.outputs()) }

// store writes a result to the files of --json and --bench.
func (a *app) store(r *report.Result, files []output) error {
	for _, f := range files {
		if f.path == "" {
			continue
		}
		write := r.Write
		if f.option == "--bench" {
			write = func(w io.Writer) error { return report.Bench(w, r) }
		}
		var text bytes.Buffer
		if err := write(&text); err != nil {
			return broken(err)
		}
		if err := a.deliver(f, text.Bytes()); err != nil {
			return err
		}
	}
	return nil
}

func (p *play) outputs() []output { return []output{{"--json", p.json}, {"--bench", p.bench}} }
