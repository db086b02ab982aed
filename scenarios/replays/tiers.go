// Several caches in the place of one: PoPs, RAM over a disk, a shield behind them.
package replays

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"

	"cdnlab/edge/replay"
	"cdnlab/report"
)

// Tiers is what stands in the place of one cache. A Plan's capacities are those of a
// PoP's cache, or of its RAM where there is a disk; each PoP has all of them.
type Tiers struct {
	By   string // who a PoP is told by, as replay.CallersOf has it; "": there is one PoP
	Pops int    // among so many ByClient spreads the clients, by a hash

	Disk           *Capacity // of each PoP; nil: there is none
	Fill           replay.Fill
	Promote        replay.Promote
	DiskEviction   string // "": the one that is played
	DiskAdmission  string // what is written to it of what is to be, with the guards' options; "": all
	Shield         *Capacity
	ShieldEviction string
	Latencies      *Latencies // nil: how long answers took is of no interest
}

// Latencies are how long it takes to answer from a place, transfers apart: at a PoP
// from RAM or the disk; from the PoP to the shield and back; from the last tier to the
// origin and back. What is there is told without reading the disk.
type Latencies struct{ RAM, Disk, Shield, Origin time.Duration }

// DefaultLatencies are of "latency numbers every programmer should know" (J. Dean, P.
// Norvig; https://gist.github.com/jboner/2841832): 100 ns for main memory, 150 µs for 4
// KB of an SSD, 150 ms from California to the Netherlands and back. A hard disk's seek
// is 10 ms there. 30 ms go to a shield on the same continent and back.
func DefaultLatencies() Latencies {
	return Latencies{RAM: 100 * time.Nanosecond, Disk: 150 * time.Microsecond, Shield: 30 * time.Millisecond, Origin: 150 * time.Millisecond}
}

// Many reports whether there is more than one cache.
func (t Tiers) Many() bool { return t.By != "" || t.Disk != nil || t.Shield != nil }

// ErrBound says that belady cannot be played.
var ErrBound = errors.New("belady knows when each object comes again, but not at which PoP or tier: it is no bound of several caches")

// Check returns what is wrong with the plan's tiers.
func (p Plan) Check() error {
	t := p.Tiers
	if !t.Many() {
		return nil
	}
	if slices.Contains(append([]string{t.DiskEviction, t.ShieldEviction}, p.Policies...), NameBelady) {
		return ErrBound
	}
	for _, c := range p.Capacities {
		for _, other := range []*Capacity{t.Disk, t.Shield} {
			if other != nil && other.ofObjects() != c.ofObjects() {
				return fmt.Errorf("capacities %s and %s: give all in objects, or all in bytes", c.Text, other.Text)
			}
		}
	}
	switch {
	case t.By == replay.ByClient && t.Pops < 1:
		return errors.New("replays: there is no PoP that clients could be spread over")
	case t.Disk == nil:
		return nil
	}
	if len(p.Guards.Admissions) > 0 {
		return ErrAdmissions
	}
	if t.Disk.ofObjects() && slices.Contains([]string{"size", "size-chance"}, t.DiskAdmission) {
		return fmt.Errorf("admission %s to the disk goes by sizes, and with a capacity of objects they are ignored", t.DiskAdmission)
	}
	return replay.CheckLayers(t.Fill, t.Promote)
}

// The tiers' names.
const (
	tierEdge   = "edge"
	tierRAM    = "ram"
	tierDisk   = "disk"
	tierShield = "shield"
)

// tree is the caches of one policy and capacity, PoPs before a shield.
type tree struct {
	newPop func() pop
	pops   []pop
	shield *replay.Guarded // nil: there is none
	ttl    float64         // in seconds; 0: nothing gets stale
	first  report.Asked    // of all PoPs, in their cache or their RAM
	disks  report.Asked
	last   report.Asked // of the shield
	most   int64        // the largest object that one of them holds
	tiers  []report.ReplayTier
}

