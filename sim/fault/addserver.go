// The action add-server.
package fault

func init() {
	Actions.Add("add-server", "a server is started and, once it runs, joins the pool", Kind{
		May:   []string{"node"},
		Make:  func(c Config) Fault { return member{c.Node, true} },
		Tell:  func(c Config) string { return c.Node + " is added" },
		Until: func(c Config) string { return ", leaves after " + span(c.For) },
	})
}

// member is a server that joins or leaves the pool and, in the end, does the
// opposite.
type member struct {
	server string
	joins  bool
}

func (f member) Begin(w World) { f.change(w, f.joins) }
func (f member) End(w World)   { f.change(w, !f.joins) }

func (f member) change(w World, joins bool) {
	if joins {
		w.AddServer(f.server)
	} else {
		w.RemoveServer(f.server)
	}
}
