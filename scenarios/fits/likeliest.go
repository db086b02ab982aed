// Which life it is: that of all objects alike, or one that stands for many.
package fits

import (
	"context"
	"math"

	"cdnlab/edge/replay"
	"cdnlab/sim/load"
)

// much is how far, of the requests, the misses of caches may be off before another life is
// tried.
const much = 0.01

// likeliest finds the catalog. Where objects live alike, pairs tell how long. Where they do
// not, as where some are asked for in bursts and others all the time, no single life has
// such pairs: if caches miss far more or less than of the trace, the life is taken with
// which they miss most nearly as much, or two kinds of objects, brief ones and others that
// stay, and the life of the brief ones. The caches are LRU, sizes ignored, with room for
// some three shares of the objects.
func (t *tally) likeliest(ctx context.Context, p Plan, r *Result) ([]load.Entry, error) {
	var is Side
	real, err := newReplayed("lru", t.some(), &is)
	if err != nil {
		return nil, err
	}
	if err := p.read(ctx, r, func(q *replay.Request) { real.ask(q.ID, 1) }); err != nil || r.Partial {
		return nil, err
	}
	best, least := []load.Entry(nil), math.Inf(1)
	try := func(m model) error {
		catalog := t.entries(m)
		off, err := t.missed(ctx, catalog, p.Seed, &is)
		if off < least {
			best, least = catalog, off
		}
		r.Partial = ctx.Err() != nil
		return err
	}
	alike := t.life()
	if err := try(t.popularity(&alike)); err != nil || r.Partial || least < much {
		return best, err
	}
	for _, l := range others() {
		if err := try(t.popularity(&l)); err != nil || r.Partial {
			return best, err
		}
	}
	kinds := t.split()
	for _, life := range briefLives() {
		if err := try(t.brevity(&kinds, life)); err != nil || r.Partial {
			return best, err
		}
	}
	return best, nil
}

// some are the capacities.
func (t *tally) some() (rooms []room) {
	for _, part := range []int{300, 30, 3} {
		rooms = append(rooms, room{int64(max(1, len(t.counts)/part)), true})
	}
	return rooms
}

// missed is how far the misses are off that a catalog's requests make of the caches: a mean
// share of the requests.
func (t *tally) missed(ctx context.Context, catalog []load.Entry, seed uint64, is *Side) (off float64, err error) {
	var would Side
	fitted, err := newReplayed("lru", t.some(), &would)
	if err != nil {
		return 0, err
	}
	d := t.draw(catalog, seed)
	for i := range t.requests {
		o := d.object()
		fitted.ask(d.id(o), 1)
		if i%(1<<16) == 0 && ctx.Err() != nil {
			break
		}
	}
	for i := range is.Misses {
		off += math.Abs(float64(would.Misses[i]-is.Misses[i])) / float64(t.requests) / float64(len(is.Misses))
	}
	return off, nil
}
