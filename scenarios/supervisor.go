// Supervisor: it restarts app servers that do not say that they live.
package scenarios

import (
	"cdnlab/origin/health"
	"cdnlab/report"
	"cdnlab/sim"
)

// supervisor watches one server from beside it. It checks only a process that runs: a
// new one has all its failures before it.
type supervisor struct {
	d      *driver
	node   string
	failed health.Machine
	prober *health.Prober // nil: nothing runs there
	link   sim.Handler
}

// supervise begins to watch the servers that run, if the scenario has that. The others
// are watched as soon as they do.
func (d *driver) supervise() {
	if !d.t.Scenario.App.Liveness.On() {
		return
	}
	d.supervisors = map[string]*supervisor{}
	for i := range d.t.Nodes {
		if n := &d.t.Nodes[i]; n.Kind == report.KindApp {
			v := &supervisor{d: d, node: n.Name, link: d.w.dial("supervisor of "+n.Name, n.Name, Peer{Name: n.Name}, n.Addr)}
			d.supervisors[n.Name] = v
			if !n.Late {
				v.start()
			}
		}
	}
}

// start checks a process that has just been started.
func (v *supervisor) start() {
	v.stop()
	if v.d.finished {
		return
	}
	l := v.d.t.Scenario.App.Liveness
	v.failed = health.NewMachine(l.Fall, 1)
	cfg := health.Config{Path: l.Path, Interval: l.Interval, Timeout: l.Timeout, Fall: l.Fall}.WithDefaults()
	v.prober = health.NewProber(sim.NewEnv(v.d.e, "supervisor", v.d.t.Scenario.Seed, nil), cfg, v.node, v.link, v.checked)
	v.prober.Start()
}

func (v *supervisor) stop() {
	if v.prober != nil {
		v.prober.Stop()
		v.prober = nil
	}
}

// checked takes a check's result.
func (v *supervisor) checked(ok bool, why string) {
	if v.d.finished {
		v.stop()
		return
	}
	if v.failed.Observe(v.d.e.Now(), ok) && !v.failed.Up() {
		v.restart(why)
	}
}

// restart ends the process, as the kubelet does when its patience has ended, and starts
// another.
func (v *supervisor) restart(why string) {
	d := v.d
	v.stop()
	d.tell(v.node, sim.EventRestarted, "", why)
	d.w.Crash(v.node)
	d.e.After(d.t.Scenario.App.RestartAfter, func() {
		if s := d.standing(v.node); !s.crashed && !s.away && !d.finished {
			d.w.Restart(v.node)
		}
	})
}

// heed takes from what happens to the server whether there is something to watch.
func (v *supervisor) heed(kind sim.EventKind) {
	switch kind {
	case sim.EventStarted:
		v.d.e.After(0, v.start)
	case sim.EventCrashed, sim.EventExited, sim.EventStopped:
		v.d.e.After(0, v.stop)
	}
}
