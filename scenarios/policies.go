// Policies: what each layer of a topology does, in a line or two for a drawing.
package scenarios

import (
	"fmt"
	"strings"
	"time"

	"cdnlab/edge"
	"cdnlab/origin"
	"cdnlab/origin/balance"
	"cdnlab/origin/health"
	"cdnlab/report"
	"cdnlab/sim/load"
	"cdnlab/sim/network"
)

// maxPages bounds the catalog's entries that a drawing names.
const maxPages = 5

func (t *Topology) userPolicies() []string {
	s := t.Scenario
	lines := []string{fmt.Sprintf("load for %s: %s", brief(s.Duration), s.loadWords())}
	if s.people() {
		lines = append(lines, s.journeyWords()...)
	}
	if s.recorded() {
		return append(lines, t.recordedWords()...)
	}
	total := 0.0
	entries := make([]load.Entry, len(s.Catalog))
	for i, e := range s.Catalog {
		entries[i] = e.Filled()
		total += *entries[i].Share
	}
	for i, e := range entries {
		if i == maxPages {
			lines = append(lines, fmt.Sprintf("and %s more", many(len(entries)-i, "page")))
			break
		}
		if s.people() {
			total = 0 // journeys say what is asked for, not shares
		}
		lines = append(lines, pageWords(e, total))
	}
	return lines
}

// brief writes a duration without the zeros at its end: 1m, not 1m0s.
func brief(d time.Duration) string {
	text := d.String()
	if strings.HasSuffix(text, "m0s") {
		text = strings.TrimSuffix(text, "0s")
	}
	if strings.HasSuffix(text, "h0m") {
		text = strings.TrimSuffix(text, "0m")
	}
	return text
}

// pageWords is an entry of the catalog, with its share of a total; of 0 without.
func pageWords(e load.Entry, total float64) string {
	var words []string
	verb := "there is"
	if total > 0 {
		verb = "ask for"
		words = append(words, fmt.Sprintf("%.3g %%", 100**e.Share/total))
	}
	switch {
	case e.Appears > 0:
		words = append(words, fmt.Sprintf("%s, one more every %s", many(e.Objects, "object"), brief(e.Appears)))
	case e.Popularity == "once":
		words = append(words, "another object each time")
	case e.PopularFor > 0:
		words = append(words, fmt.Sprintf("%s (%s), each popular for %s", many(e.Objects, "object"), e.Popularity, brief(e.PopularFor)))
	case e.Objects > 1:
		words = append(words, many(e.Objects, "object")+" ("+e.Popularity+")")
	}
	words = append(append(words, e.Size.String()), ruleWords(e)...)
	method := ""
	if e.Method != "GET" {
		method = e.Method + " "
	}
	return fmt.Sprintf("%s %s%s: %s", verb, method, e.Path, strings.Join(words, "; "))
}

// ruleWords is how an entry's answers may be kept, and by whom.
func ruleWords(e load.Entry) (words []string) {
	if e.CacheControl != "" {
		words = append(words, e.CacheControl)
	}
	switch {
	case e.Changes == "at deploy":
		words = append(words, "new at each deploy")
	case e.Changes != "never":
		words = append(words, "changes "+strings.Replace(e.Changes, "random", "at random once in each", 1))
	}
	if e.Personal {
		words = append(words, "personal")
	}
	switch e.SignIn {
	case load.SignInCookie:
		words = append(words, "asked with a cookie")
	case load.SignInAuth:
		words = append(words, "asked with Authorization")
	}
	return words
}

