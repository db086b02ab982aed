// The fault cut: a partition.
package fault

func init() {
	Faults.Add("cut", "a partition: nothing gets through between two nodes, or a place and a node", Kind{
		Needs: []string{"from", "to"},
		Make:  func(c Config) Fault { return link{c.From, c.To, Change{CutOut: true, CutBack: true}} },
		Tell:  func(c Config) string { return c.From + " and " + c.To + " are cut off from each other" },
		Until: lasts,
	})
}
