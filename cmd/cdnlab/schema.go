// cdnlab schema: what a scenario file may say, for editors.
package main

import (
	"github.com/spf13/cobra"

	"cdnlab/scenarios"
)

func (a *app) schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON schema of scenario files, for editors",
		Long: `Print the JSON schema of scenario files. An editor that knows TOML schemas then
completes and checks keys while you write: put "#:schema ./cdnlab.schema.json"
in the first line of the scenario.`,
		Example: "  cdnlab schema > cdnlab.schema.json",
		Args:    noArguments,
		RunE: func(*cobra.Command, []string) error {
			schema, err := scenarios.Schema()
			if err != nil {
				return broken(err)
			}
			return a.print(schema.JSON())
		},
	}
}

// print writes to standard output.
func (a *app) print(text []byte) error {
	if _, err := a.out.Write(text); err != nil {
		return broken(err)
	}
	return nil
}
