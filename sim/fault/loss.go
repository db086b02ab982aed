// The fault loss.
package fault

import "math"

func init() {
	Faults.Add("loss", "packets are lost on a link and sent again, which costs time", Kind{
		Needs: []string{"from", "to", "loss"},
		Make:  func(c Config) Fault { return link{c.From, c.To, Change{Loss: c.Loss}} },
		Tell: func(c Config) string {
			percent := number(math.Round(c.Loss*1e8) / 1e6) // 0.07 is 7 %, not 7.000000000000001
			return percent + " % of packets are lost between " + c.From + " and " + c.To
		},
		Until: lasts,
	})
}
