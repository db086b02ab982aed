// exchange: one request's way over a link and its answer's way back.
package virtual

import (
	"cdnlab/sim"
	"cdnlab/sim/network"
)

// exchange is one request on a link. Its two ends know of each other only what
// has had time to travel: the near end is the asker's, the far end the host's.
// Exchanges are used again, with the functions that they hand out.
type exchange struct {
	link  *Link
	asked *sim.Request
	req   sim.Request // what the host sees: it and its scope are the host's until it has answered in full
	scope sim.Scope
	use   uint32 // which use of the exchange this is, for what may come too late
	reply func(*sim.Response)
	conn  conn
	resp  *sim.Response // on its way back
	body  *sim.Transfer // the near end's, while the content is still coming
	end   func()        // its end, when that overtook the header
	sent  sim.Time      // when the flight under way left

	step     stage
	started  bool // a connection is taken or being opened
	nearDone bool
	farDone  bool
	timer    sim.Timer // of the near end
	cancel   sim.Hook
	pos      [2]int // index in the host's and the link's list

	waiter                                       network.Waiter[conn]
	onCancel                                     func(sim.Cause)
	onReply                                      func(*sim.Response)
	onSYN, onOpen, onArrive, onDeliver, onUnable func()
}

type stage uint8

const (
	waiting    stage = iota // for a connection
	connecting              // SYN under way
	out                     // request on its way or at the host
	back                    // header on its way
	streaming               // header delivered, content still coming
)

func newExchange(l *Link) *exchange {
	x := &exchange{link: l}
	x.waiter.Ready = x.ready
	x.onCancel, x.onReply = x.cancelled, x.replied
	x.onSYN, x.onOpen, x.onArrive, x.onDeliver, x.onUnable = x.syn, x.opened, x.arrive, x.deliver, x.unable
	return x
}

func (x *exchange) begin(req *sim.Request, reply func(*sim.Response)) {
	x.asked, x.reply = req, reply
	x.req = *req
	x.req.Scope = &x.scope
	x.link.open.add(x)
	x.cancel = req.Scope.OnCancel(x.onCancel)
}

// ready takes the connection it got, or opens one.
func (x *exchange) ready(c conn, warm bool) {
	x.started = true
	if warm {
		x.conn = c
		x.send()
		return
	}
	x.dial()
}

func (x *exchange) dial() {
	l := x.link
	x.step, x.sent = connecting, l.clock.Now()
	if l.net.Cut() {
		x.timer = l.clock.After(l.connect, x.onUnable)
		l.net.Hold(x.healed())
		return
	}
	arrival := l.net.Connect(x.asked)
	if arrival+l.net.OneWay() > l.connect {
		x.timer = l.clock.After(l.connect, x.onUnable)
		return
	}
	l.world.Engine.After(arrival, x.onSYN)
}

// healed returns what to do when the cut heals that caught the flight under
// way. The exchange may by then be another's.
func (x *exchange) healed() func(sim.Time) {
	use := x.use
	return func(healed sim.Time) {
		if x.use != use || x.nearDone && x.step != back {
			return
		}
		l := x.link
		now := l.clock.Now()
		switch x.step {
		case connecting:
			again := l.net.Reconnected(x.sent, healed)
			if again.Add(2*l.net.OneWay()) < x.sent.Add(l.connect) {
				x.timer.Stop()
				l.world.Engine.After(again.Sub(now)+l.net.OneWay(), x.onSYN)
			}
		case out:
			l.world.Engine.After(l.net.Retransmitted(x.sent, healed).Sub(now)+l.net.OneWay(), x.onArrive)
		case back:
			x.timer = l.clock.After(l.net.Retransmitted(x.sent, healed).Sub(now)+l.net.OneWay(), x.onDeliver)
		}
	}
}

// unable is the end of a connection attempt that ran out of time.
func (x *exchange) unable() {
	x.farDone = true
	x.finish(sim.Fail(sim.Unreachable))
}

// syn is a connection attempt's arrival.
func (x *exchange) syn() {
	l := x.link
	if x.nearDone {
		x.release()
		return
	}
	if !l.to.running() {
		x.answer(sim.Fail(sim.Refused))
		return
	}
	x.conn = conn{l.to.life}
	x.timer = l.clock.After(l.net.OneWay(), x.onOpen)
}

// opened is the end of the handshake: the request may go.
func (x *exchange) opened() { x.send() }

func (x *exchange) send() {
	l := x.link
	x.step, x.sent = out, l.clock.Now()
	if l.net.Cut() {
		l.net.Hold(x.healed())
		return
	}
	l.world.Engine.After(l.net.Out(x.asked), x.onArrive)
}

// arrive is the request's arrival at the host.
func (x *exchange) arrive() {
	h := x.link.to
	if !h.up(x.conn.life) {
		x.answer(sim.Fail(sim.Reset))
		return
	}
	h.open.add(x)
	if h.life.Held() {
		h.held = append(h.held, x)
		return
	}
	x.enter()
}

func (x *exchange) enter() { x.link.to.node.Serve(&x.req, x.onReply) }

// reset is the host's crash.
func (x *exchange) reset() {
	if x.step == streaming || x.step == back && x.body != nil {
		x.farDone = true
		x.ends(sim.Reset, 0)
		return
	}
	x.answer(sim.Fail(sim.Reset))
}

