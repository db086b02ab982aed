// Retry-After: when to come again.
package sim

import (
	"net/http"
	"strconv"
	"time"
)

// longestRetryAfter bounds what is believed.
const longestRetryAfter = 365 * 24 * time.Hour

// RetryAfter returns how long after now an answer with that header asks to wait before the next
// try, in seconds or until a date (RFC 9110 10.2.3); 0 when it does not say, or not in
// that form.
func RetryAfter(h http.Header, now time.Time) time.Duration {
	field := h["Retry-After"]
	if len(field) == 0 {
		return 0
	}
	wait := longestRetryAfter
	if seconds, err := strconv.ParseUint(field[0], 10, 64); err == nil {
		if seconds < uint64(wait/time.Second) {
			wait = time.Duration(seconds) * time.Second
		}
		return wait
	}
	date, err := http.ParseTime(field[0])
	if err != nil {
		return 0
	}
	return max(0, min(wait, date.Sub(now)))
}
