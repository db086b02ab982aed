// People: those who come, look at pages and leave, the same way in both worlds.
package scenarios

import (
	"cdnlab/report"
	"cdnlab/sim"
	"cdnlab/sim/load"
)

// people reports whether the load is people rather than requests.
func (s *Scenario) people() bool { return s.Load.People(s.Journeys) }

// site is where the site's own pages are.
func (s *Scenario) site() load.Site {
	return load.Site{SignIn: s.App.Sessions.SignIn, Cart: s.App.Sessions.Cart}
}

// people plays the people of a run: those of an open load come once and never
// again, those of a closed one come again and again.
type people struct {
	d        *driver
	journeys *load.Journeys
	spare    []*person // who has left for good
	pages    []*page   // done with
}

func newPeople(d *driver, seed uint64) *people {
	s := d.t.Scenario
	return &people{d: d, journeys: load.NewJourneys(s.Journeys, d.content, s.site(), seed)}
}

// person is one of them. A million fit in memory because all that belongs to a
// page, or to a connection, is there only as long as that.
type person struct {
	crowd  *crowd
	number uint64
	visit  load.Visit
	jar    load.Jar
	link   sim.Handler // with the person's own connections; nil: they have none
	rings  func()      // what the person's timer calls
	until  sim.Time    // when they want the next page
	came   bool
	erred  bool // they have seen an error
}

// shareable is a link that can give each of those who share it connections of
// their own.
type shareable interface{ Own() sim.Handler }

// arrive is one arrival of an open load. The next is scheduled first: nothing
// that becomes of a person can hold another back.
func (pp *people) arrive() {
	d := pp.d
	if d.finished {
		return
	}
	d.schedule()
	var p *person
	if n := len(pp.spare); n > 0 {
		p = pp.spare[n-1]
		pp.spare = pp.spare[:n-1]
	} else {
		p = &person{}
		p.rings = p.ring
	}
	p.enter(pp, d.next)
	d.next++
	p.turn()
}

// begin has the people of a closed load begin, each at their time.
func (pp *people) begin() {
	d := pp.d
	all := make([]person, d.users.Len())
	for i := range all {
		p := &all[i]
		p.rings = p.ring
		p.enter(pp, uint64(i))
		p.sleep(d.start + d.users.Start(i))
	}
}

// enter makes the person that of a number.
func (p *person) enter(pp *people, number uint64) {
	d := pp.d
	*p = person{crowd: d.crowds[d.pick(d.luck.group.Of(number, 0))], number: number, visit: pp.journeys.Begin(number, 0), rings: p.rings}
}

// sleep has the person want the next page at a time. Connections that will have
// been idle for too long by then are closed when they have.
func (p *person) sleep(at sim.Time) {
	d := p.crowd.d
	p.until = at
	if p.link != nil {
		at = min(at, d.e.Now().Add(p.crowd.peer.Conns.Idle))
	}
	if at < d.end {
		d.e.At(at, p.rings)
	}
}

func (p *person) ring() {
	d := p.crowd.d
	switch {
	case d.finished:
	case d.e.Now() < p.until:
		p.hangUp()
		p.sleep(p.until)
	default:
		p.turn()
	}
}

// hangUp closes the person's connections.
func (p *person) hangUp() {
	if f, ok := p.link.(fresher); ok {
		f.Forget()
	}
	p.link = nil
}

// turn is when the person wants the next page of their visit.
func (p *person) turn() {
	pp, d := p.crowd.d.people, p.crowd.d
	now := d.e.Now()
	if !p.came {
		p.came = true
		d.rec.ObserveUser(now-d.start, report.UserCame)
	}
	g := pp.page(p)
	if !pp.journeys.Next(&p.visit, p.jar.Get(sim.SessionCookie, now) != "", &g.Page) {
		pp.pages = append(pp.pages, g)
		p.leave()
		return
	}
	d.popularOn(&g.Page)
	g.begin(now)
}

// leave ends a visit. Who comes back keeps their cookies, and their connections
// as long as those last.
func (p *person) leave() {
	pp, d := p.crowd.d.people, p.crowd.d
	if d.users == nil {
		p.hangUp()
		if tabs := p.crowd.tabs; tabs != nil {
			tabs.Leave(p.number)
		}
		pp.spare = append(pp.spare, p)
		return
	}
	user := int(p.number)
	at := d.start + d.users.Done(user, d.e.Now()-d.start)
	p.visit = pp.journeys.Begin(p.number, uint64(d.users.Asked(user)))
	p.sleep(at)
}