func (t *Topology) edgePolicies() []string {
	e := t.Scenario.Edge
	if !*e.Cache {
		return []string{"no cache: a plain proxy", fmt.Sprintf("parent answers within %v, or 504", brief(e.ParentTimeout))}
	}
	lines := []string{fmt.Sprintf("cache: %s, eviction %s, contents up to %s", e.CacheSize, e.Eviction, e.MaxObject)}
	if e.Admission != "none" {
		lines = append(lines, "admission: "+e.Admission)
	}
	if e.Warm {
		lines = append(lines, "starts warm: everything was asked for once before")
	} else {
		lines = append(lines, "starts cold")
	}
	if e.Coalesce != edge.CoalesceOff {
		lines = append(lines, fmt.Sprintf("coalescing: one fetch at a time for the same thing, up to %s wait for it", commas(float64(e.MaxWaiters))))
	} else {
		lines = append(lines, "no coalescing: every miss is a fetch of its own")
	}
	if *e.Grace > 0 {
		lines = append(lines, fmt.Sprintf("grace: what has expired is served for %v while it is fetched anew", brief(*e.Grace)))
	}
	if e.DefaultTTL > 0 {
		lines = append(lines, fmt.Sprintf("default TTL: %v", brief(e.DefaultTTL)))
	}
	if e.HitTime > 0 {
		lines = append(lines, fmt.Sprintf("a hit takes %v", brief(e.HitTime)))
	}
	for _, r := range e.Rules {
		lines = append(lines, "rule for "+r.String())
	}
	lines = append(lines, fmt.Sprintf("the parent's answer begins within %v, or 504", brief(e.ParentTimeout)))
	return append(lines, connWords(e.Conns, "its parent"))
}

func (t *Topology) shieldPolicies() []string {
	e := t.Scenario.Edge
	if !*e.Cache {
		return []string{"no cache: plain proxies, as the PoPs are"}
	}
	down := "a shield that is down: what is in no PoP fails"
	if *e.Failover.On {
		down = fmt.Sprintf("a shield that is down: PoPs go past it, to the origin, after %s; it is tried again after %v",
			many(e.Failover.MaxFails, "failed fetch"), brief(e.Failover.FailTimeout))
	}
	return []string{"the cache that PoPs ask before the origin; all else as in each of them", down, connWords(e.Conns, "the origin")}
}

// ownOfShield says what a shield has that others may not have.
func (t *Topology) ownOfShield(n Node) []string {
	var notes []string
	if size := t.cacheConfig(&n).CacheSize; size != t.Scenario.Edge.CacheSize {
		notes = append(notes, fmt.Sprintf("cache: %s", size))
	}
	for _, shield := range t.ShieldOf() { // in any order: one is enough
		if shield == n.Name {
			return notes
		}
	}
	return append(notes, "no PoP fetches through it")
}

func connWords(c network.Config, to string) string {
	return fmt.Sprintf("connections: up to %s to %s, kept %v", commas(float64(c.Limit)), to, brief(c.Idle))
}

func (t *Topology) balancerPolicies() []string {
	b := t.Scenario.Balancer
	lines := append([]string{"algorithm: " + b.Algorithm}, t.balancersWords()...)
	for _, e := range balance.Policies.All() {
		if e.Name == b.Algorithm {
			lines[0] += " (" + e.Says + ")"
		}
	}
	if b.l4() {
		lines = append(lines, "L4: each connection is one server's, and passed on unread"+relayWords(&b))
		if t.Scenario.datagrams() {
			lines = append(lines, flowWords(b.Flows))
		}
	}
	if b.PoolConfig.Zones.On {
		lines = append(lines, fmt.Sprintf("zones: each balancer's own as far as its servers can take it, with %s and more in rotation", many(b.PoolConfig.Zones.MinServers, "server")))
	}
	lines = append(lines, healthWords(b.Health))
	if *b.MaxFails > 0 {
		lines = append(lines, fmt.Sprintf("passive: out for %v after %s in a row", brief(b.FailTimeout), many(*b.MaxFails, "failed try")))
	}
	if *b.Retries > 0 {
		lines = append(lines, fmt.Sprintf("retries: up to %d, each on another server; at most %.3g %% of the requests and %d/s",
			*b.Retries, 100**b.RetryBudget, *b.RetryMinimum))
	} else {
		lines = append(lines, "retries: none")
	}
	lines = append(lines, limitWords(b.PoolConfig)...)
	for _, r := range t.Scenario.Proxy.Routes {
		lines = append(lines, fmt.Sprintf("route: %s%s to pool %s", r.Host, orWord(r.Prefix, "/"), r.To))
	}
	if b.l4() {
		return lines
	}
	return append(lines, connWords(b.Conns, "each server"))
}

