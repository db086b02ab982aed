// The shape diurnal: day and night.
package load

import "time"

// The rate over a day; Total as of a sine:
//
//	peak |         ▄██▄         noon
//	     |      ▄████████▄
//	rate |▄▄██████████████████▄▄
//	     0h    6h   12h   18h   24h
//
// A run begins at midnight (sim.Epoch is one), so that is where the low is.
func init() {
	Shapes.Add("diurnal", "a day and its night: a sine over 24 h, lowest at midnight, where a run begins", Kind{
		Needs: []string{"peak"}, May: []string{"rate", "at", "arrivals"},
		Make: makeDiurnal, Check: checkPeak,
	})
}

func makeDiurnal(c Config, run time.Duration) Shape {
	c.Period = 24 * time.Hour
	return makeSine(c, run)
}
