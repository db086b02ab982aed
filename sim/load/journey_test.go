// Journeys: what people ask for, when, and with which numbers.
package load

import (
	"fmt"
	"math"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"cdnlab/sim"
)

var shopEntries = []Entry{
	{Path: "/"}, {Path: "/app.{n}.js", Objects: 10}, {Path: "/item/{n}", Objects: 1000}, {Path: "/logo.png"},
}

// shopper is a journey with everything in it.
func shopper() Journey {
	return Journey{Name: "shopper", ThinkTime: 2 * time.Second, Steps: []Step{
		{Page: "/", Assets: map[string]int{"/app.{n}.js": 6, "/logo.png": 1}},
		{SignIn: true},
		{Page: "/item/{n}", Times: 4},
		{AddToCart: true},
	}}
}

func journeysOf(t testing.TB, seed uint64, journeys ...Journey) *Journeys {
	t.Helper()
	if bad := CheckJourneys(journeys, shopEntries); bad != nil {
		t.Fatal(bad)
	}
	return NewJourneys(journeys, NewCatalog(shopEntries), Site{SignIn: "/login", Cart: "/cart"}, seed)
}

// walk follows a visit to its end and returns its pages, and how long it thought.
func walk(t testing.TB, j *Journeys, v Visit, signedIn bool, each func(v *Visit, p *Page)) (pages []string, thought time.Duration) {
	t.Helper()
	var p Page
	for j.Next(&v, signedIn, &p) {
		pages = append(pages, p.Method+" "+p.Path)
		if each != nil {
			each(&v, &p)
		}
		think, leaves := j.Ended(&v, &p)
		if thought += think; leaves {
			return pages, thought
		}
		if len(pages) > maxPages {
			t.Fatal("a visit without end")
		}
	}
	return pages, thought
}

func TestVisit(t *testing.T) {
	j := journeysOf(t, 1, shopper())
	pages, thought := walk(t, j, j.Begin(0, 0), false, nil)
	want := []string{"GET /", "POST /login", "GET /item/", "GET /item/", "GET /item/", "GET /item/", "POST /cart"}
	if len(pages) != len(want) {
		t.Fatalf("pages %q, want %q", pages, want)
	}
	for i := range want {
		if !strings.HasPrefix(pages[i], want[i]) {
			t.Errorf("page %d is %s, want %s", i, pages[i], want[i])
		}
	}
	if thought <= 0 || thought > 6*10*2*time.Second {
		t.Errorf("they thought %v between seven pages", thought)
	}
	if pages, _ := walk(t, j, j.Begin(0, 0), true, nil); len(pages) != 6 || slices.Contains(pages, "POST /login") {
		t.Errorf("who is signed in asks for %q", pages)
	}
}

// TestVisitIsTheSame: a visit depends on the seed, the person and how often they
// came, and on nobody else.
func TestVisitIsTheSame(t *testing.T) {
	record := func(j *Journeys, person, earlier uint64) string {
		var all strings.Builder
		_, thought := walk(t, j, j.Begin(person, earlier), false, func(_ *Visit, p *Page) { fmt.Fprintln(&all, p.ID(), p.Path, p.Assets) })
		return fmt.Sprint(all.String(), thought)
	}
	alone, others := journeysOf(t, 1, shopper()), journeysOf(t, 1, shopper())
	for person := range uint64(20) {
		record(others, person+100, 0)
		if a, b := record(alone, person, 3), record(others, person, 3); a != b {
			t.Fatalf("person %d alone:\n%s\nwith others:\n%s", person, a, b)
		}
	}
	if record(alone, 1, 0) == record(journeysOf(t, 2, shopper()), 1, 0) || record(alone, 1, 0) == record(alone, 2, 0) || record(alone, 1, 0) == record(alone, 1, 1) {
		t.Error("another seed, person or visit is no other visit")
	}
}

