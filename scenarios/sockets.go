// Sockets: users who keep a connection and talk over it, and connect anew when they
// lose it.
package scenarios

import (
	"net/http"
	"time"

	"cdnlab/report"
	"cdnlab/sim"
	"cdnlab/sim/load"
)

// The numbers of what a user sends beside their first request, apart from those of
// all others: the rest is the user and how many there were.
const (
	messageID = 1 << 62
	anewID    = 1 << 61
)

var (
	luckTalk  = sim.NewLuck("load: when a user talks")
	luckAgain = sim.NewLuck("load: when a user connects anew")
)

// socket is one user's stay, over all their connections.
type socket struct {
	d      *driver
	crowd  *crowd
	keeps  *load.Socket
	object load.Object
	link   sim.Handler // of a service over TCP alone: it shares no connection with HTTP; nil else
	number uint64      // of the stay
	first  sim.Request // that began it
	user   int         // of a closed loop; -1
	until  sim.Time
	left   bool
	over   bool

	a       *ask        // of the connection, or of the attempt
	channel sim.Channel // nil: there is none
	lost    sim.Time    // when the last one was
	cut     bool        // one was lost, and there is none in its place yet
	failed  int         // attempts since
	anew    uint64      // attempts in all
	said    uint64
	next    sim.Timer
}

// keep makes a request the first of a user who wants a connection for messages.
func (a *ask) keep() {
	c := a.crowd
	d := c.d
	keeps := d.content.Socket(a.object)
	if keeps == nil {
		return
	}
	s := &socket{d: d, crowd: c, keeps: keeps, object: a.object, number: d.stays, user: a.user, until: d.end}
	s.first = a.req
	d.stays++
	if keeps.Lasts > 0 {
		s.until = min(s.until, d.e.Now().Add(keeps.Lasts))
	}
	s.asks(a)
}

// asks makes a request one for a connection.
func (s *socket) asks(a *ask) {
	a.socket, s.a = s, a
	if s.keeps.Protocol() == sim.ProtocolTCP {
		if s.link == nil {
			s.link = s.crowd.links[a.req.Client%uint64(len(s.crowd.links))].(shareable).Own()
		}
		a.req.Header = sim.SwitchedTCP
		return
	}
	h := make(http.Header, len(a.req.Header)+4)
	for name, values := range a.req.Header { // any order will do: it goes into a map
		h[name] = values
	}
	h["Connection"], h["Upgrade"] = sim.Switched["Connection"], sim.Switched["Upgrade"]
	h["Sec-Websocket-Version"], h["Sec-Websocket-Key"] = []string{"13"}, []string{"Y2RubGFiIGtlZXBzIGl0IQ=="}
	a.req.Header = h
}

func (s *socket) count(counter string, n int64) {
	s.d.rec.Count(max(0, s.d.now()-1), report.Sockets, counter, n)
}

// answered is the answer to a request for a connection. What users see of it ends
// here: the rest is counted.
func (s *socket) answered(resp *sim.Response) {
	d, a := s.d, s.a
	s.crowd.open.remove(a)
	channel, ok := resp.Body.(sim.Channel)
	if !ok {
		if resp.Body != nil {
			resp.Body.Abandon(sim.Cancelled)
		}
		s.failed++
		if !d.finished {
			d.observe(a, resp.Cause, 0)
		}
		s.ends(a)
		s.again()
		return
	}
	d.observe(a, sim.OK, 0)
	s.count("opened", 1)
	if s.cut {
		s.count("away-ns", int64(d.e.Now().Sub(s.lost)))
		s.count("reconnected", 1)
	}
	s.channel, s.cut, s.failed = channel, false, 0
	roll := sim.Draw(d.written.Seed, luckTalk, s.number, int(s.anew))
	s.next = d.e.After(time.Duration(roll.Float64()*float64(s.keeps.Every)), s.say)
	channel.OnEnd(func(sim.Cause, int64) { s.ended() })
}

// say sends a message, and the next one a while later.
func (s *socket) say() {
	d := s.d
	now := d.e.Now()
	if now >= s.until {
		s.leave()
		return
	}
	s.said++
	s.next = d.e.At(min(s.until, now.Add(s.keeps.Every)), s.say)
	s.count("messages", 1)
	r := &s.a.req
	s.channel.Serve(&sim.Request{ID: messageID | s.number<<32 | s.said, Client: r.Client, Conn: r.Conn, Addr: r.Addr, Place: r.Place,
		Method: r.Method, Scheme: r.Scheme, Host: r.Host, Path: r.Path, Header: userHeader}, func(resp *sim.Response) {
		switch {
		case d.finished:
		case resp.Failed():
			if !s.left {
				s.count("lost", 1)
			}
		default:
			s.count("answered", 1)
			s.count("answered-ns", int64(d.e.Now().Sub(now)))
		}
	})
}

func (s *socket) leave() {
	s.left = true
	s.channel.Abandon(sim.Cancelled)
}

// ended is the end of a connection.
func (s *socket) ended() {
	s.next.Stop()
	s.channel = nil
	if !s.left {
		s.count("cut", 1)
		s.lost, s.cut = s.d.e.Now(), true
	}
	s.ends(s.a)
	if s.left {
		s.stays()
		return
	}
	s.again()
}

// ends takes back the request of a connection that is no more.
func (s *socket) ends(a *ask) {
	s.d.open--
	s.a, a.socket = nil, nil
	s.d.free(a)
}

// again has the user connect anew, if they still want to.
func (s *socket) again() {
	d := s.d
	roll := sim.Draw(d.written.Seed, luckAgain, s.number, int(s.anew))
	s.anew++
	at := d.e.Now().Add(s.keeps.Wait(s.failed, &roll))
	if at >= s.until {
		s.stays()
		return
	}
	d.open++
	d.e.At(at, func() {
		d.open--
		if d.finished {
			return
		}
		s.connect()
	})
}

func (s *socket) connect() {
	d := s.d
	s.count("attempts", 1)
	a := d.ask(s.crowd)
	a.intended, a.user, a.object, a.req = d.e.Now(), s.user, s.object, s.first
	a.req.ID, a.req.Scope = anewID|s.number<<32|s.anew, &a.scope
	s.asks(a)
	d.open++
	s.crowd.await(a)
	a.Link().Serve(&a.req, a.onAnswer)
}

// stays is the end of a stay: who comes again and again comes again later.
func (s *socket) stays() {
	d := s.d
	if s.over || d.finished {
		return
	}
	s.over = true
	if s.user >= 0 {
		d.wake(s.user, d.start+d.users.Done(s.user, d.e.Now()-d.start))
	}
	d.check()
}
