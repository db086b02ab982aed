// The embedded data and how it becomes the atlas, once, before main.

package geo

import (
	"cmp"
	_ "embed"
	"encoding/csv"
	"fmt"
	"slices"
	"strconv"
	"strings"
)

//go:embed data/cities.csv
var citiesCSV string

//go:embed data/aliases.csv
var aliasesCSV string

//go:embed data/regions.csv
var regionsCSV string

//go:embed data/rtt_aws.csv
var awsCSV string

//go:embed data/rtt_gcp_ping.csv
var gcpCSV string

//go:embed data/model.csv
var modelCSV string

// world is written here only, during package initialisation: reading it needs no lock.
var world = newAtlas()

type atlas struct {
	cities, regions []Place // sorted by Name
	index           *index
	*measurements
	factors factors
}

// newAtlas panics on a mistake in the embedded data: that is a broken invariant of this package, which every test meets.
func newAtlas() *atlas {
	w := &atlas{factors: readFactors()}
	byIATA := map[string]Place{}
	w.cities = readCities(byIATA)
	w.regions = readRegions(byIATA)
	w.index = newIndex(w.cities, w.regions, readRows("aliases.csv", aliasesCSV, "alias", "iata"))
	w.measurements = newMeasurements(w.regions, readPairs("rtt_aws.csv", awsCSV, "p50_ms"), readPairs("rtt_gcp_ping.csv", gcpCSV, "avg_ms"))
	return w
}

// readCities also enters the cities in byIATA. A city that shares its name with another gets its country's beside it, so
// that names are unique.
func readCities(byIATA map[string]Place) []Place {
	var cities []Place
	shared := map[string]int{}
	for _, r := range readRows("cities.csv", citiesCSV, "iata", "city", "country", "iso2", "continent", "lat_deg", "lon_deg") {
		shared[r[1]]++
		cities = append(cities, Place{Code: r[0], Name: r[1], Country: r[2], ISO2: r[3], Continent: r[4], Lat: number(r[5]), Lon: number(r[6])})
	}
	for i := range cities {
		c := &cities[i]
		if shared[c.Name] > 1 {
			c.Name += ", " + c.Country
		}
		byIATA[c.Code] = *c
	}
	sortByName(cities)
	return cities
}

// readRegions gives each region the country and continent of the city it is listed under, and its own coordinates.
func readRegions(byIATA map[string]Place) []Place {
	var regions []Place
	for _, r := range readRows("regions.csv", regionsCSV, "provider", "region", "iata", "lat_deg", "lon_deg") {
		p, known := byIATA[r[2]]
		if !known {
			panic("geo: regions.csv: unknown city " + r[2])
		}
		p.Name = r[0] + ":" + r[1]
		p.Code, p.Lat, p.Lon = p.Name, number(r[3]), number(r[4])
		regions = append(regions, p)
	}
	sortByName(regions)
	return regions
}

func sortByName(places []Place) {
	slices.SortFunc(places, func(a, b Place) int { return cmp.Compare(a.Name, b.Name) })
}

func readPairs(file, text, column string) []pairRTT {
	var pairs []pairRTT
	for _, r := range readRows(file, text, "from", "to", column) {
		pairs = append(pairs, pairRTT{r[0], r[1], number(r[2])})
	}
	return pairs
}

func readFactors() factors {
	f := factors{}
	for _, r := range readRows("model.csv", modelCSV, "continent_a", "continent_b", "k_cloud", "n_cloud", "k_internet", "n_internet") {
		k := factor{cloudN: int(number(r[3])), internet: number(r[4]), internetN: int(number(r[5]))}
		if r[2] != "" { // too few pairs: the file has no figure
			k.cloud = number(r[2])
		}
		f[[2]string{r[0], r[1]}] = k
	}
	return f
}

// readRows is the body of an embedded table, whose first line must name the columns.
func readRows(file, text string, columns ...string) [][]string {
	rows, err := csv.NewReader(strings.NewReader(text)).ReadAll()
	if err != nil {
		panic(fmt.Sprintf("geo: %s: %v", file, err))
	}
	if len(rows) < 2 || !slices.Equal(rows[0], columns) {
		panic(fmt.Sprintf("geo: %s: want rows under the header %q", file, columns))
	}
	return rows[1:]
}

func number(text string) float64 {
	x, err := strconv.ParseFloat(text, 64)
	if err != nil {
		panic("geo: embedded data: " + err.Error())
	}
	return x
}
