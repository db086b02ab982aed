// The tally: what a trace is, in numbers.
package fits

import (
	"context"
	"errors"
	"io"
	"math"

	"cdnlab/edge/replay"
	"cdnlab/scenarios/replays"
)

// tally is what is kept of a trace: some fifty bytes for each object.
type tally struct {
	requests    int64
	first, last float64 // seconds
	hours       []int64 // requests in each, from the first
	number      map[uint64]int32
	counts      []int32 // requests, by number
	sizes       []int64 // at the first request, likewise
	bytes       int64   // of all objects
	firstAt     []int64 // number of the first request for each, and of the last
	lastAt      []int64
	watched     map[uint64]*[windows]int32
}

// windows is how many equal parts of the requests are told apart of some objects.
const windows = 64

// maxWatched bounds those objects.
const maxWatched = 1 << 16

// maxHours bounds the series of hours.
const maxHours = 366 * 24

// count reads the trace once.
func (t *tally) count(ctx context.Context, p Plan, r *Result) error {
	t.number = map[uint64]int32{}
	return p.read(ctx, r, func(q *replay.Request) {
		if t.requests == 0 {
			t.first, t.last = q.At, q.At
		}
		t.last = max(t.last, q.At)
		if h := (q.At - t.first) / 3600; h >= 0 && h < maxHours {
			for len(t.hours) <= int(h) {
				t.hours = append(t.hours, 0)
			}
			t.hours[int(h)]++
		}
		t.add(q.ID, q.Size)
	})
}

// add counts a request.
func (t *tally) add(id uint64, size int64) {
	t.requests++
	n, known := t.number[id]
	if !known {
		n = int32(len(t.counts))
		t.number[id] = n
		t.counts, t.sizes = append(t.counts, 0), append(t.sizes, size)
		t.firstAt, t.lastAt = append(t.firstAt, t.requests), append(t.lastAt, 0)
		t.bytes += size
	}
	t.counts[n]++
	t.lastAt[n] = t.requests
}

// watch reads it once more, to see when objects are asked for: of those asked for more
// than once, of at most maxWatched by their hash.
func (t *tally) watch(ctx context.Context, p Plan, r *Result) error {
	again := 0
	for _, n := range t.counts {
		if n > 1 {
			again++
		}
	}
	most := uint64(math.MaxUint64)
	if again > maxWatched {
		most = uint64(float64(maxWatched) / float64(again) * math.MaxUint64)
	}
	t.watched = map[uint64]*[windows]int32{}
	i := int64(0)
	return p.read(ctx, r, func(q *replay.Request) {
		w := i * windows / t.requests
		i++
		if t.counts[t.number[q.ID]] < 2 || scatter(q.ID) > most || w >= windows {
			return
		}
		o := t.watched[q.ID]
		if o == nil {
			o = &[windows]int32{}
			t.watched[q.ID] = o
		}
		o[w]++
	})
}

// scatter is the finaliser of splitmix64.
func scatter(z uint64) uint64 {
	z = (z ^ z>>30) * 0xbf58476d1ce4e5b9
	z = (z ^ z>>27) * 0x94d049bb133111eb
	return z ^ z>>31
}

// read reads the trace from its beginning to its end.
func (p Plan) read(ctx context.Context, r *Result, take func(q *replay.Request)) error {
	reader, file, err := p.Open()
	if err != nil {
		return err
	}
	defer file.Close()
	batch := make([]replay.Request, 4096)
	for {
		if ctx.Err() != nil {
			r.Partial = true
			return nil
		}
		n, err := reader.Read(batch)
		for i := range batch[:n] {
			take(&batch[i])
		}
		r.Problems = *reader.Problems()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

// side is the trace's.
func (t *tally) side() Side {
	s := Side{Requests: t.requests, Objects: int64(len(t.counts)), Bytes: t.bytes}
	for _, n := range t.counts {
		if n == 1 {
			s.Once++
		}
	}
	return s
}

// rooms are the capacities in the unit of sizes, by the trace's footprint.
func (t *tally) rooms(all []replays.Capacity) []room {
	f := replay.Footprint{Requests: t.requests, Objects: int64(len(t.counts)), Bytes: t.bytes}
	rooms := make([]room, len(all))
	for i, c := range all {
		rooms[i].size, rooms[i].objects = c.Of(&f)
	}
	return rooms
}

type room struct {
	size    int64
	objects bool
}
