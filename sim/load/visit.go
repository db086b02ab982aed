// Visit: one person's way along a journey.
package load

import (
	"maps"
	"net/http"
	"slices"
	"time"

	"cdnlab/sim"
)

// Journeys decides what people do: which journey each follows, what they ask
// for next and how long they think. All of it depends on the seed, the person
// and how far they have come, never on what they were answered or on who else
// is there: all variants and both worlds see the same people doing the same
// things. Only a session changes a visit: who is signed in needs no sign-in, and
// who has lost the session signs in once more.
type Journeys struct {
	seed    uint64
	site    Site
	catalog *Catalog
	share   alias
	ways    []way
}

// way is a journey made ready.
type way struct {
	think    time.Duration
	constant bool
	signsIn  bool
	steps    []step
}

type step struct {
	kind   PageKind
	entry  int32
	assets []someOf
	times  uint16
	leave  float64
}

// someOf are so many objects of one entry.
type someOf struct {
	entry int32
	n     int
}

// PageKind is what a page is for.
type PageKind uint8

// The kinds of pages.
const (
	Plain PageKind = iota
	SignIn
	AddToCart
)

// NewJourneys returns the journeys of a site that CheckJourneys found no mistake
// in.
func NewJourneys(journeys []Journey, catalog *Catalog, site Site, seed uint64) *Journeys {
	j := &Journeys{seed: seed, site: site, catalog: catalog}
	weights := make([]float64, len(journeys))
	for i, one := range journeys {
		one = one.withDefaults()
		weights[i] = *one.Share
		j.ways = append(j.ways, newWay(one, catalog))
	}
	j.share = newAlias(weights)
	return j
}

func newWay(j Journey, catalog *Catalog) way {
	w := way{think: j.ThinkTime, constant: j.ThinkLaw == "constant"}
	for _, s := range j.Steps {
		made := step{times: uint16(s.times()), leave: s.Leave}
		switch {
		case s.SignIn:
			made.kind, w.signsIn = SignIn, true
		case s.AddToCart:
			made.kind = AddToCart
		default:
			made.entry = mustEntry(catalog, s.Page)
		}
		for _, path := range slices.Sorted(maps.Keys(s.Assets)) {
			made.assets = append(made.assets, someOf{mustEntry(catalog, path), s.Assets[path]})
		}
		w.steps = append(w.steps, made)
	}
	return w
}

// Renew has people ask for what is in the catalog from now on, which has the
// same entries in the same order.
func (j *Journeys) Renew(c *Catalog) { j.catalog = c }

// mustEntry finds what CheckJourneys has found.
func mustEntry(c *Catalog, path string) int32 {
	entry, known := c.Entry(path)
	if !known {
		panic("load: a journey to " + path + ", which the catalog does not have")
	}
	return entry
}

// A request's number holds all that its dice depend on:
//
//	bit 62      a person's: apart from an open loop's, a probe's, a warm-up's
//	bits 17-61  the visit: the person's number, and above its 24 bits how many
//	            times they have come before (of people who come once only the first)
//	bits 8-16   the page, counted along the journey
//	bit 7       a sign-in that the journey did not have there
//	bits 0-6    0 the page itself, else the asset
const (
	assetBits  = 7
	againBit   = 1 << assetBits
	pageShift  = assetBits + 1
	pageBits   = 9
	visitShift = pageShift + pageBits
	visitBits  = 45
	personID   = 1 << 62

	returnShift = 24 // MaxUsers fits
)

// Visit is one person's way along a journey, from the first page until they
// leave: a plain value, so that a million of them cost little.
type Visit struct {
	number  uint64 // as it stands in requests' numbers
	journey uint16
	step    uint16 // the next
	done    uint16 // how many times it was done
	page    uint16 // the number of the next page
	again   bool   // they have lost their session, and sign in next
}

