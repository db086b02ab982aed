// What can be wrong with journeys.
package load

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"cdnlab/sim"
	"cdnlab/sim/check"
)

// JourneyProblem is one thing that is wrong with a journey.
type JourneyProblem struct {
	Problem
	Step int // which of its steps, from 0; -1: the journey itself
}

// CheckJourneys returns everything that is wrong with the journeys of a site
// with that catalog.
func CheckJourneys(journeys []Journey, catalog []Entry) []JourneyProblem {
	if len(journeys) > maxJourneys {
		return []JourneyProblem{{Problem{Item: maxJourneys, Key: "name", Says: fmt.Sprintf("is one of more than %d journeys", maxJourneys)}, -1}}
	}
	var all []JourneyProblem
	names := map[string]bool{}
	paths := make([]string, len(catalog))
	deployed := map[string]bool{}
	for i, e := range catalog {
		paths[i] = e.Path
		deployed[e.Path] = e.Changes == wordAtDeploy
	}
	for i, j := range journeys {
		add := func(step int, l check.List) {
			for _, p := range l.Problems {
				p.Item = i
				all = append(all, JourneyProblem{p, step})
			}
		}
		var l check.List
		if names[j.Name] {
			l.Add("name", "a second journey %q", j.Name)
		}
		names[j.Name] = true
		j.check(&l)
		add(-1, l)
		for k, s := range j.Steps {
			var l check.List
			s.check(&l, paths)
			s.checkHashed(&l, deployed)
			add(k, l)
		}
	}
	return all
}

func (j Journey) check(l *check.List) {
	if j.Name == "" {
		l.Add("name", "is missing: each journey has one")
	}
	if j.Share != nil && !(*j.Share > 0 && *j.Share <= maxShare) {
		l.Add("share", "must be above 0 and at most %d, not %g; a journey that nobody makes can be left out", int(maxShare), *j.Share)
	}
	if j.ThinkTime != 0 {
		l.Duration("think-time", j.ThinkTime, minThink, 24*time.Hour)
	}
	l.OneOf("think-law", j.ThinkLaw, "exponential", "constant")
	pages := 0
	for _, s := range j.Steps {
		pages += s.times()
	}
	switch {
	case pages == 0:
		l.Add("step", "is missing: what do they do? add a [[journey.step]] with a page")
	case pages > maxPages:
		l.Add("step", "a visit has up to %d pages; the limit is %d", pages, maxPages)
	}
}

func (s Step) check(l *check.List, paths []string) {
	does := 0
	for _, one := range []bool{s.Page != "", s.SignIn, s.AddToCart} {
		if one {
			does++
		}
	}
	switch {
	case does == 0:
		l.Add("page", "is missing: a step has a page, sign-in or add-to-cart")
	case does > 1:
		l.Add("page", "a step is one thing: a page, sign-in or add-to-cart")
	case s.SignIn && s.Times > 1:
		l.Add("times", "means nothing to a sign-in: who is signed in goes on")
	}
	if s.Page != "" {
		checkPage(l, "page", s.Page, paths)
	}
	l.Number("times", float64(s.Times), 0, maxPages)
	l.Number("leave", s.Leave, 0, 1)
	s.checkAssets(l, paths)
}

func (s Step) checkAssets(l *check.List, paths []string) {
	if len(s.Assets) > 0 && s.Page == "" {
		l.Add("assets", "mean something only with a page")
	}
	total := 0
	for _, path := range slices.Sorted(maps.Keys(s.Assets)) {
		checkPage(l, "assets", path, paths)
		n := s.Assets[path]
		if n < 1 || n > maxAssets {
			l.Add("assets", "%q: must be between 1 and %d of them, not %d", path, maxAssets, n)
			return
		}
		total += n
	}
	if total > maxAssets {
		l.Add("assets", "are %d; the limit of a page is %d", total, maxAssets)
	}
}

// checkHashed wants a page that names files by their contents to change with them:
// its HTML is what names them. A page itself has a name that does not change.
func (s Step) checkHashed(l *check.List, deployed map[string]bool) {
	if strings.Contains(s.Page, hashMark) {
		l.Add("page", "%q has a name that changes with each version: nobody could know it; only assets have such names", s.Page)
	}
	for _, path := range slices.Sorted(maps.Keys(s.Assets)) {
		if strings.Contains(path, hashMark) && deployed[path] && !deployed[s.Page] {
			l.Add("assets", "%q is new at each deploy, and %q, whose HTML names it, is not; give that page changes = \"at deploy\"", path, s.Page)
		}
	}
}

// checkPage wants a path of the catalog.
func checkPage(l *check.List, key, path string, paths []string) {
	if slices.Contains(paths, path) {
		return
	}
	if near := sim.Nearest(path, paths); near != "" {
		l.Add(key, "the catalog has no path %q; did you mean %q?", path, near)
		return
	}
	l.Add(key, "the catalog has no path %q; it has %s", path, strings.Join(paths[:min(len(paths), maxNamed)], ", "))
}

// maxNamed bounds the paths that a message lists.
const maxNamed = 10
