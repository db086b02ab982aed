// Tests of fits: what was drawn from a catalog leads back to it.
package fits

import (
	"context"
	"io"
	"math"
	"os"
	"testing"
	"time"

	"cdnlab/edge/replay"
	"cdnlab/scenarios/replays"
	"cdnlab/sim"
	"cdnlab/sim/load"
)

// drawnTrace is a trace of n requests, ten a second, for what a catalog has.
func drawnTrace(catalog []load.Entry, n int, seed uint64) []replay.Request {
	c := load.NewCatalog(catalog)
	luck := sim.NewDraws(seed, sim.NewLuck("test: object"))
	all := make([]replay.Request, n)
	for i := range all {
		roll := luck.Of(uint64(i), 0)
		since := time.Duration(i) * time.Second / 10
		o := c.Popular(c.Pick(&roll), since, seed)
		all[i] = replay.Request{At: since.Seconds(), ID: uint64(o.Entry)<<32 | uint64(o.Number), Size: c.Size(o), Next: replay.Unknown}
	}
	return all
}

// reader reads a trace from memory.
type reader struct {
	all   []replay.Request
	notes replay.Problems
}

func (r *reader) Read(batch []replay.Request) (int, error) {
	n := copy(batch, r.all)
	r.all = r.all[n:]
	if len(r.all) == 0 {
		return n, io.EOF
	}
	return n, nil
}

func (r *reader) Problems() *replay.Problems { return &r.notes }

func planOf(t *testing.T, all []replay.Request) Plan {
	t.Helper()
	p := Plan{Seed: 5, Open: func() (replay.Reader, io.Closer, error) { return &reader{all: all}, io.NopCloser(nil), nil }}
	for _, text := range []string{"0.1%", "1%", "10%", "100"} {
		c, err := replays.ParseCapacity(text)
		if err != nil {
			t.Fatal(err)
		}
		p.Capacities = append(p.Capacities, c)
	}
	return p
}

// TestRoundTrip: from known catalogs to traces and back.
func TestRoundTrip(t *testing.T) {
	const n = 100_000
	hours := func(h float64) time.Duration { return time.Duration(h * float64(time.Hour)) } // of 2.8
	for _, c := range []struct {
		name    string
		objects int
		alpha   float64
		once    float64
		popular time.Duration
		sizes   load.Entry
	}{
		{"plain", 20_000, 0.8, 0, 0, load.Entry{}},
		{"steep", 5_000, 1.2, 0, 0, load.Entry{SizeLaw: "lognormal", Spread: new(1.5), Size: new(sim.Bytes(20_000))}},
		{"once", 10_000, 0.9, 0.25, 0, load.Entry{SizeLaw: "pareto", Spread: new(0.6), Size: new(sim.Bytes(50_000))}},
		{"passing", 3_000, 0.8, 0, hours(0.5), load.Entry{SizeLaw: "lognormal", Spread: new(1.0), SizeCorrelation: -0.5}},
		{"all of it", 3_000, 0.7, 0.15, hours(1), load.Entry{SizeLaw: "lognormal", Spread: new(1.2), SizeCorrelation: 0.3}},
	} {
		t.Run(c.name, func(t *testing.T) {
			e := c.sizes
			e.Path, e.Objects, e.Alpha, e.PopularFor, e.Share = pathRanks, c.objects, new(c.alpha), c.popular, new(1-c.once)
			catalog := []load.Entry{e}
			if c.once > 0 {
				catalog = append(catalog, load.Entry{Path: pathOnce, Popularity: "once", Share: new(c.once), SizeLaw: e.SizeLaw, Spread: e.Spread, Size: e.Size})
			}
			if p := load.CheckCatalog(catalog); p != nil {
				t.Fatal(p)
			}
			r, err := Fit(context.Background(), planOf(t, drawnTrace(catalog, n, 3)))
			if err != nil {
				t.Fatal(err)
			}
			if p := load.CheckCatalog(r.Catalog); p != nil {
				t.Fatalf("%v in %+v", p, r.Catalog)
			}
			got, once := r.Catalog[0], 0.0
			if len(r.Catalog) > 1 {
				once = *r.Catalog[1].Share
			}
			near := func(what string, got, want, within float64) {
				if math.Abs(got-want) > within {
					t.Errorf("%s: %.4g, want %.4g within %.3g", what, got, want, within)
				}
			}
			near("objects", float64(got.Objects), float64(c.objects), 0.1*float64(c.objects))
			near("alpha", *got.Alpha, c.alpha, 0.03)
			near("once", once, c.once, 0.02)
			near("popular for", got.PopularFor.Hours(), c.popular.Hours(), 0.15*c.popular.Hours())
			near("correlation", got.SizeCorrelation, e.SizeCorrelation, 0.06)
			if got.SizeLaw != e.SizeLaw {
				t.Errorf("sizes are %s, want %s", got.SizeLaw, e.SizeLaw)
			} else if e.SizeLaw != "" {
				near("spread", *got.Spread, *e.Spread, 0.05**e.Spread)
			}
			near("popularity's distance", r.Distance.Popularity, 0, 0.02)
			near("sizes' distance", r.Distance.Sizes, 0, 0.04)
			near("footprint", float64(r.Fitted.Objects)/float64(r.Trace.Objects), 1, 0.02)
			for i, misses := range r.Trace.Misses {
				within := 0.01
				if i < 3 && c.sizes.SizeLaw != "" {
					within = 0.04 // the hottest have other sizes, by chance
				}
				near("misses", float64(r.Fitted.Misses[i])/n, float64(misses)/n, within)
			}
		})
	}
}

