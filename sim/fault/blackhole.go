// The fault blackhole.
package fault

func init() {
	Faults.Add("blackhole", "new connections on a link get no answer: SYNs vanish and go out again after 1, 2, 4 s; those that stand go on", Kind{
		Needs: []string{"from", "to"},
		Make:  func(c Config) Fault { return link{c.From, c.To, Change{Blackhole: true}} },
		Tell:  func(c Config) string { return "new connections between " + c.From + " and " + c.To + " get no answer" },
		Until: lasts,
	})
}
