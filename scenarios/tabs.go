// tabs: the browsers of a group, between its users and their connections.
package scenarios

import (
	"cdnlab/edge/browser"
	"cdnlab/sim"
)

// browse gives a group's users the browsers that the scenario says now, if they
// have any.
func (c *crowd) browse() {
	d := c.d
	switch {
	case c.tabs != nil:
		c.tabs.Change(c.g.Config)
	case c.g.Config.Does():
		c.env = sim.NewEnv(d.e, c.g.ID, d.written.Seed, nil)
		c.tabs = browser.New(c.env, c.g.Config)
		c.tabs.Begun, c.tabs.Ended = func() { d.open++ }, d.unseen
		for _, l := range c.links {
			if l, ok := l.(interface{ KeepFields() }); ok && c.g.Cache {
				l.KeepFields()
			}
		}
	default:
		return
	}
	c.tabs.Timeout = c.g.Timeout
}

// send sends a request as its user's browser does.
func (c *crowd) send(a *ask, how browser.Load, reply func(*sim.Response)) {
	if c.tabs == nil {
		a.Link().Serve(&a.req, reply)
		return
	}
	c.tabs.Serve(&a.req, how, a, reply)
}

// Link implements browser.Network.
func (a *ask) Link() sim.Handler {
	if a.steers != nil {
		a.steers()
	}
	if s := a.socket; s != nil && s.link != nil {
		return s.link
	}
	if a.page == nil {
		return a.crowd.link(a)
	}
	p, c := a.page.p, a.crowd
	if p.link == nil {
		p.link = c.links[p.number%uint64(len(c.links))].(shareable).Own()
		if c.tabs != nil {
			p.link = &lent{Handler: p.link}
		}
	}
	return p.link
}

// unseen takes the end of an ask that nobody waited for.
func (d *driver) unseen(link sim.Handler) {
	d.open--
	if l, ok := link.(*lent); ok && l.gone {
		l.Forget()
	}
	if !d.finished {
		d.check()
	}
}

// lent is a person's connections when asks that they do not wait for may go on
// behind their back: what comes free after they have hung up is closed, too.
type lent struct {
	sim.Handler
	gone bool
}

// Forget implements fresher.
func (l *lent) Forget() {
	l.gone = true
	l.Handler.(fresher).Forget()
}