// TestIDs: no two requests of all visits have one number, and none has one of
// an open loop's, a closed loop's, a probe's or a warm-up's.
func TestIDs(t *testing.T) {
	j := journeysOf(t, 1, shopper())
	seen := map[uint64]string{}
	add := func(id uint64, what string) {
		if seen[id] != "" {
			t.Fatalf("%s has the number %x of %s", what, id, seen[id])
		}
		if id>>62 != 1 {
			t.Fatalf("%s has the number %x", what, id)
		}
		seen[id] = what
	}
	most := uint64(MaxUsers - 1)
	for _, person := range []uint64{0, 1, 2, 255, 1 << 16, most} {
		for _, earlier := range []uint64{0, 1, 7, 1 << 20} {
			walk(t, j, j.Begin(person, earlier), false, func(v *Visit, p *Page) {
				add(p.ID(), fmt.Sprintf("%d/%d %s", person, earlier, p.Path))
				for i := range p.Assets {
					add(p.AssetID(i), fmt.Sprintf("%d/%d %s asset %d", person, earlier, p.Path, i))
				}
				if p.Kind == Plain {
					j.Lost(v)
				}
			})
		}
	}
	if maxPages > 1<<pageBits || maxAssets >= againBit || MaxUsers > 1<<returnShift || visitShift+visitBits > 62 {
		t.Error("the parts of a number overlap")
	}
}

// TestLost: who lost their session signs in once more, then goes on where they
// were; who never signs in just goes on.
func TestLost(t *testing.T) {
	j := journeysOf(t, 1, shopper())
	times := 0
	pages, _ := walk(t, j, j.Begin(0, 0), false, func(v *Visit, p *Page) {
		if strings.HasPrefix(p.Path, "/item/") {
			if times++; times == 2 {
				j.Lost(v)
			}
		}
	})
	for i, n := range map[int]string{1: "/login", 4: "/login", 7: "/cart"} { // any order
		if !strings.HasSuffix(pages[i], n) {
			t.Errorf("page %d is %s, want %s; all: %q", i, pages[i], n, pages)
		}
	}
	if len(pages) != 8 {
		t.Errorf("pages %q", pages)
	}
	guest := Journey{Name: "guest", Steps: []Step{{Page: "/", Times: 2}}}
	j = journeysOf(t, 1, guest)
	if pages, _ := walk(t, j, j.Begin(0, 0), false, func(v *Visit, _ *Page) { j.Lost(v) }); len(pages) != 2 {
		t.Errorf("a guest asks for %q", pages)
	}
}

func TestAssetsAreDifferent(t *testing.T) {
	few := Journey{Name: "few", Steps: []Step{{Page: "/", Assets: map[string]int{"/app.{n}.js": 10, "/logo.png": 2}}}}
	j := journeysOf(t, 1, few)
	for person := range uint64(50) {
		walk(t, j, j.Begin(person, 0), false, func(_ *Visit, p *Page) {
			if len(p.Assets) != 12 {
				t.Fatalf("%d assets, want 12", len(p.Assets))
			}
			scripts := map[Object]bool{}
			for _, o := range p.Assets[:10] {
				scripts[o] = true
			}
			if len(scripts) != 10 {
				t.Errorf("10 of 10 scripts are only %d", len(scripts))
			}
			if p.Assets[10] != p.Assets[11] {
				t.Error("there is but one logo")
			}
		})
	}
}

