// crowd: a group of users, their connections and their requests under way.
package scenarios

import (
	"net/http"
	"net/netip"
	"time"

	"cdnlab/edge/browser"
	"cdnlab/report"
	"cdnlab/sim"
	"cdnlab/sim/load"
)

// crowd is a group of clients in a run.
type crowd struct {
	d      *driver
	g      *Group
	reach  int    // index of its target
	first  uint64 // number of its first user: no two users of a run have one number
	peer   Peer
	peers  []Peer                 // with the others that may be reached in its place
	fields *load.Fields           // of their requests
	links  []sim.Handler          // pooled: one for each address
	own    map[uint64]sim.Handler // per-user: one for each user who has asked
	jars   *jars                  // nil: nobody keeps cookies, but people theirs
	tabs   *browser.Browsers      // nil: their users have no cache, and never reload
	env    *sim.Env               // of tabs
	open   asks
	met    map[uint64]string // the server that answered a user's last datagram; nil: none was
	timer  sim.Timer
	alarm  sim.Time // when timer fires, if it is pending
}

func newCrowd(d *driver, g *Group) *crowd {
	c := &crowd{d: d, g: g, fields: load.NewFields(g.Headers, userHeader, d.t.Scenario.Seed), reach: d.reach(g.Place), own: map[uint64]sim.Handler{}}
	c.toward(g)
	if n := len(d.crowds); n > 0 {
		c.first = d.crowds[n-1].after(uint64(len(g.Addrs)))
	}
	for _, addr := range g.Addrs {
		c.links = append(c.links, d.ways(c, func(p Peer) sim.Handler { return d.w.dial(g.ID, p.Name, p, addr) }))
	}
	if g.Cookies && !d.t.Scenario.people() {
		c.jars = newJars()
	}
	c.browse()
	return c
}

// toward finds the paths to the group's target.
func (c *crowd) toward(g *Group) {
	c.peers = nil
	for _, name := range c.d.t.entries(c.d.targets[c.reach]) {
		c.peers = append(c.peers, Peer{Name: name, Path: c.d.t.ClientPath(g.Clients, name), Conns: g.Conns})
	}
	c.peer = c.peers[0]
}

// after returns the first number behind the group's users that is a multiple of
// so many addresses: the next group's users then have the same address of their
// group as if they were counted from 0.
func (c *crowd) after(addresses uint64) uint64 {
	next := c.first + uint64(c.g.Users) + addresses - 1
	return next - next%addresses
}

// fresher is a link whose idle connections can be forgotten, as by a user who
// comes anew.
type fresher interface{ Forget() }

func (c *crowd) link(a *ask) sim.Handler {
	if c.g.Connections != "per-user" {
		return c.links[a.req.Client%uint64(len(c.links))]
	}
	l := c.own[a.req.Client]
	if l == nil {
		l = c.links[a.req.Client%uint64(len(c.links))].(shareable).Own()
		c.own[a.req.Client] = l
	}
	roll := c.d.luck.anew.Of(a.req.ID, 0)
	if f, ok := l.(fresher); ok && c.g.New > 0 && roll.Float64() < c.g.New {
		f.Forget()
	}
	return l
}

// ask is one request of a user, from its intended time to its end.
type ask struct {
	crowd    *crowd
	req      sim.Request
	object   load.Object
	scope    sim.Scope
	intended sim.Time
	first    sim.Time
	resp     *sim.Response
	user     int   // of a closed loop; -1
	page     *page // that it belongs to; nil: it stands alone
	deadline sim.Time
	leaving  sim.Timer // of a user who will not wait for the rest
	left     bool
	socket   *socket // whose connection it is for; nil: it is answered and over

	before, after *ask // in asks
	onAnswer      func(*sim.Response)
	steers        func() // called when the request goes out; nil: nobody wants to know
}

// ask returns an ask to be filled in: a used one where there is one.
func (d *driver) ask(c *crowd) *ask {
	if n := len(d.spare); n > 0 {
		a := d.spare[n-1]
		d.spare = d.spare[:n-1]
		a.crowd = c
		return a
	}
	a := &ask{crowd: c}
	a.onAnswer = a.answered
	return a
}

