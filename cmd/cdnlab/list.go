// cdnlab list: everything that has a name.
package main

import (
	"encoding/json"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"
)

// kind is one kind of things that have names.
type kind struct {
	name, says string
	list       func() (listing, error)
}

// listing is what is printed: rows for people, items for programs.
type listing struct {
	head  []string
	rows  [][]string
	items []any
}

func (a *app) listCommand() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "list KIND",
		Short: "List scenarios, algorithms, faults, places, metrics, keys …",
		Long:  "List everything of a kind that a scenario can name:\n\n" + kindsText(),
		Example: `  cdnlab list scenarios
  cdnlab list keys | grep balancer
  cdnlab list metrics --json`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return oneArgument("a kind")(c, args)
		},
		ValidArgsFunction: completeOnly(kindNames()),
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return a.print([]byte("cdnlab list KIND lists everything of a kind:\n\n" + kindsText()))
			}
			return a.list(args[0], asJSON)
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "as JSON")
	return c
}

func (a *app) list(name string, asJSON bool) error {
	i := slices.IndexFunc(kinds, func(k kind) bool { return k.name == name })
	if i < 0 {
		return fmt.Errorf("cdnlab list: unknown kind %q; %s", name, suggest(name, kindNames(), "kinds"))
	}
	l, err := kinds[i].list()
	if err != nil {
		return broken(err)
	}
	var text strings.Builder
	if asJSON {
		encoder := json.NewEncoder(&text)
		encoder.SetEscapeHTML(false)
		encoder.SetIndent("", "  ")
		if err := encoder.Encode(l.items); err != nil {
			return broken(err)
		}
		return a.print([]byte(text.String()))
	}
	align(&text, append([][]string{l.head}, l.rows...))
	return a.print([]byte(text.String()))
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