var (
	luckJourney = sim.NewLuck("person: journey")
	luckObject  = sim.NewLuck("person: object")
	luckAssets  = sim.NewLuck("person: assets")
	luckLeave   = sim.NewLuck("person: leave")
	luckRead    = sim.NewLuck("person: think time")
)

// Begin returns a person's visit; earlier is how many times they have come
// before. A person keeps their journey.
func (j *Journeys) Begin(person, earlier uint64) Visit {
	roll := sim.Draw(j.seed, luckJourney, person, 0)
	return Visit{number: (person | earlier<<returnShift) & (1<<visitBits - 1), journey: uint16(j.share.pick(&roll))}
}

// Page is what a person asks for at once: the page itself, and its assets when
// that has come.
type Page struct {
	Kind   PageKind
	Method string
	Path   string
	Object Object // what the catalog calls it
	Assets []Object
	id     uint64
	leave  float64
}

// ID is the number of the page's own request.
func (p *Page) ID() uint64 { return p.id }

// AssetID is the number of the request for asset i, from 0.
func (p *Page) AssetID(i int) uint64 { return p.id + uint64(i) + 1 }

// Next fills in what the person asks for now; false: they have done all that
// they came for. Memory of the page is used again.
func (j *Journeys) Next(v *Visit, signedIn bool, p *Page) bool {
	if v.again {
		v.again = false
		j.own(p, SignIn, v.id()|againBit)
		return true
	}
	steps := j.ways[v.journey].steps
	for int(v.step) < len(steps) {
		s, id := &steps[v.step], v.id()
		v.advance(s)
		switch {
		case s.kind == Plain:
			j.fill(p, s, id)
		case s.kind == SignIn && signedIn:
			continue
		default:
			j.own(p, s.kind, id)
		}
		p.leave = s.leave
		return true
	}
	return false
}

// id is the number of the next page's request.
func (v *Visit) id() uint64 { return personID | v.number<<visitShift | uint64(v.page)<<pageShift }

func (v *Visit) advance(s *step) {
	v.page++
	if v.done++; v.done >= s.times {
		v.step, v.done = v.step+1, 0
	}
}

// own fills in one of the site's own pages.
func (j *Journeys) own(p *Page, kind PageKind, id uint64) {
	*p = Page{Kind: kind, Method: http.MethodPost, Path: j.site.SignIn, Assets: p.Assets[:0], id: id}
	if kind == AddToCart {
		p.Path = j.site.Cart
	}
	p.Object, _ = j.catalog.Lookup(p.Path) // mostly none: the site answers by itself
}

// fill fills in a page of the catalog.
func (j *Journeys) fill(p *Page, s *step, id uint64) {
	roll := sim.Draw(j.seed, luckObject, id, 0)
	o := j.catalog.Draw(s.entry, &roll)
	*p = Page{Method: j.catalog.Method(o), Path: j.catalog.Path(o), Object: o, Assets: p.Assets[:0], id: id}
	for i := range s.assets {
		roll := sim.Draw(j.seed, luckAssets, id, i)
		p.Assets = j.catalog.DrawSome(p.Assets, s.assets[i].entry, s.assets[i].n, &roll)
	}
}

// Lost tells that the site no longer knows the person's session: they sign in
// next, if that is something that they do on their journey.
func (j *Journeys) Lost(v *Visit) { v.again = j.ways[v.journey].signsIn }

// Ended takes the end of a page and returns how long the person thinks before
// the next one, or that they leave.
func (j *Journeys) Ended(v *Visit, p *Page) (think time.Duration, leaves bool) {
	w := &j.ways[v.journey]
	if int(v.step) >= len(w.steps) {
		return 0, true
	}
	if p.leave > 0 {
		if roll := sim.Draw(j.seed, luckLeave, p.id, 0); roll.Float64() < p.leave {
			return 0, true
		}
	}
	return thinks(sim.Draw(j.seed, luckRead, p.id, 0), w.think, w.constant), false
}
