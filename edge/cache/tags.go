// Tags: names that an origin gives an answer, to purge it by later.
package cache

import (
	"net/http"
	"strings"
)

// tagFields carry them, as no RFC does: Surrogate-Key parted by blanks (Fastly),
// Cache-Tag by commas (Cloudflare, Akamai, CloudFront). They are for the caches of
// whoever runs the site, and end at the last of these.
var tagFields = []string{"Surrogate-Key", "Cache-Tag"}

// Limits of one answer's tags, those of Fastly (16,384 bytes in a field, 1,024 in
// a key) and Cloudflare (16 KB in a field, 1,000 tags). What is over them is
// ignored from there on, as both do: the answer is stored, but a purge by such a
// tag does not find it.
const (
	MaxTagLength = 1024 // bytes
	maxTags      = 1000
	maxTagField  = 16384 // bytes
)

// tagOverhead is about what the index needs for one tag of one entry, in bytes; it
// counts against the store's capacity, or many short tags would be for free.
const tagOverhead = 64

// Tags returns the tags of an answer, each once. Letter case means nothing in
// them, as with Cloudflare and CloudFront: where a cache tells tags apart by it
// (Fastly), a purge takes out more than was named, and never less.
func Tags(h http.Header) []string {
	if !has(h, "Surrogate-Key") && !has(h, "Cache-Tag") {
		return nil
	}
	tags := addTags(nil, h["Surrogate-Key"], func(r rune) bool { return r == ' ' || r == '\t' })
	return addTags(tags, h["Cache-Tag"], func(r rune) bool { return r == ',' })
}

// addTags adds those of one field, whose lines count together.
func addTags(tags, lines []string, parts func(rune) bool) []string {
	known := make(map[string]struct{}, len(tags))
	for _, tag := range tags {
		known[tag] = struct{}{}
	}
	room := maxTagField
	for _, line := range lines {
		cut := len(line) > room
		if cut {
			line = line[:room]
			line = line[:strings.LastIndexFunc(line, parts)+1] // a tag is there whole or not at all
		}
		for tag := range strings.FieldsFuncSeq(line, parts) {
			tag = FoldTag(tag)
			if len(tag) > MaxTagLength || len(tags) == maxTags {
				return tags
			}
			if _, twice := known[tag]; !twice && tag != "" {
				known[tag] = struct{}{}
				tags = append(tags, tag)
			}
		}
		if room -= len(line); cut {
			return tags
		}
	}
	return tags
}

// FoldTag returns a tag as it is compared.
func FoldTag(tag string) string { return strings.ToLower(strings.Trim(tag, " \t")) }

// Untagged returns h without the fields that carry tags.
func Untagged(h http.Header) http.Header { return without(h, h, tagFields) }

func tagBytes(tags []string) int64 {
	n := 0
	for _, tag := range tags {
		n += len(tag) + tagOverhead
	}
	return int64(n)
}

// tag puts a stored entry into the index of tags.
func (s *Store) tag(e *Entry) {
	if len(e.Tags) > 0 && s.byTag == nil {
		s.byTag = map[string]map[uint32]struct{}{}
	}
	for _, tag := range e.Tags {
		ids := s.byTag[tag]
		if ids == nil {
			ids = map[uint32]struct{}{}
			s.byTag[tag] = ids
		}
		ids[e.id] = struct{}{}
	}
}

// untag takes an entry that leaves out of it.
func (s *Store) untag(e *Entry) {
	for _, tag := range e.Tags {
		delete(s.byTag[tag], e.id)
		if len(s.byTag[tag]) == 0 {
			delete(s.byTag, tag)
		}
	}
}
