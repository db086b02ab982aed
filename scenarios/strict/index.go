// Where every key of a TOML file stands: a tree of places beside the tree of values, arrays of tables counted.

package strict

import (
	"errors"
	"fmt"
	"slices"

	"github.com/pelletier/go-toml/v2/unstable"
)

// maxDepth is how deep tables and arrays may nest. Both parsers recurse, so an unlimited depth is an unlimited stack.
const maxDepth = 64

// A place is where one key or array element stands, and the places inside it.
type place struct {
	offset int // of the key's name in the text, of the value for an array element; unknown when negative
	made   made
	keys   map[string]*place
	items  []*place
}

const unknown = -1

// indexer builds the places of a file in one pass over its expressions.
type indexer struct {
	root    *place
	path    []any   // of what is being read
	breach  *breach // the first one
	tooDeep int     // offset of the first thing nested too deeply, or unknown
	latest  int     // offset of the key read last
	stopped int     // offset of a syntax error
}

// index reads the places of text, which is clipped: offsets are measured by capacity. A syntax error ends it early with the
// places so far (the main parser reports it); the error returned is that of the parser used here.
func index(text []byte) (*indexer, error) {
	ix := &indexer{root: &place{offset: unknown}, tooDeep: unknown}
	table, tablePath := ix.root, []any(nil)
	var p unstable.Parser
	p.Reset(text)
	for ix.tooDeep == unknown && p.NextExpression() {
		switch e := p.Expression(); e.Kind {
		case unstable.Table, unstable.ArrayTable:
			ix.path = nil
			table = ix.header(e)
			tablePath = ix.path
		case unstable.KeyValue:
			ix.path = tablePath
			ix.keyValue(table, e, 0)
		}
	}
	var pe *unstable.ParserError
	if errors.As(p.Error(), &pe) {
		ix.stopped = len(text) - cap(pe.Highlight) // both end where the text does
	}
	return ix, p.Error()
}

// header goes to the table that a [header] or [[header]] opens and remembers its path.
func (ix *indexer) header(e *unstable.Node) *place {
	at := ix.root
	for keys := e.Key(); keys.Next(); {
		key := keys.Node()
		if len(ix.path) > maxDepth {
			ix.tooDeep = int(key.Raw.Offset)
			return at
		}
		at = ix.step(at, key, implied)
		switch {
		case !keys.IsLast():
			ix.through(at, false)
			at = ix.intoLast(at)
		case e.Kind == unstable.ArrayTable:
			ix.open(at, tables)
			at.items = append(at.items, &place{offset: ix.latest, made: headed})
			at = ix.intoLast(at)
		default:
			ix.open(at, headed)
		}
	}
	return at
}

// keyValue adds what `key = value` gives, in a table or an inline table; the key may be dotted.
func (ix *indexer) keyValue(table *place, e *unstable.Node, depth int) {
	outer := ix.path
	for keys := e.Key(); keys.Next(); depth++ {
		key := keys.Node()
		if depth > maxDepth {
			ix.tooDeep = int(key.Raw.Offset)
			return
		}
		if keys.IsLast() {
			ix.final(table, key)
		}
		table = ix.step(table, key, dotted)
		if !keys.IsLast() {
			ix.through(table, true)
		}
	}
	table.made = value
	ix.value(table, e.Value(), depth)
	ix.path = outer
}

// value adds the places inside a value.
func (ix *indexer) value(at *place, v *unstable.Node, depth int) {
	if depth > maxDepth && ix.tooDeep == unknown {
		ix.tooDeep = max(at.offset, ix.latest)
	}
	if ix.tooDeep != unknown {
		return
	}
	for inside := v.Children(); inside.Next(); {
		child := inside.Node()
		if v.Kind == unstable.InlineTable {
			ix.keyValue(at, child, depth+1)
			continue
		}
		item := &place{offset: valueOffset(child), made: value}
		at.items = append(at.items, item)
		outer := ix.path
		ix.path = extend(outer, len(at.items)-1)
		ix.value(item, child, depth+1)
		ix.path = outer
	}
}

// step goes to the place of a key, which it makes if need be.
func (ix *indexer) step(at *place, key *unstable.Node, how made) *place {
	name := string(key.Data)
	ix.path = extend(ix.path, name)
	ix.latest = int(key.Raw.Offset)
	next := at.keys[name]
	if next == nil {
		next = &place{offset: ix.latest, made: how}
		if at.keys == nil {
			at.keys = map[string]*place{}
		}
		at.keys[name] = next
	}
	return next
}

// intoLast goes on to the newest element of an array of tables: that is the one later headers add to.
func (ix *indexer) intoLast(at *place) *place {
	if at.made != tables {
		return at
	}
	ix.path = extend(ix.path, len(at.items)-1)
	return at.items[len(at.items)-1]
}

// valueOffset is where a value starts. The parser does not say it for arrays: theirs is that of the first value inside.
func valueOffset(v *unstable.Node) int {
	if v.Kind != unstable.Array {
		return int(v.Raw.Offset)
	}
	if first := v.Child(); first.Valid() {
		return valueOffset(first)
	}
	return unknown
}

// extend is path with one more step, in memory of its own: paths of siblings must not overwrite each other.
func extend(path []any, step any) []any {
	return append(slices.Clip(path), step)
}

// find is the place at path, and the offset of the last place on the way whose offset is known.
func (p *place) find(path []any) (found *place, offset int) {
	offset = unknown
	for _, step := range path {
		if p = p.inside(step); p == nil {
			return nil, offset
		}
		if p.offset != unknown {
			offset = p.offset
		}
	}
	return p, offset
}

// inside is the place one step further in, nil when there is none.
func (p *place) inside(step any) *place {
	switch s := step.(type) {
	case string:
		return p.keys[s]
	case int:
		if s >= 0 && s < len(p.items) {
			return p.items[s]
		}
		return nil
	}
	panic(fmt.Sprintf("strict: a path holds string keys and int indexes, not %T", step))
}
