// The fault slow-body.
package fault

import "cdnlab/sim/inject"

func init() {
	addHTTP(inject.SlowBody, "a node's header comes in time, the content behind it drips at `rate`",
		[]string{"rate"}, []string{"share"},
		func(c Config) string {
			return "sends the content of " + whom(c) + " at " + c.bytesPerSecond().String() + "/s"
		})
}