// free takes back an ask that has ended.
func (d *driver) free(a *ask) {
	a.resp.Done() // its user saw it last
	a.resp, a.page, a.left = nil, nil, false
	a.leaving.Stop()
	a.scope.Reuse()
	d.spare = append(d.spare, a)
}

// ask sends a request now. id is unique in the run.
func (c *crowd) ask(id uint64, user int) {
	d := c.d
	key := d.luck.key.Of(id, 0)
	o := d.popular(d.content.Pick(&key))
	if d.content.Appears(o) {
		o = d.newest(o, id)
	}
	c.askFor(o, id, id, user)
}

// askFor asks for an object. Of an open loop who decides, by chance, which of the
// users it is.
func (c *crowd) askFor(o load.Object, id, who uint64, user int) {
	d := c.d
	a := d.ask(c)
	a.intended, a.user = d.e.Now(), user
	roll := d.luck.user.Of(who, 0)
	client := c.first + uint64(roll.IntN(c.g.Users))
	if user >= 0 {
		client = uint64(user)
	}
	a.object = o
	r := &a.req
	*r = sim.Request{} // field by field, which is not copied once more
	r.ID, r.Client, r.Conn, r.Addr, r.Place = id, client, client, c.addr(client), c.g.Place
	r.Method, r.Scheme, r.Host, r.Path, r.Header = d.content.Method(o), d.scheme, siteHost, d.path(o), d.signIns.Header(c.header(client), d.content.SignIn(o), client)
	r.Scope = &a.scope
	if d.content.Habits(o) {
		a.seek()
	}
	a.keep()
	d.open++
	c.await(a)
	if asks := d.content.Datagram(o); asks != nil {
		a.casts(asks)
		return
	}
	how := browser.Page
	if c.tabs != nil {
		dice := d.luck.reload.Of(id, 0)
		how = c.g.Config.Alone(dice.Float64())
	}
	c.send(a, how, a.onAnswer)
}

// path is what a request for an object asks for now. Of who asks without a page
// before, a name made of the content is that of the newest: as of who has just
// loaded the page.
func (d *driver) path(o load.Object) string { return d.names.Of(o, d.versions.At(o, d.e.Now())) }

// siteHost is the site that everyone asks for.
const siteHost = "www.example.com"

// userHeader is what users send who are said to send nothing else.
var userHeader = map[string][]string{"Accept": {"*/*"}, "User-Agent": {"cdnlab"}}

func (c *crowd) addr(client uint64) netip.Addr { return c.g.Addrs[client%uint64(len(c.g.Addrs))] }

// answered is the answer's header, or the failure.
func (a *ask) answered(resp *sim.Response) {
	a.resp, a.first = resp, a.crowd.d.e.Now()
	if c := a.crowd; c.jars != nil && a.page == nil {
		c.jars.take(a.req.Client, resp.Header["Set-Cookie"], a.first)
	}
	if a.socket != nil {
		a.socket.answered(resp)
		return
	}
	if resp.Body == nil {
		a.ended(resp.Cause, max(resp.Size, 0))
		return
	}
	if d := a.crowd.d; d.content.Habits(a.object) {
		a.stay()
	}
	resp.Body.OnEnd(a.ended)
}

func (a *ask) ended(cause sim.Cause, n int64) {
	c, d := a.crowd, a.crowd.d
	c.open.remove(a)
	d.open--
	if d.finished {
		return
	}
	if a.left {
		cause = sim.OK // it was the user's own will
	}
	d.observe(a, cause, n)
	switch {
	case a.page != nil:
		a.page.ended(a.object, a.resp, cause)
	case a.user >= 0:
		at := d.start + d.users.Done(a.user, d.e.Now()-d.start)
		d.wake(a.user, max(at, d.e.Now().Add(c.told(a.resp))))
	}
	d.free(a)
	d.check()
}