// TestBrief: objects asked for in a short while beside others that stay are told apart from
// them, and from those asked for once.
func TestBrief(t *testing.T) {
	const n = 100_000
	r, err := Fit(context.Background(), planOf(t, drawnTrace([]load.Entry{
		{Path: pathRanks, Objects: 5_000, Share: new(0.7), Alpha: new(0.8)},
		{Path: pathBrief, Objects: 30, Share: new(0.2), Alpha: new(0.8), PopularFor: 20 * time.Second}, // of 10,000 s
		{Path: pathOnce, Popularity: "once", Share: new(0.1)},
	}, n, 3)))
	if err != nil || load.CheckCatalog(r.Catalog) != nil || len(r.Catalog) != 3 {
		t.Fatal(r, err)
	}
	stay, brief, once := r.Catalog[0], r.Catalog[1], r.Catalog[2]
	if o := float64(stay.Objects); math.Abs(o-5_000) > 500 || math.Abs(*stay.Alpha-0.8) > 0.05 || stay.PopularFor != 0 {
		t.Errorf("%d objects stay, alpha %.3f", stay.Objects, *stay.Alpha)
	}
	if math.Abs(*brief.Share-0.2) > 0.03 || math.Abs(*once.Share-0.1) > 0.03 || brief.PopularFor < 10*time.Second || brief.PopularFor > 40*time.Second {
		t.Errorf("%.3f of the requests are for %d brief ones that last %v, %.3f for those asked for once", *brief.Share, brief.Objects, brief.PopularFor, *once.Share)
	}
	for i := range r.Trace.Misses {
		if points := 100 * math.Abs(float64(r.Fitted.Misses[i]-r.Trace.Misses[i])) / n; points > 2 {
			t.Errorf("misses are %.1f points apart: %v, %v", points, r.Fitted.Misses, r.Trace.Misses)
		}
	}
}

