// The fault fail-first.
package fault

import (
	"strconv"

	"cdnlab/sim/inject"
)

func init() {
	addHTTP(inject.FailFirst, "the first `count` requests at a node fail with `status` (503), then all is well; a restart counts anew",
		[]string{"count"}, []string{"status"},
		func(c Config) string {
			first := "answers " + strconv.Itoa(c.status()) + " to the first " + strconv.Itoa(c.Count) + " "
			if c.Path != "" {
				first += "of "
			}
			return first + requests(c)
		})
}
