// Who is next, who shares with whom, and who is told that it is too late.
package origin

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"cdnlab/sim"
)

func queued(discipline string) AppConfig {
	return steady(AppConfig{QueueingConfig: QueueingConfig{Discipline: discipline}})
}

// One works from 0 to 100 ms; three more come meanwhile.
func TestDisciplines(t *testing.T) {
	for _, c := range []struct {
		discipline string
		want       [4]time.Duration
	}{
		{FIFO, [4]time.Duration{100 * ms, 200 * ms, 300 * ms, 400 * ms}},
		{LIFO, [4]time.Duration{100 * ms, 400 * ms, 300 * ms, 200 * ms}},
		// At 100 ms the queue has not been empty for 70 ms, at 200 ms for 170 ms.
		{AdaptiveLIFO, [4]time.Duration{100 * ms, 200 * ms, 400 * ms, 300 * ms}},
		// Alone for 30 ms, then with one, two and three others: by 90 ms the first has got
		// 30 + 15 + 10, and the 45 that are left take four times as long; and so on.
		{Sharing, [4]time.Duration{270 * ms, 360 * ms, 390 * ms, 400 * ms}},
	} {
		w := newWorld(t)
		a := must[*App](t)(NewApp(w.env("app"), queued(c.discipline), nil, nil, nil))
		var all []*got
		for i := range 4 {
			w.at(time.Duration(i) * 30 * ms)
			all = append(all, w.ask(a, &sim.Request{ID: uint64(i)}))
		}
		w.quiet()
		for i, g := range all {
			w.expect(g, 200, sim.OK, c.want[i])
		}
		if n := a.desk.busyNS.N; n != int64(400*ms) {
			t.Errorf("%s: busy for %v", c.discipline, time.Duration(n))
		}
	}
}

// Two workers that are shared by three: two thirds of a worker each.
func TestSharingOfSeveral(t *testing.T) {
	w := newWorld(t)
	cfg := queued(Sharing)
	cfg.Workers, cfg.Queue = 2, new(2)
	a := must[*App](t)(NewApp(w.env("app"), cfg, nil, nil, nil))
	scope := &sim.Scope{}
	one, two, three := w.ask(a, &sim.Request{ID: 1}), w.ask(a, &sim.Request{ID: 2}), w.ask(a, &sim.Request{ID: 3, Scope: scope})
	w.at(75 * ms)
	scope.Cancel(sim.Cancelled) // it is worked on to its end all the same
	four := w.ask(a, &sim.Request{ID: 4})
	w.expect(w.ask(a, &sim.Request{ID: 5}), 503, sim.OK, 75*ms) // two more than workers are there
	w.at(100 * ms)
	cfg.Workers = 8 // all have one to themselves from here on
	if err := a.Change(cfg, nil); err != nil {
		t.Fatal(err)
	}
	w.quiet()
	w.expect(one, 200, sim.OK, 137500*time.Microsecond)
	w.expect(two, 200, sim.OK, 137500*time.Microsecond)
	w.expect(three, 0, sim.Cancelled, 75*ms)
	w.expect(four, 200, sim.OK, 187500*time.Microsecond)
	if a.Busy() != 0 || a.desk.busyNS.N != int64(400*ms) {
		t.Errorf("%d busy, %v of work", a.Busy(), time.Duration(a.desk.busyNS.N))
	}
	if cfg.Discipline = FIFO; a.Change(cfg, nil) == nil {
		t.Error("what shares workers may cease to")
	}
}

// The tables of folly's Codel: nothing is refused until everyone who began in an
// interval had waited too long, and then who waited twice as long as the target.
func TestCoDel(t *testing.T) {
	q := queueing{QueueingConfig: QueueingConfig{CoDel: CoDelConfig{Target: 5 * ms, Interval: 100 * ms}}}
	for _, c := range []struct {
		at, waited time.Duration
		late       bool
	}{
		{1 * ms, 50 * ms, false},  // the first of an interval
		{20 * ms, 60 * ms, false}, // it is not known yet that the queue stands
		{102 * ms, 60 * ms, false},
		{110 * ms, 11 * ms, true},
		{120 * ms, 10 * ms, false}, // not more than twice the target
		{130 * ms, 4 * ms, false},  // one has not waited: the overload is over with the interval
		{140 * ms, 20 * ms, true},
		{203 * ms, 20 * ms, false},
		{210 * ms, 90 * ms, false},
		{304 * ms, 90 * ms, false}, // and the next stood again
		{310 * ms, 90 * ms, true},
	} {
		if got := q.late(sim.Time(c.at), c.waited); got != c.late {
			t.Errorf("at %v, after %v: %v", c.at, c.waited, got)
		}
	}
}

