// A parsed file: its raw tree, and the line and column of everything in it.

package strict

import (
	"bytes"
	"maps"
	"slices"
	"sort"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/BurntSushi/toml"
)

// Doc is a TOML file that has been read.
type Doc struct {
	file   string
	text   []byte // without the byte order mark
	starts []int  // offset of each line's first byte
	runes  []int  // characters before every markEvery-th byte: a file may be one long line
	tree   map[string]any
	places *place
}

func newDoc(file string, text []byte) *Doc {
	text = slices.Clip(bytes.Clone(text)) // clipped: the indexer measures offsets by capacity
	d := &Doc{file: file, text: text, starts: []int{0}, places: &place{offset: unknown}}
	seen := 0
	for i, b := range text {
		if i%markEvery == 0 {
			d.runes = append(d.runes, seen)
		}
		if utf8.RuneStart(b) {
			seen++
		}
		if b == '\n' {
			d.starts = append(d.starts, i+1)
		}
	}
	d.runes = append(d.runes, seen) // for an offset at the end
	return d
}

const markEvery = 512

// runesBefore counts the characters before an offset.
func (d *Doc) runesBefore(offset int) int {
	n := d.runes[offset/markEvery]
	for _, b := range d.text[offset/markEvery*markEvery : offset] {
		if utf8.RuneStart(b) {
			n++
		}
	}
	return n
}

// Tree is the raw tree: tables are map[string]any, arrays []any or (of tables) []map[string]any, the rest string, int64,
// float64, bool and time.Time. Every call returns a copy of its own, so that it can be overridden.
func (d *Doc) Tree() map[string]any {
	tree, _ := deepCopy(d.tree).(map[string]any)
	if tree == nil {
		return map[string]any{} // an empty file
	}
	return tree
}

// deepCopy copies the containers of a tree.
func deepCopy(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := maps.Clone(v)
		for k, inner := range v { // any order: each key is its own
			out[k] = deepCopy(inner)
		}
		return out
	case []map[string]any:
		out := slices.Clone(v)
		for i, inner := range v {
			out[i], _ = deepCopy(inner).(map[string]any)
		}
		return out
	case []any:
		out := slices.Clone(v)
		for i, inner := range v {
			out[i] = deepCopy(inner)
		}
		return out
	}
	return v
}

// Position is the line and column of what stands at path (string keys and int array indexes): of a key the place of its
// name, of an array element the start of its value or the name in its [[header]]. What is not in the file has the
// position of the longest part of its path that is; nothing of it known is 1, 1.
func (d *Doc) Position(path ...any) (line, column int) {
	_, offset := d.places.find(path)
	return d.lineColumn(offset)
}

// Mistake is a mistake at path, for checks of meaning made by others.
func (d *Doc) Mistake(says, hint string, path ...any) Mistake {
	line, column := d.Position(path...)
	return Mistake{File: d.file, Line: line, Column: column, Path: pathText(path), Says: says, Hint: hint}
}

// at is a mistake of the text itself.
func (d *Doc) at(offset int, says, hint string) Mistake {
	line, column := d.lineColumn(offset)
	return Mistake{File: d.file, Line: line, Column: column, Says: says, Hint: hint}
}

// lineColumn counts from 1; offsets outside the text come from parsers that stopped at its end.
func (d *Doc) lineColumn(offset int) (line, column int) {
	offset = min(max(offset, 0), len(d.text))
	line = sort.SearchInts(d.starts, offset+1)
	return line, d.runesBefore(offset) - d.runesBefore(d.starts[line-1]) + 1
}

// lineText is the whole line of an offset.
func (d *Doc) lineText(offset int) []byte {
	line, _ := d.lineColumn(offset)
	text := d.text[d.starts[line-1]:]
	if end := bytes.IndexByte(text, '\n'); end >= 0 {
		text = text[:end]
	}
	return text
}

// pathText writes a path as people read it: pop[1].place, headers."x y".
func pathText(path []any) string {
	var b strings.Builder
	for _, step := range path {
		switch s := step.(type) {
		case int:
			b.WriteString("[" + strconv.Itoa(s) + "]")
		case string:
			if b.Len() > 0 {
				b.WriteByte('.')
			}
			b.WriteString(toml.Key{s}.String()) // quoted where TOML needs it
		}
	}
	return b.String()
}
