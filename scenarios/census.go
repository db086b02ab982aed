// Census: how many servers there are and how many somebody pays for, over time.
package scenarios

import (
	"cdnlab/report"
	"cdnlab/sim"
)

// census adds up the time of a fleet's servers, where the fleet moves at all. A nil
// census counts nothing.
type census struct {
	d      *driver
	inPool int
	paid   map[string]bool
	until  sim.Time // of the load: what is counted
}

// newCensus begins with the servers that there are from the start.
func newCensus(d *driver) *census {
	c := &census{d: d, paid: map[string]bool{}}
	moving := d.t.Scenario.autoscales() || len(d.t.Scenario.happenings(moves)) > 0
	for _, v := range d.t.Scenario.Servers {
		if !v.Absent {
			c.inPool++
			c.paid[v.Name] = true
		}
	}
	if !moving {
		return nil
	}
	return c
}

// pass counts what has passed since it last did: before every change, at every
// sample, and at the end.
func (c *census) pass() {
	if c == nil || c.d.start == 0 {
		return
	}
	now := c.d.now()
	took := int64(now - c.until)
	if took == 0 {
		return
	}
	c.until = now
	c.d.rec.Count(now-1, report.Fleet, report.CounterInPool, int64(c.inPool)*took)
	c.d.rec.Count(now-1, report.Fleet, report.CounterPaid, int64(len(c.paid))*took)
}

// joined and left are told that a server is in the pool now, or no more.
func (c *census) joined() { c.pool(1) }
func (c *census) left()   { c.pool(-1) }

func (c *census) pool(change int) {
	if c != nil {
		c.pass()
		c.inPool += change
	}
}

// pay and spare are told from when on somebody pays for a server, and until when.
func (c *census) pay(node string) {
	if c != nil {
		c.pass()
		c.paid[node] = true
	}
}

func (c *census) spare(node string) {
	if c != nil {
		c.pass()
		delete(c.paid, node)
	}
}
