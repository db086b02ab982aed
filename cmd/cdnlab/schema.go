// cdnlab schema: what the files of the lab may say, for editors and programs.
package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"cdnlab/report"
	"cdnlab/scenarios"
)

// schemas are the JSON schemas by what they describe.
var schemas = map[string]func() ([]byte, error){
	"scenario": scenarioSchema,
	"result":   report.ResultSchema,
	"find":     scenarios.FoundJSONSchema,
}

var schemaNames = []string{"scenario", "result", "find"}

func scenarioSchema() ([]byte, error) {
	schema, err := scenarios.Schema()
	if err != nil {
		return nil, err
	}
	return schema.JSON(), nil
}

func (a *app) schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema [scenario|result|find]",
		Short: "Print the JSON schema of scenario files, or of results",
		Long: `Print a JSON schema: of scenario files, unless told otherwise; of the results that
--json writes; or of what 'cdnlab find --json' answers.

An editor that knows TOML schemas completes and checks keys while you write: put
"#:schema ./cdnlab.schema.json" in the first line of the scenario.`,
		Example: `  cdnlab schema > cdnlab.schema.json
  cdnlab schema result > result.schema.json`,
		Args: func(c *cobra.Command, args []string) error {
			if len(args) == 0 {
				return nil
			}
			return oneArgument("what it is of")(c, args)
		},
		ValidArgsFunction: completeOnly(schemaNames),
		RunE: func(c *cobra.Command, args []string) error {
			name := "scenario"
			if len(args) > 0 {
				name = args[0]
			}
			make := schemas[name]
			if make == nil {
				return fmt.Errorf("%s: unknown schema %q; %s", c.CommandPath(), name, suggest(name, schemaNames, "schemas"))
			}
			schema, err := make()
			if err != nil {
				return broken(err)
			}
			return a.print(schema)
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
