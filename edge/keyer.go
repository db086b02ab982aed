// Keyer: whose an object is, where several PoPs share them.
package edge

import (
	"cdnlab/edge/cache"
	"cdnlab/sim"
)

// Keyer finds the keys that PoPs of a Config store answers under, for a balancer that
// gives each of them its own. Variants of one URI have one key, and so have its slices;
// what an answer's No-Vary-Search says of queries only the PoP knows that got it.
type Keyer struct{ pop PoP }

// NewKeyer returns a Keyer. cfg must pass its Check.
func NewKeyer(cfg Config) *Keyer {
	k := &Keyer{}
	k.Change(cfg)
	return k
}

// Change makes the Keyer one of another Config.
func (k *Keyer) Change(cfg Config) {
	cfg = cfg.WithDefaults()
	k.pop.cfg, k.pop.rules, k.pop.ruling, k.pop.spellings = cfg, cfg.rules(""), newRuling(cfg.Rules), spellings{}
}

// Key returns the key of a request.
func (k *Keyer) Key(req *sim.Request) cache.Key { return k.pop.keyOf(req) }
