// Keys given twice and tables reopened: what TOML forbids and the main parser lets pass in places, losing one of the values.

package strict

import (
	"fmt"

	"github.com/pelletier/go-toml/v2/unstable"
)

// made says how a place came to be; TOML lets each kind be added to in its own way only (toml.io/en/v1.0.0, sections Keys
// and Table).
type made uint8

const (
	implied made = iota // by a header further in: may still get a header of its own
	dotted              // by a dotted key: more dotted keys may add to it, and headers further in
	headed              // by its [header]: its keys follow it, and nowhere else
	tables              // by [[header]]: each further one is an element
	value               // by key = value: complete, inline tables and arrays among them
)

// A breach is a key or header that must not stand where it does.
type breach struct {
	path          []any
	offset, first int // of the key, and of what is in its way
	says          string
}

// broken notes the first breach, at the key read last; was is what is in its way.
func (ix *indexer) broken(was *place, says string) {
	if ix.breach == nil {
		ix.breach = &breach{path: ix.path, offset: ix.latest, first: was.offset, says: says}
	}
}

// final is the last part of the key of a value: it must be new.
func (ix *indexer) final(table *place, key *unstable.Node) {
	if was := table.keys[string(key.Data)]; was != nil {
		outer := ix.path
		ix.path, ix.latest = extend(outer, string(key.Data)), int(key.Raw.Offset)
		ix.broken(was, "given twice")
		ix.path = outer
	}
}

// through is an inner part of a header, or of a dotted key.
func (ix *indexer) through(at *place, byKey bool) {
	switch {
	case at.made == value:
		ix.broken(at, "has its value already, and nothing can be added to it")
	case byKey && at.made != dotted:
		ix.broken(at, "has a [header] of its own, and its keys can only stand below that")
	}
}

// open is the last part of a header. A table met inside another header before moves to its own.
func (ix *indexer) open(at *place, how made) {
	isNew := at.made == implied && len(at.keys) == 0
	switch {
	case at.made == how && how == tables:
	case at.made == implied && (how == headed || isNew):
		at.made, at.offset = how, ix.latest
	case at.made == tables:
		ix.broken(at, "is an array of tables: its header has two brackets")
	case how == tables:
		ix.broken(at, "is not an array of tables")
		at.made = tables // so that the elements are found all the same
	default:
		ix.broken(at, "given twice")
	}
}

// breachMistake puts a breach into words.
func (d *Doc) breachMistake(b *breach) Mistake {
	line, _ := d.lineColumn(b.first)
	m := d.at(b.offset, b.says, fmt.Sprintf("first on line %d", line))
	m.Path = pathText(b.path)
	return m
}
