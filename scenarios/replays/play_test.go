// Tests of plays: many caches beside each other count as each alone.
package replays

import (
	"context"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"cdnlab/edge"
	"cdnlab/edge/cache"
	"cdnlab/edge/replay"
)

// text is a trace of n requests as CSV.
func text(n int) string {
	d := rand.New(rand.NewPCG(1, 2))
	var b strings.Builder
	b.WriteString("time,id,size\n")
	for i := range n {
		id := d.IntN(1 + d.IntN(3000))
		fmt.Fprintf(&b, "%d,%d,%d\n", i, id, 1+id%97)
	}
	return b.String()
}

func plan(csv string, capacities ...string) Plan {
	p := Plan{Policies: append(cache.Evictions.Names(), NameBelady), Seed: 7}
	for _, c := range capacities {
		capacity, err := ParseCapacity(c)
		if err != nil {
			panic(err)
		}
		p.Capacities = append(p.Capacities, capacity)
	}
	p.Open = func() (replay.Reader, io.Closer, error) {
		r, err := replay.Open(strings.NewReader(csv), "t.csv", replay.FormatAuto, nil)
		return r, io.NopCloser(nil), err
	}
	return p
}

// TestPlay: every row is what its cache alone counts, whatever plays beside it.
func TestPlay(t *testing.T) {
	csv := text(20_000)
	together, err := Play(context.Background(), plan(csv, "5%", "100", "2KB"))
	if err != nil {
		t.Fatal(err)
	}
	for _, capacity := range []string{"5%", "100", "2KB"} {
		for _, policy := range plan(csv).Policies {
			p := plan(csv, capacity)
			p.Policies = []string{policy}
			alone, err := Play(context.Background(), p)
			if err != nil {
				t.Fatal(err)
			}
			want := alone.Rows[0]
			for _, row := range together.Rows {
				if row.Policy == policy && row.Capacity.Text == capacity {
					want.Took = row.Took
					if !reflect.DeepEqual(row, want) {
						t.Errorf("%s %s: %+v, alone %+v", policy, capacity, row, want)
					}
				}
			}
			if alone.Footprint.Objects != together.Footprint.Objects || want.Misses < alone.Footprint.Objects {
				t.Errorf("%s %s: %d misses, %d objects, %d together", policy, capacity, want.Misses, alone.Footprint.Objects, together.Footprint.Objects)
			}
		}
	}
}

// TestPlayGuards: each admission plays with each policy and capacity, belady among them,
// and counts as alone; without any no row says that it is guarded.
func TestPlayGuards(t *testing.T) {
	p := plan(text(4_000), "200", "5%")
	p.Guards = Guards{Admissions: cache.Admissions.Names(), Options: edge.Admitting{AdmissionSize: 50}, TTL: 200 * time.Second}
	together, err := Play(context.Background(), p)
	if err != nil || len(together.Rows) != 2*len(p.Policies)*len(p.Guards.Admissions) {
		t.Fatal(len(together.Rows), err)
	}
	expired := int64(0)
	for _, row := range together.Rows {
		alone := plan(text(4_000), row.Capacity.Text)
		alone.Policies, alone.Guards = []string{row.Policy}, p.Guards
		alone.Guards.Admissions = []string{row.Admission}
		r, err := Play(context.Background(), alone)
		if err != nil {
			t.Fatal(err)
		}
		want := r.Rows[0]
		want.Took = row.Took
		g := row.Guard
		if !reflect.DeepEqual(row, want) {
			t.Errorf("%+v, alone %+v", row, want)
		}
		if g.Stored > row.Misses || g.Expired > row.Misses || (g.NotAdmitted == 0) != (row.Admission == "none") {
			t.Errorf("%s %s: %d misses, %+v", row.Policy, row.Admission, row.Misses, *g)
		}
		expired += g.Expired
	}
	if expired == 0 {
		t.Error("nothing gets stale")
	}
	p.Guards = Guards{}
	if r, err := Play(context.Background(), p); err != nil || r.Rows[0].Guard != nil {
		t.Error(r.Rows[0].Guard, err)
	}
	p.Guards = Guards{Admissions: []string{"lru"}}
	if _, err := Play(context.Background(), p); err == nil {
		t.Error("lru is no admission")
	}
}

// TestPlayEnds: a play that is ended keeps what it has seen.
func TestPlayEnds(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	p := plan(text(20_000), "100")
	p.Policies = []string{"lru"}
	open := p.Open
	p.Open = func() (replay.Reader, io.Closer, error) {
		r, c, err := open()
		return &ending{r, cancel}, c, err
	}
	r, err := Play(ctx, p)
	if err != nil || !r.Partial || r.Rows[0].Requests != batchSize || r.Footprint.Requests != batchSize {
		t.Errorf("%+v, %v", r, err)
	}
}

// ending ends the play with its first batch.
type ending struct {
	replay.Reader
	cancel func()
}

func (e *ending) Read(batch []replay.Request) (int, error) {
	e.cancel()
	return e.Reader.Read(batch)
}

// TestForetold: a trace that says when its objects come again is not looked at for that,
// and Belady counts the same.
func TestForetold(t *testing.T) {
	opened := 0
	p := plan("", "100", "1000")
	p.Policies = []string{NameBelady}
	p.Open = func() (replay.Reader, io.Closer, error) {
		opened++
		file, err := os.Open("../../testdata/traces/cloudphysics-io.oracleGeneral.zst")
		if err != nil {
			return nil, nil, err
		}
		r, err := replay.Open(file, file.Name(), replay.FormatAuto, nil)
		return r, file, err
	}
	r, err := Play(context.Background(), p)
	if err != nil || opened != 2 || r.Rows[0].Misses != 94_010 || r.Rows[1].Misses != 87_025 {
		t.Errorf("opened %d times, %+v, %v", opened, r, err)
	}
	p.Once = true
	if _, err := Play(context.Background(), p); err != ErrOnce {
		t.Error(err)
	}
}

func TestParseCapacity(t *testing.T) {
	for _, text := range []string{"", "0", "-1", "0%", "101%", "x", "0MB", "1.5"} {
		if _, err := ParseCapacity(text); err == nil {
			t.Errorf("%q is a capacity", text)
		}
	}
}
