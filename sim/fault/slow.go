// The fault slow.
package fault

func init() {
	Faults.Add("slow", "a brown-out: a node's work takes `factor` times as long", Kind{
		Needs: []string{"node", "factor"},
		Make:  func(c Config) Fault { return slow{c.Node, c.Factor} },
		Tell:  func(c Config) string { return c.Node + " takes " + number(c.Factor) + " times as long" },
		Until: lasts,
	})
}

type slow struct {
	node   string
	factor float64
}

func (f slow) Begin(w World) { w.Slow(f.node, f.factor) }
func (f slow) End(w World)   { w.Slow(f.node, 1) }
