// What a variant's run should settle to, and from when on it is measured.
package scenarios

import (
	"time"

	"cdnlab/origin"
	"cdnlab/report"
	"cdnlab/sim"
	"cdnlab/sim/load"
)

// measured is a window without the warm-up.
func measured(w report.Window, warmup time.Duration) report.Window {
	w.From = max(w.From, sim.Time(warmup))
	w.To = max(w.To, w.From)
	return w
}

// steady says what theory needs to know of a run that should reach a steady
// state; nil when its load changes, or when something happens in it.
func (t *Topology) steady() *report.Steady {
	s := t.Scenario
	if len(s.Events) > 0 || s.autoscales() || !level(s.Load, s.Duration) {
		return nil
	}
	workers := map[string]int{}
	for _, v := range s.Servers {
		workers[v.Name] = s.App.Workers
		if v.Workers > 0 {
			workers[v.Name] = v.Workers
		}
	}
	if s.Database != nil {
		workers[nameDatabase] = s.Database.Workers
	}
	if s.SessionStore != nil {
		workers[nameStore] = s.SessionStore.Workers
	}
	return &report.Steady{Workers: workers, ArrivalSCV: t.arrivalSCV(), ServiceSCV: scv(s.App.ServiceConfig)}
}

// level reports whether the load is the same all the time.
func level(c load.Config, duration time.Duration) bool {
	if c.Rise > 0 { // users that arrive one by one
		return false
	}
	const looks = 200
	shape := load.New(c, duration)
	first := shape.Rate(0)
	for i := range looks {
		if shape.Rate(sim.Time(duration)*sim.Time(i)/looks) != first {
			return false
		}
	}
	return true
}

// arrivalSCV is the squared coefficient of variation of the gaps between
// requests at the origin: even ones have none. What a cache lets through comes
// at random, as far as a queue can tell.
func (t *Topology) arrivalSCV() float64 {
	c := t.Scenario.Load
	if c.Closed() || c.Shape == "poisson" || c.Arrivals == "poisson" || t.Scenario.edgeOn() {
		return 1
	}
	return 0
}

// scv is the squared coefficient of variation of service times.
func scv(c origin.ServiceConfig) float64 {
	switch c.Distribution {
	case origin.Exponential:
		return 1
	case origin.Lognormal:
		return *c.Spread * *c.Spread
	case origin.Uniform:
		return *c.Spread * *c.Spread / 3
	}
	return 0
}
