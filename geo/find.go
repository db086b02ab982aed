// Find: from what a person writes to a place, or to a mistake that says what was probably meant.

package geo

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
)

// Find returns the place with this name. Known are
//   - cities: "Tokyo", "São Paulo", and with the country or its code to tell two apart, "San Jose, Costa Rica", "Tokyo, JP";
//   - IATA codes of airports and of metropolitan areas: "NRT", "HND" and "TYO" are all Tokyo;
//   - other names in use: "Kiev", "Bengaluru", "Washington DC", "Silicon Valley";
//   - cloud regions: "aws:us-east-1", and "us-east-1" where neither a city nor another provider has that name.
//
// Case, diacritics and punctuation do not matter ("são-paulo" and "SAO PAULO" are the same). Where several airports
// serve a city, the city is one place at the airport where the large networks are listed (New York is at JFK); Newark
// and San Francisco, which are near another city of the atlas, are places of their own.
//
// The error is a *[NameError].
func Find(name string) (Place, error) { return world.index.find(name) }

// NameError is what [Find] returns for a name that is unknown, or that more than one place has.
type NameError struct {
	Name      string   // as it was given
	Ambiguous bool     // Near is what it may stand for, rather than what it looks like
	Near      []string // names that Find knows, nearest first, at most 3; may be empty
}

// Error is one line: `unknown place "Tokio"; did you mean "Tokyo"?`.
func (e *NameError) Error() string {
	near := make([]string, len(e.Near))
	for i, n := range e.Near {
		near[i] = fmt.Sprintf("%q", n)
	}
	choice := strings.Join(near, " or ")
	shown := e.Name
	if runes := []rune(shown); len(runes) > maxNameRunes {
		shown = string(runes[:maxNameRunes]) + "…"
	}
	switch {
	case e.Ambiguous:
		return fmt.Sprintf("ambiguous place %q: %s", shown, choice)
	case choice != "":
		return fmt.Sprintf("unknown place %q; did you mean %s?", shown, choice)
	default:
		return fmt.Sprintf("unknown place %q; a place is a city, an IATA code or a cloud region (provider:region)", shown)
	}
}

// maxNameRunes is longer than any name in the atlas; what is longer is not compared, and shown cut.
const maxNameRunes = 64

// index finds places by any of their spellings.
type index struct {
	places  []Place
	entries map[string]entry // by folded spelling
	keys    []string         // of entries, sorted: the order in which they are compared
}

type entry struct {
	spelling string // for people
	places   []int
}

func newIndex(cities, regions []Place, aliases [][]string) *index {
	x := &index{entries: map[string]entry{}}
	x.places = append(append(x.places, cities...), regions...)
	for i, p := range x.places {
		x.add(p.Name, i)
		x.add(p.Code, i)
	}
	for i, p := range cities {
		city, _, _ := strings.Cut(p.Name, ",")
		x.add(city, i) // of two places when the name is shared: ambiguous
		x.add(city+", "+p.Country, i)
		x.add(city+", "+p.ISO2, i)
	}
	for _, a := range aliases {
		x.add(a[0], x.entries[fold(a[1])].places[0])
	}
	x.addBareRegions(len(cities))
	x.keys = slices.Sorted(maps.Keys(x.entries))
	return x
}

// addBareRegions adds "us-east-1" for "aws:us-east-1", except where a city has the name (IBM calls its regions "Tokyo").
func (x *index) addBareRegions(first int) {
	others := maps.Clone(x.entries)
	for i := first; i < len(x.places); i++ {
		_, bare, _ := strings.Cut(x.places[i].Name, ":")
		if _, taken := others[fold(bare)]; !taken {
			x.add(bare, i)
		}
	}
}

func (x *index) add(spelling string, place int) {
	key := fold(spelling)
	e, known := x.entries[key]
	if !known {
		e.spelling = spelling
	}
	if !slices.Contains(e.places, place) {
		e.places = append(e.places, place)
	}
	x.entries[key] = e
}

func (x *index) find(name string) (Place, error) {
	e := x.entries[fold(name)]
	switch len(e.places) {
	case 0:
		return Place{}, &NameError{Name: name, Near: x.near(name)}
	case 1:
		return x.places[e.places[0]], nil
	}
	var names []string
	for _, i := range e.places[:min(len(e.places), maxNear)] {
		names = append(names, x.places[i].Name)
	}
	return Place{}, &NameError{Name: name, Ambiguous: true, Near: names}
}

// plain has the Latin letters of the world's city names without their marks.
var plain = strings.NewReplacer(
	"à", "a", "á", "a", "â", "a", "ã", "a", "ä", "a", "å", "a", "ā", "a", "ă", "a", "ą", "a", "æ", "ae",
	"ç", "c", "ć", "c", "č", "c", "đ", "d", "è", "e", "é", "e", "ê", "e", "ë", "e", "ē", "e", "ė", "e", "ę", "e", "ě", "e",
	"ğ", "g", "ì", "i", "í", "i", "î", "i", "ï", "i", "ī", "i", "ı", "i", "ł", "l", "ñ", "n", "ń", "n", "ň", "n",
	"ò", "o", "ó", "o", "ô", "o", "õ", "o", "ö", "o", "ø", "o", "ő", "o", "ř", "r", "ś", "s", "ş", "s", "š", "s", "ș", "s",
	"ß", "ss", "ţ", "t", "ț", "t", "ù", "u", "ú", "u", "û", "u", "ü", "u", "ū", "u", "ů", "u", "ű", "u",
	"ý", "y", "ź", "z", "ż", "z", "ž", "z")

// fold makes spellings that mean the same equal: lower case, no marks, one space for any run of punctuation and space.
// The colon stays, for it sets a provider apart from its region.
func fold(name string) string {
	words := strings.FieldsFunc(strings.ToLower(name), func(r rune) bool {
		return r != ':' && (unicode.IsSpace(r) || unicode.IsPunct(r))
	})
	folded := plain.Replace(strings.Join(words, " "))
	return strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Mn, r) {
			return -1 // a mark that was a character of its own
		}
		return r
	}, folded)
}
