// Access: the last miles that a scenario can name.
package network

import (
	"time"

	"cdnlab/sim"
)

// Accesses are the known last miles, each with where its numbers come from. None of
// the sources says how much the travel times scatter and how many packets are lost
// while the line itself is well: so there is no jitter and no loss here, and a
// [[link]] can have them. Out is up, from the user.
//
// The measured ones were measured to a server nearby, so they hold a few
// milliseconds of path.
var Accesses = sim.Registry[*Access]{Kind: "access"}

func init() {
	for _, a := range []struct {
		name, says, source string
		rtt                time.Duration
		upKbit, downKbit   sim.Rate
	}{
		{"fibre", "fibre to the home", webPageTest + "FIOS", 4 * time.Millisecond, 5_000, 20_000},
		{"cable", "television cable", webPageTest + "Cable", 28 * time.Millisecond, 1_000, 5_000},
		{"4g", "a telephone on LTE", ofcom, 53_100 * time.Microsecond, 13_600, 14_700},
		{"3g", "a telephone on UMTS", ofcom, 63_500 * time.Microsecond, 1_600, 5_900},
		{"satellite", "a geostationary satellite, 36,000 km up", ookla, 630 * time.Millisecond, 3_380, 18_130},
	} {
		Accesses.Add(a.name, a.says, &Access{Name: a.name, Source: a.source,
			Leg: Leg{RTT: a.rtt, Rate: 1000 * a.upKbit, RateBack: 1000 * a.downKbit}})
	}
}

// Where the numbers come from.
const (
	webPageTest = "WebPageTest's connectivity profile " // connectivity.ini.sample, since 2013; chosen for tests, not measured
	ofcom       = "Ofcom, Measuring mobile broadband performance in the UK: means of 120,000 tests on smartphones in five cities, Oct. to Dec. 2014"
	ookla       = "Ookla, Speedtest Intelligence: medians of Viasat in the USA, second quarter of 2021"
)
