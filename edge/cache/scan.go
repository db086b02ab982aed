// The scanner of Cache-Control: one directive after another, out of any bytes.
package cache

import "strings"

// directive is one member of Cache-Control (RFC 9111 5.2): a name, perhaps
// with an argument, which may be a token or a quoted string.
type directive struct {
	name  string
	value string
	has   bool // an argument was given, empty or not
	bad   bool // what stands there is not in the grammar
}

// scan takes the next directive off s. A name is only ever found at the start
// of a member, so one inside another's quoted string never matches.
func scan(s string) (d directive, rest string, ok bool) {
	s = strings.TrimLeft(s, ", \t")
	if s == "" {
		return d, "", false
	}
	n := tokenLen(s)
	d.name, s = s[:n], s[n:]
	d.bad = n == 0
	if n > 0 && s != "" && s[0] == '=' {
		d.has = true
		d.value, s, ok = argument(s[1:])
		d.bad = !ok
	}
	junk, rest := toComma(s)
	d.bad = d.bad || junk
	return d, rest, true
}

// argument takes a token or a quoted string off s.
func argument(s string) (value, rest string, ok bool) {
	if s != "" && s[0] == '"' {
		return quoted(s[1:])
	}
	n := tokenLen(s)
	return s[:n], s[n:], n > 0
}

// quoted takes the rest of a quoted-string (RFC 9110 5.6.4) off s. One that
// does not end takes all of its line with it and is no argument.
func quoted(s string) (value, rest string, ok bool) {
	end := strings.IndexAny(s, `"\`)
	if end >= 0 && s[end] == '"' {
		return s[:end], s[end+1:], true
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case '"':
			return b.String(), s[i+1:], true
		case '\\':
			i++
			if i == len(s) {
				return "", "", false
			}
		}
		b.WriteByte(s[i])
	}
	return "", "", false
}

// toComma skips to the next member and reports whether it skipped anything but
// white space.
func toComma(s string) (junk bool, rest string) {
	for i := 0; i < len(s); i++ {
		switch s[i] {
		case ',':
			return junk, s[i+1:]
		case ' ', '\t':
		case '"':
			_, after, _ := quoted(s[i+1:])
			_, rest = toComma(after)
			return true, rest
		default:
			junk = true
		}
	}
	return junk, ""
}

// tokenLen returns how many bytes at the start of s are of a token (RFC 9110
// 5.6.2).
func tokenLen(s string) int {
	for i := 0; i < len(s); i++ {
		if !isToken[s[i]] {
			return i
		}
	}
	return len(s)
}

var isToken = func() (t [256]bool) {
	const chars = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
	for i := 0; i < len(chars); i++ {
		t[chars[i]] = true
	}
	return t
}()
