// What a live run over the kernel's own TCP cannot play.
package scenarios

import (
	"fmt"
	"slices"
)

// untrue are the faults of links that are no matter of packets alone.
var untrue = []string{"reset", "blackhole", "slow-close"}

// KernelCannot says why a network of the kernel's own cannot play a variant; nil
// when it can.
func (r *Resolved) KernelCannot(speed float64) error {
	if speed == 0 {
		speed = r.Speed
	}
	if speed != 0 && speed != 1 {
		return fmt.Errorf("--net kernel plays at speed 1 only, as the kernel's clock is its own, not at %v", speed)
	}
	for i, e := range r.Events {
		if slices.Contains(untrue, e.Fault) {
			return fmt.Errorf("--net kernel cannot play event[%d]: the fault %s is no matter of packets; play it on the lab's own links", i, e.Fault)
		}
	}
	return nil
}
