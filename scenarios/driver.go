// The driver: everyone outside the nodes. It runs the load on a world's engine,
// the same way in both worlds, and tells the recorder what users saw.
package scenarios

import (
	"net/netip"
	"sort"
	"time"

	"cdnlab/edge/steer"
	"cdnlab/report"
	"cdnlab/sim"
	"cdnlab/sim/fault"
	"cdnlab/sim/load"
)

// world is what the driver needs of either.
type world interface {
	engine() *sim.Engine
	// dial returns the way from a group's address to a node.
	dial(from, to string, p Peer, addr netip.Addr) sim.Handler
	// sample reads the nodes' counters, where they do not come by themselves.
	sample(count func(node, counter string, total int64))
	// settle is a pause long enough for what the nodes last counted and were last
	// told to have arrived.
	settle() time.Duration

	Crash(node string)
	Restart(node string)
	Stop(node string)
	Hang(node string)
	Resume(node string)
	Slow(node string, factor float64)
	SetLink(from, to string, c fault.Change)
	// Change makes a node what a topology says, now and after every restart.
	Change(node string, t *Topology)
}

const (
	sampleEvery = 100 * time.Millisecond
	// settle is the pause between warm-up and load: long enough for the nodes'
	// counters of the warm-up, which come every 100 ms, to have arrived. The live
	// world needs more at a high speed.
	settle = 250 * time.Millisecond
)

var (
	luckGroup = sim.NewLuck("load: group")
	luckUser  = sim.NewLuck("load: user")
	luckKey   = sim.NewLuck("load: object")
	luckNew   = sim.NewLuck("load: new connection")
	luckLoad  = sim.NewLuck("load: reload")
	luckHabit = sim.NewLuck("load: seek and leave")
)

// luck is what a driver draws for each request.
type luck struct{ group, user, key, anew, reload, habit sim.Draws }

func newLuck(seed uint64) luck {
	return luck{sim.NewDraws(seed, luckGroup), sim.NewDraws(seed, luckUser), sim.NewDraws(seed, luckKey), sim.NewDraws(seed, luckNew), sim.NewDraws(seed, luckLoad), sim.NewDraws(seed, luckHabit)}
}

// driver plays one variant. It is entered as its engine is.
type driver struct {
	t       *Topology
	w       world
	e       *sim.Engine
	rec     *report.Recorder
	luck    luck
	content *load.Catalog
	signIns load.SignIns
	names   *load.Names
	crowds  []*crowd
	shares  []float64 // cumulative, of crowds
	steer   *steer.Steer
	network *networkBefore // nil: clients do not reach several balancers
	targets []string       // by PoP index; with no CDN the one entry

	start, end  sim.Time // of the load; 0 until it begins
	arrivals    *load.Arrivals
	recording   *recording // nil: what comes when is drawn
	due         due        // of it, the request that comes next
	err         error      // why the run ended before its time
	coming      sim.Timer  // of the next arrival
	users       *load.Users
	people      *people // nil: the load is requests
	next        uint64  // number of the next request, or person, of an open loop
	open        int     // requests not yet ended, those that nobody waits for among them
	spare       []*ask
	counters    map[[2]string]*counting
	written     *Scenario // as the run begins
	scheme      string    // of everybody's requests
	settled     int       // of the moments, the one that is now; -1: none yet
	standings   map[string]*standing
	census      *census
	rollouts    []*rollout             // not over
	scaler      *scaler                // nil: nobody adds or removes servers by the load
	controls    map[string]sim.Handler // to the PoPs, for purges
	supervisors map[string]*supervisor // by server; none without liveness checks
	purges      uint64                 // sent so far
	purged      bool                   // somebody outside may purge
	warmups     uint64                 // begun so far
	seen        report.Observation
	rtts        *roundTrips    // nil: nobody will ask, as virtual links are what they are said to be
	versions    *load.Versions // of the content: what users see is held against them
	begun       sim.Time       // as start, from a moment before it
	onArrival   func()

	stays    uint64 // of users who keep a connection, begun so far
	finished bool
	done     func() // called once, when the last request has ended
}

// newDriver prepares a variant on a world whose nodes run.
func newDriver(t *Topology, w world, rec *report.Recorder, seed uint64) *driver {
	s := t.Scenario
	d := &driver{t: t, w: w, e: w.engine(), rec: rec, luck: newLuck(s.Seed), content: t.catalog(), counters: map[[2]string]*counting{},
		written: s, scheme: s.scheme(), settled: -1, standings: map[string]*standing{}, controls: map[string]sim.Handler{},
		versions: t.versions(0), done: func() {}}
	d.census = newCensus(d)
	d.names = load.NewNames(d.content)
	d.onArrival = d.arrive
	d.target()
	d.before()
	sum := 0.0
	for i := range t.Groups {
		sum += t.Groups[i].Share
		d.shares = append(d.shares, sum)
		d.crowds = append(d.crowds, newCrowd(d, &t.Groups[i]))
	}
	if s.Load.Closed() {
		d.users = s.Load.NewUsers(seed)
	} else {
		d.arrivals = s.Load.NewArrivals(s.Duration, seed)
	}
	if s.recorded() {
		d.onArrival = d.repeat
	}
	if s.people() {
		d.people = newPeople(d, seed)
		d.onArrival = d.people.arrive
	}
	return d
}

// target finds where clients go: the nearest PoP, or the origin.
func (d *driver) target() {
	if !d.t.Scenario.edgeOn() {
		d.targets = []string{d.t.Entry}
		return
	}
	var places []string
	for _, p := range d.t.Scenario.PoPs {
		d.targets = append(d.targets, p.Name)
		places = append(places, p.Place)
	}
	d.steer = steer.New(places, d.t.RTT)
}

