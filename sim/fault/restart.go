// The action restart.
package fault

func init() {
	Actions.Add("restart", "an app server ends, after a drain if it has one, and is started again, in the version that was released last", Kind{
		Needs:   []string{"node"},
		May:     []string{"drain", "boot"},
		Instant: true,
		Make:    func(c Config) Fault { return c.rollout([]string{c.Node}) },
		Tell:    func(c Config) string { return c.Node + " is restarted" + c.drained() },
	})
}

// drained says in words whether servers are drained before they end.
func (c Config) drained() string {
	if c.Drain == 0 {
		return " without a drain"
	}
	return ""
}
