// What the words of HTTP/1.1 are made of (RFC 9110 5, RFC 9112 2 to 7): one reading,
// the narrow one, for requests and answers.
package live

import (
	"bytes"
	"net/http"
	"strconv"
	"strings"
)

// isToken reports whether a name is one (RFC 9110 5.6.2).
func isToken(s []byte) bool {
	for _, b := range s {
		if !plainByte(b) && strings.IndexByte("!#$%&'*+.^_`|~", b) < 0 {
			return false
		}
	}
	return len(s) > 0
}

// isText reports whether there is no control character in it but the tab (RFC 9110
// 5.5).
func isText(s []byte) bool { return plainValue(passing(s)) }

// trimBlanks takes the optional white space off both ends (RFC 9110 5.6.3).
func trimBlanks(s []byte) []byte { return bytes.Trim(s, " \t") }

// endsRight returns a line without its end, and whether that is CRLF and the only
// one: a bare LF, or a CR by itself, is an end for some readers and none for others
// (RFC 9112 2.2).
func endsRight(line []byte) ([]byte, bool) {
	text, ok := bytes.CutSuffix(line, []byte("\r\n"))
	return text, ok && bytes.IndexByte(text, '\r') < 0
}

const badEnd = "a line ends in something else than CRLF (RFC 9112 2.2)"

// splitField takes a field's line apart; why says what is wrong.
func splitField(line []byte) (name, value []byte, why string) {
	if line[0] == ' ' || line[0] == '\t' {
		return nil, nil, "a line begins with white space (RFC 9112 5.2)"
	}
	name, value, found := bytes.Cut(line, []byte(":"))
	if !found {
		return nil, nil, "a line of the header has no colon (RFC 9112 5)"
	}
	if !isToken(name) {
		return nil, nil, "a field's name is no token (RFC 9112 5.1)"
	}
	if value = trimBlanks(value); !isText(value) {
		return nil, nil, "a control character in a field's value (RFC 9110 5.5)"
	}
	return name, value, ""
}

// contentLength reads digits and nothing else: no sign, no list, no blank, and no
// zeros in front, which some read as octal (RFC 9110 8.6).
func contentLength(value []byte) (int64, bool) {
	if len(value) == 0 || value[0] == '0' && len(value) > 1 || value[0] == '+' || value[0] == '-' {
		return 0, false
	}
	n, err := strconv.ParseInt(string(value), 10, 64)
	return n, err == nil
}

// isHost reports whether a host is a name or an address, with a port or without
// (RFC 3986 3.2.2, without what no host on the net has: percent signs and commas,
// of which two hosts may be made).
func isHost(s string) bool {
	if rest, ok := strings.CutPrefix(s, "["); ok { // IPv6
		address, port, ok := strings.Cut(rest, "]")
		return ok && address != "" && strings.Trim(address, "0123456789abcdefABCDEF:.") == "" && (port == "" || isPort(port))
	}
	name, port, ok := strings.Cut(s, ":")
	if name == "" || ok && !isPort(":"+port) {
		return false
	}
	for i := range len(name) {
		if b := name[i]; !plainByte(b) && b != '.' && b != '_' && b != '~' {
			return false
		}
	}
	return true
}

// isPort reads a port with its colon; it may be empty (RFC 3986 3.2.3).
func isPort(s string) bool {
	return s[0] == ':' && len(s) <= 6 && strings.Trim(s[1:], "0123456789") == ""
}

// checkTarget checks a request's target (RFC 9112 3.2) and returns the authority
// that it names; "" when it names none.
func checkTarget(method, target string) (authority string, why *refusal) {
	for i := range len(target) {
		if b := target[i]; b <= ' ' || b >= 0x7f || b == '#' {
			return "", bad("a character in the target that no URI has (RFC 9112 3.2)")
		}
	}
	if target == "*" && (method == http.MethodOptions || method == "PURGE") {
		return "", nil // RFC 9112 3.2.4; and all that a cache has
	}
	path := target
	if !strings.HasPrefix(target, "/") {
		scheme, rest, _ := strings.Cut(target, "://")
		if !strings.EqualFold(scheme, "http") && !strings.EqualFold(scheme, schemeTLS) {
			return "", bad("the target is neither a path nor a URL (RFC 9112 3.2)")
		}
		end := strings.IndexAny(rest, "/?")
		if end < 0 {
			end = len(rest)
		}
		if authority, path = rest[:end], rest[end:]; !isHost(authority) {
			return "", bad("the target's host is none (RFC 9110 4.2.1)")
		}
	}
	path, _, _ = strings.Cut(path, "?")
	for i := range len(path) {
		if path[i] == '%' && !escape([]byte(path[i:min(len(path), i+3)])) {
			return "", bad("a percent sign in the path without two digits behind it (RFC 3986 2.1)")
		}
	}
	return authority, nil
}

// originForm makes a path of a target that names its host (RFC 9112 3.2.1, 3.2.2).
func originForm(method, target string) string {
	_, rest, absolute := strings.Cut(target, "://")
	if strings.HasPrefix(target, "/") || !absolute {
		return target
	}
	switch i := strings.IndexAny(rest, "/?"); {
	case i < 0 && method == http.MethodOptions:
		return "*"
	case i < 0:
		return "/"
	case rest[i] == '?':
		return "/" + rest[i:]
	default:
		return rest[i:]
	}
}
