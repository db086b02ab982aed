// The action purge.
package fault

func init() {
	Actions.Add("purge", "the PoPs are told, from the origin, to forget what they have stored", Kind{
		Instant: true, May: []string{"node", "path"},
		Make: func(c Config) Fault { return at(func(w World) { w.Purge(c.Node, c.paths()) }) },
		Tell: func(c Config) string { return c.what() + " is purged from " + c.where() },
	})
}
