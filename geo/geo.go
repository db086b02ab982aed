// Package geo is the atlas: 150 cities and 66 cloud regions, how far apart they are, how long a packet takes there and
// back.
//
// A round-trip time comes from a measurement where there is one and from a model, tried against the measurements, where
// there is none; [RTT] says which. The data is embedded; data/SOURCES.md has its sources, dates and licences.
//
// The atlas is built once, before main, and never changes: every function here is pure (the same arguments give the same
// answer in every run) and safe for concurrent use.
package geo

import (
	"fmt"
	"math"
	"slices"
)

// Place is a point on Earth that has a name: a city, a cloud region, or one of the caller's own. It is comparable.
//
// What the caller makes needs Name, Lat and Lon. Without a Continent its times are guessed with a world-wide factor
// where nothing was measured nearby.
type Place struct {
	Name      string  // unique in the atlas, and found by Find: "Tokyo", "San Jose, Costa Rica", "aws:us-east-1"
	Code      string  // a city's IATA code, "NRT"; a cloud region's Name
	Country   string  // English short name
	ISO2      string  // country, ISO 3166-1 alpha-2; a territory with a code of its own (HK, TW) has that
	Continent string  // AF, AS, EU, NA, OC or SA; Central America and the Caribbean are NA, Turkey and the Gulf AS
	Lat       float64 // degrees north, -90 to 90; a city's is its airport's, a region's its data centres'
	Lon       float64 // degrees east, -180 to 180
}

// Check reports what makes p unfit for [RTT]: no name, or coordinates that are not on Earth. A nil error means fit.
// Every place that [Find] returns is fit.
func (p Place) Check() error {
	if p.Name == "" {
		return fmt.Errorf("a place needs a name (latitude %v, longitude %v)", p.Lat, p.Lon)
	}
	if !(math.Abs(p.Lat) <= 90) { // written so that NaN fails
		return fmt.Errorf("place %q: latitude %v is not between -90 and 90 degrees", p.Name, p.Lat)
	}
	if !(math.Abs(p.Lon) <= 180) {
		return fmt.Errorf("place %q: longitude %v is not between -180 and 180 degrees", p.Name, p.Lon)
	}
	return nil
}

// Places returns the cities, sorted by Name. The slice is the caller's.
func Places() []Place { return slices.Clone(world.cities) }

// Regions returns the cloud regions ("aws:us-east-1"), sorted by Name. The slice is the caller's.
func Regions() []Place { return slices.Clone(world.regions) }