func (d *driver) reach(place string) int {
	if d.steer == nil {
		return 0
	}
	return max(0, d.steer.Pick(place))
}

// run plays the load, after what comes before it.
func (d *driver) run() { d.prepare(d.load) }

// prepare warms the caches where the scenario says so, and then begins.
func (d *driver) prepare(then func()) {
	if d.t.Scenario.edgeOn() && d.t.Scenario.Edge.Warm {
		newWarmup(d, fault.Everything, func() { d.begin(then) }).run("")
		return
	}
	d.begin(then)
}

// begin has the load start a moment from now: time enough for nodes to hear
// when, where that matters to them.
func (d *driver) begin(then func()) {
	settled := d.w.settle()
	d.begun = d.e.Now().Add(settled)
	moves := d.t.Scenario.Balancer.Moves()
	if moves || d.versions.Timed() || d.t.Scenario.App.WarmUp.Time > 0 {
		d.change(func(s *Scenario) {
			if moves {
				s.Holder = d.t.Entries[d.t.holder()]
			}
		})
	}
	d.e.After(settled, then)
}

func (d *driver) load() {
	d.openTrace()
	if d.finished {
		return
	}
	d.start = d.e.Now()
	d.end = d.start.Add(d.t.Scenario.Duration)
	base := func(node, counter string, total int64) { d.counting(node, counter).total = total }
	d.w.sample(base)
	d.network.count(base)
	events := d.events()
	d.controlled(events)
	if s := d.t.Scenario; s.autoscales() {
		d.scaler = newScaler(d, *s.Autoscale)
	}
	fault.Play(events, &faults{d.w, d}, func(at sim.Time, f func()) sim.Timer {
		return d.e.At(d.start+at, f)
	})
	d.e.After(sampleEvery, d.tick)
	d.supervise()
	d.e.At(d.end, d.check)
	if warmup := d.t.Scenario.Warmup; warmup > 0 { // what nodes counted before is not measured, nor what they count after
		d.e.At(d.start.Add(warmup), d.sample)
		d.e.At(d.end, d.sample)
	}
	if d.users != nil && d.people != nil {
		d.people.begin()
		return
	}
	if d.users != nil {
		for u := range d.users.Len() {
			d.wake(u, d.start+d.users.Start(u))
		}
		return
	}
	d.schedule()
}

func (d *driver) schedule() {
	if d.recording != nil {
		d.replay()
		return
	}
	if at := d.arrivals.Next(); at < sim.Time(d.t.Scenario.Duration) {
		d.coming = d.e.At(d.start+at, d.onArrival)
	}
}

// arrive is one arrival of the open loop. The next is scheduled first: nothing
// that becomes of a request can hold another back.
func (d *driver) arrive() {
	if d.finished {
		return
	}
	d.schedule()
	id := d.next
	d.next++
	d.crowds[d.pick(d.luck.group.Of(id, 0))].ask(id, -1)
}

func (d *driver) pick(roll sim.Roll) int {
	if len(d.shares) == 1 {
		return 0
	}
	u := roll.Float64() * d.shares[len(d.shares)-1]
	return min(sort.SearchFloat64s(d.shares, u), len(d.shares)-1)
}

// wake has a user of the closed loop ask at a time.
func (d *driver) wake(user int, at sim.Time) {
	if at >= d.end {
		return
	}
	d.e.At(at, func() {
		if d.finished {
			return
		}
		d.crowds[d.pick(d.luck.group.Of(uint64(user), 0))].ask(d.users.ID(user), user)
	})
}

func (d *driver) sample() {
	d.w.sample(d.count)
	d.census.pass()
	d.network.count(d.count)
}

func (d *driver) tick() {
	d.sample()
	if !d.finished {
		d.e.After(sampleEvery, d.tick)
	}
}

// counting is a node's counter and its total as it was last seen.
type counting struct {
	report.Counter
	total int64
}

func (d *driver) counting(node, counter string) *counting {
	key := [2]string{node, counter}
	c := d.counters[key]
	if c == nil {
		c = &counting{Counter: report.Counter{Node: node, Name: counter}}
		d.counters[key] = c
	}
	return c
}

// count takes a counter's total and records what it grew by since the last.
// What grew in an interval belongs to the interval, not to the moment after it.
func (d *driver) count(node, counter string, total int64) {
	c := d.counting(node, counter)
	grown := total - c.total
	c.total = total
	if d.start > 0 && grown > 0 {
		d.rec.Add(max(0, d.e.Now()-d.start-1), &c.Counter, grown)
	}
}

// note takes a node's event.
func (d *driver) note(e sim.Event) {
	if d.start == 0 {
		return // before the load: everything starts
	}
	e.At = max(0, e.At-d.start)
	d.rec.Note(e)
	d.heed(e)
}

// check ends the run when the load is over and every request has ended.
func (d *driver) check() {
	if d.finished || d.start == 0 || d.e.Now() < d.end || d.open > 0 {
		return
	}
	d.finish()
}

// finish ends the run now. Requests still open are not recorded: what became of
// them nobody saw.
func (d *driver) finish() {
	if d.finished {
		return
	}
	d.census.pass()
	d.recording.close()
	d.finished = true
	d.done()
}

// now is the scenario's time: since the load began.
func (d *driver) now() sim.Time {
	if d.start == 0 {
		return 0
	}
	return min(d.e.Now(), d.end) - d.start
}
