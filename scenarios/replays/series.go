// Marks: to which PoP a request comes, and into which stretch of time it falls.
package replays

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/bits"
	"slices"
	"time"

	"cdnlab/edge/replay"
	"cdnlab/report"
)

// Series says which stretches of time are told apart. The zero one tells none.
type Series struct {
	Every time.Duration // stretches of the trace's time, from full hours and the like on
	OfDay bool          // the 24 hours of the day, UTC, of all days together
}

// on reports whether there is one.
func (s Series) on() bool { return s.OfDay || s.Every > 0 }

// maxMoments bounds a series: more lines than anybody reads.
const maxMoments = 10_000

// unixTimes are those of a trace that counts from 1970: a trace that counts from its
// own beginning is no three years long.
const unixTimes = 1e8

// marker marks batches for players. It is of one pass.
type marker struct {
	by      string
	pops    uint64
	callers replay.Callers // nil: there is one PoP

	series  Series
	times   bool             // they have to be there
	numbers map[int64]uint32 // of stretches, from 0 in the order in which they came
	at      []int64
	last    int64 // the stretch of the request before, and its number
	number  uint32

	from, to float64 // of the first and the last request
	begun    bool
}

func newMarker(p Plan) *marker {
	return &marker{by: p.Tiers.By, pops: uint64(p.Tiers.Pops), series: p.Series, times: p.Series.on() || p.Guards.TTL > 0, numbers: map[int64]uint32{}, last: math.MinInt64}
}

// opened has a reader tell what is to be marked.
func (m *marker) opened(r replay.Reader) (err error) {
	if m.by != "" {
		m.callers, err = replay.CallersOf(r, m.by)
	}
	return err
}

// mark marks a batch that was just read.
func (m *marker) mark(b *batch) error {
	if len(b.requests) == 0 {
		return nil
	}
	if !m.begun {
		m.begun, m.from = true, b.requests[0].At
	}
	m.to = b.requests[len(b.requests)-1].At
	b.pops, b.moments = b.pops[:0], b.moments[:0]
	if m.callers != nil {
		for _, who := range m.callers.From() {
			if m.by == replay.ByClient {
				who, _ = bits.Mul64(who, m.pops)
			}
			b.pops = append(b.pops, uint32(who))
		}
	}
	if !m.series.on() {
		return nil
	}
	if m.series.OfDay && m.from < unixTimes {
		return fmt.Errorf("its times are no unix times, as they begin with %v: the hours of its days are not known", m.from)
	}
	for i := range b.requests {
		n, err := m.moment(b.requests[i].At)
		if err != nil {
			return err
		}
		b.moments = append(b.moments, n)
	}
	return nil
}

// seconds in a day and an hour.
const day, hour = 24 * 60 * 60, 60 * 60

// moment returns the number of the stretch that a time falls into.
func (m *marker) moment(at float64) (uint32, error) {
	stretch := int64(math.Floor(at / m.width()))
	if m.series.OfDay {
		stretch = int64(math.Floor(math.Mod(at, day) / hour))
	}
	if stretch == m.last {
		return m.number, nil
	}
	n, known := m.numbers[stretch]
	if !known {
		if len(m.at) == maxMoments {
			return 0, fmt.Errorf("a series of %v has more than %d lines: take longer stretches", m.series.Every, maxMoments)
		}
		n = uint32(len(m.at))
		m.numbers[stretch] = n
		m.at = append(m.at, stretch)
	}
	m.last, m.number = stretch, n
	return n, nil
}

// width is how long a stretch is, in seconds.
func (m *marker) width() float64 {
	if m.series.OfDay {
		return hour
	}
	return m.series.Every.Seconds()
}

var errNoTimes = errors.New("it has no times: there is nothing to make a series of, and nothing gets stale")

// ended reports what only the end of a trace tells.
func (m *marker) ended() error {
	if m.times && m.begun && m.from == 0 && m.to == 0 && len(m.at) <= 1 {
		return errNoTimes
	}
	return nil
}

// moments names what was counted in each stretch, in the order of time.
func (m *marker) moments(counted []report.Asked) []report.ReplayMoment {
	all := make([]report.ReplayMoment, len(counted))
	for i, a := range counted {
		at := float64(m.at[i]) * m.width()
		all[i] = report.ReplayMoment{At: at, Name: m.name(at), Asked: a}
	}
	slices.SortFunc(all, func(a, b report.ReplayMoment) int { return cmp.Compare(a.At, b.At) })
	return all
}

// name is what a time is called.
func (m *marker) name(at float64) string {
	t := time.UnixMicro(int64(math.Round(at * 1e6))).UTC()
	switch {
	case m.series.OfDay:
		return t.Format("15:04")
	case m.from < unixTimes:
		return (time.Duration(math.Round(at*1e6)) * time.Microsecond).String()
	case m.series.Every%time.Minute != 0:
		return t.Format(time.RFC3339Nano)
	case m.series.Every%(24*time.Hour) == 0:
		return t.Format(time.DateOnly)
	}
	return t.Format("2006-01-02T15:04Z")
}
