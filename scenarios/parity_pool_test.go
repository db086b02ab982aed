// Parity of pools: hedges, back-offs, the line and checks by TCP happen at the same
// times in both worlds.
package scenarios

import (
	"testing"
	"time"

	"cdnlab/origin"
	"cdnlab/origin/balance"
	"cdnlab/origin/health"
)

// poolScript are bursts of what no cache keeps: by twos, by fours, and one that leaves.
func poolScript() (script []scripted) {
	for burst := range 12 {
		for i := range 2 + burst%3 {
			at := time.Duration(1+burst*997)*time.Millisecond + time.Duration(i)*1003*time.Microsecond
			script = append(script, scripted{at: at, method: "GET", path: "/private"})
		}
	}
	return append(script, scripted{at: 13*time.Second + time.Millisecond, method: "POST", path: "/private"},
		scripted{at: 13*time.Second + 3*time.Millisecond, method: "GET", path: "/private"},
		scripted{at: 13*time.Second + 5*time.Millisecond, method: "GET", path: "/private", timeout: 170 * time.Millisecond})
}

func TestParityPool(t *testing.T) {
	for name, pool := range map[string]func(*balance.PoolConfig){ // any order will do
		"hedges": func(c *balance.PoolConfig) {
			c.Hedge = balance.Hedge{After: "7ms", Budget: new(1.0)}
			c.RetryBackoff, c.RetryBackoffMax, *c.MaxFails = 20*time.Millisecond, 20*time.Millisecond, 0
		},
		"line": func(c *balance.PoolConfig) {
			c.Queue, c.QueueTimeout, c.Limits = 2, 9*time.Millisecond, balance.Limits{Connections: 1, Requests: 4}
		},
		"checks": func(c *balance.PoolConfig) {
			*c.MaxFails, *c.Retries = 0, 0
			c.Health = health.Config{Check: health.CheckTCP, Interval: 701 * time.Millisecond, Jitter: 0.3, Fall: 2}.WithDefaults()
		},
		"breaker": func(c *balance.PoolConfig) {
			*c.MaxFails, *c.Retries = 0, 0
			c.Breaker = balance.Breaker{Ratio: 0.3, Minimum: 5, Window: 5 * time.Second, OpenFor: 1507 * time.Millisecond}.WithDefaults()
		},
	} {
		t.Run(name, func(t *testing.T) { holdParity(t, "parity-pool-"+name, badly{script: poolScript(), pool: pool}) })
	}
}

// A server that answers 200 whatever is wrong is out by its words alone, and by nothing
// when nobody reads them.
func TestParityWords(t *testing.T) {
	for name, expect := range map[string]string{"read": "^ok$", "unread": ""} { // any order will do
		t.Run(name, func(t *testing.T) {
			holdParity(t, "parity-words-"+name, badly{script: poolScript(), app: func(c *origin.AppConfig) { c.HealthStatus = 200 },
				lives: []lifeEvent{{4013 * time.Millisecond, "database", false}, {8017 * time.Millisecond, "database", true}},
				pool: func(c *balance.PoolConfig) {
					*c.MaxFails, *c.Retries = 0, 0
					c.Health = health.Config{Body: expect, Interval: 701 * time.Millisecond, Fall: 2}.WithDefaults()
				}})
		})
	}
}
