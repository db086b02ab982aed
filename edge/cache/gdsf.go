// GDSF: small and often used entries stay.
package cache

func init() {
	Evictions.Add("gdsf", "keeps what is small and often used (greedy dual size frequency): more hits, fewer bytes", func(s Setup) Eviction {
		return &gdsf{release: s.Release, gain: func(size int64) float64 { return 1e6 / float64(size) }}
	})
}

// gdsf ranks an entry by L + uses × gain, where L is the rank of who left last: L.
// Cherkasova, Improving WWW Proxies Performance with Greedy-Dual-Size-Frequency Caching
// Policy (HP Labs 1998), with the same cost for each miss. The newcomer is ranked
// with the others, and may be the one that leaves. Uses are forgotten with the entry.
type gdsf struct {
	Ranked
	of      []used
	age     float64 // L
	gain    func(size int64) float64
	coming  uint32
	release func(id uint32)
}

type used struct{ uses, gain float64 }

func (g *gdsf) Admit(x Item) bool {
	g.of = grown(g.of, x.ID)
	g.of[x.ID] = used{1, g.gain(x.Size)}
	g.coming = x.ID
	g.Set(x.ID, g.age+g.of[x.ID].gain)
	return true
}

func (g *gdsf) Insert(x Item) bool {
	g.coming = none
	return true
}

func (g *gdsf) Hit(id uint32) {
	u := &g.of[id]
	u.uses++
	g.Set(id, g.age+u.uses*u.gain)
}

func (g *gdsf) Next() uint32 { return g.Least() }

func (g *gdsf) Victim() uint32 {
	least := g.least()
	g.age = least.value
	g.Ranked.Remove(least.id)
	if least.id != g.coming {
		g.release(least.id)
	}
	return least.id
}

func (g *gdsf) Remove(id uint32) { g.Ranked.Remove(id) }

// none is no id.
const none = ^uint32(0)
