// What a scenario says about people: the keys of [[journey]].
package load

import (
	"fmt"
	"time"
)

// Site is where on a site its own pages are.
type Site struct {
	SignIn string // a POST there signs in
	Cart   string // a POST there puts something into the cart
}

// Journey is what a kind of people does on the site, from the first page until
// they leave.
type Journey struct {
	Name      string        `toml:"name" jsonschema:"required,description=what kind of people they are"`
	Share     *float64      `toml:"share" jsonschema:"exclusiveMinimum=0,maximum=1000000000,default=1,description=how many of the people\\, as a weight beside the other journeys"`
	ThinkTime time.Duration `toml:"think-time" jsonschema:"minimum=1ms,maximum=24h,default=7s,description=mean time from the end of a page to the same person's next"`
	ThinkLaw  string        `toml:"think-law" jsonschema:"enum=exponential,enum=constant,default=exponential,description=how think times scatter"`
	Steps     []Step        `toml:"step" jsonschema:"description=what they do\\, one after the other"`
}

// Step is one thing that people do: a page, a sign-in, or a thing put into the
// cart.
type Step struct {
	Page      string         `toml:"page" jsonschema:"description=a page: a path as [[catalog]] has it; of a numbered one the number is drawn by its popularity"`
	Assets    map[string]int `toml:"assets" jsonschema:"description=what the page needs beside its HTML: so many objects of each of these paths of [[catalog]]; for example { \"/app.{n}.js\" = 6 }"`
	SignIn    bool           `toml:"sign-in" jsonschema:"description=they sign in\\, and keep the cookie that they get; who is signed in already goes on"`
	AddToCart bool           `toml:"add-to-cart" jsonschema:"description=they put something into their cart\\, which needs a session"`
	Times     int            `toml:"times" jsonschema:"minimum=1,maximum=500,default=1,description=how many times\\, thinking in between"`
	Leave     float64        `toml:"leave" jsonschema:"minimum=0,maximum=1,default=0,description=share of the people who leave the site after each time"`
}

// Limits of journeys. A page's number in a visit and an asset's on its page are
// parts of a request's number, where pageBits and assetBits give them room.
const (
	maxJourneys = 1000
	maxPages    = 500 // of a visit
	maxAssets   = 100 // of a page
)

// withDefaults fills in what is not said.
//
// Share 1: journeys are as frequent as each other. Think-time 7 s, exponential:
// the think time of a web user in TPC-W 1.8 (clause 5), as that of the shape
// users.
func (j Journey) withDefaults() Journey {
	if j.Share == nil {
		j.Share = new(1.0)
	}
	if j.ThinkTime == 0 {
		j.ThinkTime = standardThinkTime
	}
	if j.ThinkLaw == "" {
		j.ThinkLaw = "exponential"
	}
	return j
}

// Words is the step in a few words: "/item/{n} with 6 assets 4 times".
func (s Step) Words() string {
	text := s.Page
	switch {
	case s.SignIn:
		text = "sign in"
	case s.AddToCart:
		text = "add to the cart"
	}
	if n := s.assets(); n > 0 {
		text += fmt.Sprintf(" with %d asset", n)
		if n > 1 {
			text += "s"
		}
	}
	if s.times() > 1 {
		text += fmt.Sprintf(" %d times", s.times())
	}
	return text
}

// times is how often a step is done at the most.
func (s Step) times() int { return max(1, s.Times) }

// assets is how many assets its page has.
func (s Step) assets() int {
	n := 0
	for _, more := range s.Assets { // in any order: a sum
		n += more
	}
	return n
}
