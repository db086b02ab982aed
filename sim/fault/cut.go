// The fault cut: a partition, of both directions or of one.
package fault

func init() {
	Faults.Add("cut", "a partition: nothing gets through between two nodes, or a place and a node; with `direction` one way only", Kind{
		Needs: []string{"from", "to"},
		May:   []string{"direction"},
		Make: func(c Config) Fault {
			return link{c.From, c.To, Change{CutOut: c.Direction != back, CutBack: c.Direction != out}}
		},
		Tell: func(c Config) string {
			switch c.Direction {
			case out:
				return "nothing gets through from " + c.From + " to " + c.To
			case back:
				return "nothing gets through from " + c.To + " to " + c.From
			}
			return c.From + " and " + c.To + " are cut off from each other"
		},
		Until: lasts,
	})
}

// The directions of a link as an event names them: out is from its from to its to,
// whoever dials.
const (
	both = "both"
	out  = "out"
	back = "back"
)
