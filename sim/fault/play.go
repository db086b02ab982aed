// Play: the events of a scenario, each at its time.
package fault

import "cdnlab/sim"

// Play has a world's clock begin and end every event of a scenario: at calls a
// function at a time, as Engine.At does, and calls of one time in the order
// they were asked for. At one time ends come before beginnings, so that of two
// events without a gap between them both are seen; else the scenario's order.
func Play(events []Config, w World, at func(t sim.Time, f func()) sim.Timer) {
	o := NewOverlap(w)
	for i, c := range events {
		if c.For > 0 {
			f, own := New(c), o.For(i)
			at(sim.Time(c.At).Add(c.For), func() { f.End(own) })
		}
	}
	for i, c := range events {
		f, own := New(c), o.For(i)
		at(sim.Time(c.At), func() { f.Begin(own) })
	}
}
