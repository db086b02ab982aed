// exchange: one request's way over a link and its answer's way back.
package virtual

import (
	"cdnlab/sim"
	"cdnlab/sim/network"
)

// exchange is one request on a link. Its two ends know of each other only what
// has had time to travel: the near end is the asker's (near.go), the far end
// the host's (far.go). It is used again, with the functions that it hands out,
// once both are done with it: once near is gone and far is away.
//
// Whatever may still call it then holds the number of its use and compares.
type exchange struct {
	// What every step looks at stands together, in few lines of the cache.
	way    *way
	link   *Link // whose connections it uses
	near   nearStage
	far    farStage
	stood  bool         // the connection stands, or has stood
	headed bool         // the header has left
	opens  bool         // it opens a tunnel, and carries nothing
	use    uint32       // which use of the exchange this is
	pos    [listsOf]int // 1 + index in each list that it may stand in
	conn   conn         // kept after the end: it tells a dead node's late reply from a second one
	sent   sim.Time     // when the near end's first packet left, then when the header did
	reply  func(*sim.Response)
	resp   *sim.Response // on its way back
	timer  sim.Timer     // brings the near end's next step
	tail   sim.Timer     // brings the content's end
	cancel sim.Hook      // on the asker's scope

	// What most exchanges need, made once; the rest is made when it is needed.
	onCancel                    func(sim.Cause)
	onReply                     func(*sim.Response)
	onSYN, onOpen, onArrive     func()
	onFlight, onDeliver, onLast func()
	waiter                      network.Waiter[conn]

	below  *network.Flow // own, or shared with others; nil: no connection stood
	above  *above        // what goes up; nil: a head, on a path where that leaves no trace
	since  sim.Time      // when the connection was put back the last time
	flown  sim.Time      // when the last of the answer's content arrives; Never: not all has left
	body   *sim.Transfer // the near end's, while the content is still coming
	source sim.Body      // the host's
	taken  sim.Taken     // likewise, when it wants to know how far its sending has come
	tunnel *tunnel       // that it is carried by, or opens; nil: none

	scope    sim.Scope
	req      sim.Request  // what the host sees: it and its scope are the host's until it has answered in full
	own      network.Flow // of answers, on a connection that carries one
	down     network.Content
	last     ending        // of the content, on its way
	shaken   network.Setup // how the connection is opened
	upgraded bool          // the connection is no longer one of HTTP
}

// carried is the tunnel that carries the exchange; nil when none does.
func (x *exchange) carried() *tunnel {
	if x.opens {
		return nil
	}
	return x.tunnel
}

// nearStage is how far the asker's end has come.
type nearStage uint8

const (
	free       nearStage = iota // nobody's
	waiting                     // for a connection
	connecting                  // handshake under way
	asking                      // request on its way or at the host
	answered                    // header on its way
	streaming                   // header delivered, content still coming
	gone                        // the asker has its answer, has cancelled or has died
)

// farStage is what the host's end has of the request.
type farStage uint8

const (
	away       farStage = iota // nothing: not yet sent, or answered in full
	travelling                 // it will arrive, whatever becomes of the asker
	serving                    // the host works on it
	sending                    // the host has answered, its content is still coming
)

// ending is the end of a content.
type ending struct {
	sent  sim.Time
	n     int64
	cause sim.Cause
	known bool // there is an end: what is behind that, no more is to come
	early bool // it overtook the header
}

func newExchange(w *way) *exchange {
	x := &exchange{way: w, flown: sim.Never}
	x.waiter.Ready = x.ready
	x.onCancel, x.onReply = x.cancelled, x.replied
	x.onSYN, x.onOpen, x.onArrive = x.syn, x.opened, x.arrive
	x.onFlight, x.onDeliver, x.onLast = x.flight, x.deliver, x.lastByte
	return x
}

// begin takes on a request.
func (x *exchange) begin(req *sim.Request, reply func(*sim.Response)) {
	if x.near != free || x.far != away || x.pos != [listsOf]int{} {
		panic("virtual: an exchange with " + x.way.to.Name + " is used twice at once")
	}
	x.near, x.reply, x.conn, x.stood = waiting, reply, conn{}, false
	x.req = *req
	x.req.Scope = &x.scope
	if req.Interim != nil {
		x.req.Interim = x.interim(req.Interim)
	}
	x.way.open.add(x)
	x.cancel = req.Scope.OnCancel(x.onCancel)
}

// release makes the exchange ready for another request, once both ends are
// done with it.
func (x *exchange) release() {
	if x.near != gone || x.far != away {
		return
	}
	x.use++
	x.near = free
	x.req = sim.Request{}
	x.scope.Reuse()
	x.reply, x.resp, x.body, x.source, x.taken = nil, nil, nil, nil, nil
	x.last = ending{}
	x.headed, x.flown = false, sim.Never
	x.link, x.below, x.above, x.tunnel, x.opens, x.upgraded = nil, nil, nil, nil, false, false
	x.way.free = append(x.way.free, x)
}

// hold keeps a flight that was sent into a cut and lets step try again when
// the sender does: the link may have been cut anew by then. The exchange may be
// another's by then, too.
func (x *exchange) hold(timer *sim.Timer, sent sim.Time, step func()) {
	l, use := x.way, x.use
	if x.req.Traced() {
		l.tell.Held(&x.req)
	}
	l.net.Hold(func(healed sim.Time) {
		if x.use == use && x.near != gone {
			*timer = l.world.Engine.At(l.net.Retransmitted(sent, healed), step)
		}
	})
}
