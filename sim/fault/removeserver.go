// The action remove-server.
package fault

import "time"

// Grace is how long a server that was removed may take to finish what it has:
// Kubernetes' terminationGracePeriodSeconds. A pool may cut it off sooner, or grant it
// longer (balancer.drain-timeout).
const Grace = 30 * time.Second

func init() {
	Actions.Add("remove-server", "a server leaves the pool, finishes what it has ("+span(Grace)+" at the most) and ends", Kind{
		Needs: []string{"node"},
		Make:  func(c Config) Fault { return member{c.Node, false} },
		Tell:  func(c Config) string { return c.Node + " is removed" },
		Until: func(c Config) string { return ", comes back after " + span(c.For) },
	})
}
