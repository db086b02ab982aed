// Parity of app servers under load: who is next, who shares and who is refused is the
// same at the same times in both worlds.
package scenarios

import (
	"testing"
	"time"

	"cdnlab/origin"
	"cdnlab/origin/balance"
)

func TestParityApp(t *testing.T) {
	for name, app := range map[string]func(*origin.AppConfig){ // any order will do
		"lifo": func(c *origin.AppConfig) {
			c.Discipline, c.CoDel = origin.AdaptiveLIFO, origin.CoDelConfig{Target: 3 * time.Millisecond, Interval: 19 * time.Millisecond}
			c.LIFOAfter = 31 * time.Millisecond
		},
		"sharing": func(c *origin.AppConfig) {
			c.Discipline, *c.Queue = origin.Sharing, 1
		},
		"refusing": func(c *origin.AppConfig) {
			c.Limit.Algorithm, c.Limit.Initial, c.Limit.Maximum = origin.LimitAIMD, 3, 3
			c.Shed = []origin.Shed{{Path: "/private", Above: new(0.6)}}
			c.RetryAfter = 2 * time.Second
		},
	} {
		t.Run(name, func(t *testing.T) {
			slowly := func(c *origin.AppConfig) {
				c.ServiceTime = 60 * time.Millisecond
				app(c)
			}
			one := func(c *balance.PoolConfig) { c.Algorithm = "first" } // all of a burst to one server
			holdParity(t, "parity-app-"+name, badly{script: poolScript(), app: slowly, pool: one})
		})
	}
}
