// cdnlab explain: a question, its answer, and what proves it.
package main

import (
	"bytes"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"cdnlab/report"
)

// explanation is what the command line asks for.
type explanation struct {
	*app
	played bool // --run
	play   play
}

func (a *app) explainCommand() *cobra.Command {
	e := &explanation{app: a, play: play{app: a, home: report.Virtual, runs: 1}}
	c := &cobra.Command{
		Use:   "explain [TOPIC|NAME|FILE.toml]",
		Short: "Answer a scenario's question, with --run by playing it now",
		Long: `Explain a topic: the question of the scenario that is about it, a short answer,
what proves it, what is more exact, and what to try next. Without a topic, all
topics. A TOPIC is a scenario's name, one of its topics, the id of a point of the
curriculum, or the beginning of one of these. Names in lists (round-robin,
hit-ratio, load.rate) are explained by their entry there.

With --run the scenario is played, in virtual time unless --world says otherwise,
and the numbers in the answer are those of this run. The status is then that of
'cdnlab run': 1 when an expectation does not hold, and the answer may be wrong.`,
		Example: `  cdnlab explain
  cdnlab explain tokyo-new-york
  cdnlab explain failover --run
  cdnlab explain stampede --run --seed 7
  cdnlab explain hit-ratio`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return oneArgument("a topic")(c, args)
		},
		ValidArgsFunction: completeTopic,
		RunE: func(c *cobra.Command, args []string) error {
			e.play.plain = true
			if err := e.play.check(c); err != nil {
				return err
			}
			for _, flag := range []string{"world", "seed", "speed"} {
				if c.Flags().Changed(flag) && !e.played {
					return fmt.Errorf("--%s: goes with --run", flag)
				}
			}
			if e.play.world == both {
				return fmt.Errorf("--world both: an answer has one set of numbers; choose live or virtual")
			}
			if len(args) == 0 {
				return e.all()
			}
			return e.run(args[0])
		},
	}
	f := c.Flags()
	f.SortFlags = false
	f.BoolVar(&e.played, "run", false, "play the scenario and put its numbers into the answer")
	f.StringVar(&e.play.world, "world", e.play.home, "`WORLD` of --run: virtual (virtual time) or live (real processes)")
	f.Uint64Var(&e.play.seed, "seed", 0, "`SEED` of --run (default the scenario's own)")
	e.play.speedFlag(c)
	f.BoolVar(&e.play.quiet, "quiet", false, "no estimate and no progress")
	complete(c, "world", completeWords([]string{report.Virtual, report.Live}))
	return c
}

