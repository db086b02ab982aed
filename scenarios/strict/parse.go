// From bytes to a Doc: size, encoding and syntax are refused here, before any schema is asked.

package strict

import (
	"bytes"
	"fmt"
	"unicode/utf8"

	"github.com/BurntSushi/toml"
)

// MaxFileBytes is the largest file that is read.
const MaxFileBytes = 1 << 20

// maxBlind is how many brackets and dots a file may have that the indexer could not read to its end. The main parser
// recurses once a bracket and takes time squared in the dots of a key, and the indexer is what limits both.
const maxBlind = 20_000

const mark = "\ufeff" // the byte order mark

// Parse reads a file. What it cannot read it returns as Mistakes of one.
func Parse(file string, data []byte) (*Doc, error) {
	text := bytes.TrimPrefix(data, []byte(mark)) // editors put a byte order mark there; it is no column
	d := newDoc(file, text)
	if m, bad := d.unreadable(data); bad {
		return nil, Mistakes{m}
	}
	ix, err := index(d.text)
	d.places = ix.root
	switch {
	case ix.tooDeep != unknown:
		return nil, Mistakes{d.at(ix.tooDeep, fmt.Sprintf("nested more than %d levels deep", maxDepth), "")}
	case err != nil && bytes.Count(text, []byte("["))+bytes.Count(text, []byte("{"))+bytes.Count(text, []byte(".")) > maxBlind:
		return nil, Mistakes{d.at(ix.stopped, plainWords(err.Error()), "")}
	}
	if _, err := toml.Decode(string(d.text), &d.tree); err != nil {
		return nil, Mistakes{d.syntax(err, ix.breach)}
	}
	switch { // the main parser is content; the indexer must be too, or the places would not be those of the values
	case err != nil:
		return nil, Mistakes{d.at(ix.stopped, plainWords(err.Error()), "")}
	case ix.breach != nil:
		return nil, Mistakes{d.breachMistake(ix.breach)}
	}
	if at, key := lost(d.places, d.tree, ""); at != unknown {
		return nil, Mistakes{d.at(at, "the TOML library loses "+key+" here: a dotted key in braces, of a name that is an array in the braces before",
			"write it in braces of its own, as server = { app-1 = { weight = 2 } }")}
	}
	return d, nil
}

// lost is where a key or element stands that is in the text and not among the values, and
// its name: BurntSushi/toml 1.6.0 takes the second of the tables in "[[v]] a = {b = [1]}
// [[v]] a = {b.x = 1, b.y = 2}" for {b = {y = 2}}.
func lost(p *place, value any, name string) (at int, key string) {
	for key, inner := range p.keys { // in any order: there is hardly ever more than one to find
		table, _ := value.(map[string]any)
		v, ok := table[key]
		if !ok {
			return inner.offset, name + key
		}
		if at, key := lost(inner, v, name+key+"."); at != unknown {
			return at, key
		}
	}
	for i, inner := range p.items {
		v, ok := child(value, i)
		if !ok {
			return inner.offset, fmt.Sprintf("%s%d", name, i)
		}
		if at, key := lost(inner, v, fmt.Sprintf("%s%d.", name, i)); at != unknown {
			return at, key
		}
	}
	return unknown, ""
}

// unreadable says what no parser need look at: too large, not text.
func (d *Doc) unreadable(data []byte) (Mistake, bool) {
	const save = "save the file as UTF-8"
	if len(data) > MaxFileBytes {
		return d.at(0, fmt.Sprintf("too large: %d bytes, and the limit is %d", len(data), MaxFileBytes), ""), true
	}
	if bad := invalidUTF8(d.text); bad >= 0 {
		return d.at(bad, fmt.Sprintf("not UTF-8 text (byte 0x%02x)", d.text[bad]), save), true
	}
	if bytes.HasPrefix(d.text, []byte(mark)) { // the main parser would drop it and count its offsets from behind it
		return d.at(0, "starts with two byte order marks", save), true
	}
	if nul := bytes.IndexByte(d.text, 0); nul >= 0 {
		return d.at(nul, "contains a NUL byte", save), true
	}
	return Mistake{}, false
}

// invalidUTF8 is the offset of the first byte that is not UTF-8, -1 when all are.
func invalidUTF8(text []byte) int {
	for i := 0; i < len(text); {
		r, size := utf8.DecodeRune(text[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return -1
}
