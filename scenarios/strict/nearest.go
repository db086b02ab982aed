// The nearest known name to one that is not known: what "did you mean" offers.

package strict

import "cdnlab/sim"

// Nearest is the known name nearest to name, "" when nothing is near: the same as in all the rest of the lab.
func Nearest(name string, known []string) string { return sim.Nearest(name, known) }
