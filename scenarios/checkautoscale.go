// Checking the autoscaler.
package scenarios

import (
	"fmt"
	"time"

	"cdnlab/sim/check"
)

// autoscale looks at the autoscaler, and at who else would move its servers.
func (c *checker) autoscale() {
	if c.s.Autoscale == nil || !c.s.autoscales() {
		return
	}
	for _, p := range c.inTime(func(run time.Duration) []check.Problem {
		return c.s.Autoscale.Check(run, c.s.Origin.Servers)
	}) {
		c.add(p.Says, p.hint, append([]any{"autoscale"}, keySteps(p.Key)...)...)
	}
	pools := map[string]bool{}
	for _, v := range c.s.Servers {
		pools[v.Pool] = true
	}
	if len(pools) > 1 && !c.lost("server") {
		c.add(fmt.Sprintf("moves the servers of one pool, but here are %d", len(pools)), "", "autoscale")
	}
	if c.from != nil {
		return
	}
	for i, e := range c.s.Events {
		if moves(e) {
			c.add("the autoscaler decides which servers there are", "give each a [[variant]]: autoscale.on = false", "event", i, "do")
		}
	}
}
