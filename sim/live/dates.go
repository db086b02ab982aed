// Dates on the wire: written and read once a second, not once an answer.
package live

import (
	"net/http"
	"sync/atomic"
	"time"

	"cdnlab/sim"
)

// dateTexts remembers the text of the last second. It is safe for concurrent
// use.
type dateTexts struct {
	last atomic.Pointer[dateText]
}

type dateText struct {
	second int64 // of Unix time
	text   string
}

// of returns the IMF-fixdate (RFC 9110 5.6.7) of t.
func (d *dateTexts) of(t time.Time) string {
	second := t.Unix()
	if last := d.last.Load(); last != nil && last.second == second {
		return last.text
	}
	fresh := &dateText{second, t.UTC().Format(http.TimeFormat)}
	d.last.Store(fresh)
	return fresh.text
}

// dateTimes remembers the time of the last text. It is safe for concurrent use.
type dateTimes struct {
	last atomic.Pointer[dateTime]
}

type dateTime struct {
	text string
	at   sim.Time
	ok   bool
}

// of reads a date as the scenario's time; false when it is none.
func (d *dateTimes) of(text []byte) (sim.Time, bool) {
	if last := d.last.Load(); last != nil && last.text == string(text) {
		return last.at, last.ok
	}
	fresh := &dateTime{text: string(text)}
	if t, err := http.ParseTime(fresh.text); err == nil {
		fresh.at, fresh.ok = sim.Time(t.Sub(sim.Epoch)), true
	}
	d.last.Store(fresh)
	return fresh.at, fresh.ok
}
