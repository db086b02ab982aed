// Popularity that passes, as PoPs see it.
package scenarios

import "testing"

// TestPassing: what is asked for once only is fetched each time; ten objects that are each
// popular for a second are 110 in ten seconds, or a few less, as not everyone's second is
// long enough to be asked for; and each is fetched once. People see them, too.
func TestPassing(t *testing.T) {
	const head = `
name = "passing"
duration = "10s"
[[clients]]
id = "users"
place = "Boston"
[origin]
place = "New York"
[[pop]]
place = "Boston"
`
	const passing = `
[[catalog]]
path = "/{n}"
objects = 10
popularity = "uniform"
popular-for = "1s"
cache-control = "max-age=600"
`
	for _, c := range []struct {
		name, more  string
		least, most float64 // fetches
	}{
		{"once", "[load]\nrate = 100\n[[catalog]]\npath = \"/{n}\"\npopularity = \"once\"\ncache-control = \"max-age=600\"\n", 1000, 1000},
		{"passing", "[load]\nrate = 200\n" + passing, 103, 110},
		{"warm", "[load]\nrate = 200\n[edge]\nwarm = true\n" + passing, 93, 100},
		{"people", "[load]\nrate = 200\nunit = \"people\"\n[[journey]]\nname = \"one\"\n[[journey.step]]\npage = \"/{n}\"\n" + passing, 103, 110},
		{"assets", "[load]\nrate = 200\nunit = \"people\"\n[[journey]]\nname = \"one\"\n[[journey.step]]\npage = \"/\"\nassets = { \"/{n}\" = 1 }\n" + passing + "[[catalog]]\npath = \"/\"\ncache-control = \"max-age=600\"\n", 104, 111},
	} {
		t.Run(c.name, func(t *testing.T) {
			run := playText(t, head+c.more)
			fetches, errors := value(t, run, "fetches"), value(t, run, "errors")
			if fetches < c.least || fetches > c.most || errors != 0 {
				t.Errorf("%g fetches, want %g to %g, %g errors", fetches, c.least, c.most, errors)
			}
		})
	}
}
