// cdnlab judge: what a cache makes of the headers it is given.
package main

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"cdnlab/edge/cache"
	"cdnlab/edge/judge"
)

// judging is what the command line asks for.
type judging struct {
	*app
	file, url, method, received, name string
	fields                            []string
	shared, obey, asJSON              bool
	age                               time.Duration
	aged                              bool // --age was given
}

func (a *app) judgeCommand() *cobra.Command {
	j := &judging{app: a}
	c := &cobra.Command{
		Use:   "judge [--age AGE] [--shared=false] < HEADERS",
		Short: "Say what a cache makes of an answer's headers: stored, for how long, what then",
		Long: `Read an answer's head as curl prints it, and say what a PoP makes of it: whether it is
stored, under which key, how long it is fresh, and what the same request gets from then
on, each with its reason and the section of the RFC; what of the headers means nothing;
and what nginx, Varnish, Squid and ATS do otherwise, as far as that is known.

The input is what curl -i, -D or -v prints. The last answer in it counts, and with -v
its request; without one it is GET of http://example.com/. A body is passed over. The
answer comes now: headers that were kept come --received.

With --json: {schema, cache, request, vary, status, received, stored, why, rule, key,
fresh_for_ns, fresh_by, came_aged_ns, aged_by, spans: [{from_ns, until_ns, verdict,
why, rule, asks, if_that_fails}], at, left_out, forgets, precondition, notes, others}.`,
		Example: `  curl -sD- -o/dev/null https://www.example.com/ | cdnlab judge --url https://www.example.com/
  curl -sv -o/dev/null https://www.example.com/ 2>&1 | cdnlab judge
  cdnlab judge --age 70s < headers.txt
  cdnlab judge --shared=false --file headers.txt     # a browser's cache
  cdnlab judge --request-header 'Authorization: Bearer x' --file headers.txt`,
		Args:                  noArguments,
		DisableFlagsInUseLine: true,
		ValidArgsFunction:     cobra.NoFileCompletions,
		RunE: func(c *cobra.Command, _ []string) error {
			j.aged = c.Flags().Changed("age")
			return j.run()
		},
	}
	f := c.Flags()
	f.SortFlags = false
	f.DurationVar(&j.age, "age", 0, "say too what the same request gets when the answer has that `AGE`, as 70s")
	f.BoolVar(&j.shared, "shared", true, "a cache for many, as a CDN's; --shared=false is a browser's")
	f.BoolVar(&j.obey, "obey-requests", false, "a cache that obeys the request's Cache-Control too, as the key of [edge] makes it")
	f.StringVar(&j.file, "file", "", "the `FILE` with the headers (default standard input)")
	f.StringVar(&j.url, "url", "", "the `URL` that was asked for (default what the input says, else http://example.com/)")
	f.StringVar(&j.method, "method", "", "the `METHOD` (default what the input says, else GET)")
	f.StringArrayVar(&j.fields, "request-header", nil, "a field of the request, `'NAME: VALUE'`, in the place of the input's (repeatable)")
	f.StringVar(&j.received, "received", "", "the `DATE` when the answer came, as in Date or 2026-09-01T10:00:00Z (default now)")
	f.StringVar(&j.name, "name", "cdnlab", "the cache's `NAME` as a target in Surrogate-Control")
	f.BoolVar(&j.asJSON, "json", false, "as JSON")
	complete(c, "method", completeWords(methods))
	complete(c, "shared", completeWords([]string{"true", "false"}))
	return c
}

