// cdnlab node: one node of a live run, started by the run.
package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"cdnlab/scenarios"
	"cdnlab/sim/live"
)

func (a *app) nodeCommand() *cobra.Command {
	c := &cobra.Command{
		Use:   "node",
		Short: "Be one node: a PoP alone before any server (edge), or one of a live run",
		Long: `Be one node. With edge, a PoP alone: a caching reverse proxy before any server.

Without, one of a live run: a PoP, a balancer, an app server or a database. A live run
starts one such process for each node; nobody else needs to.

Standard input: its first line is the node's configuration as JSON; further
lines are commands (be slow, cut a link). When it closes, the node ends.
Standard output: {"ready":true} when the node serves, then its events, and its
counters ten times a second. Standard error: what went wrong.`,
		Example: `  cdnlab node edge --listen 127.0.0.1:8080 --origin http://127.0.0.1:3000
  cdnlab run tokyo-new-york   # starts the nodes it needs`,
		Args: noArguments,
		RunE: func(*cobra.Command, []string) error {
			if status := a.node(); status != 0 {
				return &exit{status: status}
			}
			return nil
		},
	}
	c.AddCommand(a.nodeEdgeCommand())
	return c
}

// node is the life of a node's process. Its errors are a node's last words,
// which the run that started it repeats.
func (a *app) node() int {
	if err := live.RunNode(a.in, a.out, scenarios.BlueprintOf); err != nil {
		fmt.Fprintln(a.err, err)
		return 1
	}
	return 0
}
