// URIs: the one spelling, of all that mean the same, that a key has.
package cache

import "strings"

// Normal returns the spelling of a request's target that all with the same meaning
// have in common (RFC 3986 6.2.2): escapes of unreserved characters decoded, the
// others with upper-case digits, without dot segments, and without a fragment, which
// no server is told of. It is the target itself when that is so spelt. A slash that
// is escaped is no separator, and two slashes are not one: servers differ there.
func Normal(target string) string {
	if at := strings.IndexByte(target, '#'); at >= 0 {
		target = target[:at]
	}
	if target == "" || target[0] != '/' {
		return target // "*", or a whole URI, which nobody stores
	}
	escaped, dotted := strings.IndexByte(target, '%') >= 0, strings.Contains(target, "/.")
	if !escaped && !dotted {
		return target
	}
	path, query, has := strings.Cut(target, "?")
	plain := dotless(unescape(path)) // in this order: %2e is a dot
	if has {
		plain += "?" + unescape(query)
	}
	if plain == target {
		return target
	}
	return plain
}

// unescape decodes the escapes that mean the same decoded (RFC 3986 6.2.2.2), and
// writes the others one way (6.2.2.1). What is no escape stays.
func unescape(s string) string {
	at := strings.IndexByte(s, '%')
	if at < 0 {
		return s
	}
	var b strings.Builder
	b.Grow(len(s))
	for ; at >= 0; at = strings.IndexByte(s, '%') {
		b.WriteString(s[:at])
		if at+2 >= len(s) || !isHex(s[at+1]) || !isHex(s[at+2]) {
			b.WriteByte('%')
			s = s[at+1:]
			continue
		}
		if c := hexValue(s[at+1])<<4 | hexValue(s[at+2]); unreserved(c) {
			b.WriteByte(c)
		} else {
			b.WriteString(strings.ToUpper(s[at : at+3]))
		}
		s = s[at+3:]
	}
	b.WriteString(s)
	return b.String()
}

// dotless removes dot segments (RFC 3986 5.2.4).
func dotless(path string) string {
	if !strings.Contains(path, "/.") {
		return path
	}
	var kept []string
	changed, open := false, false
	for segment := range strings.SplitSeq(path[1:], "/") {
		open = segment == "." || segment == ".."
		changed = changed || open
		switch {
		case segment == ".." && len(kept) > 0:
			kept = kept[:len(kept)-1]
		case !open:
			kept = append(kept, segment)
		}
	}
	if !changed {
		return path
	}
	if open || len(kept) == 0 {
		kept = append(kept, "") // what it leaves ends as a folder does
	}
	return "/" + strings.Join(kept, "/")
}

func isHex(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'f' || b >= 'A' && b <= 'F'
}

func hexValue(b byte) byte {
	if b <= '9' {
		return b - '0'
	}
	return b&^0x20 - 'A' + 10
}

// unreserved are the characters that mean the same escaped or not (RFC 3986 2.3).
func unreserved(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b == '-' || b == '.' || b == '_' || b == '~'
}

// NormalHost returns a host as keys have it: in lower case and without the scheme's
// own port (RFC 3986 6.2.2.1, 6.2.3; RFC 9110 4.2.3).
func NormalHost(scheme, host string) string {
	host = strings.TrimSuffix(strings.ToLower(host), ":")
	switch scheme {
	case "http":
		return strings.TrimSuffix(host, ":80")
	case "https":
		return strings.TrimSuffix(host, ":443")
	}
	return host
}

// ValidHost reports whether a Host field can be the host of a URI, with a port or
// without (RFC 3986 3.2.2, 3.2.3). Other requests are refused (RFC 9112 3.2): what a
// server behind makes of "a@b" or of nothing, no key can know.
func ValidHost(host string) bool {
	name, port := host, ""
	if at := strings.LastIndexByte(host, ':'); at >= 0 && strings.IndexByte(host[at:], ']') < 0 {
		name, port = host[:at], host[at+1:]
	}
	for i := range len(port) {
		if port[i] < '0' || port[i] > '9' {
			return false
		}
	}
	inside, bracketed := strings.CutPrefix(name, "[")
	if bracketed {
		name, bracketed = strings.CutSuffix(inside, "]")
		if !bracketed {
			return false
		}
	}
	for i := range len(name) {
		if c := name[i]; !unreserved(c) && strings.IndexByte("!$&'()*+,;=%", c) < 0 && (c != ':' || !bracketed) {
			return false
		}
	}
	return name != ""
}
