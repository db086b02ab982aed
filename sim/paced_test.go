// Contents that come slowly or break off.
package sim

import (
	"fmt"
	"slices"
	"testing"
	"time"
)

// pacedEnd plays a Paced to its end: what it was and when.
type pacedEnd struct {
	cause Cause
	n     int64
	at    time.Duration
}

func TestPacedEnds(t *testing.T) {
	const s = time.Second
	type source struct {
		cause Cause
		n     int64
		at    time.Duration
	}
	for _, c := range []struct {
		name   string
		source *source // nil: size alone
		size   int64
		pace   Pace
		want   pacedEnd
	}{
		{"slow, of a known size", nil, 2500, Pace{Rate: 1000}, pacedEnd{OK, 2500, 2500 * time.Millisecond}},
		{"nothing to slow down", nil, 0, Pace{Rate: 1}, pacedEnd{OK, 0, 0}},
		{"slower than its source", &source{OK, 3000, s}, 3000, Pace{Rate: 1000}, pacedEnd{OK, 3000, 3 * s}},
		{"faster than its source", &source{OK, 3000, 5 * s}, 3000, Pace{Rate: 1000}, pacedEnd{OK, 3000, 5 * s}},
		{"slow, of a size that nobody knew", &source{OK, 700, 0}, -1, Pace{Rate: 100}, pacedEnd{OK, 700, 7 * s}},
		{"cut", nil, 100, Pace{Cut: true, Limit: 40}, pacedEnd{Truncated, 40, 0}},
		{"cut before the first byte", nil, 100, Pace{Cut: true}, pacedEnd{Truncated, 0, 0}},
		{"no longer than the cut", nil, 100, Pace{Cut: true, Limit: 100}, pacedEnd{OK, 100, 0}},
		{"cut when its source ends", &source{OK, 100, s}, 100, Pace{Cut: true, Limit: 40}, pacedEnd{Truncated, 40, s}},
		{"slow and cut", nil, 100, Pace{Rate: 10, Cut: true, Limit: 40}, pacedEnd{Truncated, 40, 4 * s}},
		{"its source breaks off", &source{Truncated, 30, s}, 100, Pace{Rate: 10}, pacedEnd{Truncated, 30, 3 * s}},
		{"its source breaks off before the cut", &source{Truncated, 30, s}, 100, Pace{Cut: true, Limit: 40}, pacedEnd{Truncated, 30, s}},
		{"slower than a run", nil, 1 << 62, Pace{Rate: 1}, pacedEnd{OK, 1 << 62, mostSeconds * s}},
	} {
		e := NewEngine()
		var behind Body
		if c.source != nil {
			tr := &Transfer{Length: c.size}
			e.After(c.source.at, func() { tr.End(c.source.cause, c.source.n) })
			behind = tr
		}
		var got []pacedEnd
		p := NewPaced(e, behind, c.size, c.pace)
		if p.Size() != c.size || p.Source() != behind || p.Pace() != c.pace {
			t.Errorf("%s: %+v", c.name, p)
		}
		p.OnEnd(func(cause Cause, n int64) { got = append(got, pacedEnd{cause, n, time.Duration(e.Now())}) })
		for at, ok := e.Next(); ok; at, ok = e.Next() {
			e.Advance(at)
		}
		if !slices.Equal(got, []pacedEnd{c.want}) {
			t.Errorf("%s: %+v, want %+v", c.name, got, c.want)
		}
	}
}

// The last reader to leave ends it and its source, and nothing comes later.
func TestPacedAbandoned(t *testing.T) {
	for _, early := range []bool{false, true} {
		e := NewEngine()
		var told []string
		source := &Transfer{Length: 1000}
		source.Abandoned = func(c Cause) {
			told = append(told, "source "+c.String())
			source.End(c, 0)
		}
		if early {
			source.End(OK, 1000)
		}
		p := NewPaced(e, source, 1000, Pace{Rate: 100})
		other := p.Share()
		p.OnEnd(func(c Cause, n int64) { told = append(told, fmt.Sprint("end ", c, n)) })
		e.Run(Time(time.Second))
		other.Abandon(TimedOut)
		if told != nil {
			t.Errorf("told %v while one still reads", told)
		}
		p.Abandon(Cancelled)
		e.Run(Time(time.Minute))
		want := []string{"source cancelled", "end cancelled 0"}
		if early {
			want = want[1:]
		}
		if !slices.Equal(told, want) || e.Pending() != 0 {
			t.Errorf("early %v: %v, want %v; %d events left", early, told, want, e.Pending())
		}
	}
}
