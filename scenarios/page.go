// page: one page that a person asks for, from the HTML to the last asset.
package scenarios

import (
	"maps"
	"net/http"

	"cdnlab/edge/browser"
	"cdnlab/report"
	"cdnlab/sim"
	"cdnlab/sim/load"
)

// page is a page on its way: the HTML first and, when its content has ended, all
// assets at once; who has no connection left for one waits for the first that
// becomes free, as in a browser. One that fails ends the page where it is the
// HTML, and its user goes on: without trying again, to what they would have done
// next, after as long a thought.
type page struct {
	load.Page
	p       *person
	header  http.Header // of its requests: with the cookies as they were when it began
	session string      // that it was asked with; "" without one
	begun   sim.Time
	open    int    // requests not yet ended
	version uint32 // of its HTML, whose build of the site names the assets; 0: it does not say
	how     browser.Load
	warm    bool // it began with a connection there
	html    bool // its HTML has ended
	failed  bool
	mixed   bool
	after   sim.Time // when the site wants to be asked again, at the soonest
}

// page returns a page to be filled in.
func (pp *people) page(p *person) *page {
	n := len(pp.pages)
	if n == 0 {
		return &page{p: p}
	}
	g := pp.pages[n-1]
	pp.pages = pp.pages[:n-1]
	*g = page{p: p, Page: g.Page}
	return g
}

func (g *page) begin(now sim.Time) {
	p := g.p
	g.begun, g.open = now, 1
	g.warm = p.link != nil
	g.header = p.crowd.fields.Of(p.number)
	if cookies := p.jar.Text(now); cookies != "" {
		g.session = p.jar.Get(sim.SessionCookie, now)
		g.header = maps.Clone(g.header)
		if given := g.header["Cookie"]; given != nil {
			cookies = given[0] + "; " + cookies
		}
		g.header["Cookie"] = []string{cookies}
	}
	if c := p.crowd; c.tabs != nil {
		dice := c.d.luck.reload.Of(g.ID(), 0)
		g.how = c.g.Config.Loads(dice.Float64())
	}
	g.fetch(g.ID(), g.Method, g.Page.Path, g.Object, g.how)
}

// fetch sends one of the page's requests now.
func (g *page) fetch(id uint64, method, path string, o load.Object, how browser.Load) {
	p, c := g.p, g.p.crowd
	d := c.d
	a := d.ask(c)
	a.intended, a.user, a.page, a.object = d.e.Now(), -1, g, o
	a.req = sim.Request{
		ID: id, Client: p.number, Conn: p.number, Addr: c.addr(p.number), Place: c.g.Place,
		Method: method, Scheme: d.scheme, Host: siteHost, Path: path, Header: load.Signed(g.header, d.content.SignIn(o), p.number), Scope: &a.scope,
	}
	if d.content.Habits(o) {
		a.seek()
	}
	d.open++
	c.await(a)
	c.send(a, how, a.onAnswer)
}

// ended takes the end of one of the page's requests.
func (g *page) ended(o load.Object, resp *sim.Response, cause sim.Cause) {
	p := g.p
	now := p.crowd.d.e.Now()
	failed := resp.Status == 0 || resp.Status >= http.StatusBadRequest || cause != sim.OK
	g.failed = g.failed || failed
	g.mixed = g.mixed || g.html && g.differs(o, resp.Stamp.Version)
	if resp.Status == http.StatusUnauthorized {
		g.lost(now)
	}
	g.after = max(g.after, now.Add(p.crowd.told(resp)))
	p.jar.Take(resp.Header["Set-Cookie"], now)
	g.open--
	if !g.html {
		g.html, g.version = true, resp.Stamp.Version
		if !failed {
			g.assets(now)
			return
		}
	}
	if g.open == 0 {
		g.done(now)
	}
}

// lost is a 401. A session that it was asked with is over: that counts once,
// however many of the page's requests are told so.
func (g *page) lost(now sim.Time) {
	p := g.p
	d := p.crowd.d
	if g.session == "" || p.jar.Get(sim.SessionCookie, now) != g.session {
		return
	}
	p.jar.Drop(sim.SessionCookie)
	d.people.journeys.Lost(&p.visit)
	d.rec.ObserveUser(now-d.start, report.UserLostSession)
}

// assets asks for all that the page needs beside its HTML.
func (g *page) assets(now sim.Time) {
	d := g.p.crowd.d
	if g.Kind == load.SignIn {
		d.rec.ObserveUser(now-d.start, report.UserSignedIn)
	}
	g.open = len(g.Assets)
	if g.open == 0 {
		g.done(now)
		return
	}
	how := g.p.crowd.g.Config.Asset(g.how)
	for i, o := range g.Assets {
		g.fetch(g.AssetID(i), d.content.Method(o), g.asset(o), o, how)
	}
}

// asset is the path under which the page asks for an asset. A name made of the
// content is that in the HTML: an old copy of that names old files.
func (g *page) asset(o load.Object) string {
	d := g.p.crowd.d
	if g.version != 0 && d.content.Hashed(o) && d.versions.Deployed(o) {
		return d.names.Of(o, g.version)
	}
	return d.path(o)
}

// differs reports whether an asset is of another deploy than the page that named it.
func (g *page) differs(o load.Object, version uint32) bool {
	v := g.p.crowd.d.versions
	return g.version != 0 && version != 0 && version != g.version && v.Deployed(o) && v.Deployed(g.Object)
}

// done ends the page: its user thinks, or leaves.
func (g *page) done(now sim.Time) {
	p := g.p
	d := p.crowd.d
	d.rec.ObservePage(report.PageView{Intended: g.begun - d.start, End: now - d.start, Failed: g.failed, Mixed: g.mixed})
	if g.failed && !p.erred {
		p.erred = true
		d.rec.ObserveUser(g.begun-d.start, report.UserSawError)
	}
	think, leaves := d.people.journeys.Ended(&p.visit, &g.Page)
	d.people.pages = append(d.people.pages, g)
	if leaves {
		p.leave()
		return
	}
	p.sleep(max(now.Add(think), g.after))
}
