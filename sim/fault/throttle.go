// The fault throttle.
package fault

func init() {
	Faults.Add("throttle", "a link carries no more than `rate`, each way; what comes faster waits in its queue", Kind{
		Needs: []string{"from", "to", "rate"},
		Make:  func(c Config) Fault { return link{c.From, c.To, Change{Rate: c.Rate}} },
		Tell: func(c Config) string {
			return "the way between " + c.From + " and " + c.To + " carries no more than " + c.Rate.String()
		},
		Until: lasts,
	})
}
