// Checking actions: whether there is what somebody is said to do something to.
package scenarios

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"cdnlab/edge/cache"
	"cdnlab/sim/fault"
)

func (c *checker) actions() {
	for i, e := range c.s.Events {
		if e.Do == "" || e.Node == "" && moves(e) {
			continue
		}
		switch e.Do {
		case "purge", "warm":
			c.popOf(i, e)
			c.pathOf(i, e)
			c.purgedOf(i, e)
		case "drain", "weight", "remove-server", "restart":
			c.serverOf(i, e)
		case "rolling-restart":
			c.serversOf(i, e)
		}
	}
	c.fleet()
}

func (c *checker) popOf(i int, e fault.Config) {
	if len(c.s.PoPs) == 0 {
		c.add(fmt.Sprintf("there is no PoP to %s", e.Do), "add a [[pop]] with a place", "event", i, "do")
		return
	}
	if e.Node != "" && !slices.Contains(c.s.popNames(), e.Node) && !c.isShield(e.Node) && slices.Contains(c.nodeNames(), e.Node) {
		c.add(fmt.Sprintf("%s is no PoP: only PoPs and shields have a cache to %s", e.Node, e.Do), "", "event", i, "node")
	}
}

// pathOf wants the paths of an event to be of the catalog: else it would do
// nothing, without a word.
func (c *checker) pathOf(i int, e fault.Config) {
	if e.Path != "" {
		c.inCatalog(e.Path, i, "path")
	}
	for _, path := range e.Paths {
		c.inCatalog(path, i, "paths")
	}
}

func (c *checker) inCatalog(path string, i int, key string) {
	if strings.Contains(path, "?") || c.lost("catalog") {
		return
	}
	if c.s.recorded() && c.s.trace.recorded.objects.Has(func(known string) bool { return fault.Covers(path, known) }) {
		return
	}
	for _, entry := range c.s.Catalog {
		if !c.s.recorded() && covers(path, entry.Path) {
			return
		}
	}
	c.add(fmt.Sprintf("nothing in the catalog is at %s", path), "", "event", i, key)
}

// purgedOf wants a purge's host and tags to be the site's, likewise.
func (c *checker) purgedOf(i int, e fault.Config) {
	if e.Host != "" && !strings.EqualFold(e.Host, siteHost) {
		c.add(fmt.Sprintf("nothing is of the host %s", e.Host), "the site is "+siteHost, "event", i, "host")
	}
	if len(e.Tags) == 0 || c.lost("catalog") {
		return
	}
	known := map[string]bool{}
	for _, entry := range c.s.Catalog {
		h := http.Header{}
		for name, value := range entry.Headers { // any order: it fills a map
			h.Set(name, value)
		}
		for _, tag := range cache.Tags(h) {
			known[tag] = true
		}
	}
	for _, tag := range e.Tags {
		if !known[cache.FoldTag(tag)] {
			c.add(fmt.Sprintf("nothing in the catalog is tagged %s", tag), `give an entry headers = { Surrogate-Key = "..." }`, "event", i, "tags")
		}
	}
}

// covers reports whether an event's path may be about an entry of the catalog,
// whose path may have a number in it.
func covers(pattern, entry string) bool {
	prefix, suffix, numbered := strings.Cut(entry, "{n}")
	if !numbered {
		return fault.Covers(pattern, entry)
	}
	if begin, found := strings.CutSuffix(pattern, "*"); found {
		return strings.HasPrefix(begin, prefix) || strings.HasPrefix(prefix, begin)
	}
	number, found := strings.CutPrefix(pattern, prefix)
	number, ends := strings.CutSuffix(number, suffix)
	return found && ends && number != "" && strings.Trim(number, "0123456789") == ""
}

// isBehind reports whether a node is behind the app servers.
func isBehind(node string) bool { return node == nameDatabase || node == nameStore }

func (c *checker) canSlow(node string) bool {
	return isBehind(node) || !c.isBalancer(node) && !c.isShield(node) && !slices.Contains(c.s.popNames(), node)
}

func (c *checker) serverOf(i int, e fault.Config) {
	if e.Node == "" || !slices.Contains(c.nodeNames(), e.Node) {
		return // that is said already
	}
	if !c.canSlow(e.Node) || isBehind(e.Node) {
		c.add(fmt.Sprintf("%s is no app server", e.Node), "", "event", i, "node")
		return
	}
	// A variant without a balancer leaves the event out.
	if alone := len(c.s.Variants) == 0; alone && !*c.s.Balancer.On && (e.Do == "drain" || e.Do == "weight") {
		c.add("there is no balancer that would heed it", "write on = true in [balancer]", "event", i, "do")
	}
}

// serversOf wants those that are restarted to be app servers, each once.
func (c *checker) serversOf(i int, e fault.Config) {
	var servers []string
	for _, v := range c.s.Servers {
		servers = append(servers, v.Name)
	}
	if c.r.base != nil { // this variant may leave some out
		for _, v := range c.r.base.Servers {
			servers = append(servers, v.Name)
		}
	}
	for k, name := range e.Nodes {
		switch {
		case slices.Contains(e.Nodes[:k], name):
			c.add(fmt.Sprintf("%s stands there twice", name), "", "event", i, "nodes")
		case !slices.Contains(servers, name) && !c.lost(named...):
			says, hint, _ := strings.Cut(unknown("app server", name, servers).Error(), "; ")
			c.add(says, hint, "event", i, "nodes")
		}
	}
}

// fleet goes through the run and wants nobody to be added who is there, or
// removed who is not, and somebody to be left.
func (c *checker) fleet() {
	there := map[string]bool{}
	left := 0
	for _, v := range c.s.Servers {
		there[v.Name] = !v.Absent
		if !v.Absent {
			left++
		}
	}
	for _, h := range c.s.happenings(moves) {
		e := c.s.Events[h.event]
		in, known := there[e.Node]
		if !known {
			continue // unknown, or left out by this variant
		}
		joins := (e.Do == "add-server") == h.begins
		when := fmt.Sprintf("at %v", h.at)
		if !h.begins {
			when += ", when this is over,"
		}
		switch {
		case joins && in:
			c.add(fmt.Sprintf("%s %s is in the pool already", when, e.Node), "give the new one a name of its own, or none", "event", h.event, "node")
		case !joins && !in:
			c.add(fmt.Sprintf("%s %s is not in the pool", when, e.Node), "", "event", h.event, "node")
		case !joins && left == 1:
			c.add(fmt.Sprintf("%s %s is the last server: nobody would be left to answer", when, e.Node), "", "event", h.event, "node")
		case joins:
			left++
		default:
			left--
		}
		there[e.Node] = joins
	}
}
