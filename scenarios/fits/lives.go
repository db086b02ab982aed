// How long objects stay popular.
package fits

import (
	"math"
	"time"

	"cdnlab/sim/load"
)

// A life is told by how the requests for one object lie together. Of an object whose
// popularity stays, two of its requests are as likely in any two windows of the trace; of
// one that lives for a part of it they are near each other. together counts such pairs by
// how many windows they are apart, each object's by its number of requests, as hot ones
// would else be all that counts; the first entry, of pairs in one window, is made 1.
func (t *tally) together() (pairs [windows]float64) {
	for _, o := range t.watched { // any order: a sum, but for its last digits, which are rounded off below
		total := 0.0
		for _, n := range o {
			total += float64(n)
		}
		for w, n := range o {
			if n == 0 {
				continue
			}
			pairs[0] += float64(n) * float64(n-1) / total / windows
			for later, m := range o[w+1:] {
				pairs[later+1] += float64(n) * float64(m) / total / float64(windows-1-later)
			}
		}
	}
	for d := windows - 1; d >= 0; d-- {
		pairs[d] = math.Round(pairs[d]/pairs[0]*1e6) / 1e6
	}
	return pairs
}

// lives are those of ranks whose objects live for a mean part of the trace, as
// load.Catalog has them.
type lives struct {
	mean  float64 // part of the trace; 0: forever
	parts []part  // of the trace that an object lived for
	pairs [windows]float64
}

// part is how many objects of a rank lived, in the mean, for a part of the trace.
type part struct{ length, objects float64 }

// Of so many ranks so many moments are looked at.
const (
	livesRanks   = 128
	livesMoments = 8 * windows
)

// forever is a life beyond the trace: no object of it is seen to become another.
var forever = lives{parts: []part{{1, 1}}, pairs: evenly()}

func evenly() (pairs [windows]float64) {
	for d := range pairs {
		pairs[d] = 1
	}
	return pairs
}

// livesOf returns those of a mean part of the trace.
func livesOf(mean float64) lives {
	const trace = 1000 * time.Hour
	c := load.NewCatalog([]load.Entry{{Path: "/{n}", Objects: livesRanks, PopularFor: time.Duration(mean * float64(trace))}})
	l := lives{mean: mean}
	count := map[int]int{}
	for rank := int32(1); rank <= livesRanks; rank++ {
		began := 0
		is := rank
		var seen [windows]float64
		for at := 0; at <= livesMoments; at++ {
			now := int32(0)
			if at < livesMoments {
				now = c.Popular(load.Object{Number: rank}, trace*time.Duration(2*at+1)/(2*livesMoments), 1).Number
			}
			if now == is {
				seen[at*windows/livesMoments]++
				continue
			}
			count[at-began]++
			l.pair(&seen, float64(at-began))
			began, is, seen = at, now, [windows]float64{}
			if at < livesMoments {
				seen[at*windows/livesMoments]++
			}
		}
	}
	for length := 1; length <= livesMoments; length++ {
		if n := count[length]; n > 0 {
			l.parts = append(l.parts, part{float64(length) / livesMoments, float64(n) / livesRanks})
		}
	}
	l.parts = merged(l.parts)
	for d := windows - 1; d >= 0; d-- {
		l.pairs[d] /= l.pairs[0]
	}
	return l
}

// pair counts one life's pairs as together does.
func (l *lives) pair(seen *[windows]float64, total float64) {
	for w, n := range seen {
		if n == 0 {
			continue
		}
		l.pairs[0] += n * n / total / windows
		for later, m := range seen[w+1:] {
			l.pairs[later+1] += n * m / total / float64(windows-1-later)
		}
	}
}

// merged makes few parts of many, of lengths that are alike.
func merged(parts []part) (few []part) {
	for _, p := range parts {
		if n := len(few); n > 0 && p.length < 1.3*few[n-1].length {
			last := &few[n-1]
			all := last.objects + p.objects
			last.length = (last.length*last.objects + p.length*p.objects) / all
			last.objects = all
			continue
		}
		few = append(few, p)
	}
	return few
}

// Lives between these parts of the trace can be told: shorter ones have nothing but pairs
// in one window, and of longer ones too few objects end.
const (
	shortestLife = 1.0 / windows
	longestLife  = 3.0
)

// life is the one whose pairs lie nearest to the trace's (least squares): forever, or a
// mean life.
func (t *tally) life() lives {
	pairs := t.together()
	best, least := forever, forever.off(&pairs)
	for x := shortestLife; x <= longestLife; x *= 1.05 {
		l := livesOf(x)
		if e := l.off(&pairs); e < least {
			best, least = l, e
		}
	}
	return best
}

// off is how far pairs are from those of the lives.
func (l *lives) off(pairs *[windows]float64) (sum float64) {
	for d := range windows * 3 / 4 { // further apart there are few windows
		sum += (pairs[d] - l.pairs[d]) * (pairs[d] - l.pairs[d])
	}
	return sum
}

// others are lives of any length: forever, and from twice the trace down to a part of it.
func others() []lives {
	all := []lives{forever}
	for x := 2.0; x > shortestLife/8; x /= 2 {
		all = append(all, livesOf(x))
	}
	return all
}
