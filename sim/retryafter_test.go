// When an answer asks to come again.
package sim

import (
	"net/http"
	"testing"
	"time"
)

func TestRetryAfter(t *testing.T) {
	now := time.Date(2026, time.January, 1, 12, 0, 0, 0, time.UTC)
	for text, want := range map[string]time.Duration{ // each alone: in any order
		"120": 2 * time.Minute, "0": 0, "-1": 0, "1.5": 0, "soon": 0, "": 0,
		"99999999999999999": longestRetryAfter, "999999999999999999999999": 0,
		"Thu, 01 Jan 2026 12:00:30 GMT": 30 * time.Second,
		"Thu, 01 Jan 2026 11:00:30 GMT": 0,
		"Fri, 31 Dec 9999 23:59:59 GMT": longestRetryAfter,
	} {
		if got := RetryAfter(http.Header{"Retry-After": {text}}, now); got != want {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
	}
	if got := RetryAfter(nil, now); got != 0 {
		t.Errorf("without the field: %v", got)
	}
}
