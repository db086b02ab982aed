// Exchange: a request and its answer, as the cache is told of them.
package cache

import (
	"net/http"
	"time"

	"cdnlab/sim"
)

// Exchange is one fetch that came to an answer's header.
type Exchange struct {
	Method   string
	Key      Key
	Asked    http.Header // of the request that was forwarded
	Response *sim.Response
	Header   http.Header // of the answer, forwardable
	Tags     []string    // that the answer carried (Tags, Groups)
	Sent     sim.Time    // when the request left
	Received sim.Time    // when the answer's header came
	Epoch    time.Time   // the date at Time 0
}

// farthest bounds dates, so that sums and differences of them and of lifetimes
// still fit into a Time: what is older or later than twice the longest lifetime
// (136 years) counts as that.
const farthest = 2 * MaxSeconds

// at returns the Time of a date.
func (x *Exchange) at(date time.Time) sim.Time {
	return sim.Time(min(max(date.Sub(x.Epoch), -farthest), farthest))
}

// now is the date when the answer came.
func (x *Exchange) now() time.Time { return x.Epoch.Add(time.Duration(x.Received)) }

// date returns when the origin made the answer, a whole second as on the wire.
// Without a Date that can be read it is when the answer came (RFC 9110 6.6.1).
func (x *Exchange) date() sim.Time {
	if d, ok := ParseDate(first(x.Header["Date"]), x.now()); ok {
		return x.at(d)
	}
	t := x.Response.Date
	if t == 0 {
		t = x.Received
	}
	return wholeSecond(t)
}

// age returns the age the answer came with: the first member of Age; what is
// no number is ignored (RFC 9111 5.1).
func (x *Exchange) age() time.Duration {
	if lines := x.Header["Age"]; len(lines) > 0 {
		m := members{lines: lines}
		value, _ := m.next()
		seconds, _ := deltaSeconds(value)
		return seconds
	}
	if x.Response.Aged {
		return time.Duration(wholeSecond(x.Response.Age))
	}
	return 0
}

// wholeSecond is t as the wire carries it, so that both worlds see the same.
func wholeSecond(t sim.Time) sim.Time { return t - t%sim.Time(time.Second) }

func first(lines []string) string {
	if len(lines) == 0 {
		return ""
	}
	return lines[0]
}

// Typed returns what stands typed beside the header of an answer that goes on: Date
// and, if it came with one, Age.
func (x *Exchange) Typed() (date sim.Time, aged bool, age sim.Time) {
	resp := x.Response
	date, aged, age = resp.Date, resp.Aged, resp.Age
	if has(x.Header, "Date") || date == 0 {
		date = x.date()
	}
	if has(x.Header, "Age") {
		aged, age = true, sim.Time(x.age())
	}
	return date, aged, age
}
