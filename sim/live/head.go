// plainHead: a plain request's head, read in place, and an answer's, written.
package live

import (
	"bytes"
	"crypto/subtle"
	"net"
	"net/http"
	"net/netip"
	"net/textproto"
	"strconv"
	"strings"
	"time"
	"unsafe"

	"cdnlab/sim"
)

// plainHead reads the heads of one connection's requests. Most are the same but
// for the path and who asks, so the last header is kept beside its text, and so
// are the last path and place.
type plainHead struct {
	req    sim.Request
	known  bool // who asks was told, with the token
	secure bool // the connection speaks TLS

	text   string // of the last header, without who asks
	header http.Header
	host   string
	path   string
	place  string
}

var headEnds = []byte("\r\n\r\n")

// bareEnd reports whether a head that is not complete ends by another's rules:
// net/http takes a bare LF for a line's end too.
func bareEnd(text []byte) bool {
	return bytes.Contains(text, []byte("\n\n")) || bytes.Contains(text, []byte("\n\r\n"))
}

// headEnd returns the size of a complete head, 0 when it is not complete.
func headEnd(text []byte) int {
	if i := bytes.Index(text, headEnds); i >= 0 {
		return i + len(headEnds)
	}
	return 0
}

var clientField = []byte("\r\n" + headerClient + ": ")

// read reads a complete head, and reports whether it is plain: a request that
// can be answered without knowing anything more of HTTP.
func (p *plainHead) read(text []byte, token []byte) bool {
	text = text[:len(text)-2] // the blank line
	end := bytes.IndexByte(text, '\r')
	if text[end+1] != '\n' {
		return false
	}
	p.req, p.known = sim.Request{Scheme: scheme(p.secure)}, false
	if !p.requestLine(text[:end]) {
		return false
	}
	fields := text[end:] // each with its line's end in front, and the last with one behind it
	who, ok := p.split(&fields)
	if !ok || len(who) > 0 && !p.client(who, token) {
		return false
	}
	if string(fields) != p.text && !p.fields(string(fields)) {
		return false
	}
	p.req.Header, p.req.Host = p.header, p.host
	return true
}

// split takes the line of who asks, which stands last, off the fields and
// returns its value; false when it stands elsewhere.
func (p *plainHead) split(fields *[]byte) (who []byte, ok bool) {
	all := *fields
	i := len(p.text) - 2
	if i < 0 || len(all) < len(p.text) || string(all[:len(p.text)]) != p.text || !bytes.HasPrefix(all[i:], clientField) {
		// Not what it was the last time, with who asks behind it.
		if string(all) == p.text {
			return nil, true
		}
		if i = bytes.LastIndex(all, clientField); i < 0 {
			return nil, true
		}
	}
	who = all[i+len(clientField):]
	end := bytes.IndexByte(who, '\r')
	if end != len(who)-2 {
		return nil, false
	}
	*fields = all[:i+2]
	return who[:end], true
}

func (p *plainHead) requestLine(line []byte) bool {
	method, rest, _ := bytes.Cut(line, []byte(" "))
	path, version, _ := bytes.Cut(rest, []byte(" "))
	switch string(method) {
	case http.MethodGet:
		p.req.Method = http.MethodGet
	case http.MethodHead:
		p.req.Method = http.MethodHead
	default:
		return false
	}
	if string(version) != "HTTP/1.1" {
		return false
	}
	if string(path) != p.path || p.path == "" {
		if !plainPath(path) {
			return false
		}
		p.path = string(path)
	}
	p.req.Path = p.path
	return true
}

// plainPath reports whether a target is a path that needs no second look.
func plainPath(path []byte) bool {
	if len(path) == 0 || path[0] != '/' {
		return false
	}
	for i, b := range path {
		if b <= ' ' || b >= 0x7f || b == '#' || b == '%' && !escape(path[i:]) {
			return false
		}
	}
	return true
}

// escape reports whether s begins with % and two hexadecimal digits.
func escape(s []byte) bool { return len(s) >= 3 && hexDigit(s[1]) && hexDigit(s[2]) }

func hexDigit(b byte) bool {
	return b >= '0' && b <= '9' || b >= 'a' && b <= 'f' || b >= 'A' && b <= 'F'
}

// client reads who asks; without the token nobody is believed. It reports
// whether the value is one.
func (p *plainHead) client(value, token []byte) bool {
	text := unsafe.String(unsafe.SliceData(value), len(value)) // of the buffer: nothing of it may stay
	if !plainValue(text) {                                     // net/http takes a bare LF for a line's end: here it must not hide one
		return false
	}
	given, rest, _ := bytes.Cut(value, []byte(" "))
	if len(token) == 0 || subtle.ConstantTimeCompare(given, token) != 1 {
		return true
	}
	asks := p.req
	if readClient(text[len(value)-len(rest):], &asks) {
		if asks.Place != p.place {
			p.place = strings.Clone(asks.Place)
		}
		asks.Place = p.place
		p.req, p.known = asks, true
	}
	return true
}

