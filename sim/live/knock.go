// Knock: a connection that is opened and closed again, and nothing asked.
package live

import "cdnlab/sim"

var _ sim.Knocker = (*Link)(nil)

// knock is one attempt, with the steps of the virtual world's.
type knock struct {
	link  *Link
	reply func(sim.Cause)
	limit sim.Time
	timer sim.Timer
	hook  sim.Hook
	over  bool
}

// Knock implements sim.Knocker.
func (l *Link) Knock(req *sim.Request, reply func(sim.Cause)) {
	if cause := req.Scope.Cause(); cause != sim.OK {
		reply(cause)
		return
	}
	engine := l.node.engine
	k := &knock{link: l, reply: reply, limit: engine.Now().Add(l.connect)}
	k.hook = req.Scope.OnCancel(k.end)
	arrival := l.net.Connect(req)
	if l.net.Deaf() || arrival+l.net.OneWay() > l.connect {
		k.ends(sim.Unreachable, k.limit)
		return
	}
	k.timer = engine.After(arrival, k.syn)
}

// syn is the first packet's arrival: now the kernel is asked, in a goroutine of its
// own, as in dial.
func (k *knock) syn() {
	l := k.link
	now := l.node.engine.Now()
	back := now.Add(l.net.OneWay())
	switch {
	case l.net.Deaf():
		k.ends(sim.Unreachable, k.limit)
		return
	case l.net.Changed().Reset:
		k.ends(sim.Reset, back)
		return
	}
	k.ends(sim.Unreachable, k.limit)
	l.node.Later(func() {
		go func() {
			nc, err := l.dial()
			if err == nil {
				nc.Close()
			}
			l.node.Do(func() {
				if k.over {
					return
				}
				k.timer.Stop()
				cause := sim.OK
				if err != nil {
					cause = l.causeOf(err)
				}
				k.ends(cause, back)
			})
		}()
	})
}

func (k *knock) ends(c sim.Cause, at sim.Time) {
	k.timer = k.link.node.engine.At(at, func() { k.end(c) })
}

func (k *knock) end(c sim.Cause) {
	k.over = true
	k.timer.Stop()
	k.hook.Drop()
	k.reply(c)
}
