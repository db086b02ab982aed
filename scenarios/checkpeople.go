// Check of people: their journeys, and what clients may say of them.
package scenarios

import (
	"fmt"
	"slices"
	"strings"

	"cdnlab/sim/load"
	"cdnlab/sim/network"
)

// browserConnections is how many connections each of people has at the most:
// what browsers open to one host over HTTP/1.1 (Chrome, Firefox and Safari all
// do; RFC 9112 9.4 asks them to limit it and gives no number).
const browserConnections = 6

func (c *checker) people() {
	if len(c.s.Journeys) == 0 && c.s.Load.Unit == "people" && !c.s.Load.Closed() {
		c.add("people need a journey: what would they do?", "add a [[journey]] with a [[journey.step]]", "load", "unit")
	}
	if !c.lost("catalog") && !slices.ContainsFunc(c.gone, isJourney) {
		for _, p := range load.CheckJourneys(c.s.Journeys, c.s.Catalog) {
			path := []any{"journey", p.Item}
			if p.Step >= 0 {
				path = append(path, "step", p.Step)
			}
			says, hint, _ := strings.Cut(p.Says, "; ")
			c.add(says, hint, append(path, p.Key)...)
		}
	}
	if !c.s.people() {
		return // journeys that nobody makes are another variant's
	}
	for i, g := range c.s.Clients {
		if g.Connections == "pooled" {
			c.add("people have connections of their own, each up to limits.max-connections", "leave it out", "clients", i, "connections")
		}
		if g.New > 0 {
			c.add("means nothing to people: their connections are new when they come", "leave it out", "clients", i, "new")
		}
	}
}

func (c *checker) clients() {
	seen := map[string]bool{}
	for i, g := range c.s.Clients {
		c.place(g.Place, "clients", i, "place")
		c.name(g.ID, "clients", i, "id")
		if seen[g.ID] {
			c.add(fmt.Sprintf("a second group %q", g.ID), "", "clients", i, "id")
		}
		seen[g.ID] = true
		c.conns(&c.s.Clients[i].Conns, "clients", i, "limits")
		if _, err := network.Accesses.Get(g.Access); g.Access != "" && err != nil {
			says, hint, _ := strings.Cut(err.Error(), "; ")
			c.add(says, hint, "clients", i, "access")
		}
		if g.New > 0 && !c.s.people() && g.Connections != "per-user" {
			c.add("means something only with connections = \"per-user\"", "", "clients", i, "new")
		}
		c.allOf(g.Config.Check(), "clients", i)
		c.list(g.Headers.Check, "clients", i)
		if g.Addresses > g.Users {
			c.add(fmt.Sprintf("%d addresses for %d users", g.Addresses, g.Users), "", "clients", i, "addresses")
		}
	}
}

func isJourney(path []any) bool { return len(path) > 0 && path[0] == "journey" }

// allOf reports the mistakes of one table of several; each begins with its key.
func (c *checker) allOf(bad []error, path ...any) {
	for _, err := range bad {
		key, says, _ := strings.Cut(err.Error(), ": ")
		c.add(says, "", append(slices.Clone(path), key)...)
	}
}
