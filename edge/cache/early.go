// Early refresh: a hot answer is fetched anew before it expires.
package cache

import (
	"math"
	"time"
)

// Early decides whether a fresh entry with so much freshness left is fetched anew
// behind the answer already now, so that nobody waits when it has expired. The
// chance is exp(-ttl / (beta * the time that its fetch took)): next to nothing
// until about a fetch's time before the end, and of many requests one is the first. roll
// is a number in [0, 1); beta is 1 for what is the optimum, more for earlier (Vattani,
// Chierichetti, Lowenstein, Optimal Probabilistic Cache Stampede Prevention, VLDB
// 2015: XFetch).
func Early(e *Entry, ttl time.Duration, beta, roll float64) bool {
	return float64(e.took)*beta*-math.Log(1-roll) >= float64(ttl)
}