// Of a queue that stands CoDel answers those late that a worker comes to, and who is
// told so may come again.
func TestAppSloughs(t *testing.T) {
	w := newWorld(t)
	cfg := queued(FIFO)
	cfg.ServiceTime, cfg.CoDel, cfg.RetryAfter = 10*ms, CoDelConfig{Target: 5 * ms, Interval: 100 * ms}, 1500*ms
	a := must[*App](t)(NewApp(w.env("app"), cfg, nil, nil, nil))
	var all []*got
	for i := range 40 {
		all = append(all, w.ask(a, &sim.Request{ID: uint64(i)}))
	}
	w.at(100 * ms)
	w.expect(all[9], 200, sim.OK, 100*ms)
	w.quiet()
	refused := 0
	for _, g := range all {
		if m := g.resp.Via.Last(sim.HopApp); g.resp.Status == 503 {
			refused++
			if g.resp.Header.Get("Retry-After") != "2" || m.Cause != sim.Overload || m.Queue < 10*ms {
				t.Errorf("%v %+v", g.resp.Header, m)
			}
		}
	}
	// Until 110 ms it is not known that the queue stands; then it is gone at once.
	if refused < 25 || int64(refused) != a.desk.sloughed.N || a.desk.sloughed.N != a.desk.rejected.N {
		t.Errorf("%d refused, counted %d and %d", refused, a.desk.sloughed.N, a.desk.rejected.N)
	}
}

// Whatever comes, goes and changes: each is answered once, nothing is left, and no more
// work is done at a time than there are workers for.
func TestDisciplinesKeepAll(t *testing.T) {
	for _, discipline := range []string{FIFO, LIFO, AdaptiveLIFO, Sharing} {
		for seed := range uint64(20) {
			t.Run(fmt.Sprint(discipline, seed), func(t *testing.T) {
				dice := rand.New(rand.NewPCG(seed, 1))
				w := newWorld(t)
				cfg := AppConfig{Workers: 1 + dice.IntN(4), Queue: new(dice.IntN(30)), QueueingConfig: QueueingConfig{Discipline: discipline}, ServiceConfig: ServiceConfig{ServiceTime: 10 * ms}}
				if discipline != Sharing && seed%2 == 0 {
					cfg.CoDel.Target = 2 * ms
				}
				if seed%3 == 0 {
					cfg.Limit = LimitConfig{Algorithm: LimitGradient, Window: 20 * ms}
				}
				a := must[*App](t)(NewApp(w.env("app"), cfg, nil, nil, nil))
				most := cfg.Workers
				var scopes []*sim.Scope
				for i := range 600 {
					w.at(time.Duration(i) * 2 * ms)
					switch dice.IntN(8) {
					case 0:
						if n := len(scopes); n > 0 {
							scopes[dice.IntN(n)].Cancel(sim.Cancelled)
						}
					case 1:
						cfg.Workers = 1 + dice.IntN(4)
						most = max(most, cfg.Workers)
						if err := a.Change(cfg, nil); err != nil {
							t.Fatal(err)
						}
					default:
						scopes = append(scopes, &sim.Scope{})
						w.ask(a, &sim.Request{ID: uint64(i), Scope: scopes[len(scopes)-1]})
					}
				}
				w.quiet()
				span := time.Duration(w.engine.Now())
				if busy := time.Duration(a.desk.busyNS.N); a.Busy() != 0 || a.Waiting() != 0 || busy == 0 || busy > span*time.Duration(most) {
					t.Errorf("%d busy, %d waiting, %v of work in %v by at most %d", a.Busy(), a.Waiting(), busy, span, most)
				}
			})
		}
	}
}
