// The action weight.
package fault

import "strconv"

func init() {
	Actions.Add("weight", "a server's part of the work in weighted algorithms changes", Kind{
		Needs: []string{"node", "weight"},
		Make:  func(c Config) Fault { return weight{c.Node, c.Weight} },
		Tell:  func(c Config) string { return c.Node + "'s weight becomes " + strconv.Itoa(c.Weight) },
		Until: lasts,
	})
}

type weight struct {
	server string
	weight int
}

func (f weight) Begin(w World) { w.Weight(f.server, f.weight) }
func (f weight) End(w World)   { w.Weight(f.server, 0) }