// TestShares: journeys by their weights, leaving by its share, thinking by its
// mean, objects by their popularity.
func TestJourneyShares(t *testing.T) {
	often := Journey{Name: "often", Share: new(3.0), ThinkTime: time.Second, Steps: []Step{{Page: "/item/{n}", Times: 3, Leave: 0.4}}}
	j := journeysOf(t, 1, often, Journey{Name: "seldom", Steps: []Step{{Page: "/"}}})
	const people = 20_000
	oftens, pages, thoughts, first := 0, 0, 0.0, 0
	for person := range uint64(people) {
		v := j.Begin(person, 0)
		if v.journey == 1 {
			continue
		}
		oftens++
		asked, thought := walk(t, j, v, false, nil)
		pages += len(asked)
		thoughts += thought.Seconds()
		for _, p := range asked {
			if p == "GET /item/1" {
				first++
			}
		}
	}
	near := func(what string, got, want float64) {
		t.Helper()
		if math.Abs(got-want) > 0.03*want {
			t.Errorf("%s: %.3f, want %.3f", what, got, want)
		}
	}
	near("share", float64(oftens)/people, 0.75)
	near("pages", float64(pages)/float64(oftens), 1+0.6+0.36)
	near("thought", thoughts/float64(oftens), 0.6+0.36)
	if share := float64(first) / float64(pages); share < 0.03 || share > 0.08 { // zipf of 1000 with 0.8: 5.5 %
		t.Errorf("the first item has %.3f of the pages", share)
	}
	m := MeansOf([]Journey{often, {Name: "seldom", Steps: []Step{{Page: "/"}}}})
	near("pages in the mean", m.Pages, 0.75*1.96+0.25)
	near("thought in the mean", m.Thinking.Seconds(), 0.75*0.96)
}

func TestConstantThoughts(t *testing.T) {
	j := journeysOf(t, 1, Journey{Name: "even", ThinkTime: 3 * time.Second, ThinkLaw: "constant", Steps: []Step{{Page: "/", Times: 3}}})
	if _, thought := walk(t, j, j.Begin(5, 0), false, nil); thought != 6*time.Second {
		t.Errorf("three pages with %v of thinking in between, want 6s", thought)
	}
}

func TestMeans(t *testing.T) {
	m := MeansOf([]Journey{shopper()})
	if m.Pages != 7 || m.Requests != 14 || m.AtOnce != 7 || m.Thinking != 12*time.Second {
		t.Errorf("%+v, want 7 pages, 14 requests, 7 at once, 12s of thinking", m)
	}
}

func TestCheckJourneys(t *testing.T) {
	page := []Step{{Page: "/"}}
	for _, c := range []struct {
		j    Journey
		step int
		want string
	}{
		{Journey{Steps: page}, -1, "name: is missing"},
		{Journey{Name: "a"}, -1, "step: is missing"},
		{Journey{Name: "a", Steps: page, Share: new(0.0)}, -1, "share: must be above 0 and at most 1000000000, not 0"},
		{Journey{Name: "a", Steps: page, Share: new(-1.0)}, -1, "share: must be above 0"},
		{Journey{Name: "a", Steps: page, Share: new(math.NaN())}, -1, "share: must be above 0"},
		{Journey{Name: "a", Steps: page, ThinkTime: 1}, -1, "think-time: must be between 1ms"},
		{Journey{Name: "a", Steps: page, ThinkLaw: "odd"}, -1, "think-law: must be one of"},
		{Journey{Name: "a", Steps: []Step{{Page: "/", Times: 300}, {Page: "/", Times: 201}}}, -1, "step: a visit has up to 501 pages; the limit is 500"},
		{Journey{Name: "a", Steps: []Step{{}}}, 0, "page: is missing: a step has"},
		{Journey{Name: "a", Steps: []Step{{Page: "/"}, {Page: "/", SignIn: true}}}, 1, "page: a step is one thing"},
		{Journey{Name: "a", Steps: []Step{{SignIn: true, Times: 2}}}, 0, "times: means nothing to a sign-in"},
		{Journey{Name: "a", Steps: []Step{{Page: "/itme/{n}"}}}, 0, `page: the catalog has no path "/itme/{n}"; did you mean "/item/{n}"?`},
		{Journey{Name: "a", Steps: []Step{{Page: "/nowhere/near"}}}, 0, `page: the catalog has no path "/nowhere/near"; it has /, /app.{n}.js`},
		{Journey{Name: "a", Steps: []Step{{Page: "/", Assets: map[string]int{"/ap.{n}.js": 1}}}}, 0, `assets: the catalog has no path "/ap.{n}.js"; did you mean`},
		{Journey{Name: "a", Steps: []Step{{Page: "/", Assets: map[string]int{"/logo.png": 0}}}}, 0, `assets: "/logo.png": must be between 1 and 100 of them, not 0`},
		{Journey{Name: "a", Steps: []Step{{Page: "/", Assets: map[string]int{"/logo.png": 60, "/": 41}}}}, 0, "assets: are 101; the limit of a page is 100"},
		{Journey{Name: "a", Steps: []Step{{SignIn: true, Assets: map[string]int{"/logo.png": 1}}}}, 0, "assets: mean something only with a page"},
		{Journey{Name: "a", Steps: []Step{{Page: "/", Leave: 1.5}}}, 0, "leave: must be between 0 and 1, not 1.5"},
		{Journey{Name: "a", Steps: []Step{{Page: "/", Leave: math.NaN()}}}, 0, "leave: must be between 0 and 1"},
	} {
		problems := CheckJourneys([]Journey{c.j}, shopEntries)
		if len(problems) != 1 || problems[0].Step != c.step || !strings.HasPrefix(problems[0].String(), c.want) {
			t.Errorf("%+v:\n got %v\nwant step %d %s", c.j, problems, c.step, c.want)
		}
	}
	one := Journey{Name: "a", Steps: page}
	if problems := CheckJourneys([]Journey{one, one}, shopEntries); len(problems) != 1 || problems[0].Item != 1 || problems[0].Key != "name" {
		t.Errorf("two of one name: %v", problems)
	}
	if problems := CheckJourneys(make([]Journey, maxJourneys+1), shopEntries); len(problems) != 1 {
		t.Errorf("too many: %d problems", len(problems))
	}
}

