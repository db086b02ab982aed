// How many requests come, and when in the day.
package fits

import "math"

// Rate is the requests per second, and how they swing over the day.
type Rate struct {
	Seconds   float64 // that the trace is long
	Timed     bool    // the trace says when; else it is taken for one of 1,000 requests a second
	Mean      float64
	Low, High float64 // of the day; 0 when it does not swing, or cannot be seen to
	LowAt     float64 // seconds after the trace's begin
}

// twoDays is what it takes to tell a day's swing from what happened on one of them.
const twoDays = 48

// rate finds it. The swing is the first harmonic of the hours (least squares), where it is
// more than half of what the hours vary by.
func (t *tally) rate() Rate {
	r := Rate{Seconds: t.span().Seconds(), Timed: t.last > t.first}
	r.Mean = float64(t.requests) / r.Seconds
	hours := t.hours
	if n := len(hours); n > 0 {
		hours = hours[:n-1] // the last is no whole one
	}
	hours = hours[:len(hours)/24*24]
	if len(hours) < twoDays {
		return r
	}
	var mean, cos, sin, squares float64
	n := float64(len(hours))
	for _, x := range hours {
		mean += float64(x) / n
	}
	for h, x := range hours {
		w := 2 * math.Pi * (float64(h) + 0.5) / 24
		d := float64(x) - mean
		cos, sin, squares = cos+2*d*math.Cos(w)/n, sin+2*d*math.Sin(w)/n, squares+d*d/n
	}
	swing := min(math.Hypot(cos, sin), mean)
	if squares == 0 || swing*swing/2 < squares/2 {
		return r
	}
	r.Low, r.High = (mean-swing)/3600, (mean+swing)/3600
	r.LowAt = math.Mod(math.Atan2(-sin, -cos)/(2*math.Pi)*86400+86400, 86400)
	return r
}
