// Change: a PoP that goes on with another configuration.
package edge

import (
	"reflect"

	"cdnlab/edge/cache"
)

// Change makes the PoP one of another Config, as a reload does: what is stored and
// what is on its way stays. New rules count from the next answer on, for what is
// stored already as well as for what comes; a smaller cache evicts at once, and
// another eviction begins with the order that the one before had, but without
// what else it had learnt. Another admission knows of no request yet.
func (p *PoP) Change(cfg Config) {
	if bad := cfg.Check(); len(bad) > 0 {
		panic("edge: " + bad[0].Error())
	}
	cfg = cfg.WithDefaults()
	before := p.cfg
	if reflect.DeepEqual(cfg, before) {
		return
	}
	shield := p.rules.Shield
	p.cfg, p.caches, p.shares, p.rules = cfg, *cfg.Cache, cfg.Coalesce != CoalesceOff, cfg.rules(p.env.Node)
	p.rules.Shield = shield
	p.ruling, p.spellings = newRuling(cfg.Rules), spellings{}
	p.parents = nil // what the parent is told may be another
	p.flights.MaxFlights, p.flights.MaxWaiters = cfg.MaxFlights, cfg.MaxWaiters
	p.loners.For = *cfg.HitForMiss
	p.slices = p.slices || cfg.Slice > 0
	p.unsliced.Clear()
	p.loners.Clear() // by other rules their answers may be shared
	if cfg.Admitting != before.Admitting {
		p.store.Guard(cfg.Admitting.Policy(p.env.Stream("admission")))
	}
	if cfg.CacheSize == before.CacheSize && cfg.MaxVariants == before.MaxVariants && cfg.Eviction == before.Eviction {
		return
	}
	policy, _ := cache.Evictions.Get(cfg.Eviction)
	evicted := p.store.Evicted()
	p.store.Change(int64(cfg.CacheSize), cfg.MaxVariants, policy.With(p.env.Stream("eviction")))
	p.n.evicted.Add(p.store.Evicted() - evicted)
}
