// cdnlab list: everything that has a name.
package main

import (
	"encoding/csv"
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"cdnlab/report"
	"cdnlab/scenarios/strict"
)

// fewNames is how many an error may list.
const fewNames = 30

// kind is one kind of things that have names.
type kind struct {
	name, says string
	list       func() (listing, error)
}

// listing is what is printed: rows for people, items for programs. The first
// cell of a row is the thing's name.
type listing struct {
	head  []string
	rows  [][]string
	items []any
	more  map[string][]string // what else to say of a thing when it is asked for alone, by its name
}

// listFlags are how a listing is printed.
type listFlags struct {
	format string
	json   bool
}

func (a *app) listCommand() *cobra.Command {
	var flags listFlags
	c := &cobra.Command{
		Use:   "list KIND [NAME]",
		Short: "List scenarios, algorithms, faults, places, metrics, keys …",
		Long: "List everything of a kind that a scenario can name:\n\n" + kindsText() + `
With a NAME, that one in full; with the beginning of names up to a dot
(balancer.), those.`,
		Example: `  cdnlab list scenarios
  cdnlab list metrics hit-ratio
  cdnlab list keys balancer.
  cdnlab list metrics --format markdown
  cdnlab list metrics --json`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) > 2 {
				return fmt.Errorf("%s: a kind and a name, not %d arguments: %s", c.CommandPath(), len(args), strings.Join(args, " "))
			}
			return nil
		},
		ValidArgsFunction: completeKinds,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return a.print([]byte("cdnlab list KIND lists everything of a kind:\n\n" + kindsText()))
			}
			return a.list(args[0], args[1:], flags)
		},
	}
	c.Flags().BoolVar(&flags.json, "json", false, "as JSON")
	c.Flags().StringVar(&flags.format, "format", formats[0], "`FORMAT`: table, markdown or csv")
	complete(c, "format", completeWords(formats))
	return c
}

func (a *app) list(name string, names []string, flags listFlags) error {
	if !slices.Contains(formats, flags.format) {
		return fmt.Errorf("--format %s: %s", flags.format, suggest(flags.format, formats, "formats"))
	}
	l, err := listOf(name)
	if err != nil {
		return err
	}
	if len(names) > 0 {
		one, err := l.only(name, names[0])
		if err != nil {
			return fmt.Errorf("cdnlab list %s: %w", name, err)
		}
		if len(one.rows) == 1 && !flags.json && flags.format == formats[0] {
			return a.print([]byte(one.full(0, a.width())))
		}
		l = one
	}
	var text strings.Builder
	if err := l.write(&text, flags); err != nil {
		return broken(err)
	}
	return a.print([]byte(text.String()))
}

// listOf lists a kind.
func listOf(name string) (listing, error) {
	i := slices.IndexFunc(kinds, func(k kind) bool { return k.name == name })
	if i < 0 {
		return listing{}, fmt.Errorf("cdnlab list: unknown kind %q; %s", name, suggest(name, kindNames(), "kinds"))
	}
	l, err := kinds[i].list()
	if err != nil {
		return l, broken(err)
	}
	return l, nil
}

// only returns the listing with the thing of that name alone, or with those
// whose names begin so.
func (l listing) only(kind, name string) (listing, error) {
	meant := name
	switch kind {
	case "metrics":
		if m, _, err := report.Find(name); err == nil {
			meant = m.Name // share.app-1 is share.<node>
		}
	case "keys":
		if k, err := findKey(allKeys(), name); err == nil {
			meant = k.Name // clients.0.place is clients.*.place
		}
	}
	if one := l.filter(func(n string) bool { return n == meant }); len(one.rows) > 0 {
		return one, nil
	}
	prefix := strings.TrimSuffix(name, ".") + "."
	if some := l.filter(func(n string) bool { return strings.HasPrefix(n, prefix) }); len(some.rows) > 0 {
		return some, nil
	}
	names := l.names()
	if strict.Nearest(name, names) == "" && len(names) > fewNames {
		return l, fmt.Errorf("unknown name %q; 'cdnlab list %s' has all %d", name, kind, len(names))
	}
	return l, fmt.Errorf("unknown name %q; %s", name, suggest(name, names, kind))
}

