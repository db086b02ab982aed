// The fault hang.
package fault

func init() {
	Faults.Add("hang", "a node stops (SIGSTOP): its connections stay open and nobody answers", Kind{
		Needs: []string{"node"},
		Make:  func(c Config) Fault { return hang{c.Node} },
		Tell:  func(c Config) string { return c.Node + " hangs" },
		Until: lasts,
	})
}

type hang struct{ node string }

func (f hang) Begin(w World) { w.Hang(f.node) }
func (f hang) End(w World)   { w.Resume(f.node) }
