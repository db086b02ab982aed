// A PoP alone: what a scenario says of one, without the scenario.
package scenarios

import (
	_ "embed"

	"cdnlab/edge"
	"cdnlab/sim"
)

// aloneText is the smallest scenario there is, for its [edge].
//
//go:embed alone.toml
var aloneText []byte

// EdgeAlone returns how a PoP without a scenario caches, with settings of [edge]
// applied. Its error is strict.Mistakes when one is wrong.
func EdgeAlone(settings ...Setting) (edge.Config, error) {
	x, err := Load("cdnlab node edge", aloneText, settings...)
	if err != nil {
		return edge.Config{}, err
	}
	return x.Variants[0].Scenario.Edge.Config, nil
}

// PoPFactory builds a PoP whose parent is whatever the site dials.
func PoPFactory(c edge.Config) sim.Factory {
	return func(site sim.Site) sim.Handler { return edge.New(site.Env, c, site.Dial("parent")) }
}
