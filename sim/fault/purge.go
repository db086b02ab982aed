// The action purge.
package fault

import (
	"slices"
	"strings"

	"cdnlab/sim/check"
)

func init() {
	Actions.Add("purge", "the PoPs are told, from the origin, to forget what they have stored, or that it is stale", Kind{
		Instant: true, May: []string{"node", "path", "tags", "host", "everything", "soft"},
		Make: func(c Config) Fault {
			p := Purge{Tags: c.Tags, Host: c.Host, All: c.All, Soft: c.Soft}
			if len(c.Tags) == 0 && !c.All {
				p.Paths = c.paths()
			}
			return at(func(w World) { w.Purge(c.Node, p) })
		},
		Tell: func(c Config) string {
			softly := ""
			if c.Soft {
				softly = "softly "
			}
			return c.purged() + " is " + softly + "purged from " + c.where()
		},
	})
}

// Purge is what a purge is about: paths, of a host if one is given, or what carries
// one of the tags, or everything.
type Purge struct {
	Paths string
	Tags  []string
	Host  string
	All   bool
	Soft  bool // marked stale, not forgotten
}

// purged says in words what is.
func (c Config) purged() string {
	switch {
	case len(c.Tags) > 0:
		return "what is tagged " + strings.Join(c.Tags, " or ")
	case c.Host != "":
		return "everything of " + c.Host
	}
	return c.what()
}

// Limits of a purge's tags: those of a call to Fastly's API, and of one tag there.
const (
	maxTags = 256
	maxTag  = 1024 // bytes
)

// checkPurge looks at the keys that only a purge has.
func (c Config) checkPurge(l *check.List) {
	var about []string
	for _, key := range check.Given(c) {
		if slices.Contains([]string{"path", "tags", "host", "everything"}, key) {
			about = append(about, key)
		}
	}
	if c.Do == "purge" && len(about) > 1 {
		l.Add(about[1], "stands beside %s: a purge is about one of them; write two", about[0])
	}
	if len(c.Tags) > maxTags {
		l.Add("tags", "are %d; the limit is %d", len(c.Tags), maxTags)
	}
	for _, tag := range c.Tags {
		if tag == "" || len(tag) > maxTag || strings.ContainsFunc(tag, func(r rune) bool { return r <= ' ' || r > '~' || r == ',' }) {
			l.Add("tags", "%q is no tag: no blanks, no commas, and %d bytes at the most", tag, maxTag)
			return
		}
	}
}
