// The action drain.
package fault

func init() {
	Actions.Add("drain", "a server gets no new requests but finishes those it has", Kind{
		Needs: []string{"node"},
		Make:  func(c Config) Fault { return drain{c.Node} },
		Tell:  func(c Config) string { return c.Node + " is drained" },
		Until: lasts,
	})
}

type drain struct{ server string }

func (f drain) Begin(w World) { w.Drain(f.server, true) }
func (f drain) End(w World)   { w.Drain(f.server, false) }