// pop is a PoP: one cache, or two layers.
type pop struct {
	cache  *replay.Guarded // nil: there are layers
	layers *replay.Layers
	asked  report.Asked
}

// tree makes the caches of a policy, which are those of the plan; nil: there is one.
func (p Plan) tree(policy, admission string, c Capacity, f *replay.Footprint) (*tree, error) {
	if !p.Tiers.Many() {
		return nil, nil
	}
	x := &tree{ttl: p.Guards.TTL.Seconds()}
	tier := func(name string, c Capacity, eviction string) (func() *replay.Cache, error) {
		room := c.in(f)
		x.most = max(x.most, room)
		t := report.ReplayTier{Name: name, Capacity: c.Text, Room: room, Eviction: cmp.Or(eviction, policy)}
		if name == tierDisk {
			t.Disk = &report.ReplayDisk{Fill: string(p.Tiers.Fill), Promote: string(p.Tiers.Promote), Admission: cmp.Or(p.Tiers.DiskAdmission, noAdmission)}
		}
		x.tiers = append(x.tiers, t)
		return p.caches(cmp.Or(eviction, policy), room)
	}
	if err := x.edge(p, admission, c, tier); err != nil {
		return nil, err
	}
	if p.Tiers.Shield == nil {
		return x, nil
	}
	shield, err := tier(tierShield, *p.Tiers.Shield, p.Tiers.ShieldEviction)
	if err != nil {
		return nil, err
	}
	guard, err := p.Guards.policy(admission, p.Seed)
	if err != nil {
		return nil, err
	}
	x.shield = replay.Guard(shield(), guard(), p.Guards.TTL)
	return x, nil
}

// edge says how a PoP is made.
func (x *tree) edge(p Plan, admission string, c Capacity, tier func(string, Capacity, string) (func() *replay.Cache, error)) error {
	t := p.Tiers
	if t.Disk == nil {
		cache, err := tier(tierEdge, c, "")
		if err != nil {
			return err
		}
		guard, err := p.Guards.policy(admission, p.Seed)
		x.newPop = func() pop { return pop{cache: replay.Guard(cache(), guard(), p.Guards.TTL)} }
		return err
	}
	ram, err := tier(tierRAM, c, "")
	if err != nil {
		return err
	}
	disk, err := tier(tierDisk, *t.Disk, t.DiskEviction)
	if err != nil {
		return err
	}
	guard, err := p.Guards.policy(t.DiskAdmission, p.Seed)
	x.newPop = func() pop {
		layers, err := replay.NewLayers(ram(), disk(), t.Fill, t.Promote)
		if err != nil {
			panic(err) // the plan was checked
		}
		layers.Guard(guard())
		return pop{layers: layers}
	}
	return err
}

// ask asks a PoP for an object that takes so much of capacities, and reports whether any
// cache had it. What a PoP has from the shield is stale when the shield's is.
func (x *tree) ask(at uint32, q *replay.Request, size int64) bool {
	for int(at) >= len(x.pops) {
		x.pops = append(x.pops, x.newPop())
	}
	p := &x.pops[at]
	hit := x.fresh(p, q)
	p.asked.Add(q.Size, hit)
	if hit {
		return true
	}
	until := math.Inf(1)
	if x.ttl > 0 {
		until = q.At + x.ttl
	}
	if x.shield != nil {
		had := 0.0
		had, hit = x.shield.Fresh(q.ID, q.At)
		x.last.Add(q.Size, hit)
		if hit {
			until = had
		} else {
			x.shield.Fetched(q.ID, size, q.Size, until)
		}
	}
	if p.cache != nil {
		p.cache.Fetched(q.ID, size, q.Size, until)
	} else {
		p.layers.Fetched(q.ID, size, until)
	}
	return hit
}

