// Purging: what is taken out of the store, or marked stale, by name.
package cache

import (
	"slices"
	"strings"

	"cdnlab/sim"
)

// Target is what one purge is about: the answers under a Key, every variant of
// them, or those that carry a Tag. The Target of everything is {Prefix: true}.
type Target struct {
	Key           // Scheme and Host "" are any
	Prefix bool   // every path that begins as Key's does
	Tag    string // as FoldTag has it; not "": whatever the Key
}

// Covers reports whether a purge is about an answer.
func (t Target) Covers(key Key, tags []string) bool {
	if t.Tag != "" {
		return slices.Contains(tags, t.Tag)
	}
	return t.at(site{key.Scheme, key.Host}) && (key.Path == t.Path || t.Prefix && strings.HasPrefix(key.Path, t.Path))
}

func (t Target) at(s site) bool {
	return (t.Scheme == "" || t.Scheme == s.scheme) && (t.Host == "" || t.Host == s.host)
}

// String says in words what a purge is about.
func (t Target) String() string {
	switch {
	case isGroup(t.Tag):
		return group(t.Tag)
	case t.Tag != "":
		return "tag " + t.Tag
	case t == Target{Prefix: true}:
		return "everything"
	case t.Prefix:
		return t.Host + t.Path + "*"
	}
	return t.Host + t.Path
}

// Exact reports whether there can be only one Key that it is about.
func (t Target) Exact() bool { return t.Tag == "" && !t.Prefix && t.Scheme != "" && t.Host != "" }

// Purge takes out what a target covers and returns how many entries that were.
func (s *Store) Purge(t Target) int {
	ids := s.covered(t)
	for _, id := range ids {
		s.forget(id)
	}
	return len(ids)
}

// Soften is Purge, but what was fresh stays and is stale from now on: what may be
// done with it then, its own directives say (RFC 9111 4.2.4; RFC 5861). Their
// times count from now. It ages to its lifetime rather than to lose that: whoever
// gets it stale (a PoP from its shield, a browser from the PoP) goes by its Age and its
// directives, and must not take it for fresh once more.
func (s *Store) Soften(t Target, now sim.Time) int {
	ids := s.covered(t)
	for _, id := range ids {
		slot := &s.slots[id]
		if slot.entry.TTL(now) > 0 {
			e := *slot.entry // answers on their way hold it, so it must not change
			e.Initial += e.TTL(now)
			e.Why = WhyPurged
			slot.entry = &e
			s.settle(slot.res)
		}
	}
	return len(ids)
}

// covered returns the ids of the entries that a target covers, in their order, so
// that every run does the same.
func (s *Store) covered(t Target) (ids []uint32) {
	switch {
	case t.Tag != "":
		for id := range s.byTag[t.Tag] { // in any order: sorted below
			ids = append(ids, id)
		}
	case t.Exact():
		ids = s.held(ids, s.byKey.get(t.Key))
		ids = s.heldSlices(ids, t.Key)
	case t.Prefix:
		for id := range s.slots {
			if x := &s.slots[id]; x.entry != nil && t.Covers(x.res.key, nil) {
				ids = append(ids, uint32(id))
			}
		}
	default:
		for at, pages := range s.byKey.sites { // in any order: sorted below
			if t.at(at) {
				ids = s.held(ids, pages[t.Path])
			}
		}
		for whole := range s.byKey.sliced { // in any order: sorted below
			if t.Covers(whole, nil) {
				ids = s.heldSlices(ids, whole)
			}
		}
	}
	slices.Sort(ids)
	return ids
}

// held adds the ids of a resource's entries.
func (s *Store) held(ids []uint32, res *resource) []uint32 {
	if res != nil {
		for _, id := range res.ids {
			if s.slots[id].entry != nil {
				ids = append(ids, id)
			}
		}
	}
	return ids
}

// heldSlices adds the ids of the slices of what has a key, in any order.
func (s *Store) heldSlices(ids []uint32, whole Key) []uint32 {
	for _, res := range s.byKey.sliced[whole] { // in any order: who asks sorts
		ids = s.held(ids, res)
	}
	return ids
}
