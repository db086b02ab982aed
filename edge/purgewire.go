// A purge of many things, on its way to a PoP.
package edge

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"cdnlab/edge/cache"
)

// PurgeField is the field in which whoever runs the CDN says what a PURGE is about
// where one path, or tags, do not say it: one target a line.
//
//	tag red+shoes
//	at https www.example.com /a?b=c
//	under - www.example.com /
//
// At is one URL, under all that begin so; - is any scheme or host. A tag is escaped as
// in a query: it may hold what cannot stand in a line.
const PurgeField = "Cdnlab-Purge"

// Limits of one request with targets: a tenth of what a head may have (64 KiB), as
// other fields need room too. More targets are more requests.
const (
	maxPurgeLines = 64
	maxPurgeBytes = 24 << 10
)

// NewPurging is a purge of targets, of which there is at least one, with words for
// it.
func NewPurging(targets []cache.Target, soft bool) Purging {
	x := Purging{Targets: targets, Soft: soft, Says: targets[0].String()}
	if more := len(targets) - 1; more > 0 {
		x.Says += fmt.Sprintf(" and %d more", more)
	}
	if soft {
		x.Says += ", softly"
	}
	return x
}

// Split parts a purge so that each part fits into one request.
func (x Purging) Split() []Purging {
	var parts []Purging
	from, bytes := 0, 0
	for i, t := range x.Targets {
		size := len(line(t))
		if i > from && (i-from >= maxPurgeLines || bytes+size > maxPurgeBytes) {
			parts = append(parts, NewPurging(x.Targets[from:i], x.Soft))
			from, bytes = i, 0
		}
		bytes += size
	}
	return append(parts, NewPurging(x.Targets[from:], x.Soft))
}

// Fields are those of a request for the purge, which ReadPurge reads.
func (x Purging) Fields() http.Header {
	h := http.Header{}
	for _, t := range x.Targets {
		h[PurgeField] = append(h[PurgeField], line(t))
	}
	if x.Soft {
		h[SoftPurge] = []string{"1"}
	}
	return h
}

func line(t cache.Target) string {
	if t.Tag != "" {
		return "tag " + url.QueryEscape(t.Tag)
	}
	kind := "at"
	if t.Prefix {
		kind = "under"
	}
	return strings.Join([]string{kind, orAny(t.Scheme), orAny(t.Host), t.Path}, " ")
}

func orAny(s string) string {
	if s == "" {
		return "-"
	}
	return s
}

func orNone(s string) string {
	if s == "-" {
		return ""
	}
	return s
}

var errNoTarget = errors.New("no target of a purge")

// readLine reads what line writes. A path is the rest of it, and may be nothing.
func readLine(text string) (cache.Target, error) {
	kind, rest, _ := strings.Cut(text, " ")
	if tag, err := url.QueryUnescape(rest); kind == "tag" && tag != "" && err == nil {
		return cache.Target{Tag: tag}, nil
	}
	words := strings.SplitN(rest, " ", 3)
	if kind != "at" && kind != "under" || len(words) < 2 || words[0] == "" || words[1] == "" {
		return cache.Target{}, fmt.Errorf("%w: %q", errNoTarget, text)
	}
	t := cache.Target{Key: cache.Key{Scheme: orNone(words[0]), Host: orNone(words[1])}, Prefix: kind == "under"}
	if len(words) == 3 { // a field's value has no blank at its end
		t.Path = words[2]
	}
	return t, nil
}

// readFields reads the purge of a request with such a field. It has no targets when
// one of the lines is none.
func readFields(h http.Header) Purging {
	var targets []cache.Target
	for _, text := range h[PurgeField] {
		t, err := readLine(text)
		if err != nil {
			return Purging{Says: err.Error()}
		}
		targets = append(targets, t)
	}
	return NewPurging(targets, len(h[SoftPurge]) > 0)
}
