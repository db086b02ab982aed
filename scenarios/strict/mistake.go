// Mistakes as people read them: one line each, with file, line, column and a hint.

// Package strict reads a TOML file into Go structs and reports every mistake at once, each with file:line:column and the
// nearest known name. It knows nothing of what the file is about: the Go structs and their tags are the whole description.
//
// The usual way: Parse the bytes, Check the Doc against the Schema of a struct, Decode its Tree into that struct.
// Nothing here keeps state between calls, so a Schema and a Doc may be used from several goroutines at once.
package strict

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// maxShown is how many mistakes Mistakes.Error lists before it sums up the rest: nobody reads a longer list.
const maxShown = 50

// Mistake is one thing wrong with a file.
type Mistake struct {
	File         string
	Line, Column int    // from 1; Column counts characters, not bytes
	Path         string // e.g. pop[1].place; empty for the file as a whole
	Says         string // what is wrong
	Hint         string // what to do about it, may be empty
}

// String is the line an editor or a terminal can jump from: my.toml:13:1: pop[1].algo: unknown key; did you mean "algorithm"?
func (m Mistake) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s:%d:%d: ", m.File, m.Line, m.Column)
	if m.Path != "" {
		b.WriteString(m.Path + ": ")
	}
	b.WriteString(m.Says)
	if m.Hint != "" {
		b.WriteString("; " + m.Hint)
	}
	return b.String()
}

// Mistakes are all that is wrong with a file.
type Mistakes []Mistake

// Error is one mistake a line, in the order of the file; beyond the first fifty it only says how many more there are.
func (ms Mistakes) Error() string {
	sorted := ms.sorted()
	shown := sorted[:min(len(sorted), maxShown)]
	var b strings.Builder
	for i, m := range shown {
		if i > 0 {
			b.WriteByte('\n')
		}
		b.WriteString(m.String())
	}
	if more := len(sorted) - len(shown); more > 0 {
		fmt.Fprintf(&b, "\nand %d more", more)
	}
	return b.String()
}

// Err is the mistakes as an error, nil when there are none (an empty Mistakes put into an error would not be nil).
func (ms Mistakes) Err() error {
	if len(ms) == 0 {
		return nil
	}
	return ms
}

// sorted is a copy in the order of the file, without repetitions: several branches of a schema can make the same complaint.
func (ms Mistakes) sorted() Mistakes {
	out := slices.Clone(ms)
	slices.SortStableFunc(out, func(a, b Mistake) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			cmp.Compare(a.Path, b.Path), cmp.Compare(a.Says, b.Says), cmp.Compare(a.Hint, b.Hint))
	})
	return slices.Compact(out)
}
