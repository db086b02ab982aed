// Directives: Cache-Control taken apart, for those who explain it.
package cache

import (
	"iter"
	"strings"
	"time"
)

// Directive is one member of a Cache-Control field, as the parser sees it.
type Directive struct {
	Name  string // as it was written; "" when the member does not begin with a name
	Text  string // the whole member
	Value string // its argument, unquoted
	Has   bool   // there is an argument, empty or not
	Bad   bool   // what stands there is not in the grammar (RFC 9111 5.2)
}

// Directives walks the members of Cache-Control lines.
func Directives(lines []string) iter.Seq[Directive] {
	return func(yield func(Directive) bool) {
		for _, line := range lines {
			for d, rest, ok := scan(line); ok; d, rest, ok = scan(rest) {
				text := strings.Trim(line[:len(line)-len(rest)], ", \t")
				line = rest
				if !yield(Directive{d.name, text, d.value, d.has, d.bad}) {
					return
				}
			}
		}
	}
}

// Seconds reads the argument as delta-seconds (RFC 9111 1.2.2).
func (d Directive) Seconds() (time.Duration, bool) {
	seconds, ok := deltaSeconds(d.Value)
	return seconds, ok && !d.Bad
}
