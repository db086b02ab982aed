// The fault slow-close.
package fault

func init() {
	Faults.Add("slow-close", "the end of a connection is seen later by `delay` at the other end of a link", Kind{
		Needs: []string{"from", "to", "delay"},
		Make:  func(c Config) Fault { return link{c.From, c.To, Change{SlowClose: c.Delay}} },
		Tell: func(c Config) string {
			return "between " + c.From + " and " + c.To + " the end of a connection is seen " + span(c.Delay) + " later"
		},
		Until: lasts,
	})
}
