// Popularity that passes, and sizes that go with it.
package load

import (
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"cdnlab/sim"
)

// TestOnce: hardly an object is asked for twice, and the app has them all.
func TestOnce(t *testing.T) {
	entries := []Entry{{Path: "/scan/{n}", Popularity: "once"}}
	if p := CheckCatalog(entries); p != nil {
		t.Fatal(p)
	}
	c := NewCatalog(entries)
	seen := map[Object]bool{}
	const n = 20_000 // of 2^31, so 0.1 pairs
	for id := range uint64(n) {
		roll := sim.Draw(1, luckTest, id, 0)
		o := c.Pick(&roll)
		seen[o] = true
		if back, ok := c.Lookup(c.Path(o)); !ok || back != o {
			t.Fatalf("%v has the path %s, which is %v", o, c.Path(o), back)
		}
	}
	if len(seen) < n-3 {
		t.Errorf("%d objects in %d requests", len(seen), n)
	}
	for _, path := range []string{"/scan/0", "/scan/2147483648", "/scan/99999999999"} {
		if o, ok := c.Lookup(path); ok {
			t.Errorf("%s is %v", path, o)
		}
	}
}

// TestPopular: of each rank another object has been the holder in each span, and never
// one before.
func TestPopular(t *testing.T) {
	const objects, every = 1000, 10 * time.Second
	entries := []Entry{{Path: "/{n}", Objects: objects, PopularFor: every}}
	if p := CheckCatalog(entries); p != nil {
		t.Fatal(p)
	}
	c := NewCatalog(entries)
	var sum, squares float64 // of the moments of the first change, in spans
	differ := 0
	for rank := int32(1); rank <= objects; rank++ {
		o := Object{0, rank}
		before, changes := o, 0
		for at := time.Duration(0); at <= 10*every; at += every / 100 {
			now := c.Popular(o, at, 7)
			if (now.Number-1)%objects+1 != rank || now.Number < before.Number {
				t.Fatalf("rank %d: object %d after %d", rank, now.Number, before.Number)
			}
			if now != before {
				if changes == 0 {
					x := at.Seconds() / every.Seconds()
					sum, squares = sum+x, squares+x*x
				}
				changes++
			}
			before = now
			if at%every == 0 && now.Number != rank+objects*int32(at/every) {
				t.Fatalf("rank %d: object %d at %v", rank, now.Number, at)
			}
		}
		if changes < 9 {
			t.Fatalf("rank %d had %d objects more in ten spans", rank, changes)
		}
		if c.Popular(o, every/2, 7) != c.Popular(o, every/2, 8) {
			differ++
		}
		if back, ok := c.Lookup(c.Path(before)); !ok || back != before {
			t.Fatalf("%v is not found", before)
		}
	}
	// Uniform: mean 1/2, deviation 1/sqrt(12), each within four standard errors.
	mean := sum / objects
	if deviation := math.Sqrt(squares/objects - mean*mean); math.Abs(mean-0.505) > 4*0.29/math.Sqrt(objects) || math.Abs(deviation-0.289) > 0.02 {
		t.Errorf("ranks change after %.3f ± %.3f spans", mean, deviation)
	}
	if math.Abs(float64(differ)-objects/2) > 4*math.Sqrt(objects)/2 {
		t.Errorf("%d of %d ranks differ by the seed in the middle of a span", differ, objects)
	}
	// However long: the numbers begin anew before they are too long.
	if last := c.Popular(Object{0, 1}, 365*24*time.Hour, 7); last.Number < 1 || (last.Number-1)%objects != 0 {
		t.Errorf("after a year rank 1 is %v", last)
	}
	if c.Popular(Object{}, time.Hour, 7) != (Object{}) || !c.Passes() || NewCatalog(shop).Passes() {
		t.Error("what is no object of the catalog has become one, or popularity passes where it does not")
	}
}

// TestSizeCorrelation: the ranks of sizes and numbers correlate as was said, and the law of
// the sizes stays what it is.
func TestSizeCorrelation(t *testing.T) {
	const n = 20_000
	for _, law := range []string{"lognormal", "pareto"} {
		for _, want := range []float64{-1, -0.5, 0.3, 1} {
			e := Entry{Path: "/{n}", Objects: n, Size: new(sim.Bytes(50_000_000)), SizeLaw: law, Spread: new(0.8), SizeCorrelation: want, PopularFor: time.Second}
			if p := CheckCatalog([]Entry{e}); p != nil {
				t.Fatal(p)
			}
			c := NewCatalog([]Entry{e})
			sizes := make([]float64, n)
			for i := range sizes {
				sizes[i] = float64(c.Size(Object{0, int32(i + 1)}))
			}
			s, got := newSizes(e.withDefaults()), 0.0
			order := make([]int, n)
			for i := range order {
				order[i] = i
			}
			slices.SortStableFunc(order, func(a, b int) int { return int(math.Copysign(1, sizes[a]-sizes[b])) })
			for size, i := range order {
				d := float64(size - (n - 1 - i)) // the first number is the most popular
				got += d * d
			}
			got = 1 - 6*got/n/(n*n-1.0)
			if math.Abs(got-want) > 4/math.Sqrt(n) {
				t.Errorf("%s: rank correlation %.3f, want %.3f", law, got, want)
			}
			if d := distance(sizes, s.beyond); d > 1.95/math.Sqrt(n) {
				t.Errorf("%s with correlation %g: the law is off by %.4f", law, want, d)
			}
			// A later object of the same rank: other dice, the same popularity.
			if later := float64(c.Size(Object{0, 1 + n})); math.Abs(want) == 1 && later != sizes[0] || want == 0.3 && later == sizes[0] {
				t.Errorf("%s: rank 1 has %v bytes, then %v", law, sizes[0], later)
			}
		}
	}
}