func (j *judging) run() error {
	came, err := j.when()
	if err != nil {
		return err
	}
	text, name, err := j.read()
	if err != nil {
		return err
	}
	given, err := judge.Read(text)
	if err != nil {
		return fmt.Errorf("cdnlab judge: %s: %w", name, err)
	}
	if err := j.complete(&given); err != nil {
		return err
	}
	rules := judge.Rules(j.shared)
	rules.Name, rules.ObeyRequests = j.name, j.obey
	v := &view{Judgement: judge.Judge(given, rules, came), came: came}
	if j.aged {
		span, ok := v.At(j.age)
		if !ok {
			return fmt.Errorf("cdnlab judge: --age %v: it came %v old", j.age, v.Entry.Age(0))
		}
		v.at, v.age = &span, j.age
	}
	v.Notes = append(v.Notes, j.remarks(given, came)...)
	if j.asJSON {
		return j.printJSON(v)
	}
	return j.print([]byte(v.text()))
}

// when is the date that the answer came at.
func (j *judging) when() (time.Time, error) {
	now := time.Now().UTC()
	if j.received == "" {
		return now, nil
	}
	if t, ok := cache.ParseDate(j.received, now); ok {
		return t, nil
	}
	t, err := time.Parse(time.RFC3339, j.received)
	if err != nil {
		return t, fmt.Errorf("cdnlab judge: --received %s: want a date, as %q or %s", j.received,
			now.Format(http.TimeFormat), now.Format(time.RFC3339))
	}
	return t.UTC(), nil
}

// read returns the input and what it is called.
func (j *judging) read() ([]byte, string, error) {
	in, name := j.in, "standard input"
	if j.file != "" && j.file != standard {
		file, err := os.Open(j.file)
		if err != nil {
			return nil, "", fmt.Errorf("cdnlab judge: --file: %w", err)
		}
		defer file.Close()
		in, name = file, j.file
	} else if file, ok := in.(*os.File); ok && term.IsTerminal(int(file.Fd())) {
		return nil, "", errors.New("cdnlab judge: give an answer's headers on standard input, or with --file\n" +
			"for example: curl -sD- -o/dev/null http://127.0.0.1:8080/ | cdnlab judge")
	}
	text, err := io.ReadAll(io.LimitReader(in, judge.MaxInput))
	if err != nil {
		return nil, "", broken(fmt.Errorf("cdnlab judge: %s: %w", name, err))
	}
	return text, name, nil
}

// complete puts what the command line says of the request in the place of what
// the input does.
func (j *judging) complete(g *judge.Given) error {
	if g.Method == "" {
		*g = judge.Given{Method: http.MethodGet, Scheme: "http", Host: "example.com", Path: "/",
			Status: g.Status, Header: g.Header, Before: g.Before, Asked: http.Header{}}
	}
	if j.url != "" {
		if err := g.SetURL(j.url); err != nil {
			return fmt.Errorf("cdnlab judge: --url: %w", err)
		}
	}
	if method := strings.ToUpper(j.method); method != "" {
		if !slices.Contains(methods, method) {
			return fmt.Errorf("cdnlab judge: --method %s: %s", j.method, suggest(method, methods, "methods"))
		}
		g.Method = method
	}
	fields, err := parseFields("--request-header", j.fields, []string{"Host"})
	if err != nil {
		return fmt.Errorf("cdnlab judge: %w", err)
	}
	for name, lines := range fields { // any order will do: it fills a map
		g.Asked[name] = lines
	}
	return nil
}

// remarks are those on how the command was used.
func (j *judging) remarks(g judge.Given, came time.Time) []judge.Note {
	var all []judge.Note
	if g.Method == http.MethodHead {
		all = append(all, judge.Note{About: "HEAD", Says: "with --method GET the head is judged as that of a GET"})
	}
	date, ok := cache.ParseDate(g.Header.Get("Date"), came)
	if old := came.Sub(date).Truncate(time.Second); ok && j.received == "" && g.Header.Get("Age") == "" && old > time.Minute {
		all = append(all, judge.Note{About: "Date: " + g.Header.Get("Date"),
			Says: fmt.Sprintf("that was %v ago: if these headers were kept, say when they came: --received '%s'", old, g.Header.Get("Date"))})
	}
	return all
}
