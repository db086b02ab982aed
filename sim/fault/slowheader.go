// The fault slow-header.
package fault

import "cdnlab/sim/inject"

func init() {
	addHTTP(inject.SlowHeader, "a node does its work in time, and its answer's header comes `delay` later",
		[]string{"delay"}, []string{"share"},
		func(c Config) string { return "answers " + whom(c) + " " + span(c.Delay) + " late" })
}