// distance is Kolmogorov and Smirnov's between a sample and a law, told by what share it
// has beyond x: 0.1 % of samples are further than 1.95/sqrt(n).
func distance(sample []float64, beyond func(x float64) float64) float64 {
	sample = slices.Sorted(slices.Values(sample))
	most, n := 0.0, float64(len(sample))
	for i, x := range sample {
		below := 1 - beyond(x)
		most = max(most, math.Abs(below-float64(i)/n), math.Abs(below-float64(i+1)/n))
	}
	return most
}

// TestLargest: no size is above the bound, and below it the law is as it was.
func TestLargest(t *testing.T) {
	const n = 50_000
	for _, law := range []string{"lognormal", "pareto"} {
		for _, correlation := range []float64{0, -0.4} {
			e := Entry{Path: "/{n}", Objects: n, Size: new(sim.Bytes(10_000_000)), SizeLaw: law, Spread: new(0.8), Largest: new(sim.Bytes(15_000_000)), SizeCorrelation: correlation}
			if p := CheckCatalog([]Entry{e}); p != nil {
				t.Fatal(p)
			}
			c := NewCatalog([]Entry{e})
			s := newSizes(e.withDefaults())
			sample := make([]float64, n)
			for i := range sample {
				sample[i] = float64(c.Size(Object{0, int32(i + 1)}))
				if sample[i] > 15_000_000 {
					t.Fatalf("%s: a size of %.0f", law, sample[i])
				}
			}
			if s.above < 0.01 || s.above > 0.3 {
				t.Fatalf("%s: %.3f of the law is above the bound", law, s.above)
			}
			if d := distance(sample, func(x float64) float64 { return (s.beyond(x) - s.above) / (1 - s.above) }); d > 1.95/math.Sqrt(n) {
				t.Errorf("%s, %g: the law is off by %.4f", law, correlation, d)
			}
		}
	}
}

func TestCheckPopularity(t *testing.T) {
	law := func(e Entry) Entry {
		e.Path, e.Objects, e.SizeLaw = "/{n}", 5, "pareto"
		return e
	}
	for _, c := range []struct {
		e    Entry
		want string
	}{
		{Entry{Path: "/", Popularity: "once"}, "path: needs a place for the number of each object: {n}"},
		{Entry{Path: "/{n}", Popularity: "once", Objects: 5}, "objects: mean nothing to popularity once"},
		{Entry{Path: "/{n}", Popularity: "once", Alpha: new(1.0)}, "alpha: means nothing to popularity once"},
		{Entry{Path: "/{n}", Popularity: "once", PopularFor: time.Second}, "popular-for: means nothing to popularity once"},
		{Entry{Path: "/{n}", Objects: 5, PopularFor: time.Millisecond}, "popular-for: must be between 10ms and 8760h0m0s, not 1ms"},
		{Entry{Path: "/", PopularFor: time.Second}, "popular-for: needs objects that can take over"},
		{Entry{Path: "/{n}", Objects: 5, PopularFor: time.Second, Appears: time.Second}, "popular-for: means nothing where everybody asks for the newest"},
		{Entry{Path: "/{n}", Objects: 5, SizeCorrelation: 0.5}, "size-correlation: means nothing to sizes that are all the same"},
		{law(Entry{SizeCorrelation: 1.5}), "size-correlation: must be between -1 and 1, not 1.5"},
		{law(Entry{SizeCorrelation: 0.5, Popularity: "uniform"}), "size-correlation: needs objects of which some are more popular"},
		{Entry{Path: "/", Largest: new(sim.Bytes(5))}, "largest: means nothing to sizes that are all the same"},
		{law(Entry{Largest: new(sim.Bytes(0))}), "largest: must be between 1"},
		{law(Entry{Largest: new(sim.Bytes(1000))}), "largest: leaves out 100 % of the sizes that the law has; the limit is 90 %"},
		{law(Entry{Largest: new(sim.Bytes(50)), Changes: "every 1s"}), "largest: must be between 53"},
	} {
		problems := CheckCatalog([]Entry{c.e})
		if len(problems) != 1 || !strings.HasPrefix(problems[0].String(), c.want) {
			t.Errorf("%+v:\n got %v\nwant %s", c.e, problems, c.want)
		}
	}
}