func TestPeopleOrRequests(t *testing.T) {
	journeys := []Journey{shopper()}
	for _, c := range []struct {
		load     Config
		journeys []Journey
		want     bool
	}{
		{Config{Rate: 1}, journeys, false},
		{Config{Rate: 1, Unit: "people"}, journeys, true},
		{Config{Shape: "users", Users: 1}, journeys, true},
		{Config{Shape: "users", Users: 1}, nil, false},
	} {
		if got := c.load.People(c.journeys); got != c.want {
			t.Errorf("%+v with %d journeys: people %v", c.load, len(c.journeys), got)
		}
	}
}

func TestDrawSomeKeepsTheRest(t *testing.T) {
	c := NewCatalog(shopEntries)
	entry, known := c.Entry("/app.{n}.js")
	if _, other := c.Entry("/app.1.js"); !known || other {
		t.Fatalf("entry known %v, a member's path %v", known, other)
	}
	roll := sim.Draw(1, luckAssets, 1, 0)
	list := c.DrawSome([]Object{{9, 9}}, entry, 25, &roll)
	seen := map[Object]int{}
	for _, o := range list[1:] {
		if o.Entry != entry || o.Number < 1 || o.Number > 10 {
			t.Fatalf("drawn %v", o)
		}
		seen[o]++
	}
	if list[0] != (Object{9, 9}) || len(list) != 26 || len(seen) != 10 {
		t.Errorf("%d objects in a list of %d that begins with %v", len(seen), len(list), list[0])
	}
}

// TestVisitAllocates: a page costs no memory of its own, once there is some.
func TestVisitAllocates(t *testing.T) {
	j := journeysOf(t, 1, shopper())
	var p Page
	person := uint64(0)
	if n := testing.AllocsPerRun(100, func() {
		person++
		v := j.Begin(person, 0)
		for j.Next(&v, false, &p) {
			if _, leaves := j.Ended(&v, &p); leaves {
				break
			}
		}
	}); n > 0 {
		t.Errorf("a visit allocates %v times, want none", n)
	}
	if p.Method != http.MethodPost {
		t.Errorf("the last page is asked with %s", p.Method)
	}
}
