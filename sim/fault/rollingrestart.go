// The action rolling-restart.
package fault

import (
	"strconv"
	"strings"
	"time"
)

func init() {
	Actions.Add("rolling-restart", "app servers are restarted one after the other, or some at a time: the next when the last is in rotation again", Kind{
		May:     []string{"nodes", "at-once", "drain", "boot", "pause"},
		Instant: true,
		Make:    func(c Config) Fault { return c.rollout(c.Nodes) },
		Tell: func(c Config) string {
			who := "the servers are"
			if len(c.Nodes) > 0 {
				who = strings.Join(c.Nodes, ", ") + " are"
			}
			how := "one after the other"
			if c.AtOnce > 1 {
				how = strconv.Itoa(c.AtOnce) + " at a time"
			}
			return who + " restarted " + how + c.drained()
		},
	})
}

// Rollout says how app servers are restarted.
type Rollout struct {
	Servers []string      // in this order; none: all that there are then, in theirs
	AtOnce  int           // how many are away at a time
	Drain   time.Duration // before it ends, a server gets nothing new and has so long for the rest; 0: it ends at once
	Boot    time.Duration // from its end to the start of its new process
	Pause   time.Duration // from its being in rotation again to the next
}

func (c Config) rollout(servers []string) Fault {
	r := Rollout{Servers: servers, AtOnce: max(1, c.AtOnce), Drain: c.Drain, Boot: c.Boot, Pause: c.Pause}
	return at(func(w World) { w.Roll(r) })
}
