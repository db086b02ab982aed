// Moments: the scenario as its settings (`do = "set"` and "weight") have it later
// in the run. They are made and checked when the file is read, each as a variant
// is, so that a run cannot come upon a mistake.
package scenarios

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"cdnlab/scenarios/strict"
	"cdnlab/sim/fault"
)

// moment is the scenario from a time of the run on.
type moment struct {
	at time.Duration
	s  *Scenario
}

func settles(e fault.Config) bool { return e.Do == "set" || e.Do == "weight" }

// setting is what an event sets.
type setting struct {
	event int
	set   []Setting
}

// moments reads the scenario as it is after each beginning and end of a setting.
// Of settings that hold at the same time, the one that began last decides.
func (c *checker) moments() {
	settings := c.settable()
	var holding []setting
	for _, h := range c.s.happenings(settles) {
		this := func(s setting) bool { return s.event == h.event }
		holding = slices.DeleteFunc(holding, this)
		if len(settings[h.event]) == 0 {
			continue
		}
		if h.begins {
			holding = append(holding, setting{h.event, settings[h.event]})
		}
		m := c.moment(h, slices.Clone(holding))
		if m == nil || m.broken {
			settings[h.event], holding = nil, slices.DeleteFunc(holding, this) // what is wrong with it is said
			continue
		}
		if n := len(c.s.moments); n > 0 && c.s.moments[n-1].at == h.at {
			c.s.moments[n-1].s = m.s
		} else {
			c.s.moments = append(c.s.moments, moment{h.at, m.s})
		}
	}
}

// settable returns, by event, the keys that it may set, and reports the others.
func (c *checker) settable() [][]Setting {
	all := make([][]Setting, len(c.s.Events))
	for i, e := range c.s.Events {
		switch {
		case !settles(e) || len(e.Check(maxDuration)) > 0:
		case e.Do == "weight":
			if c.s.server(e.Node) != nil {
				all[i] = []Setting{{Key: "server." + e.Node + ".weight", Value: int64(e.Weight)}}
			}
		default:
			for _, s := range flatten(e.Set) {
				says, hint := c.refusal(s.Key)
				if says == "" {
					says, hint = c.noServer(s.Key)
				}
				if says != "" {
					c.add(says, hint, append([]any{"event", i, "set"}, words(s.Key)...)...)
					continue
				}
				all[i] = append(all[i], s)
			}
		}
	}
	return all
}

// refusal says why this scenario cannot change a key while it is played.
func (c *checker) refusal(key string) (says, hint string) {
	table, rest, _ := strings.Cut(key, ".")
	switch {
	case table == "database" && c.s.Database == nil:
		return "cannot change: there is no database in this run", "give it a [database] from the start"
	case table == "session-store" && c.s.SessionStore == nil:
		return "cannot change: there is no session store in this run", "give it a [session-store] from the start"
	case table == "load" && c.s.recorded():
		return "cannot change while a run lasts: its trace says what comes when", "give each a [[variant]]"
	case table == "load" && c.s.Load.Closed() && rest != "think-time" && rest != "think-law":
		return "cannot change while a run lasts: the users of a closed loop are there from its start", "think-time and think-law can"
	}
	return refusal(key)
}

func words(key string) []any {
	var path []any
	for word := range strings.SplitSeq(key, ".") {
		path = append(path, word)
	}
	return path
}

// noServer says that a key is one of a server that there is not.
func (c *checker) noServer(key string) (says, hint string) {
	steps := strings.Split(key, ".")
	if steps[0] != "server" || len(steps) < 3 || c.s.server(steps[1]) != nil || c.lost(named...) {
		return "", ""
	}
	written, _ := c.tree["server"].([]map[string]any)
	if i, err := strconv.Atoi(steps[1]); err == nil && i >= 0 && i < len(written) {
		return "", ""
	}
	var known []string
	for _, v := range c.s.Servers {
		known = append(known, v.Name)
	}
	says, hint, _ = strings.Cut(unknown("server", steps[1], known).Error(), "; ")
	return says, hint
}

// moment reads the scenario with the settings that hold after h; nil when it
// cannot be read.
func (c *checker) moment(h happening, holding []setting) *checker {
	tree := maps.Clone(c.tree)
	for _, key := range []string{"event", "variant", "expect"} { // the same at every moment, and checked
		delete(tree, key)
	}
	m := &checker{r: c.r, variant: c.variant, at: c.at, set: c.set, where: c.since(h), said: map[string]bool{},
		from: c, event: h.event, holding: holding, tree: strict.Clone(tree), s: &Scenario{},
		gone: slices.Clone(c.gone), lacking: slices.Clone(c.lacking)}
	for _, e := range holding {
		for _, s := range e.set {
			m.describe(s.Key)
			if err := strict.Override(m.tree, s.Key, s.Value); err != nil {
				c.r.put(c.r.doc.Mistake(err.Error(), "", append([]any{"event", e.event, "set"}, words(s.Key)...)...))
				return nil
			}
		}
	}
	if !m.read() {
		return nil
	}
	m.check()
	if m.s.Load.Closed() != c.s.Load.Closed() {
		m.add("cannot change while a run lasts between an open and a closed loop", "give each a [[variant]]", "load", "shape")
	}
	return m
}

// describe gives a server that only has a number, as app-2 of origin.servers = 3,
// a table for its keys.
func (c *checker) describe(key string) {
	steps := strings.Split(key, ".")
	if steps[0] != "server" || len(steps) < 3 || c.from.s.server(steps[1]) == nil {
		return
	}
	written, _ := c.tree["server"].([]map[string]any)
	if !slices.ContainsFunc(written, func(v map[string]any) bool { return v["name"] == steps[1] }) {
		c.tree["server"] = append(written, map[string]any{"name": steps[1]})
	}
}

// since says in words from when on, and in which variant.
func (c *checker) since(h happening) string {
	verb := "begins"
	if !h.begins {
		verb = "is over"
	}
	words := fmt.Sprintf("from %v on, when %q %s", h.at, fault.Describe(c.s.Events[h.event]), verb)
	if c.where != "" {
		words += ", " + c.where
	}
	return words
}
