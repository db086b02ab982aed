// Showing a result: tables for people, JSON for programs.
package main

import (
	"bytes"
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
	{"Before, during and after each fault", report.Timeline},
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
	if p.json != "" {
		if err := p.writeJSON(r); err != nil {
			return err
		}
	}
	if p.json == "-" {
		return nil
	}
	var text bytes.Buffer
	if err := p.tables(&text, r); err != nil {
		return broken(err)
	}
	return p.print(text.Bytes())
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
	o := p.look()
	if o.Format == report.CSV {
		return report.Comparison(w, r, o)
	}
	heading, caption := "%s\n", "\n%s\n\n"
	if o.Format == report.Markdown {
		heading, caption = "## %s\n\n", "\n### %s\n\n"
	}
	fmt.Fprintf(w, heading, r.Scenario)
	if r.Question != "" {
		fmt.Fprintln(w, r.Question)
	}
	if len(p.vary) > 0 {
		fmt.Fprintln(w, p.varies())
	}
	if len(r.Runs) == 0 {
		fmt.Fprintln(w, "\nNothing was measured.")
		return nil
	}
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
	_, err := fmt.Fprintf(w, "\n%s\n", p.reproduce())
	return err
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
	o := report.Options{Format: report.Format(p.format), Columns: p.columns, Curve: p.drawn}
	file, ok := p.out.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return o
	}
	o.Color = !p.plain && os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb"
	if width, _, err := term.GetSize(int(file.Fd())); err == nil {
		o.Width = width
	}
	return o
}

func (p *play) writeJSON(r *report.Result) error {
	if p.json == "-" {
		if err := r.Write(p.out); err != nil {
			return broken(err)
		}
		return nil
	}
	var text bytes.Buffer
	if err := r.Write(&text); err != nil {
		return broken(err)
	}
	if err := os.WriteFile(p.json, text.Bytes(), 0o666); err != nil {
		return broken(fmt.Errorf("--json: %w", err))
	}
	return nil
}

// writable reports why a file cannot be written, before an hour was spent on
// what should go there. It leaves no trace.
func writable(path string) error {
	_, before := os.Stat(path)
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE, 0o666)
	if err != nil {
		return fmt.Errorf("--json: %w", err)
	}
	file.Close()
	if os.IsNotExist(before) {
		os.Remove(path)
	}
	return nil
}