// relayWords says what an L4 balancer tells its servers.
func relayWords(b *Balancer) string {
	if b.reveals() {
		return ", with a PROXY protocol header"
	}
	return ""
}

// flowWords says how an L4 balancer treats datagrams.
func flowWords(f balance.FlowsConfig) string {
	if !*f.Table {
		return "UDP: a server is picked for each datagram"
	}
	full := "a further one has the one forgotten that was silent for longest"
	if f.WhenFull == balance.WhenFullDrop {
		full = "datagrams of a further one are dropped"
	}
	return fmt.Sprintf("UDP: each flow is one server's until it was silent for %v; at most %s are remembered: %s", brief(f.Idle), many(f.Limit, "flow"), full)
}

// limitWords says what is off unless a scenario asks for it: hedges, lines, limits.
func limitWords(c balance.PoolConfig) (lines []string) {
	say := func(on bool, format string, args ...any) {
		if on {
			lines = append(lines, fmt.Sprintf(format, args...))
		}
	}
	say(c.FailureRatio > 0, "passive: out for %v when %.3g %% of %s or more in %v failed", brief(c.FailTimeout), 100*c.FailureRatio, many(c.FailureMinimum, "try"), brief(c.FailureWindow))
	say(c.Breaker.Ratio > 0, "breaker: 503 to all for %v when %.3g %% of %s or more in %v failed", brief(c.Breaker.OpenFor), 100*c.Breaker.Ratio, many(c.Breaker.Minimum, "request"), brief(c.Breaker.Window))
	say(*c.Retries > 0 && c.RetryBackoff > 0, "before a retry: a wait of up to %v, twice that each time, at most %v", brief(c.RetryBackoff), brief(c.RetryBackoffMax))
	say(c.Hedge.After != "", "hedges: a second server after %s; at most %.3g %% of the requests", c.Hedge.After, 100**c.Hedge.Budget)
	say(c.Queue > 0, "line: %s may wait for a server with room, %v at most", commas(float64(c.Queue)), brief(c.QueueTimeout))
	l := c.Limits
	say(l.Connections > 0, "limit: %s requests at all servers together", commas(float64(l.Connections)))
	say(l.Requests > 0, "limit: %s requests in the pool, more get 503", commas(float64(l.Requests)))
	say(l.Retries > 0, "limit: %s retries under way", commas(float64(l.Retries)))
	say(c.DrainTimeout > 0, "drained: what is open at a server after %v is cut", brief(c.DrainTimeout))
	return lines
}

func healthWords(h health.Config) string {
	if !h.On() {
		return "health: no checks"
	}
	what := "GET " + h.Path
	switch {
	case h.Check == health.CheckTCP:
		what = "a TCP connection"
	case h.Body != "":
		what += fmt.Sprintf(" (%q in it)", h.Body)
	}
	return fmt.Sprintf("health: %s every %v, failed after %v; out after %s, back after %s",
		what, brief(h.Interval), brief(h.Timeout), many(h.Fall, "failure"), many(h.Rise, "success"))
}

