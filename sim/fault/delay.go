// The fault delay.
package fault

func init() {
	Faults.Add("delay", "a link's round trip takes longer by `delay`, half of it each way", Kind{
		Needs: []string{"from", "to", "delay"},
		Make:  func(c Config) Fault { return link{c.From, c.To, Change{Delay: c.Delay}} },
		Tell: func(c Config) string {
			return "the round trip between " + c.From + " and " + c.To + " takes " + span(c.Delay) + " longer"
		},
		Until: lasts,
	})
}
