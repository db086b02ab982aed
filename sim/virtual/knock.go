// Knock: a connection that is opened and closed again, and nothing asked.
package virtual

import "cdnlab/sim"

var _ sim.Knocker = (*Link)(nil)

// knock is one attempt. Unlike an exchange's it sends its SYN once: what is cut when
// that is under way makes it fail.
type knock struct {
	link  *Link
	reply func(sim.Cause)
	limit sim.Time
	timer sim.Timer
	hook  sim.Hook
}

// Knock implements sim.Knocker.
func (l *Link) Knock(req *sim.Request, reply func(sim.Cause)) {
	if l.closed {
		return // as in Serve
	}
	if cause := req.Scope.Cause(); cause != sim.OK {
		reply(cause)
		return
	}
	k := &knock{link: l, reply: reply, limit: l.clock.Now().Add(l.connect)}
	k.hook = req.Scope.OnCancel(k.end)
	arrival := l.net.Connect(req)
	if l.net.Deaf() || arrival+l.net.OneWay() > l.connect {
		k.ends(sim.Unreachable, k.limit)
		return
	}
	k.timer = l.clock.After(arrival, k.syn)
}

// syn is the first packet's arrival. A host that hangs accepts, as its kernel does.
func (k *knock) syn() {
	l := k.link
	back := l.clock.Now().Add(l.net.OneWay())
	switch {
	case l.net.Deaf() || l.to.full():
		k.ends(sim.Unreachable, k.limit)
	case l.net.Changed().Reset:
		k.ends(sim.Reset, back)
	case !l.to.running():
		k.ends(sim.Refused, back)
	default:
		l.to.accepted()
		k.ends(sim.OK, back)
	}
}

func (k *knock) ends(c sim.Cause, at sim.Time) {
	k.timer = k.link.clock.After(k.link.until(at), func() { k.end(c) })
}

func (k *knock) end(c sim.Cause) {
	k.timer.Stop()
	k.hook.Drop()
	k.reply(c)
}
