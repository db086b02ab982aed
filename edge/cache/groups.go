// Groups: answers that an origin wants forgotten together (RFC 9875).
package cache

import (
	"net/http"
	"slices"
	"strings"

	"github.com/dunglas/httpsfv"
)

const (
	fieldGroups       = "Cache-Groups"             // RFC 9875 2: the groups of an answer
	fieldInvalidation = "Cache-Group-Invalidation" // RFC 9875 3: those that a request changed
)

// Limits of a field's groups, four times what RFC 9875 2 wants supported at the least.
// What is over them is ignored from there on, as with tags.
const (
	maxGroups      = 128
	maxGroupLength = 128 // bytes
)

// groupMark begins the tag of a group. No field's tag can have it, so a purge by tag
// never means a group.
const groupMark = "\x00"

// Groups adds the groups of an answer to its tags. A group is one of its origin's
// alone (RFC 9875 2), and letter case counts in it.
func Groups(tags []string, key Key, h http.Header) []string {
	if lines := h[fieldGroups]; len(lines) > 0 {
		return append(tags, groupTags(key, lines)...)
	}
	return tags
}

// groupTags reads a List of Strings (RFC 9651 3.1, 3.3.3) as tags. What is none says
// nothing.
func groupTags(key Key, lines []string) (tags []string) {
	list, err := httpsfv.UnmarshalList(lines)
	if err != nil {
		return nil
	}
	for _, member := range list {
		item, _ := member.(httpsfv.Item)
		name, ok := item.Value.(string)
		if !ok {
			return nil
		}
		if tag := groupMark + key.Scheme + "://" + key.Host + " " + name; len(name) <= maxGroupLength && len(tags) < maxGroups && !slices.Contains(tags, tag) {
			tags = append(tags, tag)
		}
	}
	return tags
}

func isGroup(tag string) bool { return strings.HasPrefix(tag, groupMark) }

// group returns the words for a tag that is a group's.
func group(tag string) string {
	origin, name, _ := strings.Cut(tag[len(groupMark):], " ")
	return "group " + name + " of " + origin
}

// inherited returns the tags of an answer that goes on for an older one: a field that
// it does not have stays (RFC 9111 3.2).
func inherited(tags, old []string) []string {
	of := func(kind bool) func(string) bool { return func(tag string) bool { return isGroup(tag) == kind } }
	all := slices.Clip(tags)
	for _, kind := range []bool{false, true} {
		if slices.ContainsFunc(tags, of(kind)) {
			continue
		}
		for _, tag := range old {
			if isGroup(tag) == kind {
				all = append(all, tag)
			}
		}
	}
	return all
}

// ChangedGroups returns what a request changed beside the keys of Changed: the groups
// that the answer names (RFC 9875 3), and those of what is stored under these keys
// (2.2.1), whose own groups are not followed further.
func (s *Store) ChangedGroups(x *Exchange, keys []Key) (all []Target) {
	if len(keys) == 0 {
		return nil
	}
	tags := groupTags(keys[0], x.Header[fieldInvalidation])
	for _, key := range keys {
		for _, id := range s.held(nil, s.byKey.get(key)) {
			for _, tag := range s.slots[id].entry.Tags {
				if isGroup(tag) && !slices.Contains(tags, tag) {
					tags = append(tags, tag)
				}
			}
		}
	}
	for _, tag := range tags {
		all = append(all, Target{Tag: tag})
	}
	return all
}