// told is how long a server has asked the users who get this answer to stay away; 0
// when it has not, or when they do not heed it.
func (c *crowd) told(resp *sim.Response) time.Duration {
	if resp.Status != http.StatusServiceUnavailable && resp.Status != http.StatusTooManyRequests || !*c.g.RetryAfter {
		return 0
	}
	return sim.RetryAfter(resp.Header, sim.Epoch.Add(time.Duration(c.d.e.Now())))
}

// observe tells the recorder what a user saw.
func (d *driver) observe(a *ask, cause sim.Cause, n int64) {
	o, resp := &d.seen, a.resp
	*o = report.Observation{} // then field by field, which is not copied once more
	o.Intended = a.intended - d.start
	o.Sent = o.Intended.Add(resp.Late)
	o.FirstByte, o.End = max(a.first-d.start, o.Sent), max(d.e.Now()-d.start, o.Sent)
	o.Client, o.Group, o.Place = a.req.Client, a.crowd.g.ID, a.req.Place
	o.Status, o.Cause, o.Bytes, o.Left = resp.Status, cause, n, a.left
	for i := range resp.Via.Len() {
		switch m := resp.Via.At(i); m.Hop {
		case sim.HopApp:
			o.Server, o.Queue, o.ServerTook = m.Node, m.Queue, m.Took
		case sim.HopCache:
			o.PoP, o.Verdict, o.Fwd = m.Node, m.Verdict, m.Fwd
		case sim.HopBalancer:
			o.Retried = o.Retried || m.Tries > 1
			if o.PoP != "" { // the PoP's own balancer, before several servers
				o.PoP = m.Node
			}
		case sim.HopBrowser:
			o.Browser = m.Verdict
		}
	}
	if o.Browser.FromStore() {
		o.Bytes = 0 // nothing of the content came over the network
	}
	if n := resp.Via.Len(); d.rtts != nil && n > 0 && o.Intended >= sim.Time(d.t.Scenario.Warmup) && (a.page == nil || a.page.warm && !a.page.html) && !o.Browser.FromStore() {
		d.rtts.observe(a.crowd, o.FirstByte.Sub(o.Sent), resp)
	}
	if resp.Stamp.Version != 0 && !a.left {
		d.truth(o, a)
	}
	d.rec.Observe(o)
}

// await gives up on a request when its user's patience ends. The requests stand
// in the order of their deadlines, and one timer for the first is enough.
func (c *crowd) await(a *ask) {
	a.deadline = a.intended.Add(c.g.Timeout)
	c.open.add(a)
	if !c.timer.Pending() || c.alarm > a.deadline {
		c.timer.Stop()
		c.watch(a)
	}
}

func (c *crowd) watch(first *ask) {
	c.alarm = first.deadline
	c.timer = c.d.e.At(first.deadline, c.giveUp)
}

func (c *crowd) giveUp() {
	now := c.d.e.Now()
	for a := c.open.first; a != nil && a.deadline <= now; a = c.open.first {
		c.open.remove(a)
		a.scope.Cancel(sim.TimedOut)
	}
	if first := c.open.first; first != nil && !c.timer.Pending() {
		c.watch(first)
	}
}

// asks is a list of requests under way, the first to be given up in front.
type asks struct{ first, last *ask }

// add puts a request in its place, which is the end: all of a group have the same
// patience, unless that has just become less.
func (l *asks) add(a *ask) {
	before := l.last
	for before != nil && before.deadline > a.deadline {
		before = before.before
	}
	a.before = before
	if before == nil {
		a.after, l.first = l.first, a
	} else {
		a.after, before.after = before.after, a
	}
	if a.after == nil {
		l.last = a
	} else {
		a.after.before = a
	}
}

// remove takes a request out; one that is not in the list stays out.
func (l *asks) remove(a *ask) {
	if a.before == nil && l.first != a {
		return
	}
	if a.before == nil {
		l.first = a.after
	} else {
		a.before.after = a.after
	}
	if a.after == nil {
		l.last = a.before
	} else {
		a.after.before = a.before
	}
	a.before, a.after = nil, nil
}
