// The action warm.
package fault

func init() {
	Actions.Add("warm", "the PoPs are asked for the catalog, as in a warm-up but beside the load", Kind{
		Instant: true, May: []string{"node", "path"},
		Make: func(c Config) Fault { return at(func(w World) { w.Warm(c.Node, c.paths()) }) },
		Tell: func(c Config) string {
			if c.paths() == Everything {
				return c.where() + " is warmed up"
			}
			return c.where() + " is warmed up with " + c.Path
		},
	})
}