func (t *Topology) appPolicies() []string {
	a := t.Scenario.App
	lines := []string{serving(a.Workers, a.ServiceConfig)}
	if len(t.Scenario.Servers) > 1 {
		lines[0] = "each has " + lines[0]
	}
	switch a.Overload {
	case origin.OverloadReject:
		lines = append(lines, fmt.Sprintf("overload: %s may wait, more get 503", commas(float64(*a.Queue))))
	case origin.OverloadQueue:
		lines = append(lines, fmt.Sprintf("overload: everyone waits, up to %s", commas(float64(a.BacklogLimit))))
	case origin.OverloadCrash:
		lines = append(lines, fmt.Sprintf("overload: a crash when those who wait hold %s (%s each); back after %v", a.MemoryLimit, a.MemoryPerRequest, brief(a.RestartAfter)))
	}
	lines = append(lines, admissionWords(a)...)
	if l := a.Liveness; l.On() {
		lines = append(lines, fmt.Sprintf("a supervisor asks GET %s every %v and restarts after %s", l.Path, brief(l.Interval), many(l.Fall, "failure")))
	}
	if a.WarmUp.Time > 0 {
		lines = append(lines, fmt.Sprintf("warm-up: one started during the run takes %g times as long at first, as usual after %v", a.WarmUp.Factor, brief(a.WarmUp.Time)))
	}
	if t.Scenario.autoscales() {
		lines = append(lines, autoscaleWords(t.Scenario.Autoscale))
	}
	if t.Scenario.people() || a.Sessions.Store != origin.StoreCookie {
		lines = append(lines, "sessions: "+map[string]string{
			origin.StoreCookie:   "in a signed cookie, which every server knows",
			origin.StoreMemory:   "in the memory of the server that made them, which no other knows",
			origin.StoreDatabase: "in the database, which each request with one asks",
			origin.StoreStore:    "in the session store, which each request with one asks",
		}[a.Sessions.Store])
	}
	return lines
}

// admissionWords is who is next and who is let in, where that is not the usual.
func admissionWords(a origin.AppConfig) (lines []string) {
	switch a.Discipline {
	case origin.LIFO:
		lines = append(lines, "next: the newest")
	case origin.AdaptiveLIFO:
		lines = append(lines, fmt.Sprintf("next: the newest, when the queue has not been empty for %v", brief(a.LIFOAfter)))
	case origin.Sharing:
		lines = append(lines, "nobody waits: all requests share the workers")
	}
	if c := a.CoDel; c.Target > 0 {
		lines = append(lines, fmt.Sprintf("CoDel: when all of %v wait longer than %v, 503 for who has waited twice as long", brief(c.Interval), brief(c.Target)))
	}
	switch l := a.Limit; l.Algorithm {
	case origin.LimitAIMD:
		lines = append(lines, fmt.Sprintf("limit: %d to %d requests at a time, fewer when answers take more than %v (AIMD)", l.Minimum, l.Maximum, brief(l.Target)))
	case origin.LimitGradient:
		lines = append(lines, fmt.Sprintf("limit: %d to %d requests at a time, fewer when answers take longer than usual (gradient)", l.Minimum, l.Maximum))
	}
	for _, s := range a.Shed {
		lines = append(lines, fmt.Sprintf("503 for %s when it has %.3g %% of the requests that it may have", s.Words(), 100**s.Above))
	}
	return lines
}

func (t *Topology) storePolicies() []string {
	d := t.Scenario.SessionStore
	return []string{serving(d.Workers, d.ServiceConfig), fmt.Sprintf("sessions: up to %s; a crash loses them", commas(float64(t.Scenario.App.Sessions.Limit)))}
}

func (t *Topology) databasePolicies() []string {
	d := t.Scenario.Database
	return []string{serving(d.Workers, d.ServiceConfig),
		fmt.Sprintf("overload: %s may wait, more get 503", commas(float64(*d.Queue)))}
}

// many counts things: "1 user", "1,000 users".
func many(n int, noun string) string {
	switch {
	case n == 1:
		return "1 " + noun
	case strings.HasSuffix(noun, "s"):
		noun += "es"
	case strings.HasSuffix(noun, "y"):
		noun = strings.TrimSuffix(noun, "y") + "ies"
	default:
		noun += "s"
	}
	return commas(float64(n)) + " " + noun
}

// commas writes a number for people.
func commas(v float64) string { return report.FormatValue(v, report.UnitCount) }

func orWord(v, d string) string {
	if v == "" {
		return d
	}
	return v
}
