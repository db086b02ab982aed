// Tests of the atlas itself: what is in it, and that it is the same each time it is built.

package geo

import (
	"fmt"
	"math"
	"reflect"
	"slices"
	"testing"
)

// all is every place of the atlas.
func all() []Place { return append(Places(), Regions()...) }

// mustFind is for names that the tests know to exist.
func mustFind(t testing.TB, name string) Place {
	t.Helper()
	p, err := Find(name)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestAtlasHoldsTheTables(t *testing.T) {
	if n := len(Places()); n != 150 {
		t.Errorf("%d cities, want 150", n)
	}
	if n := len(Regions()); n != 66 {
		t.Errorf("%d regions, want 66", n)
	}
	continents := []string{"AF", "AS", "EU", "NA", "OC", "SA"}
	for _, p := range all() {
		if err := p.Check(); err != nil {
			t.Error(err)
		}
		if !slices.Contains(continents, p.Continent) || len(p.ISO2) != 2 || p.Country == "" || p.Code == "" {
			t.Errorf("incomplete: %+v", p)
		}
	}
	if n := len(world.factors); n != 21 {
		t.Errorf("%d pairs of continents, want 21: all of 6", n)
	}
}

func TestListsAreSortedAndTheCallers(t *testing.T) {
	names := everyName()
	if !slices.IsSorted(names) || len(slices.Compact(slices.Clone(names))) != 216 {
		t.Errorf("names are not 216 sorted and different ones: %d", len(names))
	}
	for name, list := range map[string]func() []Place{"Places": Places, "Regions": Regions} { // in any order: independent
		first := list()
		if !slices.IsSortedFunc(first, func(a, b Place) int { return compareNames(a, b) }) {
			t.Errorf("%s is not sorted by name", name)
		}
		first[0].Name = "overwritten"
		if list()[0].Name == "overwritten" {
			t.Errorf("%s hands out the atlas's own slice", name)
		}
	}
}

func compareNames(a, b Place) int {
	return slices.Compare([]byte(a.Name), []byte(b.Name))
}

func TestCheck(t *testing.T) {
	for _, c := range []struct {
		place Place
		want  string
	}{
		{Place{Name: "Null Island"}, ""},
		{Place{Name: "South Pole", Lat: -90, Lon: 180}, ""},
		{Place{}, "a place needs a name (latitude 0, longitude 0)"},
		{Place{Name: "X", Lat: 91}, `place "X": latitude 91 is not between -90 and 90 degrees`},
		{Place{Name: "X", Lat: math.NaN()}, `place "X": latitude NaN is not between -90 and 90 degrees`},
		{Place{Name: "X", Lon: -180.5}, `place "X": longitude -180.5 is not between -180 and 180 degrees`},
		{Place{Name: "X", Lon: math.Inf(1)}, `place "X": longitude +Inf is not between -180 and 180 degrees`},
	} {
		got := ""
		if err := c.place.Check(); err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%+v: %q, want %q", c.place, got, c.want)
		}
	}
}

// A map walked in its own order anywhere in the loading would show in one of 20 atlases.
func TestTwentyAtlasesAreOne(t *testing.T) {
	for range 20 {
		again := newAtlas()
		if !reflect.DeepEqual(again, world) {
			t.Fatal("a second atlas differs from the first")
		}
		for _, name := range []string{"Tokio", "us-east", "japan", "San Jose", "NYX"} {
			_, first := world.index.find(name)
			_, second := again.index.find(name)
			if fmt.Sprint(first) != fmt.Sprint(second) {
				t.Errorf("%q: %v, then %v", name, first, second)
			}
		}
	}
}

func TestEmbeddedMistakesPanic(t *testing.T) {
	for name, read := range map[string]func(){ // in any order: independent
		"header":  func() { readRows("x.csv", "a,c\n1,2\n", "a", "b") },
		"empty":   func() { readRows("x.csv", "a,b\n", "a", "b") },
		"columns": func() { readRows("x.csv", "a,b\n1\n", "a", "b") },
		"number":  func() { readPairs("x.csv", "from,to,p50_ms\na,b,fast\n", "p50_ms") },
		"region":  func() { newMeasurements(Regions(), []pairRTT{{"us-east-1", "moon-1", 2600}}, nil) },
	} {
		if panicOf(read) == nil {
			t.Errorf("%s: no panic", name)
		}
	}
}

// panicOf is what f panics with, or nil.
func panicOf(f func()) (value any) {
	defer func() { value = recover() }()
	f()
	return nil
}

func BenchmarkNewAtlas(b *testing.B) { // before main of every process: to be below 5 ms
	for b.Loop() {
		newAtlas()
	}
}

// everyName is that of every city and every cloud region, sorted.
func everyName() []string {
	var names []string
	for _, p := range world.cities {
		names = append(names, p.Name)
	}
	for _, p := range world.regions {
		names = append(names, p.Name)
	}
	slices.Sort(names)
	return names
}
