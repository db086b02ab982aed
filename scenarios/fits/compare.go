// The check: requests drawn from what was fitted, beside the trace's.
package fits

import (
	"context"
	"math"
	"slices"

	"cdnlab/edge/cache"
	"cdnlab/edge/replay"
	"cdnlab/sim"
	"cdnlab/sim/load"
)

var luckFit = sim.NewLuck("fit: object")

// drawing is a catalog's requests, one after the other, as a run draws them.
type drawing struct {
	catalog *load.Catalog
	draws   sim.Draws
	seed    uint64
	step    float64 // ns from one to the next
	next    uint64
}

func (t *tally) draw(catalog []load.Entry, seed uint64) *drawing {
	return &drawing{load.NewCatalog(catalog), sim.NewDraws(seed, luckFit), seed, float64(t.span()) / float64(t.requests), 0}
}

func (d *drawing) object() load.Object {
	roll := d.draws.Of(d.next, 0)
	since := sim.Time(float64(d.next) * d.step)
	d.next++
	return d.catalog.Popular(d.catalog.Pick(&roll), since.Sub(0), d.seed)
}

// id is what an object is called in a trace.
func (*drawing) id(o load.Object) uint64 { return uint64(o.Entry)<<32 | uint64(o.Number) }

// drawn is an object that was asked for again.
type drawn struct {
	object load.Object
	count  int
}

// drawn draws as many requests as the trace has and returns the objects of the first entry
// that were asked for more than once.
func (t *tally) drawn(r *Result, seed uint64) []drawn {
	d := t.draw(r.Catalog, seed)
	counts := map[load.Object]int{}
	for range t.requests {
		if o := d.object(); o.Entry == 0 {
			counts[o]++
		}
	}
	var all []drawn
	for o, n := range counts { // any order: sorted below
		if n > 1 {
			all = append(all, drawn{o, n})
		}
	}
	slices.SortFunc(all, func(a, b drawn) int { return int(a.object.Number - b.object.Number) })
	return all
}

// replayed is LRU caches that see one stream.
type replayed struct {
	rooms  []room
	caches []*replay.Cache
	side   *Side
}

func newReplayed(policy string, rooms []room, side *Side) (*replayed, error) {
	e, err := cache.Evictions.Get(policy)
	if err != nil {
		return nil, err
	}
	x := &replayed{rooms: rooms, side: side}
	for _, room := range rooms {
		x.caches = append(x.caches, replay.NewCache(e.With(nil), room.size, false))
	}
	side.Misses, side.MissedBytes = make([]int64, len(rooms)), make([]int64, len(rooms))
	return x, nil
}

func (x *replayed) ask(id uint64, size int64) {
	x.side.AskedBytes += size
	for i, c := range x.caches {
		unit := size
		if x.rooms[i].objects {
			unit = 1
		}
		if !c.Ask(id, unit) {
			x.side.Misses[i]++
			x.side.MissedBytes[i] += size
		}
	}
}

// compare replays both.
func (t *tally) compare(ctx context.Context, p Plan, r *Result) error {
	r.Trace = t.side()
	rooms := t.rooms(p.Capacities)
	real, err := newReplayed("lru", rooms, &r.Trace)
	if err != nil {
		return err
	}
	if err := p.read(ctx, r, func(q *replay.Request) { real.ask(q.ID, q.Size) }); err != nil || r.Partial {
		return err
	}
	fitted, err := newReplayed("lru", rooms, &r.Fitted)
	if err != nil {
		return err
	}
	d := t.draw(r.Catalog, p.Seed)
	var other tally
	other.number = map[uint64]int32{}
	for range t.requests {
		o := d.object()
		id, size := d.id(o), d.catalog.Size(o)
		other.add(id, size)
		fitted.ask(id, size)
		if other.requests%(1<<16) == 0 && ctx.Err() != nil {
			r.Partial = true
			return nil
		}
	}
	side := other.side()
	r.Fitted.Requests, r.Fitted.Objects, r.Fitted.Bytes, r.Fitted.Once = side.Requests, side.Objects, side.Bytes, side.Once
	r.Distance = Distance{distance(t.counts, other.counts), distance(t.sizes, other.sizes)}
	return nil
}

// distance is Kolmogorov and Smirnov's between two samples.
func distance[T int32 | int64](a, b []T) float64 {
	a, b = slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b))
	most := 0.0
	for i, j := 0, 0; i < len(a) && j < len(b); {
		x := min(a[i], b[j])
		for i < len(a) && a[i] == x {
			i++
		}
		for j < len(b) && b[j] == x {
			j++
		}
		most = max(most, math.Abs(float64(i)/float64(len(a))-float64(j)/float64(len(b))))
	}
	return most
}