// TestRealTraces: how well catalogs fit the shipped traces. Popularity fits; caches miss
// more of requests that come in no order of their own, by the points said here at the most.
func TestRealTraces(t *testing.T) {
	for _, c := range []struct {
		file                                string
		popularity, sizes, footprint, bytes float64
		points                              float64
	}{
		{"cloudphysics-io.oracleGeneral.zst", 0.1, 0.5, 0.05, 0.1, 11},
		{"webproxy-adaptsize.csv.zst", 0.02, 0.1, 0.02, 0.25, 6},
		{"apache-semicomplete-2015.csv.zst", 0.05, 0.2, 0.06, 0.3, 22},
	} {
		p := planOf(t, nil)
		p.Open = func() (replay.Reader, io.Closer, error) {
			f, err := os.Open("../../testdata/traces/" + c.file)
			if err != nil {
				return nil, nil, err
			}
			r, err := replay.Open(f, c.file, replay.FormatAuto, nil)
			return r, f, err
		}
		r, err := Fit(context.Background(), p)
		if err != nil {
			t.Fatal(c.file, err)
		}
		if p := load.CheckCatalog(r.Catalog); p != nil {
			t.Errorf("%s: %v", c.file, p)
		}
		off := func(a, b int64) float64 { return math.Abs(float64(a)/float64(b) - 1) }
		if r.Distance.Popularity > c.popularity || r.Distance.Sizes > c.sizes || off(r.Fitted.Objects, r.Trace.Objects) > c.footprint || off(r.Fitted.Bytes, r.Trace.Bytes) > c.bytes {
			t.Errorf("%s: %+v\n%+v\n%+v", c.file, r.Distance, r.Trace, r.Fitted)
		}
		for i := range r.Trace.Misses {
			if points := 100 * math.Abs(float64(r.Fitted.Misses[i]-r.Trace.Misses[i])) / float64(r.Trace.Requests); points > c.points {
				t.Errorf("%s, %s: misses are %.1f points apart", c.file, p.Capacities[i].Text, points)
			}
		}
	}
}

// TestDay: a load that swings over the day is found, one that does not is not.
func TestDay(t *testing.T) {
	for _, swing := range []float64{0, 0.6} {
		var all []replay.Request
		for hour := range 72 {
			n := 100 - int(math.Round(100*swing*math.Cos(2*math.Pi*(float64(hour)+0.5-4)/24))) // lowest at 4 o'clock
			for i := range n {
				all = append(all, replay.Request{At: 3600 * (float64(hour) + float64(i)/float64(n)), ID: uint64(i), Size: 1})
			}
		}
		all = append(all, replay.Request{At: 72 * 3600, ID: 1, Size: 1})
		r, err := Fit(context.Background(), planOf(t, all))
		if err != nil {
			t.Fatal(err)
		}
		rate := r.Rate
		switch {
		case swing == 0 && rate.High != 0:
			t.Errorf("a day in %+v", rate)
		case swing > 0 && (math.Abs(rate.High*3600-160) > 2 || math.Abs(rate.Low*3600-40) > 2 || math.Abs(rate.LowAt/3600-4) > 0.1):
			t.Errorf("%+v, want 40 to 160 an hour, lowest at 4", rate)
		}
	}
}

// TestFew: nothing is made of next to nothing, or of a part.
func TestFew(t *testing.T) {
	if _, err := Fit(context.Background(), planOf(t, make([]replay.Request, 5))); err == nil || err.Error() != "it has 5 requests: to fit anything takes 1000" {
		t.Error(err)
	}
	done, cancel := context.WithCancel(context.Background())
	cancel()
	if r, err := Fit(done, planOf(t, make([]replay.Request, 5000))); err != nil || !r.Partial || r.Catalog != nil {
		t.Error(r, err)
	}
	// All the same: one object, one size.
	all := make([]replay.Request, 5000)
	for i := range all {
		all[i] = replay.Request{At: float64(i), ID: 7, Size: 100}
	}
	r, err := Fit(context.Background(), planOf(t, all))
	if err != nil || load.CheckCatalog(r.Catalog) != nil {
		t.Error(r, err)
	}
}

func TestSpearman(t *testing.T) {
	for _, c := range []struct {
		a, b []float64
		want float64
	}{
		{[]float64{1, 2, 3}, []float64{10, 20, 300}, 1},
		{[]float64{1, 2, 3}, []float64{3, 2, 1}, -1},
		{[]float64{1, 1, 2, 2}, []float64{5, 6, 5, 6}, 0},
		{[]float64{1, 2, 3, 4}, []float64{1, 1, 1, 1}, 0},
		{[]float64{1, 2, 2, 3}, []float64{1, 2, 3, 4}, 0.9487}, // 4.5/sqrt(4.5*5)
	} {
		if got := spearman(c.a, c.b); math.Abs(got-c.want) > 1e-4 {
			t.Errorf("%v %v: %.4f, want %.4f", c.a, c.b, got, c.want)
		}
	}
}
