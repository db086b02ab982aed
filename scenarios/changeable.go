// Changeable: which keys an event may set, and what to do in place of the others.
package scenarios

import (
	"reflect"
	"slices"
	"strings"
)

// changing are the tables whose keys can change while a run lasts.
var changing = []string{"edge", "balancer", "proxy", "app", "database", "session-store", "load", "catalog", "link", "clients", "server"}

// fixed are keys that cannot all the same, and those of other tables for which
// there is something to do instead. A key is fixed with all that is in it.
var fixed = []struct{ key, says, instead string }{
	{"duration", "its end is where the load and the tables end", ""},
	{"seed", "all dice of a run are of one seed", "play other seeds with --runs"},
	{"speed", "all processes of a run have one clock", "play at another with --speed"},
	{"origin.servers", "it is how many there are at the start", `add or remove one with do = "add-server" or "remove-server"`},
	{"origin.place", "nobody moves a data centre meanwhile", "a [[variant]] can have it elsewhere"},
	{"pop", "PoPs neither come nor go nor move", `take one out with fault = "crash"`},
	{"shield", "shields neither come nor go nor move", `take one out with fault = "crash"`},
	{"edge.cluster.servers", "cache servers neither come nor go", `take one out with fault = "crash"`},
	{"edge.failover.on", "PoPs know from the start whom they may ask", "give each a [[variant]]"},
	{"edge.shields", "a run has shields or has none", "give each a [[variant]]"},
	{"place", "nothing moves", "the keys of a [[link]] can change"},
	{"edge.on", "a run has a CDN or has none", "give each a [[variant]]; edge.cache can change"},
	{"edge.warm", "it is about the time before the load", `write do = "warm"`},
	{"balancer.mode", "its connections are of one kind", "give each a [[variant]]"},
	{"balancer.proxy-protocol", "its servers expect it or do not", "give each a [[variant]]"},
	{"balancer.on", "a run has a balancer or has none", "give each a [[variant]]"},
	{"app.discipline", "what is under way shares the workers or has one to itself", "give each a [[variant]]"},
	{"balancer.count", "balancers neither come nor go", `take one out with fault = "crash"`},
	{"balancer.standby", "how balancers stand to each other is laid out before", "give each a [[variant]]"},
	{"balancer.spread", "how balancers are reached is laid out before", "give each a [[variant]]"},
	{"balancer.zones", "balancers do not move", ""},
	{"balancer.zone-aware.on", "a pool's servers are sorted by zone or are not", "give each a [[variant]]"},
	{"origin.zone-rtt", "it is how far data centres are apart", "a [[link]] between two zones can change"},
	{"server.*.zone", "servers do not move", ""},
	{"balancer.ecmp.resilient", "routers have the one group or the other", "give each a [[variant]]"},
	{"app.liveness", "servers are supervised from the start", "give each a [[variant]]"},
	{"app.sessions", "sessions are where they were made", "give each a [[variant]]"},
	{"load.trace", "it is read before", "give each a [[variant]]"},
	{"load.trace-from", "it is read before", "give each a [[variant]]"},
	{"load.trace-speed", "where it is in the trace would change with it", "give each a [[variant]]"},
	{"load.unit", "people are another load than requests", "give each a [[variant]]"},
	{"journey", "people are under way on them", "give each a [[variant]]"},
	{"clients.*.id", "it is a name", ""},
	{"clients.*.place", "users do not move", "give each place its [[clients]] and change their share"},
	{"clients.*.users", "users are there from the start", "the group's share can change"},
	{"clients.*.addresses", "addresses are handed out before", "give each a [[variant]]"},
	{"clients.*.connections", "how a group connects is laid out before", "give each a [[variant]]"},
	{"clients.*.headers", "users send the same all the time", "give each a [[variant]]"},
	{"clients.*.cookies", "cookies are there from the start", "give each a [[variant]]"},
	{"clients.*.browser-cache", "browsers are there from the start", "give each a [[variant]]; reload and force-reload can change"},
	{"clients.*.browser-cache-size", "browsers are there from the start", "give each a [[variant]]"},
	{"link.*.from", "it is an end of the link", "its other keys can change"},
	{"link.*.to", "it is an end of the link", "its other keys can change"},
	{"server.*.name", "it is a name", ""},
	{"server.*.place", "servers do not move", ""},
	{"server.*.priority", "servers do not change their rank", "drain one, or take it out with a fault"},
	{"server.*.pool", "servers do not change their pool", "their weight can change"},
	{"catalog.*.path", "it is what users know it by", "the entry's share can change: of 0 it is never asked for"},
}

// lists are those of which one element at a time can change.
var lists = []struct{ key, example string }{
	{"catalog", "catalog.0.size"}, {"link", "link.0.rtt"}, {"clients", "clients.0.timeout"}, {"server", "server.app-1.weight"},
}

// refusal says why an event cannot set a key; "" when it can, or when the schema
// has no such key and will say so.
func refusal(key string) (says, hint string) {
	for _, w := range lists {
		if key == w.key {
			return "cannot be replaced as a whole", "change one key of one of them, such as " + w.example
		}
	}
	steps := strings.Split(key, ".")
	for _, f := range fixed {
		if within(steps, strings.Split(f.key, ".")) {
			return "cannot change while a run lasts: " + f.says, f.instead
		}
	}
	if slices.Contains(topKeys(), steps[0]) && !slices.Contains(changing, steps[0]) {
		return "cannot change while a run lasts", "what can is in the tables " + strings.Join(changing, ", ")
	}
	return "", ""
}

// within reports whether a key is that of the pattern, or in it.
func within(steps, pattern []string) bool {
	if len(steps) < len(pattern) {
		return false
	}
	for i, p := range pattern {
		if p != "*" && p != steps[i] {
			return false
		}
	}
	return true
}

// topKeys are the keys at the top of a scenario.
func topKeys() []string {
	var keys []string
	for t, i := reflect.TypeFor[Scenario](), 0; i < t.NumField(); i++ {
		if key := t.Field(i).Tag.Get("toml"); key != "" && key != "-" {
			keys = append(keys, key)
		}
	}
	return keys
}
