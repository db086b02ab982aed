// Habits: users who want the newest, who do not want all of a content, or do not wait
// for it.
package scenarios

import (
	"maps"
	"strconv"

	"cdnlab/sim"
	"cdnlab/sim/load"
)

// newest is the object that a user asks for who wants the newest.
func (d *driver) newest(o load.Object, id uint64) load.Object {
	roll := d.luck.habit.Of(id, 2)
	return d.content.Newest(o, d.e.Now().Sub(d.start), &roll)
}

// popular is the object that now has the rank of one that was picked.
func (d *driver) popular(o load.Object) load.Object {
	if d.start == 0 { // in the warm-up
		return o
	}
	return d.content.Popular(o, d.e.Now().Sub(d.start), d.t.Scenario.Seed)
}

// popularOn puts those on a page that is now begun.
func (d *driver) popularOn(p *load.Page) {
	if !d.content.Passes() || p.Kind != load.Plain {
		return
	}
	p.Object = d.popular(p.Object)
	p.Path = d.content.Path(p.Object)
	for i := range p.Assets {
		p.Assets[i] = d.popular(p.Assets[i])
	}
}

// seek makes a request one for the rest of a content from where its user wants it.
func (a *ask) seek() {
	d, r := a.crowd.d, &a.req
	roll := d.luck.habit.Of(r.ID, 0)
	if from := d.content.Seek(a.object, &roll); from > 0 {
		r.Header = maps.Clone(r.Header)
		r.Header["Range"] = []string{"bytes=" + strconv.FormatInt(from, 10) + "-"}
	}
}

// stay sees to it that a user leaves in the middle who is one to do so: the header
// has come.
func (a *ask) stay() {
	d := a.crowd.d
	roll := d.luck.habit.Of(a.req.ID, 1)
	after, leaves := d.content.Leave(a.object, &roll)
	if !leaves {
		return
	}
	a.leaving = d.e.After(after, func() {
		a.left = true
		a.scope.Cancel(sim.Cancelled)
	})
}
