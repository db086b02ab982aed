// Tests of several caches: what one does not have the next is asked for, and nothing is
// lost between them.
package replays

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"cdnlab/edge/cache"
	"cdnlab/edge/replay"
	"cdnlab/report"
)

var pops = []string{"fra", "nyc", "sin"}

// popText is a trace of n requests, one each 20 s from a midnight on, as CSV; of one PoP
// unless only is "".
func popText(n int, only string) string {
	d := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	b.WriteString("time,client,id,size,pop\n")
	for i := range n {
		id, pop := d.IntN(1+d.IntN(3000)), pops[min(d.IntN(4), 2)]
		if only == "" || pop == only {
			fmt.Fprintf(&b, "%d,c%d,%d,%d,%s\n", 1_431_820_800+20*i, d.IntN(50), id, 1+id%97, pop)
		} else {
			d.IntN(50)
		}
	}
	return b.String()
}

func capacity(text string) *Capacity {
	c, err := ParseCapacity(text)
	if err != nil {
		panic(err)
	}
	return &c
}

func played(t *testing.T, p Plan) *Result {
	t.Helper()
	r, err := Play(context.Background(), p)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// tiered is a plan of all policies that have no need of the future.
func tiered(csv string, tiers Tiers, capacities ...string) Plan {
	p := plan(csv, capacities...)
	p.Policies, p.Tiers = cache.Evictions.Names(), tiers
	return p
}

// TestOnePop: a single PoP without more tiers is the plain play.
func TestOnePop(t *testing.T) {
	csv := popText(10_000, "")
	for _, g := range []Guards{{}, {Admissions: []string{"second-request"}, TTL: 10 * time.Hour}} {
		a, b := tiered(csv, Tiers{}, "5%", "100"), tiered(csv, Tiers{By: replay.ByClient, Pops: 1}, "5%", "100")
		a.Guards, b.Guards = g, g
		onePop(t, played(t, a).Rows, played(t, b).Rows)
	}
}

func onePop(t *testing.T, plain, one []Row) {
	t.Helper()
	for i, row := range one {
		want := plain[i]
		want.Took, want.Tiers, want.Pops = row.Took, row.Tiers, row.Pops
		all := report.Asked{Requests: row.Requests, Hits: row.Requests - row.Misses, Bytes: row.Bytes, HitBytes: row.Bytes - row.MissedBytes}
		if !reflect.DeepEqual(row, want) || len(row.Tiers) != 1 || len(row.Pops) != 1 || row.Tiers[0].Asked != all || row.Pops[0].Asked != all {
			t.Errorf("%+v\nplain %+v", row, want)
		}
	}
}

// TestPopsApart: each PoP counts what a plain play of its own requests does, and the
// shield what a cache does that is asked for all that they have not.
func TestPopsApart(t *testing.T) {
	together := played(t, tiered(popText(20_000, ""), Tiers{By: replay.ByPop, Shield: capacity("200"), ShieldEviction: "lru"}, "60"))
	for _, name := range pops {
		alone := played(t, tiered(popText(20_000, name), Tiers{}, "60"))
		for i, row := range together.Rows {
			for _, p := range row.Pops {
				want := alone.Rows[i]
				if p.Name == name && (p.Requests != want.Requests || p.Hits != want.Requests-want.Misses || p.HitBytes != want.Bytes-want.MissedBytes) {
					t.Errorf("%s at %s: %+v, alone %+v", row.Policy, name, p, want)
				}
			}
		}
	}
	lru, err := cache.Evictions.Get("lru")
	if err != nil {
		t.Fatal(err)
	}
	edges, shield, asked := map[string]*replay.Cache{}, replay.NewCache(lru, 200, false), report.Asked{}
	for line := range strings.Lines(popText(20_000, "")) {
		f := strings.Split(strings.TrimSpace(line), ",")
		var id uint64
		var size int64
		if _, err := fmt.Sscan(f[2]+" "+f[3], &id, &size); err != nil {
			continue // the head
		}
		if edges[f[4]] == nil {
			edges[f[4]] = replay.NewCache(lru, 60, false)
		}
		if !edges[f[4]].Ask(id, 1) {
			asked.Add(size, shield.Ask(id, 1))
		}
	}
	for _, row := range together.Rows {
		if row.Policy == "lru" && (row.Tiers[1].Asked != asked || row.Misses != asked.Requests-asked.Hits) {
			t.Errorf("the shield: %+v, by hand %+v", row.Tiers[1], asked)
		}
	}
}

// TestTiersStale: what a PoP has from the shield is stale when the shield's is; and what is
// stale is asked for at the next tier.
func TestTiersStale(t *testing.T) {
	const csv = "time,id,size,pop\n" +
		"0,1,1,a\n" + // to the origin
		"8,1,1,b\n" + // from the shield
		"9,1,1,b\n" + // from b
		"10,1,1,b\n" + // stale there and at the shield
		"11,1,1,a\n" + // stale there, from the shield
		"20,1,1,a\n" // stale, as is the shield's
	for _, c := range []struct {
		tiers Tiers
		want  string // hits and expired of each tier, and misses
	}{
		{Tiers{By: replay.ByPop, Shield: capacity("1")}, "edge 1 3 shield 2 2 misses 3"},
		{Tiers{By: replay.ByPop, Shield: capacity("1"), Disk: capacity("1"), Fill: replay.FillInsert, Promote: replay.PromoteHit}, "ram 0 3 disk 1 0 shield 2 2 misses 3"},
	} {
		p := plan(csv, "1")
		p.Policies, p.Tiers, p.Guards.TTL = []string{"lru"}, c.tiers, 10*time.Second
		row := played(t, p).Rows[0]
		got := ""
		for _, tier := range row.Tiers {
			got += fmt.Sprintf("%s %d %d ", tier.Name, tier.Hits, tier.Expired)
		}
		if got += fmt.Sprint("misses ", row.Misses); got != c.want || row.Guard.Expired != 5 {
			t.Errorf("%s, %+v, want %s", got, row.Guard, c.want)
		}
	}
}

// less is what a place had not of what it was asked for.
func less(a report.Asked) report.Asked {
	return report.Asked{Requests: a.Requests - a.Hits, Bytes: a.Bytes - a.HitBytes}
}

func sum(all ...report.Asked) (s report.Asked) {
	for _, a := range all {
		s.Requests += a.Requests
		s.Hits += a.Hits
		s.Bytes += a.Bytes
		s.HitBytes += a.HitBytes
	}
	return s
}

// TestNothingIsLost: each tier is asked for what those before it have not; PoPs and
// stretches of time add up to all; and every answer comes from one place.
func TestNothingIsLost(t *testing.T) {
	csv := popText(5_000, "")
	l := DefaultLatencies()
	for _, fill := range replay.Fills() {
		for _, promote := range replay.Promotes() {
			tiers := Tiers{By: replay.ByClient, Pops: 3, Disk: capacity("8%"), Fill: replay.Fill(fill), Promote: replay.Promote(promote),
				DiskEviction: "fifo", DiskAdmission: "second-request", Shield: capacity("12%"), Latencies: &l}
			if replay.CheckLayers(tiers.Fill, tiers.Promote) != nil {
				continue
			}
			p := tiered(csv, tiers, "2%")
			p.Series, p.Guards.TTL = Series{Every: time.Hour}, 2*time.Hour
			for _, row := range played(t, p).Rows {
				lost(t, row)
			}
		}
	}
}

func lost(t *testing.T, row Row) {
	t.Helper()
	ram, disk, shield := row.Tiers[0], row.Tiers[1], row.Tiers[2]
	var atPops, overTime report.Asked
	for _, p := range row.Pops {
		atPops = sum(atPops, p.Asked)
	}
	for _, m := range row.Series {
		overTime = sum(overTime, m.Asked)
	}
	answers := int64(0)
	for _, p := range row.Times.From {
		answers += p.Answers
	}
	origin := report.Asked{Requests: row.Misses, Bytes: row.MissedBytes}
	asked := func(a report.Asked) report.Asked { return report.Asked{Requests: a.Requests, Bytes: a.Bytes} }
	switch {
	case asked(ram.Asked) != (report.Asked{Requests: row.Requests, Bytes: row.Bytes}), asked(disk.Asked) != less(ram.Asked),
		asked(shield.Asked) != less(disk.Asked), origin != less(shield.Asked):
		t.Errorf("%s: tiers %+v, %+v", row.Policy, row.Tiers, row)
	case less(atPops) != asked(shield.Asked) || asked(atPops) != asked(ram.Asked) || len(row.Pops) != 3 || disk.Caches != 3 || shield.Caches != 1:
		t.Errorf("%s: PoPs %+v", row.Policy, row.Pops)
	case asked(overTime) != asked(ram.Asked) || less(overTime) != origin || len(row.Series) != 28: // 5,000 times 20 s
		t.Errorf("%s: series %+v", row.Policy, row.Series)
	case ram.Expired == 0 || row.Guard.Expired != ram.Expired+shield.Expired:
		t.Errorf("%s: %+v, tiers %+v", row.Policy, row.Guard, row.Tiers)
	case answers != row.Requests || disk.Disk.Writes == 0 || disk.Disk.Refused == 0 || disk.Disk.Written < disk.Disk.Writes:
		t.Errorf("%s: times %+v, disk %+v", row.Policy, row.Times, disk.Disk)
	}
}

// TestTimes: means and quantiles of answers of 2, 1, 1 and 6 requests.
func TestTimes(t *testing.T) {
	x := tree{tiers: []report.ReplayTier{{Name: tierRAM}, {Name: tierDisk}, {Name: tierShield}}, shield: &replay.Guarded{},
		first: report.Asked{Requests: 10, Hits: 2}, disks: report.Asked{Requests: 8, Hits: 1}, last: report.Asked{Requests: 7, Hits: 1}}
	for _, c := range []struct {
		l    Latencies
		want string // mean, median, p99
	}{
		{Latencies{RAM: 1, Disk: 10, Shield: 100, Origin: 1000}, "671ns 1.1µs 1.1µs"},
		{Latencies{RAM: 1, Disk: 5000, Shield: 100, Origin: 1000}, "1.17µs 1.1µs 5µs"}, // a disk slower than the origin
		{Latencies{}, "0s 0s 0s"},
	} {
		got := x.times(c.l)
		if s := fmt.Sprint(got.Mean, got.P50, got.P99); s != c.want {
			t.Errorf("%+v: %s, want %s", c.l, s, c.want)
		}
	}
}

// TestSeries: stretches are named as the trace counts its time.
func TestSeries(t *testing.T) {
	const relative, unix = "time,id\n0,1\n30,1\n7200,1\n7199,1\n", "time,id\n1431907140,1\n1431907200,1\n1431820800,1\n"
	for _, c := range []struct {
		csv    string
		series Series
		want   string // names, requests and hits; or an error
	}{
		{relative, Series{Every: time.Hour}, "0s 2/1 1h0m0s 1/1 2h0m0s 1/1"},
		{relative, Series{Every: time.Minute / 2}, "0s 1/0 30s 1/1 1h59m30s 1/1 2h0m0s 1/1"},
		{relative, Series{OfDay: true}, "its times are no unix times, as they begin with 0: the hours of its days are not known"},
		{unix, Series{Every: time.Hour}, "2015-05-17T00:00Z 1/1 2015-05-17T23:00Z 1/0 2015-05-18T00:00Z 1/1"},
		{unix, Series{Every: 24 * time.Hour}, "2015-05-17 2/1 2015-05-18 1/1"},
		{unix, Series{Every: 90 * time.Second}, "2015-05-17T00:00:00Z 1/1 2015-05-17T23:58:30Z 1/0 2015-05-18T00:00:00Z 1/1"},
		{unix, Series{OfDay: true}, "00:00 2/2 23:00 1/0"},
		{"id\n1\n1\n", Series{Every: time.Hour}, errNoTimes.Error()},
		{text(20_000), Series{Every: time.Second}, "a series of 1s has more than 10000 lines: take longer stretches"},
	} {
		p := plan(c.csv, "2")
		p.Policies, p.Series = []string{"lru"}, c.series
		r, err := Play(context.Background(), p)
		got := fmt.Sprint(err)
		if err == nil {
			var all []string
			for _, m := range r.Rows[0].Series {
				all = append(all, fmt.Sprintf("%s %d/%d", m.Name, m.Requests, m.Hits))
			}
			got = strings.Join(all, " ")
		}
		if got != c.want {
			t.Errorf("%+v: %s\nwant %s", c.series, got, c.want)
		}
	}
}

// TestTiersEnd: a play that is ended keeps what it has seen, in all tiers.
func TestTiersEnd(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	p := tiered(popText(20_000, ""), Tiers{By: replay.ByPop, Shield: capacity("200")}, "60")
	open := p.Open
	p.Open = func() (replay.Reader, io.Closer, error) {
		r, c, err := open()
		return &endingFrom{r.(replay.Callers), cancel}, c, err
	}
	r, err := Play(ctx, p)
	if err != nil || !r.Partial {
		t.Fatalf("%+v, %v", r, err)
	}
	for _, row := range r.Rows {
		if n := row.Requests; n != batchSize || row.Tiers[0].Requests != n || row.Tiers[1].Hits+row.Misses != row.Tiers[1].Requests {
			t.Errorf("%+v", row)
		}
	}
}

// endingFrom ends the play with its first batch.
type endingFrom struct {
	replay.Callers
	cancel func()
}

func (e *endingFrom) Read(batch []replay.Request) (int, error) {
	e.cancel()
	return e.Callers.Read(batch)
}

func TestTiersCheck(t *testing.T) {
	for _, c := range []struct {
		tiers    Tiers
		policy   string
		capacity string
		want     string
	}{
		{Tiers{By: replay.ByClient, Pops: 2}, NameBelady, "10", ErrBound.Error()},
		{Tiers{Shield: capacity("5%")}, "lru", "10", "capacities 10 and 5%: give all in objects, or all in bytes"},
		{Tiers{Disk: capacity("1MB"), Fill: replay.FillInsert, Promote: replay.PromoteNever}, "lru", "10KB", "RAM would stay empty"},
		{Tiers{Disk: capacity("1MB"), Fill: replay.FillInsert, Promote: replay.PromoteHit, DiskEviction: "lur"}, "lru", "10KB", `did you mean "lru"?`},
	} {
		p := plan(popText(10, ""), c.capacity)
		p.Policies, p.Tiers = []string{c.policy}, c.tiers
		if _, err := Play(context.Background(), p); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%+v: %v", c.tiers, err)
		}
	}
}
