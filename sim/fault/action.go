// Actions: what somebody does during a run, registered one a file as faults are.
package fault

import (
	"strings"

	"cdnlab/sim"
	"cdnlab/sim/check"
)

// Actions are the known actions. Each registers itself in its file.
var Actions = sim.Registry[Kind]{Kind: "action"}

// kind returns what the event is, and what to call it. What is wrong with that
// is added to l.
func (c Config) kind(l *check.List) (kind Kind, what string, ok bool) {
	known, other, key, otherKey, name := &Faults, &Actions, "fault", "do", c.Fault
	switch {
	case c.Do != "" && c.Fault != "":
		l.Add("do", "stands beside fault: an event is one thing that happens; write two")
		return kind, "", false
	case c.Do != "":
		known, other, key, otherKey, name = &Actions, &Faults, "do", "fault", c.Do
	case c.Fault == "":
		l.Add("fault", "is missing: say what goes wrong (fault) or what somebody does (do)")
		return kind, "", false
	}
	kind, err := known.Get(name)
	if err == nil {
		return kind, "the " + known.Kind + " " + name, true
	}
	if _, misplaced := other.Get(name); misplaced == nil {
		l.Add(key, "%q is no %s; write %s = %q", name, known.Kind, otherKey, name)
	} else {
		l.Add(key, "%v", err)
	}
	return kind, "", false
}

// Instant reports whether the event is over as soon as it has begun. c has
// passed its Check.
func (c Config) Instant() bool { return kindOf(c).Instant }

// MaxWeight bounds a server's weight, as everywhere.
const MaxWeight = 65535

// checkAction looks at the keys that only actions have.
func (c Config) checkAction(l *check.List) {
	if c.Path != "" {
		checkPath(l, c.Path)
	}
	c.checkPurge(l)
	if c.Set != nil && len(check.Flatten(c.Set)) == 0 {
		l.Add("set", "is empty: name a key and what it becomes")
	}
	if c.Weight != 0 {
		l.Number("weight", float64(c.Weight), 1, MaxWeight)
	}
}

func checkPath(l *check.List, path string) { checkPathOf(l, "path", path) }

func checkPathOf(l *check.List, key, path string) {
	switch {
	case path[0] != '/':
		l.Add(key, "must begin with /, not %q", path)
	case strings.Contains(path[:len(path)-1], "*"):
		l.Add(key, "%q: a * stands at the end or nowhere", path)
	case strings.ContainsFunc(path, func(r rune) bool { return r <= ' ' || r > '~' || r == '#' }):
		l.Add(key, "%q has letters that a path on the wire cannot have; write them with %%", path)
	case len(path) > maxPath:
		l.Add(key, "has %d bytes; the limit is %d", len(path), maxPath)
	}
}

// maxPath bounds a path: what every server and proxy takes.
const maxPath = 2048

// Everything is the path of an event that is about all paths.
const Everything = "/*"

// Covers reports whether an event about pattern (an exact path, or one that ends
// in * for all that begin so) is about a path.
func Covers(pattern, path string) bool {
	if prefix, found := strings.CutSuffix(pattern, "*"); found {
		return strings.HasPrefix(path, prefix)
	}
	return path == pattern
}

// paths returns the pattern of an event's paths.
func (c Config) paths() string {
	if c.Path == "" {
		return Everything
	}
	return c.Path
}

// what says in words what an event's paths are.
func (c Config) what() string {
	if c.paths() == Everything {
		return "everything"
	}
	return c.Path
}

// where says in words which PoPs an event is about.
func (c Config) where() string {
	if c.Node == "" {
		return "every PoP"
	}
	return c.Node
}

// at is an action that is over at once.
type at func(w World)

func (f at) Begin(w World) { f(w) }
func (f at) End(World)     {}