// fields reads the header; text is its lines, each after its line's end.
func (p *plainHead) fields(text string) bool {
	header, host := http.Header{}, ""
	lines := strings.TrimSuffix(strings.TrimPrefix(text, "\r\n"), "\r\n")
	for line := range strings.SplitSeq(lines, "\r\n") {
		name, value, found := strings.Cut(line, ":")
		if !found || !plainName(name) || !plainValue(value) {
			return false
		}
		value = textproto.TrimString(value) // which would hide a bare LF
		switch name = textproto.CanonicalMIMEHeaderKey(name); name {
		case "Host":
			if host != "" || !isHost(value) {
				return false
			}
			host = value
			continue
		case "Pragma", // net/http makes a Cache-Control of it
			"Connection", "Content-Length", "Transfer-Encoding", "Expect", "Upgrade", "Trailer", "Te", headerClient, headerRefused:
			return false
		}
		header[name] = append(header[name], value)
	}
	if host == "" {
		return false
	}
	p.text, p.header, p.host = text, header, host
	return true
}

// plainName reports whether a field's name is a token of letters, digits and -.
func plainName(s string) bool {
	for i := range len(s) {
		if !plainByte(s[i]) {
			return false
		}
	}
	return s != ""
}

func plainByte(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || b == '-'
}

// plainValue reports whether a value has no control characters.
func plainValue(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' && s[i] != '\t' || s[i] == 0x7f {
			return false
		}
	}
	return true
}

func peerAddr(nc net.Conn) netip.Addr {
	if t, ok := nc.RemoteAddr().(*net.TCPAddr); ok {
		return t.AddrPort().Addr().Unmap()
	}
	return netip.Addr{}
}

// appendHead writes the head of an answer.
func (f *Front) appendHead(b []byte, r *sim.Response) []byte {
	look, same := lookOf(r)
	if !same {
		return f.appendLines(b, r)
	}
	if text := f.heads.of(r.Header, &look); text != nil {
		return append(b, text...)
	}
	from := len(b)
	b = f.appendLines(b, r)
	f.heads.keep(r.Header, &look, b[from:])
	return b
}

// appendLines writes a head line by line.
func (f *Front) appendLines(b []byte, r *sim.Response) []byte {
	b = append(b, "HTTP/1.1 "...)
	b = strconv.AppendInt(b, int64(r.Status), 10)
	b = append(append(append(b, ' '), http.StatusText(r.Status)...), "\r\n"...)
	b = append(b, f.texts.of(r.Header)...)
	b = append(append(b, headerDate...), ": "...)
	b = append(append(b, f.dates.of(f.epoch.Add(time.Duration(r.Date)))...), "\r\n"...)
	if r.Aged {
		b = append(append(b, headerAge...), ": "...)
		b = append(strconv.AppendInt(b, ageSeconds(r), 10), "\r\n"...)
	}
	if hasLength(r) {
		b = append(strconv.AppendInt(append(b, "Content-Length: "...), r.Size, 10), "\r\n"...)
	} else if r.Size < 0 && !bodiless(r.Status) {
		b = append(b, "Connection: close\r\n"...) // the end of the content is the connection's (RFC 9112 6.3)
	}
	return append(appendMarks(b, &r.Via), "\r\n"...)
}

// ageSeconds is Age as it is sent.
func ageSeconds(r *sim.Response) int64 { return int64(r.Age / sim.Time(time.Second)) }

func appendField(b []byte, name, value string) []byte {
	return append(append(append(append(b, name...), ": "...), value...), "\r\n"...)
}

// hasLength reports whether an answer tells its content's length.
func hasLength(r *sim.Response) bool { return r.Size >= 0 && r.Status >= 200 && !bodiless(r.Status) }

// appendMarks is writeMarks in place.
func appendMarks(b []byte, hops *sim.Hops) []byte {
	for _, field := range [...]struct {
		name   string
		of     func(*sim.Mark) bool
		append func([]byte, *sim.Mark) []byte
	}{
		{headerServerTiming, func(*sim.Mark) bool { return true }, appendTiming},
		{headerCacheStatus, func(m *sim.Mark) bool { return m.Hop == sim.HopCache }, appendCacheStatus},
		{headerVia, forwards, appendVia},
	} {
		first := true
		for i := range hops.Len() {
			m := hops.At(i)
			if !field.of(m) {
				continue
			}
			if first {
				b = append(append(b, field.name...), ": "...)
			} else {
				b = append(b, ", "...)
			}
			first = false
			b = field.append(b, m)
		}
		if !first {
			b = append(b, "\r\n"...)
		}
	}
	return b
}
