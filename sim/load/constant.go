// The shape constant.
package load

import "time"

// The rate over time; Total = rate t:
//
//	rate |███████████████
//	     |███████████████
//	     +--------------- t
func init() {
	Shapes.Add("constant", "the same rate all the time", Kind{
		Needs: []string{"rate"}, May: []string{"arrivals"},
		Make: makeConstant,
	})
}

func makeConstant(c Config, _ time.Duration) Shape { return join(c.Rate) }
