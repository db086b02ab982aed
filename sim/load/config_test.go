// What Check says of a load.
package load

import (
	"math"
	"strings"
	"testing"
	"time"
)

func TestCheck(t *testing.T) {
	s := time.Second
	for _, c := range []struct {
		load Config
		want string // key: part of what is said; "" for no problem
	}{
		{Config{Trace: "x"}, ""},
		{Config{Trace: "x", Rate: 1}, "rate: means nothing to the shape trace"},
		{Config{Shape: "constant", Rate: 1, Trace: "x"}, "trace: means nothing to the shape constant"},
		{Config{Shape: "trace"}, "trace: is missing"},
		{Config{Trace: "x", TraceSpeed: 1e9}, "trace-speed: must be between 0.001 and 1000000"},
		{Config{Trace: "x", TraceScale: -1}, "trace-scale: must be between"},
		{Config{Trace: "x", Curve: &Curve{Every: s, Counts: []float64{1e7, 1}}}, ""},
		{Config{Trace: "x", TraceSpeed: 2, Curve: &Curve{Every: s, Counts: []float64{1e7, 1}}}, "trace-scale: 1 would be up to 20000000 requests/s at trace-speed 2"},
		{Config{Trace: "x", Curve: &Curve{Every: time.Hour, Counts: []float64{1e7}}}, ""},
		{Config{Trace: "x", Curve: &Curve{Every: time.Hour, Counts: []float64{0, 5}}}, "trace-from: nobody asks for anything"},
		{Config{Trace: "x", Arrivals: "poisson", Curve: &Curve{Every: s, Counts: []float64{1}}}, ""},
		{Config{Trace: "x", Arrivals: "poisson", Curve: &Curve{Every: s, Counts: []float64{1}, Each: true}}, "arrivals: must not be poisson"},
		{Config{Trace: "x", Unit: "people", Curve: &Curve{Every: s, Counts: []float64{1}}}, ""},
		{Config{Trace: "x", Unit: "people", Curve: &Curve{Every: s, Counts: []float64{1}, Each: true}}, "unit: must not be people"},
		{Config{Trace: "x", TraceScale: 2, Curve: &Curve{Every: s, Counts: []float64{1}}}, ""},
		{Config{Trace: "x", TraceScale: 2, Curve: &Curve{Every: s, Counts: []float64{1}, Each: true}}, "trace-scale: must not be above 1"},
		{Config{Rate: 1}, ""},
		{Config{}, "rate: is missing: the shape constant needs it"},
		{Config{Shape: "spik", Rate: 1}, `shape: unknown load shape "spik"; did you mean "spike"?`},
		{Config{Rate: 1, Peak: 2}, "peak: means nothing to the shape constant, whose keys are: rate, arrivals"},
		{Config{Shape: "poisson", Rate: 1, Arrivals: "even"}, "arrivals: means nothing to the shape poisson"},
		{Config{Rate: -1}, "rate: must be between 0 and 10000000, not -1"},
		{Config{Rate: math.NaN()}, "rate: must be between 0 and 10000000, not NaN"},
		{Config{Rate: math.Inf(1)}, "rate: must be between 0 and 10000000, not +Inf"},
		{Config{Rate: 2e7}, "rate: must be between 0 and 10000000, not 20000000"},
		{Config{Rate: 1, Arrivals: "odd"}, "arrivals: must be one of even, poisson"},
		{Config{Shape: "ramp", Peak: 1, At: minute}, "at: 1m0s is not before the end of the run (1m0s)"},
		{Config{Shape: "ramp", Peak: 1, At: -s}, "at: must not be negative, but is -1s"},
		{Config{Shape: "ramp", Rate: 9, Peak: 1, Rise: 2 * minute}, ""},
		{Config{Shape: "spike", Peak: 1, Rate: 1}, "peak: 1 must be above the rate before it (1)"},
		{Config{Shape: "spike", Peak: 1, Fall: s}, "for: is missing"},
		{Config{Shape: "spike", Peak: 1, At: 30 * s, Rise: 31 * s}, "rise: the peak would be reached at 1m1s"},
		{Config{Shape: "step", Peak: 1, For: s}, "for: means nothing to a single step"},
		{Config{Shape: "step", Peak: 1, Steps: 61, For: s}, "for: the last step would begin at 1m0s"},
		{Config{Shape: "step", Peak: 1, Steps: 1000, For: math.MaxInt64}, "for: the last step"},
		{Config{Shape: "step", Peak: 1, Steps: 1001}, "steps: must be between 0 and 1000, not 1001"},
		{Config{Shape: "sine", Peak: 1}, "period: is missing: the shape sine needs it"},
		{Config{Shape: "sine", Peak: 1, Period: 1}, "period: must be at least 1ms"},
		{Config{Shape: "sine", Peak: 1, Rate: 2, Period: s}, "peak: 1 must not be below the lowest rate (2)"},
		{Config{Shape: "users"}, "users: is missing"},
		{Config{Shape: "users", Users: 1e8}, "users: must be between 0 and 10000000"},
		{Config{Shape: "users", Users: 1, ThinkTime: 1}, "think-time: must be between 1ms and 24h0m0s, not 1ns"},
		{Config{Shape: "users", Users: 1, Rise: 2 * minute}, "rise: users would still arrive at 2m0s"},
		{Config{Rate: 1, Unit: "people"}, ""},
		{Config{Rate: 1, Unit: "persons"}, "unit: must be one of requests, people"},
		{Config{Shape: "users", Users: 1, Unit: "people"}, "unit: means nothing to the shape users"},
		{Config{Shape: "users", Users: 10, Peak: 10_000, At: 2 * s, Rise: s}, ""},
		{Config{Shape: "users", Users: 10, Peak: 10}, "peak: 10 must be above the users before it (10)"},
		{Config{Shape: "users", Users: 10, Peak: 10.5}, "peak: 10.5 must be a whole number of users"},
		{Config{Shape: "users", Users: 10, At: s}, "at: means nothing to users without a peak"},
		{Config{Shape: "users", Users: 1, Peak: 5, At: 50 * s, Rise: 11 * s}, "rise: users would still arrive at 1m1s"},
		{Config{Shape: "users", Users: 1, Rate: 5}, "rate: means nothing to the shape users, whose keys are: users, think-time"},
	} {
		problems := c.load.Check(minute)
		switch {
		case c.want == "" && problems == nil:
		case c.want == "" || len(problems) != 1 || !strings.HasPrefix(problems[0].String(), c.want):
			t.Errorf("%+v:\n got %v\nwant %q", c.load, problems, c.want)
		}
	}
}

func TestCheckListsEverything(t *testing.T) {
	c := Config{Shape: "spike", Rate: -1, Users: 3, At: 2 * minute}
	var keys []string
	for _, p := range c.Check(minute) {
		keys = append(keys, p.Key)
	}
	if got := strings.Join(keys, " "); got != "users peak rate at" {
		t.Errorf("problems with %s", got)
	}
}
