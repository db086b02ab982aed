// The action purge.
package fault

import (
	"fmt"
	"slices"
	"strings"

	"cdnlab/sim/check"
)

func init() {
	Actions.Add("purge", "the PoPs are told, from the origin, to forget what they have stored, or that it is stale", Kind{
		Instant: true, May: []string{"node", "path", "paths", "tags", "host", "everything", "soft"},
		Make: func(c Config) Fault {
			p := Purge{List: c.Paths, Tags: c.Tags, Host: c.Host, All: c.All, Soft: c.Soft}
			if len(c.Paths) == 0 && len(c.Tags) == 0 && !c.All {
				p.Paths = c.paths()
			}
			return at(func(w World) { w.Purge(c.Node, p) })
		},
		Tell: func(c Config) string {
			is, softly := " is ", ""
			if len(c.Paths) > 1 {
				is = " are "
			}
			if c.Soft {
				softly = "softly "
			}
			return c.purged() + is + softly + "purged from " + c.where()
		},
	})
}

// Purge is what a purge is about: paths, of a host if one is given, or each of a list
// of paths, or what carries one of the tags, or everything.
type Purge struct {
	Paths string
	List  []string
	Tags  []string
	Host  string
	All   bool
	Soft  bool // marked stale, not forgotten
}

// purged says in words what is.
func (c Config) purged() string {
	switch {
	case len(c.Paths) > maxSaid:
		return fmt.Sprintf("%s and %d more", strings.Join(c.Paths[:maxSaid-1], ", "), len(c.Paths)-maxSaid+1)
	case len(c.Paths) > 0:
		return strings.Join(c.Paths, " and ")
	case len(c.Tags) > 0:
		return "what is tagged " + strings.Join(c.Tags, " or ")
	case c.Host != "":
		return "everything of " + c.Host
	}
	return c.what()
}

// maxSaid is how many paths words about a purge name.
const maxSaid = 3

// Limits of a purge: the paths of a call to CloudFront's API, the tags of one to
// Fastly's, and the length of a tag there.
const (
	maxPaths = 3000
	maxTags  = 256
	maxTag   = 1024 // bytes
)

// checkPurge looks at the keys that only a purge has.
func (c Config) checkPurge(l *check.List) {
	var about []string
	for _, key := range check.Given(c) {
		if slices.Contains([]string{"path", "paths", "tags", "host", "everything"}, key) {
			about = append(about, key)
		}
	}
	if c.Do == "purge" && len(about) > 1 {
		l.Add(about[1], "stands beside %s: a purge is about one of them; write two", about[0])
	}
	if len(c.Paths) > maxPaths {
		l.Add("paths", "are %d; the limit is %d", len(c.Paths), maxPaths)
		return
	}
	for _, path := range c.Paths {
		if path == "" {
			l.Add("paths", "one of them is empty")
			continue
		}
		checkPathOf(l, "paths", path)
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