// fresh reports whether a PoP has what is asked for.
func (x *tree) fresh(p *pop, q *replay.Request) bool {
	if p.cache != nil {
		_, hit := p.cache.Fresh(q.ID, q.At)
		x.first.Add(q.Size, hit)
		return hit
	}
	_, layer := p.layers.Fresh(q.ID, q.At)
	x.first.Add(q.Size, layer == replay.InRAM)
	if layer != replay.InRAM {
		x.disks.Add(q.Size, layer == replay.InDisk)
	}
	return layer != replay.InNone
}

// counted puts what the caches counted into a row. names are the PoPs'.
func (x *tree) counted(row *Row, names []string, l *Latencies) {
	for i := range x.tiers {
		t := &x.tiers[i]
		t.Caches = len(x.pops)
		switch t.Name {
		case tierDisk:
			t.Asked = x.disks
			for _, p := range x.pops {
				t.Disk.Refused += p.layers.Refused
				t.Disk.Writes += p.layers.Writes
				t.Disk.Written += p.layers.Written
			}
		case tierShield:
			t.Asked, t.Caches = x.last, 1
		default:
			t.Asked = x.first
		}
	}
	row.Tiers = x.tiers
	x.guarded(row)
	for i, p := range x.pops {
		name := fmt.Sprint(i + 1)
		if i < len(names) {
			name = names[i]
		}
		row.Pops = append(row.Pops, report.ReplayPop{Name: name, Asked: p.asked})
	}
	if l != nil {
		row.Times = x.times(*l)
	}
}

// guarded adds up what the caches' guards counted; what a disk's has kept out and let in
// stands with the disk.
func (x *tree) guarded(row *Row) {
	for _, p := range x.pops {
		if p.cache != nil {
			x.tiers[0].Expired += p.cache.Expired
			addGuard(row.Guard, p.cache)
			continue
		}
		x.tiers[0].Expired += p.layers.Expired
		if row.Guard != nil {
			row.Guard.Expired += p.layers.Expired
		}
	}
	if x.shield != nil {
		x.tiers[len(x.tiers)-1].Expired += x.shield.Expired
		addGuard(row.Guard, x.shield)
	}
}

// addGuard adds what a cache's guards counted, where somebody wants to know.
func addGuard(sum *report.ReplayGuard, g *replay.Guarded) {
	if sum == nil {
		return
	}
	sum.NotAdmitted += g.NotAdmitted
	sum.Stored += g.Stored
	sum.Written += g.Written
	sum.Expired += g.Expired
}

// times are how long answers took.
func (x *tree) times(l Latencies) *report.ReplayTimes {
	place := func(name string, took time.Duration, answers int64) report.ReplayPlace {
		return report.ReplayPlace{Name: name, Took: took, Answers: answers}
	}
	from := []report.ReplayPlace{place(x.tiers[0].Name, l.RAM, x.first.Hits)}
	last, origin := x.first.Requests-x.first.Hits-x.disks.Hits-x.last.Hits, l.Origin
	if x.tiers[0].Name == tierRAM {
		from = append(from, place(tierDisk, l.Disk, x.disks.Hits))
	}
	if x.shield != nil {
		from = append(from, place(tierShield, l.Shield, x.last.Hits))
		origin += l.Shield
	}
	from = append(from, place("origin", origin, last))
	slices.SortStableFunc(from, func(a, b report.ReplayPlace) int { return cmp.Compare(a.Took, b.Took) })
	sum := 0.0
	for _, p := range from {
		sum += float64(p.Took) * float64(p.Answers)
	}
	n := x.first.Requests
	return &report.ReplayTimes{Mean: time.Duration(sum / float64(max(n, 1))), P50: quantile(from, n, 50), P99: quantile(from, n, 99), From: from}
}

// quantile is the least time in which so many per cent of n answers have come.
func quantile(from []report.ReplayPlace, n, percent int64) time.Duration {
	seen := int64(0)
	for _, p := range from {
		if seen += p.Answers; seen*100 >= n*percent {
			return p.Took
		}
	}
	return 0
}
