// plainAnswer: an answer's head read in place, for those who need only to know
// how it went.
package live

import (
	"bufio"
	"bytes"
	"strconv"
	"time"
	"unsafe"

	"cdnlab/sim"
)

// plainAnswer is what the driver needs of an answer.
type plainAnswer struct {
	status int
	brief  bool // who asks wants to know only how it went, keeps cookies and heeds Retry-After
	head   int  // bytes
	size   int  // of the content, in bytes
	last   bool
	via    sim.Hops

	aged   bool
	age    int64  // s
	date   []byte // as it stands in the buffer
	caches []byte // Cache-Status, to be read when all marks are known
	others []byte // the lines that have no field here
}

// sizeBits bounds a plain answer's content: added to a head, it is still an int.
const sizeBits = 30

// peekAnswer reads the head of an answer that lies whole in the buffer and
// whose content has a known length. It takes nothing off the reader. What is
// not so plain is left to net/http.
func peekAnswer(br *bufio.Reader, brief bool) (a plainAnswer, ok bool) {
	a.brief = brief
	text, _ := br.Peek(br.Buffered())
	end := bytes.Index(text, []byte("\r\n\r\n"))
	if end < 0 {
		return a, false
	}
	a.head, a.size = end+4, -1
	if bytes.Count(text[:end], []byte("\n")) != bytes.Count(text[:end], []byte("\r\n")) {
		return a, false // a bare LF would be a line's end to others
	}
	line, rest, _ := bytes.Cut(text[:end], []byte("\r\n"))
	if len(line) < 12 || string(line[:9]) != "HTTP/1.1 " || len(line) > 12 && line[12] != ' ' {
		return a, false
	}
	status, err := strconv.ParseUint(string(line[9:12]), 10, 16)
	if err != nil || status < 200 {
		return a, false
	}
	a.status = int(status)
	for len(rest) > 0 {
		line, rest, _ = bytes.Cut(rest, []byte("\r\n"))
		if !a.field(line) {
			return a, false
		}
	}
	readCacheStatuses(passing(a.caches), &a.via)
	a.caches = nil
	if status == 204 || status == 304 {
		a.size = 0
	}
	return a, a.size >= 0
}

// field takes in one field of the head, and reports whether the head is still
// plain.
func (a *plainAnswer) field(line []byte) bool {
	name, value, found := bytes.Cut(line, []byte(":"))
	if !found || line[0] == ' ' || line[0] == '\t' {
		return false
	}
	value = bytes.TrimSpace(value)
	switch {
	case is(name, "Content-Length"):
		n, ok := contentLength(value)
		if !ok || n >= 1<<sizeBits || a.size >= 0 {
			return false
		}
		a.size = int(n)
	case is(name, "Transfer-Encoding"):
		return false
	case is(name, "Connection"):
		a.last = is(value, "close")
		return a.last || is(value, "keep-alive")
	case is(name, headerServerTiming):
		readTimings(passing(value), &a.via)
	case is(name, headerCacheStatus):
		if a.caches != nil {
			return false
		}
		a.caches = value
	case is(name, headerVia): // in the marks already
	case is(name, headerAge):
		s, err := strconv.ParseUint(string(value), 10, 31)
		a.aged, a.age = err == nil, int64(s)
	case is(name, headerDate):
		a.date = value
	case a.brief && !is(name, headerSetCookie) && !is(name, headerRetryAfter):
	default:
		a.others = append(append(a.others, line...), "\r\n"...)
	}
	return true
}

// response makes an answer of the head.
func (a *plainAnswer) response(l *Link) (*sim.Response, bool) {
	h, ok := l.headers.of(a.others)
	if !ok {
		return nil, false
	}
	date, _ := l.dates.of(a.date) // none is the zero Time, as when it was not said
	return &sim.Response{Status: a.status, Header: h, Size: int64(a.size), Date: date,
		Aged: a.aged, Age: sim.Time(a.age) * sim.Time(time.Second), Via: a.via}, true
}

// passing is text that lies in a buffer, for who keeps nothing of it.
func passing(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

// is compares a field's name without regard to case.
func is(name []byte, want string) bool {
	return len(name) == len(want) && bytes.EqualFold(name, []byte(want))
}
