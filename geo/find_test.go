// Tests of Find: what it takes, what it answers to what it does not know, and that no input breaks it.

package geo

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

func TestFind(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"Tokyo", "Tokyo"}, {"tokyo", "Tokyo"}, {" TOKYO ", "Tokyo"}, {"Tokyo, Japan", "Tokyo"}, {"tokyo jp", "Tokyo"},
		{"NRT", "Tokyo"}, {"hnd", "Tokyo"}, {"TYO", "Tokyo"},
		{"New York", "New York"}, {"new-york", "New York"}, {"JFK", "New York"}, {"LGA", "New York"}, {"NYC", "New York"},
		{"EWR", "Newark"}, {"SFO", "San Francisco"}, {"SJC", "San Jose, United States"}, {"SJO", "San Jose, Costa Rica"},
		{"San Jose, US", "San Jose, United States"}, {"Silicon Valley", "San Jose, United States"},
		{"São Paulo", "Sao Paulo"}, {"SA\u0303O PAULO", "Sao Paulo"}, {"Zürich", "Zurich"}, {"Düsseldorf", "Dusseldorf"},
		{"München", "Munich"}, {"Bogotá", "Bogota"}, {"St Petersburg", "St. Petersburg"}, {"St. Louis", "St Louis"},
		{"Kiev", "Kyiv"}, {"Bengaluru", "Bangalore"}, {"Frankfurt-am-Main", "Frankfurt"}, {"Washington DC", "Ashburn"},
		{"BER", "Berlin"}, {"TXL", "Berlin"},
		{"aws:us-east-1", "aws:us-east-1"}, {"AWS:US-EAST-1", "aws:us-east-1"}, {"us-east-1", "aws:us-east-1"},
		{"us-east1", "gcp:us-east1"}, {"ibm:Tokyo", "ibm:Tokyo"}, {"ibm:washington dc", "ibm:Washington DC"},
	} {
		got, err := Find(c.name)
		if err != nil || got.Name != c.want {
			t.Errorf("Find(%q) = %q, %v; want %q", c.name, got.Name, err, c.want)
		}
	}
}

func TestFindTakesEveryNameAndCode(t *testing.T) {
	names := everyName()
	for _, p := range all() {
		for _, name := range []string{p.Name, p.Code, strings.ToUpper(p.Name)} {
			if got, err := Find(name); err != nil || got != p {
				t.Errorf("Find(%q) = %v, %v; want %v", name, got, err, p)
			}
		}
		if !slices.Contains(names, p.Name) {
			t.Errorf("Names lacks %q", p.Name)
		}
	}
}

func TestRegionTakesItsCitysCountry(t *testing.T) {
	got := mustFind(t, "aws:eu-central-1")
	want := Place{Name: "aws:eu-central-1", Code: "aws:eu-central-1", Country: "Germany", ISO2: "DE", Continent: "EU", Lat: 50.11, Lon: 8.68}
	if got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}

func TestFindsErrors(t *testing.T) {
	for _, c := range []struct{ name, want string }{
		{"Tokio", `unknown place "Tokio"; did you mean "Tokyo"?`},
		{"New Yrok", `unknown place "New Yrok"; did you mean "New York"?`},
		{"Kyev", `unknown place "Kyev"; did you mean "Kiev"?`},
		{"aws:us-east-9", `unknown place "aws:us-east-9"; did you mean "aws:us-east-1" or "aws:us-east-2"?`},
		{"ap-northeast-4", `unknown place "ap-northeast-4"; did you mean "ap-northeast-1" or "ap-northeast-2" or "ap-northeast-3"?`},
		{"Frank", `unknown place "Frank"; did you mean "Frankfurt" or "ibm:Frankfurt"?`},
		{"Japan", `unknown place "Japan"; did you mean "Osaka, Japan" or "Tokyo, Japan"?`},
		{"San Jose", `ambiguous place "San Jose": "San Jose, Costa Rica" or "San Jose, United States"`},
		{"Atlantis-on-Sea", `unknown place "Atlantis-on-Sea"; a place is a city, an IATA code or a cloud region (provider:region)`},
		{"", `unknown place ""; a place is a city, an IATA code or a cloud region (provider:region)`},
	} {
		got, err := Find(c.name)
		if err == nil || err.Error() != c.want || got != (Place{}) {
			t.Errorf("Find(%q) = %v, %v; want %s", c.name, got, err, c.want)
		}
	}
	long := strings.Repeat("Tokyo ", 10_000)
	if _, err := Find(long); err == nil || len(err.Error()) > 200 {
		t.Errorf("the message for a long name is %d bytes", len(err.Error()))
	}
}

func TestEditDistance(t *testing.T) {
	for _, c := range []struct {
		a, b string
		want int
	}{
		{"", "", 0}, {"abc", "", 3}, {"", "abc", 3}, {"tokyo", "tokyo", 0}, {"tokio", "tokyo", 1}, {"yrok", "york", 1},
		{"kitten", "sitting", 3},
		{"ca", "abc", 3}, // 2 if a letter might be edited twice: what sets this distance apart from Damerau's full one
	} {
		if got := editDistance([]rune(c.a), []rune(c.b)); got != c.want {
			t.Errorf("%q to %q: %d, want %d", c.a, c.b, got, c.want)
		}
	}
}

func FuzzFind(f *testing.F) {
	for _, seed := range []string{"Tokyo", "Tokio", "aws:us-east-1", "San Jose", "são-paulo", "", "\x00", "\xff\xfe", ":::", "İstanbul", "SA\u0303O"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		p, err := Find(name)
		if err == nil {
			if again, err := Find(p.Name); err != nil || again != p {
				t.Fatalf("%q found %q, which finds %v, %v", name, p.Name, again, err)
			}
			return
		}
		wrong, ok := errors.AsType[*NameError](err)
		if !ok || p != (Place{}) {
			t.Fatalf("%q: %v, %v", name, p, err)
		}
		if len(wrong.Near) > maxNear || utf8.RuneCountInString(err.Error()) > 1000 {
			t.Fatalf("%q: %v", name, err)
		}
		for _, near := range wrong.Near {
			if _, err := Find(near); err != nil && !wrong.Ambiguous {
				if offered, _ := errors.AsType[*NameError](err); offered == nil || !offered.Ambiguous {
					t.Fatalf("%q: offers %q, which is unknown", name, near)
				}
			}
		}
	})
}