func (l listing) filter(keep func(name string) bool) listing {
	some := listing{head: l.head, more: l.more}
	for i, row := range l.rows {
		if keep(row[0]) {
			some.rows, some.items = append(some.rows, row), append(some.items, l.items[i])
		}
	}
	return some
}

func (l listing) names() []string {
	names := make([]string, len(l.rows))
	for i, row := range l.rows {
		names[i] = row[0]
	}
	return names
}

// full writes one row as a page: each cell under its heading.
func (l listing) full(i, width int) string {
	var text strings.Builder
	row := l.rows[i]
	fmt.Fprintln(&text, row[0])
	widest := 0
	for _, h := range l.head[1:] {
		widest = max(widest, len(h))
	}
	for j, h := range l.head[1:] {
		if row[j+1] != "" {
			paragraph(&text, fmt.Sprintf("  %-*s  ", widest, strings.ToLower(h)), row[j+1], width)
		}
	}
	for _, more := range l.more[row[0]] {
		fmt.Fprintln(&text)
		paragraph(&text, "  ", more, width)
	}
	return text.String()
}

// paragraph wraps a text behind a lead; its further lines stand under the first.
func paragraph(w io.Writer, lead, text string, width int) {
	line := lead
	under := strings.Repeat(" ", len([]rune(lead)))
	for _, word := range strings.Fields(text) {
		switch {
		case line == lead || line == under:
			line += word
		case len([]rune(line))+1+len([]rune(word)) <= width:
			line += " " + word
		default:
			fmt.Fprintln(w, line)
			line = under + word
		}
	}
	fmt.Fprintln(w, strings.TrimRight(line, " "))
}

// write prints all rows.
func (l listing) write(w io.Writer, flags listFlags) error {
	switch {
	case flags.json:
		encoder := json.NewEncoder(w)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		return encoder.Encode(l.items)
	case flags.format == string(report.CSV):
		out := csv.NewWriter(w)
		_ = out.Write(l.head) // its errors are those of Error below
		_ = out.WriteAll(l.rows)
		return out.Error()
	case flags.format == string(report.Markdown):
		_, err := io.WriteString(w, markdown(l))
		return err
	}
	align(w, append([][]string{l.head}, l.rows...))
	return nil
}

// markdown writes a listing as a table.
func markdown(l listing) string {
	var text strings.Builder
	head := make([]string, len(l.head))
	for i, h := range l.head {
		head[i] = strings.ToLower(h)
	}
	fmt.Fprintf(&text, "| %s |\n|%s\n", strings.Join(head, " | "), strings.Repeat("---|", len(head)))
	for _, row := range l.rows {
		cells := slices.Clone(row)
		if !strings.HasPrefix(cells[0], "`") {
			cells[0] = "`" + cells[0] + "`"
		}
		for i := range cells {
			cells[i] = strings.ReplaceAll(cells[i], "|", `\|`)
		}
		fmt.Fprintf(&text, "| %s |\n", strings.Join(cells, " | "))
	}
	return text.String()
}

// align prints rows in columns. The last column has no width, so that a long
// line there costs the others nothing.
func align(w io.Writer, rows [][]string) {
	var padded strings.Builder
	t := tabwriter.NewWriter(&padded, 0, 0, 2, ' ', 0)
	for _, row := range rows {
		fmt.Fprintln(t, strings.Join(row, "\t"))
	}
	t.Flush()
	for line := range strings.Lines(padded.String()) {
		fmt.Fprintln(w, strings.TrimRight(line, " \n"))
	}
}

func kindNames() []string {
	var names []string
	for _, k := range kinds {
		names = append(names, k.name)
	}
	return names
}

func kindsText() string {
	var text strings.Builder
	var rows [][]string
	for _, k := range kinds {
		rows = append(rows, []string{"  " + k.name, k.says})
	}
	align(&text, rows)
	return text.String()
}

// completeKinds completes a kind, and then the names of that kind.
func completeKinds(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	switch len(args) {
	case 0:
		return kindNames(), cobra.ShellCompDirectiveNoFileComp
	case 1:
		if l, err := listOf(args[0]); err == nil {
			return l.names(), cobra.ShellCompDirectiveNoFileComp
		}
	}
	return nil, cobra.ShellCompDirectiveNoFileComp
}
