// Content: the catalog as an app answers with it, in the version of the moment.
package scenarios

import (
	"net/http"
	"reflect"

	"cdnlab/origin"
	"cdnlab/sim"
	"cdnlab/sim/load"
)

// content is an origin.Content: one app's.
type content struct {
	env      *sim.Env
	entries  []load.Entry // of catalog
	catalog  *load.Catalog
	versions *load.Versions
	headers  *load.Headers
}

var _ origin.Content = (*content)(nil)

// contentFor returns what an app answers with by this topology.
func (t *Topology) contentFor(env *sim.Env) *content {
	c := &content{env: env, entries: t.Scenario.Catalog, catalog: t.catalog(), versions: t.versions(t.Scenario.server(env.Node).Behind)}
	c.headers = load.NewHeaders(c.catalog)
	return c
}

// versions are those of the catalog as far as this topology knows of deploys, for who
// has not the latest ones.
func (t *Topology) versions(behind int) *load.Versions {
	s := t.Scenario
	return load.NewVersions(s.Catalog, s.Seed, s.Begun, s.Deploys[:len(s.Deploys)-behind])
}

// renew has users ask, and be judged, by the new topology. A catalog that is still
// the same stays: to make one takes as long as many requests.
func (d *driver) renew(old *Topology) {
	if reflect.DeepEqual(old.Scenario.Catalog, d.t.Scenario.Catalog) {
		d.t.content = old.catalog()
	}
	if d.t.catalog() != d.content {
		d.content = d.t.catalog()
		d.names = load.NewNames(d.content)
	}
	d.versions = d.t.versions(0)
	if d.people != nil {
		d.people.journeys.Renew(d.content)
	}
}

// reuse takes the catalog of what an app answers with now, likewise.
func (t *Topology) reuse(c origin.Content) {
	if old, ok := c.(*content); ok && reflect.DeepEqual(old.entries, t.Scenario.Catalog) {
		t.content = old.catalog
	}
}

// Find implements origin.Content.
func (c *content) Find(req *sim.Request) origin.Page {
	o, named, known := c.catalog.Resolve(req.Path)
	if !known || named != 0 && !c.has(o, named) {
		return origin.Page{}
	}
	if !c.versions.There(o, c.env.Now()) {
		return origin.Page{Status: http.StatusNotFound}
	}
	page := origin.Page{Status: c.catalog.Status(o), Header: c.catalog.Header(o), Size: c.catalog.Size(o), Database: c.catalog.Database(o), Ranges: c.catalog.Ranges(o), Talks: c.catalog.Protocol(o)}
	if c.catalog.Stamped(o) {
		page.Stamp = c.stamp(o, req)
		if named != 0 {
			page.Stamp.Version = named
		}
		page.Header = c.headers.Of(o, page.Stamp.Version, page.Stamp.Owner)
	}
	if after := c.catalog.Expires(o); after != 0 {
		page.Header = page.Header.Clone()
		page.Header.Set("Expires", c.env.Date(c.env.Now().Add(after)).Format(http.TimeFormat))
	}
	return page
}

// has reports whether a file is there in the version that its name is made of: the
// newest is, and those from before that were left where they are.
func (c *content) has(o load.Object, version uint32) bool {
	now := c.versions.At(o, c.env.Now())
	return version == now || version < now && c.catalog.KeepsOld(o)
}

// stamp says which version it is now, and of personal content for whom.
func (c *content) stamp(o load.Object, req *sim.Request) sim.Stamp {
	s := sim.Stamp{Version: c.versions.At(o, c.env.Now())}
	if c.catalog.Personal(o) && load.SignedIn(req.Header, c.catalog.SignIn(o)) {
		s.Owner = sim.OwnerOf(req.Client)
	}
	return s
}
