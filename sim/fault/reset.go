// The fault reset.
package fault

func init() {
	Faults.Add("reset", "connections on a link are reset: those that stand, and while it lasts every new one", Kind{
		Needs: []string{"from", "to"},
		Make:  func(c Config) Fault { return link{c.From, c.To, Change{Reset: true}} },
		Tell:  func(c Config) string { return "connections between " + c.From + " and " + c.To + " are reset" },
		Until: lasts,
	})
}
