// The fault crash.
package fault

func init() {
	Faults.Add("crash", "a node is killed (SIGKILL) and, with `for`, restarted with a cold start", Kind{
		Needs: []string{"node"},
		Make:  func(c Config) Fault { return crash{c.Node} },
		Tell:  func(c Config) string { return c.Node + " crashes" },
		Until: func(c Config) string { return ", restarts after " + span(c.For) },
	})
}

type crash struct{ node string }

func (f crash) Begin(w World) { w.Crash(f.node) }
func (f crash) End(w World)   { w.Restart(f.node) }
