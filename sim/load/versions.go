// Versions: which version of an object a site has at a time, and until when.
package load

import (
	"sort"
	"time"

	"cdnlab/sim"
)

// Versions is the life of a catalog's contents in one run: pure functions of
// time, so that an app which makes an answer, one that has just been restarted,
// and whoever judges the answer later say the same. All times are of the nodes'
// clock.
//
// Every object is in version 1 from before the beginning: all through a warm-up,
// up to the load's begin. From there on the law counts, so that both worlds and
// every variant see the same versions at the same times of the load, however
// long their nodes took to start. Deploys count from when they happened.
//
//	every 10s    object 1  1.........2.........3.........4.........
//	             object 2  1.....2.........3.........4.........5...
//	random 10s   object 1  1......2............3...4...............
//	                       |begin    |10s      |20s      |30s
type Versions struct {
	laws    []law
	appears []time.Duration // by entry; 0: all is there from the beginning
	seed    uint64
	begun   sim.Time
	deploys []sim.Time
}

// NewVersions returns the versions of a catalog. begun is when the load begins,
// 0 while nobody knows; deploys are in ascending order.
func NewVersions(entries []Entry, seed uint64, begun sim.Time, deploys []sim.Time) *Versions {
	v := &Versions{laws: make([]law, len(entries)), appears: make([]time.Duration, len(entries)), seed: seed, begun: begun, deploys: deploys}
	for i, e := range entries {
		v.laws[i], v.appears[i] = newLaw(e), e.Appears
	}
	return v
}

// Changes reports whether an object has more than one version.
func (v *Versions) Changes(o Object) bool { return v.laws[o.Entry].kind != never }

// Deployed reports whether an object changes when the site is deployed anew: all that
// do are in one version at any time.
func (v *Versions) Deployed(o Object) bool { return v.laws[o.Entry].kind == atDeploy }

// Timed reports whether what there is depends on when the load began.
func (v *Versions) Timed() bool {
	for _, d := range v.appears {
		if d > 0 {
			return true
		}
	}
	for _, l := range v.laws {
		if l.kind == every || l.kind == random {
			return true
		}
	}
	return false
}

// At returns the version of an object at t, from 1.
func (v *Versions) At(o Object, t sim.Time) uint32 {
	l := &v.laws[o.Entry]
	since := t - v.begun
	switch {
	case l.kind == never:
		return 1
	case l.kind == atDeploy:
		return 1 + uint32(sort.Search(len(v.deploys), func(i int) bool { return v.deploys[i] > t }))
	case v.begun == 0 || since < 0:
		return 1
	}
	return 1 + l.passed(v.seed, o.Number, since)
}

// Replaced returns when a version of an object was or will be replaced by the
// next; sim.Never when it is not, as far as is known.
func (v *Versions) Replaced(o Object, version uint32) sim.Time {
	l := &v.laws[o.Entry]
	switch {
	case l.kind == never || version == 0:
		return sim.Never
	case l.kind == atDeploy:
		if int64(version) <= int64(len(v.deploys)) {
			return v.deploys[version-1]
		}
		return sim.Never
	case v.begun == 0 || sim.Time(version) > (sim.Never-v.begun)/sim.Time(l.every):
		return sim.Never
	}
	return v.begun + l.change(v.seed, o.Number, version-1)
}