// replied is the host's answer.
func (x *exchange) replied(resp *sim.Response) {
	if x.asked == nil || x.step != out && !x.nearDone {
		panic("virtual: " + x.link.to.Name + " answered twice")
	}
	if resp.Status == 0 {
		// A node without an answer closes the connection: all a peer can see.
		resp = sim.Fail(sim.Reset)
	}
	switch {
	case x.nearDone:
		x.link.to.open.remove(x)
		if resp.Body != nil {
			resp.Body.Abandon(sim.Cancelled)
		}
		x.release()
	case resp.Body != nil:
		x.stream(resp)
	default:
		x.link.to.open.remove(x)
		x.answer(resp)
	}
}

// answer sends an answer on its way back; the far end has done its part.
func (x *exchange) answer(resp *sim.Response) {
	x.farDone = true
	x.travel(resp)
}

func (x *exchange) travel(resp *sim.Response) {
	if x.nearDone {
		x.release()
		return
	}
	l := x.link
	x.step, x.resp, x.sent = back, resp, l.world.Engine.Now()
	if l.net.Cut() {
		l.net.Hold(x.healed())
		return
	}
	x.timer = l.clock.After(l.net.Back(x.asked, resp.Size), x.onDeliver)
}

// stream sends the header on its way while content is still coming.
func (x *exchange) stream(resp *sim.Response) {
	l, body, use := x.link, resp.Body, x.use
	x.body = &sim.Transfer{Length: body.Size()}
	x.body.Abandoned = func(c sim.Cause) {
		if x.use == use && !x.nearDone {
			x.cancelled(c)
		}
	}
	resp.Body = x.body
	x.travel(resp)
	body.OnEnd(func(c sim.Cause, n int64) {
		if x.use != use || x.farDone {
			return
		}
		x.farDone = true
		l.to.open.remove(x)
		x.ends(c, n)
	})
}

// ends takes the content's end to the near end.
func (x *exchange) ends(c sim.Cause, n int64) {
	if x.nearDone {
		x.release()
		return
	}
	use := x.use
	x.link.clock.After(x.link.net.OneWay(), func() {
		switch {
		case x.use != use: // cancelled meanwhile, and another's by now
		case x.step == back: // the header was lost on its way and comes later
			x.end = func() { x.endBody(c, n) }
		default:
			x.endBody(c, n)
		}
	})
}

func (x *exchange) endBody(c sim.Cause, n int64) {
	body := x.body
	x.settle(c == sim.OK)
	body.End(c, n)
}

// deliver is the header's arrival at the asker.
func (x *exchange) deliver() {
	if x.body != nil {
		x.step = streaming
		end := x.end
		x.reply(x.resp)
		if end != nil {
			end()
		}
		return
	}
	x.finish(x.resp)
}

// finish ends the near end with an answer.
func (x *exchange) finish(resp *sim.Response) {
	reply := x.reply
	x.settle(resp.Cause == sim.OK)
	reply(resp)
}

// settle gives the connection back, or up, and ends the near end.
func (x *exchange) settle(healthy bool) {
	l := x.link
	x.cancel.Drop()
	x.timer.Stop()
	l.open.remove(x)
	x.nearDone = true
	started, c := x.started, x.conn
	if x.farDone {
		x.release()
	}
	switch {
	case !started:
	case healthy:
		l.conns.Put(l.clock.Now(), c)
	default:
		l.conns.Lost()
	}
}

// cancelled is the asker's change of mind: it is told at once, the host one
// link delay later, by the close of the connection.
func (x *exchange) cancelled(c sim.Cause) {
	reply, body, step := x.reply, x.body, x.step
	x.abandon(c)
	if !x.started {
		x.link.conns.Leave(&x.waiter)
	}
	x.settle(false)
	if step == streaming {
		body.End(c, 0)
		return
	}
	reply(sim.Fail(c))
}

// abandon tells the far end, one link delay from now; a host that hangs hears
// of it when it runs on, a dead one never.
func (x *exchange) abandon(c sim.Cause) {
	l, use := x.link, x.use
	if x.farDone || x.step < out {
		x.farDone = x.farDone || x.step == waiting
		return
	}
	x.conn.life.After(l.net.OneWay(), func() {
		if x.use == use {
			x.scope.Cancel(c)
		}
	})
}

// release makes the exchange ready for another request, once both ends are
// done with it.
func (x *exchange) release() {
	l := x.link
	x.asked, x.reply, x.resp, x.body, x.end, x.conn = nil, nil, nil, nil, nil, conn{}
	x.use++
	x.req = sim.Request{}
	x.scope.Reuse()
	x.step, x.started, x.nearDone, x.farDone = waiting, false, false, false
	l.free = append(l.free, x)
}

// exchanges is a list that an exchange can leave in one step. The order after a
// departure is another, but the same in every run.
type exchanges struct {
	side int
	list []*exchange
}

func (l *exchanges) add(x *exchange) {
	x.pos[l.side] = len(l.list) + 1
	l.list = append(l.list, x)
}

func (l *exchanges) remove(x *exchange) {
	i, last := x.pos[l.side]-1, len(l.list)-1
	if i < 0 {
		return
	}
	l.list[i] = l.list[last]
	l.list[i].pos[l.side] = i + 1
	l.list[last] = nil
	l.list = l.list[:last]
	x.pos[l.side] = 0
}

func (l *exchanges) pop() *exchange {
	if len(l.list) == 0 {
		return nil
	}
	x := l.list[0]
	l.remove(x)
	return x
}
