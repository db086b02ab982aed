// The fault status.
package fault

import (
	"strconv"

	"cdnlab/sim/inject"
)

func init() {
	addHTTP(inject.Status, "a node answers with `status`, for a `share` of the requests, and does no work for them",
		[]string{"status"}, []string{"share"},
		func(c Config) string { return "answers " + strconv.Itoa(c.Status) + " to " + whom(c) })
}
