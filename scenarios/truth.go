// Truth: what users saw, held against what the site had when they asked.
package scenarios

import (
	"cdnlab/report"
	"cdnlab/sim"
)

// truth judges an answer by what its content says of itself. What counts is when
// the user meant to ask: a version that is replaced while request and answer are
// under way was right then, and no site can do better.
func (d *driver) truth(o *report.Observation, a *ask) {
	stamp := a.resp.Stamp
	if o.Changing = d.versions.Changes(a.object); o.Changing {
		o.Staleness = max(0, a.intended.Sub(d.versions.Replaced(a.object, stamp.Version)))
	}
	o.Personal = stamp.Owner != 0
	o.WrongUser = o.Personal && stamp.Owner != sim.OwnerOf(a.req.Client)
}