func completeTopic(c *cobra.Command, args []string, start string) ([]string, cobra.ShellCompDirective) {
	all, err := lessons()
	if err != nil || len(args) > 0 {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	var words []string
	for _, t := range topics(all) {
		if strings.HasPrefix(t, strings.ToLower(start)) {
			words = append(words, t)
		}
	}
	return words, cobra.ShellCompDirectiveDefault
}

// all lists the lessons.
func (e *explanation) all() error {
	all, err := lessons()
	if err != nil {
		return err
	}
	var text strings.Builder
	fmt.Fprint(&text, "cdnlab explain TOPIC answers one of these questions, with --run by playing it now:\n")
	for _, l := range all {
		fmt.Fprintf(&text, "\n%s\n", l.Name)
		paragraph(&text, "  ", l.Question, e.width())
		paragraph(&text, "  topics: ", strings.Join(l.Base.Lesson.Topics, ", "), e.width())
	}
	return e.print([]byte(text.String()))
}

func (e *explanation) run(word string) error {
	l, err := e.find(word)
	if err != nil || l == nil {
		return err
	}
	if !e.played {
		return e.print([]byte(e.short(l)))
	}
	p := &e.play
	p.name, p.x, p.command = l.file, l.Experiment, "cdnlab explain"
	p.tell = func(r *report.Result) error {
		text, err := e.long(l, r)
		if err != nil {
			return broken(err)
		}
		return e.print(text)
	}
	return p.run()
}

// find returns the lesson that a word means; nil when it has been answered
// otherwise.
func (e *explanation) find(word string) (*lesson, error) {
	if strings.HasSuffix(word, ".toml") {
		x, err := open(word)
		if err != nil {
			return nil, err
		}
		if x.Base.Lesson == nil {
			return nil, fmt.Errorf("%s has no [lesson]: nothing is explained there ('cdnlab list keys lesson.')", word)
		}
		return &lesson{word, x}, nil
	}
	all, err := lessons()
	if err != nil {
		return nil, err
	}
	some, unknown := meaning(all, word)
	switch {
	case len(some) == 1:
		return &some[0], nil
	case len(some) > 1:
		return nil, e.several(word, some)
	case slices.Contains(kindNames(), word):
		return nil, e.print(fmt.Appendf(nil, "There is a list of the %s: cdnlab list %s\n", word, word))
	}
	page, kind, err := entry(word, e.width())
	if err != nil {
		return nil, err
	}
	if page == "" {
		if some := within(all, word); len(some) == 1 {
			return &some[0], nil
		}
		return nil, fmt.Errorf("cdnlab explain: %w", unknown)
	}
	return nil, e.print(fmt.Appendf(nil, "%s\nOne of the %s: cdnlab list %s\n", page, kind, kind))
}

// several lists the lessons of a topic that is of more than one.
func (e *explanation) several(word string, some []lesson) error {
	var text strings.Builder
	fmt.Fprintf(&text, "%s is a topic of %s:\n", word, plural(len(some), "scenario"))
	for _, l := range some {
		fmt.Fprintf(&text, "\ncdnlab explain %s\n", l.Name)
		paragraph(&text, "  ", l.Question, e.width())
	}
	return e.print([]byte(text.String()))
}

// short is the explanation without a run.
func (e *explanation) short(l *lesson) string {
	var text strings.Builder
	e.head(&text, l)
	e.section(&text, "", l.Base.Lesson.Short)
	e.section(&text, "What proves it", l.Base.Lesson.Proof)
	e.rest(&text, l)
	fmt.Fprintf(&text, "\nThe answer in numbers, from a run made now: cdnlab explain %s --run\n", quote(l.file))
	return text.String()
}

// long is the explanation with the numbers of a run, and the tables that prove
// it.
func (e *explanation) long(l *lesson, r *report.Result) ([]byte, error) {
	var text bytes.Buffer
	e.head(&text, l)
	if len(r.Runs) == 0 {
		fmt.Fprint(&text, "\nNothing was measured.\n")
		return text.Bytes(), nil
	}
	answer, notes := l.Answer(r.Runs, e.play.world)
	e.section(&text, "", answer)
	for _, note := range notes {
		paragraph(&text, "  ", note, e.width())
	}
	e.section(&text, "What proves it", l.Base.Lesson.Proof)
	fmt.Fprintln(&text)
	if err := report.Comparison(&text, r, report.Options{Width: e.play.look().Width}); err != nil {
		return nil, err
	}
	fmt.Fprintln(&text)
	e.verdict(&text, l, r)
	e.rest(&text, l)
	fmt.Fprintf(&text, "\n%s\n", e.reproduce())
	return text.Bytes(), nil
}

// verdict says whether what the scenario expects came out, and what did not.
func (e *explanation) verdict(w io.Writer, l *lesson, r *report.Result) {
	hold := 0
	for _, x := range r.Expectations {
		if x.Pass {
			hold++
			continue
		}
		verdict, of := "does not hold", ""
		if x.NotJudged {
			verdict = "not judged"
		}
		if x.Variant != "" {
			of = " (" + x.Variant + ")"
		}
		fmt.Fprintf(w, "%s: %s%s\n", verdict, x.Says, of)
	}
	if n := len(r.Expectations); n > 0 {
		fmt.Fprintf(w, "%d of %d expectations hold; they and all tables: cdnlab run %s --world %s\n", hold, n, quote(l.file), e.play.world)
	}
}

func (e *explanation) head(w io.Writer, l *lesson) {
	fmt.Fprintln(w, l.Name)
	paragraph(w, "", l.Question, e.width())
}

// section writes a text under a heading: its paragraphs, set apart by empty
// lines, wrapped anew.
func (e *explanation) section(w io.Writer, heading, text string) {
	text = strings.TrimSpace(text)
	if text == "" {
		return
	}
	if heading != "" {
		fmt.Fprintf(w, "\n%s\n", heading)
	}
	for i, part := range strings.Split(text, "\n\n") {
		if i > 0 || heading == "" {
			fmt.Fprintln(w)
		}
		paragraph(w, "  ", part, e.width())
	}
}

// rest is what follows every answer.
func (e *explanation) rest(w io.Writer, l *lesson) {
	e.section(w, "More exactly", l.Base.Lesson.More)
	if try := l.Base.Lesson.Try; len(try) > 0 {
		fmt.Fprint(w, "\nTry next\n")
		for _, line := range try {
			fmt.Fprintln(w, "  "+line)
		}
	}
	if points := l.Base.Lesson.Points; len(points) > 0 {
		fmt.Fprintf(w, "\nPoints of the curriculum: %s\n", strings.Join(points, ", "))
	}
}

// reproduce is the line that makes the same answer again.
func (e *explanation) reproduce() string {
	return strings.Replace(e.play.reproduce(), quote(e.play.name), quote(e.play.name)+" --run", 1)
}
