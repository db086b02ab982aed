// The scenario of a case: the TOML file that is played, for people to go on from.
package advice

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"cdnlab/origin"
	"cdnlab/origin/balance"
)

// ideal is the variant that is no algorithm: one line before all workers.
const ideal = "one line for all"

// warmShare is the part of a run in which lines fill, which is played and not measured.
const warmShare = 0.1

// seconds is a time as a scenario has it, to the millisecond.
func seconds(s float64) string {
	return (time.Duration(s*1e6) * time.Microsecond).Round(time.Millisecond).String()
}

// Scenario writes the case as a scenario file with a variant for each algorithm. The
// variant that has one line for all, against which they are held, comes last.
func (c Case) Scenario(algorithms []string) []byte {
	var w strings.Builder
	line := func(format string, args ...any) { fmt.Fprintf(&w, format+"\n", args...) }
	line("# What cdnlab advise balancing played. %s", c.String())
	line("name = \"advice\"")
	line("question = \"%s, %s busy: which algorithm?\"", many(c.Servers, "server"), percent(c.Load()))
	lasts := float64(c.Requests) / c.Rate
	line("duration = %q", seconds(lasts))
	line("warmup = %q # lines fill", seconds(warmShare*lasts))
	line("")
	c.writeUsers(line)
	c.writeServers(line)
	line("[load]\nshape = \"poisson\"\nrate = %s\n", plain(c.Rate))
	line("[[catalog]]\npath = \"/item/{n}\"\nobjects = 1000\nsize = \"1KB\"\ncache-control = \"no-store\"\n")
	line("[origin]\nplace = \"New York\"\nservers = %d\n", c.Servers)
	law := c.Law()
	line("# %s", law)
	line("[app]\nworkers = %d\nservice-time = %q\ndistribution = %q", c.Workers, law.Mean, law.Distribution)
	if law.Distribution == origin.Lognormal {
		line("spread = %s", strconv.FormatFloat(law.Spread, 'g', 6, 64))
	}
	line("overload = \"queue\"\n")
	line("# Everybody is up, and nobody gives up: it is the waiting that differs.")
	line("[balancer]\nretries = 0\nmax-fails = 0\nper-try-timeout = %q\nhealth = { check = \"none\" }\nconnections = { max-connections = 1000000 }", forever)
	if c.Sticky {
		line("hash-by = %q # of those that hash", balance.HashByClient)
	}
	if c.Balancers > 1 {
		line("count = %d # each knows what it has sent itself\nstandby = \"active-active\"", c.Balancers)
	}
	line("")
	for _, name := range algorithms {
		algorithm, cookie := parted(name)
		set := fmt.Sprintf("balancer.algorithm = %q", algorithm)
		if cookie {
			set += fmt.Sprintf(", balancer.sticky.by = %q", balance.StickyCookie)
		}
		line("[[variant]]\nname = %q\nset = { %s }\n", name, set)
	}
	line("# No algorithm can do better than a single line before all workers.")
	line("[[variant]]\nname = %q\nset = { origin.servers = 1, app.workers = %d, server = [], balancer.on = true, balancer.count = 1 }", ideal, c.workers())
	return []byte(w.String())
}

// withCookie ends the name of an algorithm under which the balancer pins users by a cookie.
const withCookie = " + cookie"

// parted is what a variant's name is made of.
func parted(name string) (algorithm string, cookie bool) { return strings.CutSuffix(name, withCookie) }

// forever is longer than anybody waits here.
const forever = time.Hour

// writeUsers writes a group for each network: a place has one of its own.
func (c Case) writeUsers(line func(string, ...any)) {
	cookies := ""
	if c.Sticky {
		cookies = "cookies = true, "
	}
	line("# Each network is a place of its own, for those who go by addresses: next to the servers, 2 ms away.")
	line("place = [")
	for i := range c.Networks {
		line("  { name = \"network %d\", lat = 40.71, lon = -74.01 },", i+1)
	}
	line("]\nclients = [")
	for i := range c.Networks {
		users := (i+1)*c.Users/c.Networks - i*c.Users/c.Networks
		line("  { id = \"users-%d\", place = \"network %d\", users = %d, share = %d, timeout = %q, %saddresses = 1, limits = { max-connections = 1000000 } },",
			i+1, i+1, users, users, forever, cookies)
	}
	line("]")
}

// writeServers lists the servers that differ from the others.
func (c Case) writeServers(line func(string, ...any)) {
	if c.Weights = slices.Clone(c.Weights); c.Equal() {
		line("")
		return
	}
	line("server = [")
	for i := range c.Servers {
		weight := fmt.Sprintf(", weight = %d", c.weight(i))
		if c.Untold {
			weight = ""
		}
		line("  { name = \"app-%d\", workers = %d%s },", i+1, c.weight(i)*c.Workers, weight)
	}
	line("]\n")
}

// plain prints a rate so that it reads back as what was given.
func plain(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }

// String says the case in words.
func (c Case) String() string {
	sizes := ""
	if !c.Equal() {
		sizes = " of sizes " + WeightsText(c.Weights)
		if c.Untold {
			sizes += ", of which the balancer knows nothing"
		}
	}
	balancers := ""
	if c.Balancers > 1 {
		balancers = fmt.Sprintf(" behind %d balancers", c.Balancers)
	}
	return fmt.Sprintf("%s%s%s, %s for each%s; %s requests/s, %s busy; a request takes %s at the median and %s at the 99th percentile: %s",
		many(c.Servers, "server"), sizes, balancers, many(c.Workers, "worker"), c.perWeight(), number(c.Rate), percent(c.Load()), briefly(c.P50), briefly(c.P99), c.Law())
}
